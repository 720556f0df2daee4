//! `GET /api/apps/{app}/versions/{version}/original`: the workbook as its maker uploaded it.

use axum::{
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use serde_json::json;

use super::{MakerGrant, download::Wanted};
use crate::{
    error::ApiError,
    extract::Path,
    gates::AtGate,
    noun,
    tenancy::{Tenancy, Vault},
};

/// The workbook of a version, every byte as uploaded, the rows of that day included: for the app's maker only, at an address
/// of its own, so that no cache takes it for what readers get.
#[utoipa::path(get, path = "/api/apps/{app}/versions/{version}/original", tag = "distribution",
    params(("app" = String, Path), ("version" = u32, Path)),
    responses((status = 200, body = noun::File, content_type = "application/octet-stream")))]
pub(super) async fn original(
    State(tenancy): State<Tenancy>,
    State(vault): State<Vault>,
    MakerGrant { app, person }: MakerGrant,
    at: AtGate,
    Path(Wanted { version }): Path<Wanted>,
) -> Result<Response, ApiError> {
    let found = tenancy.read(move |reader| Ok(reader.version(app.id, version)?)).await?;
    let found = found.ok_or(ApiError::NotFound)?;
    let what = json!({"app": app.id, "original": version});
    at.pass(&person, "EXPORT_ALL", &found.name, what).await?;
    let bytes = vault.get(&found.workbook).await?;
    let headers = [(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, "private, no-store")];
    Ok((headers, bytes).into_response())
}
