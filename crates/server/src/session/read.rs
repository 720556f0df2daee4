//! `GET /api/session`: who is signed in.

use axum::extract::State;

use super::{Logins, MaybePerson, view::SessionView};
use crate::{error::ApiError, extract::Json};

/// Who is signed in, and whether there is any account yet.
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = SessionView)))]
pub(super) async fn read(
    State(logins): State<Logins>,
    MaybePerson(person): MaybePerson,
) -> Result<Json<SessionView>, ApiError> {
    let first_run = person.is_none() && logins.is_first_run().await?;
    Ok(Json(SessionView::new(person, first_run)))
}
