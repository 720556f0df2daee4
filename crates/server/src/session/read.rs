//! `GET /api/session`: who is signed in.

use axum::{extract::State, http::HeaderMap};

use super::{Anybody, Cookie, Logins, view::SessionView};
use crate::{error::ApiError, extract::Json, site::Site};

/// Who is signed in, and whether there is any account yet.
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = SessionView)))]
pub(super) async fn read(
    State(logins): State<Logins>,
    State(site): State<Site>,
    headers: HeaderMap,
    Anybody { person, needs }: Anybody,
) -> Result<Json<SessionView>, ApiError> {
    if person.is_none()
        && let Some(half) = Cookie::Step.read(&site, &headers)
        && let Some(account) = logins.waited_for(&half).await?
    {
        return Ok(Json(SessionView::waiting(logins.ways(account).await?)));
    }
    let first_run = person.is_none() && logins.is_first_run().await?;
    let belongs = person.as_ref().is_some_and(|person| person.role.is_some());
    let workspace = if belongs { logins.title().await? } else { None };
    Ok(Json(SessionView::new(person, first_run).needing(needs).at(workspace)))
}
