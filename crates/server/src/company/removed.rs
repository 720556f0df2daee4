//! `/api/company/removed`: whom the tenant's providers let in no more, for its administrators.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::OutsideId;
use gridkeep_store::Removed;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Company;
use crate::{
    error::ApiError,
    extract::{Json, Path},
    factors::FreshHere,
    people::Ruler,
    session::Logins,
};

/// Somebody who is not let in any more.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RemovedPerson)]
pub(super) struct RemovedCard {
    #[schema(value_type = String, format = Uuid)]
    id: OutsideId,
    /// What people call the provider.
    provider: String,
    /// Their address; null where the company's directory took them out for good.
    email: Option<String>,
    name: Option<String>,
    /// What the directory or the provider calls them.
    known_as: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Removed> for RemovedCard {
    fn from(removed: Removed) -> Self {
        let Removed { id, provider, account, known_as, at } = removed;
        let (email, name) = account.unzip();
        Self { id, provider, email, name, known_as, at }
    }
}

/// Whom the providers let in no more, the last first, at most 500.
#[utoipa::path(get, path = "/api/company/removed", tag = "company", operation_id = "company_removed",
    responses((status = 200, body = Vec<RemovedCard>)))]
pub(super) async fn list(
    State(company): State<Company>,
    State(logins): State<Logins>,
    _: Ruler,
) -> Result<Json<Vec<RemovedCard>>, ApiError> {
    let all = company.control().removed_people(logins.tenant()).await?;
    Ok(Json(all.into_iter().map(RemovedCard::from).collect()))
}

/// Lets somebody in again: as a member, or as the provider's rules have it where their account is gone.
#[utoipa::path(delete, path = "/api/company/removed/{person}", tag = "company", operation_id = "company_let_in_again",
    params(("person" = String, Path)), responses((status = 204, description = "They can come in again.")))]
pub(super) async fn let_in(
    State(company): State<Company>,
    State(logins): State<Logins>,
    _: Ruler,
    Path(id): Path<OutsideId>,
    _: FreshHere,
) -> Result<StatusCode, ApiError> {
    let done = company.control().let_in_again(logins.tenant(), id, company.time().now()).await?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
