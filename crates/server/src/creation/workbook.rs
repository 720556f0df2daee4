//! `GET /api/creations/{token}/workbook`: the uploaded file, for the preview's engine.

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

use super::{Browser, Uploads};
use crate::{error::ApiError, extract::Path, noun};

/// The uploaded bytes, unchanged.
#[utoipa::path(get, path = "/api/creations/{token}/workbook", tag = "creation", params(("token" = String, Path)),
    responses((status = 200, body = noun::File, content_type = "application/octet-stream")))]
pub(super) async fn workbook(
    State(uploads): State<Uploads>,
    browser: Browser,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let (upload, _) = uploads.get(browser.hash(), &token)?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], upload.bytes.clone()).into_response())
}
