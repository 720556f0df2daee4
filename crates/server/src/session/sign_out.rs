//! `DELETE /api/session`: signs out.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};

use super::{Cookie, Logins};
use crate::{error::ApiError, site::Site};

/// Ends the session on the server and forgets the cookie. Answers alike when there was none.
#[utoipa::path(delete, path = "/api/session", tag = "session",
    responses((status = 204, description = "Nobody is signed in now.")))]
pub(super) async fn sign_out(
    State(logins): State<Logins>,
    State(site): State<Site>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(token) = Cookie::Session.read(&site, &headers) {
        logins.end(&token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, Cookie::Session.forget(&site))]).into_response())
}
