//! `POST /api/creations/{token}/check`: does a definition fit the uploaded workbook, and the tenant's gates?

use axum::extract::State;
use gridkeep_model::AppDefinition;
use gridkeep_workbook::DefinitionProblem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gated;
use crate::{
    creation::{Browser, Uploads},
    error::ApiError,
    extract::{Json, Path},
    noun,
    session::MaybePerson,
    tenancy::Tenancy,
};

/// A definition to check.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckRequest {
    /// As the editor has it now.
    #[schema(value_type = noun::AppDefinition)]
    definition: AppDefinition,
}

/// What is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckAnswer {
    /// Empty when it can be published.
    #[schema(value_type = Vec<noun::DefinitionProblem>)]
    problems: Vec<DefinitionProblem>,
}

/// Checks a definition against the uploaded workbook; and, for whoever belongs to the tenant, against its gates.
#[utoipa::path(post, path = "/api/creations/{token}/check", tag = "creation", params(("token" = String, Path)),
    request_body = CheckRequest, responses((status = 200, body = CheckAnswer)))]
pub(super) async fn check(
    State(uploads): State<Uploads>,
    State(tenancy): State<Tenancy>,
    browser: Browser,
    MaybePerson(person): MaybePerson,
    Path(token): Path<String>,
    Json(request): Json<CheckRequest>,
) -> Result<Json<CheckAnswer>, ApiError> {
    let (upload, _) = uploads.get(browser.hash(), &token)?;
    let mut problems = gridkeep_workbook::validate(&request.definition, &upload.workbook);
    // Which gates there are is nobody else's business; publishing asks for somebody.
    if person.is_some_and(|person| person.role.is_some()) {
        let gates = tenancy.read(|reader| Ok(reader.gates()?)).await?;
        problems.extend(gated::problems(&request.definition, &gates));
    }
    Ok(Json(CheckAnswer { problems }))
}
