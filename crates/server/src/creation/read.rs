//! `GET /api/creations/{token}`: a creation again, after a reload.

use axum::extract::State;

use super::{Browser, Creation, Uploads};
use crate::{
    error::ApiError,
    extract::{Json, Path},
    secret::Token,
};

/// A creation of this browser; using it keeps it alive.
#[utoipa::path(get, path = "/api/creations/{token}", tag = "creation", params(("token" = String, Path)),
    responses((status = 200, body = Creation)))]
pub(super) async fn read(
    State(uploads): State<Uploads>,
    browser: Browser,
    Path(token): Path<String>,
) -> Result<Json<Creation>, ApiError> {
    let (upload, expires) = uploads.get(browser.hash(), &token)?;
    let token = Token::parse(&token).ok_or(ApiError::NotFound)?;
    Ok(Json(Creation::new(&token, expires, &upload)))
}
