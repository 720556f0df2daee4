//! `GET /api/account/logins`: who signed in to one's own account.

use axum::extract::State;
use gridkeep_model::LoginEventId;
use gridkeep_store::LoginFilter;
use serde::Deserialize;
use uuid::Uuid;

use super::view::EventsView;
use crate::{
    defence::Arrivals,
    error::ApiError,
    extract::{Json, Parameters},
    session::Person,
};

/// Events in one answer.
const PAGE: u32 = 20;

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only older ones than this event.
    before: Option<Uuid>,
}

/// Who signed in to one's account, or tried to, the newest first.
#[utoipa::path(get, path = "/api/account/logins", operation_id = "own_logins", tag = "records", params(Asked),
    responses((status = 200, body = EventsView)))]
pub(super) async fn list(
    State(arrivals): State<Arrivals>,
    person: Person,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<EventsView>, ApiError> {
    // It tells where else they sign in.
    if person.through.is_some() {
        return Err(ApiError::OwnProofRequired);
    }
    let before = asked.before.map(LoginEventId::from_uuid);
    let filter = LoginFilter { account: Some(person.id), before, ..LoginFilter::default() };
    Ok(Json(EventsView::new(arrivals.list(filter, PAGE + 1).await?, PAGE)))
}
