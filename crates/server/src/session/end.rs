//! `DELETE /api/account/sessions` and `DELETE /api/account/sessions/{session}`: signs out elsewhere.

use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use gridkeep_model::SessionId;

use super::{Cookie, InBrowser, Logins, OwnSession};
use crate::{error::ApiError, extract::Path, site::Site};

/// Signs out in one of one's places; in this one too.
#[utoipa::path(delete, path = "/api/account/sessions/{session}", tag = "session",
    params(("session" = String, Path)), responses((status = 204, description = "Nobody is signed in there.")))]
pub(super) async fn end(
    State(logins): State<Logins>,
    State(site): State<Site>,
    InBrowser(OwnSession { person, session }): InBrowser,
    Path(id): Path<SessionId>,
) -> Result<Response, ApiError> {
    let own = logins.sessions_beside(person.id, &session).await?;
    if !own.iter().any(|(own, _)| own.id == id) || !logins.end_one(person.id, id).await? {
        return Err(ApiError::NotFound);
    }
    if id == session.id {
        return Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, Cookie::Session.forget(&site))]).into_response());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Signs out everywhere but here.
#[utoipa::path(delete, path = "/api/account/sessions", tag = "session",
    responses((status = 204, description = "Nobody is signed in elsewhere.")))]
pub(super) async fn end_others(
    State(logins): State<Logins>,
    InBrowser(OwnSession { person, session }): InBrowser,
) -> Result<StatusCode, ApiError> {
    if session.company.is_none() {
        logins.end_others(person.id, session.id).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    for (other, _) in logins.sessions_beside(person.id, &session).await? {
        if other.id != session.id {
            logins.end_one(person.id, other.id).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
