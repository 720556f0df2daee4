//! `POST /api/accounts/reset`: mails a link to set a new password, if the address has an account.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::MailPurpose;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    defence::{Throttle, Visitor},
    error::ApiError,
    extract::Json,
    language::Language,
    mail::{Post, Wish},
    session::{Email, Logins},
};

/// Whose password was forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgot {
    email: String,
}

/// Mails a link, if the address has an account; answers alike in any case.
#[utoipa::path(post, path = "/api/accounts/reset", tag = "accounts", request_body = Forgot,
    responses((status = 202, description = "A mail is on its way, if there is such an account.")))]
pub(super) async fn forgot(
    State(logins): State<Logins>,
    State(post): State<Post>,
    State(throttle): State<Throttle>,
    visitor: Visitor,
    language: Language,
    Json(request): Json<Forgot>,
) -> Result<StatusCode, ApiError> {
    let address = Email::new(&request.email)?;
    logins.company_door(&address).await?;
    throttle.mail("reset", address.as_str(), &visitor).await?;
    let purpose = MailPurpose::Reset;
    post.ask(vec![Wish { purpose, address, account: None, language }]).await?;
    Ok(StatusCode::ACCEPTED)
}
