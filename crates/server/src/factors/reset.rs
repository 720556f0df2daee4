//! `POST /api/accounts/factors/reset`: an administrator helps somebody who lost all their factors.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::MailPurpose;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Factors, Fresh, told::tell};
use crate::{
    defence::Arrivals,
    error::ApiError,
    extract::Json,
    language::Language,
    mail::Post,
    session::{Email, Logins, Person},
};

/// Who lost their factors.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    email: String,
}

/// Takes all second factors and recovery codes from somebody, ends their sessions and tells them by mail. Only for whoever
/// runs the server: an account is not one tenant's.
#[utoipa::path(post, path = "/api/accounts/factors/reset", tag = "factors", request_body = Reset,
    responses((status = 204, description = "The password alone lets them in again.")))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn reset(
    State(factors): State<Factors>,
    State(logins): State<Logins>,
    State(arrivals): State<Arrivals>,
    State(post): State<Post>,
    language: Language,
    person: Person,
    Fresh(own): Fresh,
    Json(request): Json<Reset>,
) -> Result<StatusCode, ApiError> {
    // As the tenants ask people to sign in, which what is one's own alone does not look at.
    if !person.runs_server {
        return Err(ApiError::Forbidden);
    }
    let email = Email::new(&request.email)?;
    let found = factors.control().account_by_email(email.as_str()).await?;
    let (account, _) = found.ok_or(ApiError::NotFound)?;
    let person = logins.person(account.id).await?.ok_or(ApiError::NotFound)?;
    factors.control().reset_factors(account.id).await?;
    arrivals.start_anew(person.id, &person.email).await?;
    tracing::warn!(account.id = %account.id, by.id = %own.person.id, "second factors reset by an administrator");
    tell(&post, &person, MailPurpose::FactorsReset, language).await?;
    Ok(StatusCode::NO_CONTENT)
}
