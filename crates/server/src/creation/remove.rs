//! `DELETE /api/creations/{token}`: forgets an upload at once.

use axum::{extract::State, http::StatusCode};

use super::{Browser, Uploads};
use crate::{error::ApiError, extract::Path};

/// Forgets an upload at once.
#[utoipa::path(delete, path = "/api/creations/{token}", tag = "creation", params(("token" = String, Path)),
    responses((status = 204, description = "Forgotten.")))]
pub(super) async fn remove(
    State(uploads): State<Uploads>,
    browser: Browser,
    Path(token): Path<String>,
) -> Result<StatusCode, ApiError> {
    uploads.remove(browser.hash(), &token)?;
    Ok(StatusCode::NO_CONTENT)
}
