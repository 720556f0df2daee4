//! `POST /api/apps/{app}/rollback`: people get another version again.

use axum::extract::State;
use gridkeep_model::definition::Role;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Definitions, MakerGrant,
    guarded::{Becomes, Whole},
    people,
    publication::{put_tables, row_formulas},
    recalculation::recalculate,
    view::AppCard,
};
use crate::{
    chance::Time,
    creation::Analyst,
    error::ApiError,
    extract::Json,
    gates::AtGate,
    language::Language,
    noted,
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

/// Makes an older (or newer) version the one people get. Rows stay as people left them. Where a gate asks less in it, whoever goes
/// there is asked.
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
    language: Language,
    MakerGrant { app, person }: MakerGrant,
    at: AtGate,
    Json(request): Json<RollbackRequest>,
) -> Result<Json<AppCard>, ApiError> {
    let id = app.id;
    let definition = definitions.of(id, request.version).await?;
    let version = request.version;
    let found =
        tenancy.read(move |reader| Ok(reader.version(id, version)?)).await?.ok_or(ApiError::NotFound)?;
    let bytes = vault.get(&found.workbook).await?;
    let same_workbook = bytes == vault.get(&app.current.workbook).await?;
    let workbook = analyst.read(&found.file_name, bytes).await?;
    let formulas = row_formulas(&analyst, &definition, workbook).await?;
    let before = definitions.current(&app).await?;
    let gates = tenancy.read(|reader| Ok(reader.gates()?)).await?;
    let what = json!({"version": version});
    let becomes = Becomes::Version { after: &definition, replaces_rows: false, same_workbook, what };
    let whole = Whole { app: &app, before: &before, gates: &gates };
    whole.pass(becomes, (&at, &person, language)).await?;
    noted::fact("before", json!({"version": app.current.version}));
    noted::fact("after", json!({"version": version}));
    let was = app.current.version;
    let app = tenancy
        .write(move |work| {
            if work.app(id)?.is_none_or(|now| now.current.version != was) {
                return Err(ApiError::PublishedMeanwhile);
            }
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
