//! `POST /api/apps/{app}/rollback`: people get another version again.

use axum::extract::State;
use gridkeep_model::definition::Role;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Definitions, MakerGrant, people,
    publication::{put_tables, row_formulas},
    recalculation::recalculate,
    view::AppCard,
};
use crate::{
    chance::Time,
    creation::Analyst,
    error::ApiError,
    extract::Json,
    session::Logins,
    site::Site,
    tenancy::{Tenancy, Vault},
};

/// Where to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RollbackRequest {
    version: u32,
}

/// Makes an older (or newer) version the one people get. Rows stay as people left them.
#[utoipa::path(post, path = "/api/apps/{app}/rollback", tag = "distribution", params(("app" = String, Path)),
    request_body = RollbackRequest, responses((status = 200, body = AppCard)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn rollback(
    State(tenancy): State<Tenancy>,
    State(definitions): State<Definitions>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(time): State<Time>,
    State(vault): State<Vault>,
    State(analyst): State<Analyst>,
    MakerGrant { app, person }: MakerGrant,
    Json(request): Json<RollbackRequest>,
) -> Result<Json<AppCard>, ApiError> {
    let id = app.id;
    let definition = definitions.of(id, request.version).await?;
    let version = request.version;
    let found =
        tenancy.read(move |reader| Ok(reader.version(id, version)?)).await?.ok_or(ApiError::NotFound)?;
    let workbook = analyst.read(&found.file_name, vault.get(&found.workbook).await?).await?;
    let formulas = row_formulas(&analyst, &definition, workbook).await?;
    let app = tenancy
        .write(move |work| {
            if !work.roll_back(id, version, time.clock())? {
                return Err(ApiError::NotFound);
            }
            put_tables(work, id, &definition, None)?;
            recalculate(work, id, version, &definition, formulas)?;
            Ok(work.app(id)?)
        })
        .await?;
    let app = app.ok_or(ApiError::NotFound)?;
    Ok(Json(people::card(&tenancy, &logins, &site, app, Role::Maker, person.administers()).await?))
}
