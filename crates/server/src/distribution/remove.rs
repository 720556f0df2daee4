//! `DELETE /api/apps/{app}`: ends an app with all its versions and rows.

use axum::{extract::State, http::StatusCode};

use super::MakerGrant;
use crate::{
    error::ApiError,
    tenancy::{Tenancy, Vault},
};

/// Ends an app with its versions, rows and workbooks. There is no way back.
#[utoipa::path(delete, path = "/api/apps/{app}", tag = "distribution", params(("app" = String, Path)),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(tenancy): State<Tenancy>,
    State(vault): State<Vault>,
    MakerGrant { app, .. }: MakerGrant,
) -> Result<StatusCode, ApiError> {
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
