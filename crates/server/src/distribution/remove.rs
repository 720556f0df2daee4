//! `DELETE /api/apps/{app}`: ends an app with all its versions and rows.

use axum::{extract::State, http::StatusCode};

use super::{
    Definitions, MakerGrant,
    guarded::{Becomes, Whole},
};
use crate::{
    error::ApiError,
    gates::AtGate,
    language::Language,
    noted,
    tenancy::{Tenancy, Vault},
};

/// Ends an app with its versions, rows and workbooks. There is no way back: the gate of erasures asks, and those of its tables.
#[utoipa::path(delete, path = "/api/apps/{app}", tag = "distribution", params(("app" = String, Path)),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(tenancy): State<Tenancy>,
    State(vault): State<Vault>,
    State(definitions): State<Definitions>,
    language: Language,
    MakerGrant { app, person }: MakerGrant,
    at: AtGate,
) -> Result<StatusCode, ApiError> {
    let before = definitions.current(&app).await?;
    Whole { app: &app, before: &before, gates: &[] }.pass(Becomes::Nothing, (&at, &person, language)).await?;
    noted::personal("name", None, before.name.as_str());
    let versions = tenancy
        .write(move |work| {
            let versions = work.versions(app.id)?;
            work.delete_app(app.id)?;
            Ok(versions)
        })
        .await?;
    for version in versions {
        vault.forget(&version.workbook).await;
    }
    Ok(StatusCode::NO_CONTENT)
}
