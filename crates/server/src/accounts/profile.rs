//! `PATCH /api/account`: what others see of somebody.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::sign_up::checked_name;
use crate::{
    error::ApiError,
    extract::Json,
    session::{Logins, OwnSession},
};

/// What to change of one's account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProfileChange)]
pub(super) struct Change {
    /// What others see, 1 to 100 characters.
    name: String,
}

/// Changes what one is called, in all tenants. A company or directory that vouches for somebody may call them otherwise again.
#[utoipa::path(patch, path = "/api/account", tag = "accounts", operation_id = "profile_change",
    request_body = Change, responses((status = 204, description = "This is the name.")))]
pub(super) async fn change(
    State(logins): State<Logins>,
    OwnSession { person, .. }: OwnSession,
    Json(change): Json<Change>,
) -> Result<StatusCode, ApiError> {
    logins.rename(person.id, checked_name(&change.name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
