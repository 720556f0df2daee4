//! `POST /api/account/confirmation`: mails the link to confirm one's address once more.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::MailPurpose;

use crate::{
    defence::{Throttle, Visitor},
    error::ApiError,
    language::Language,
    mail::{Post, Wish},
    session::OwnSession,
};

/// Mails the link once more; links before it end. Answers alike when the address is confirmed already.
#[utoipa::path(post, path = "/api/account/confirmation", tag = "accounts",
    responses((status = 202, description = "A mail is on its way, if one is wanted.")))]
pub(super) async fn resend(
    State(post): State<Post>,
    State(throttle): State<Throttle>,
    visitor: Visitor,
    language: Language,
    OwnSession { person, .. }: OwnSession,
) -> Result<StatusCode, ApiError> {
    // Counts as failed whatever comes of it: mails are what is slowed down.
    throttle.mail("confirm", person.email.as_str(), &visitor).await?;
    let (purpose, address) = (MailPurpose::Confirm, person.email.clone());
    post.ask(vec![Wish { purpose, address, account: Some(person.id), language }]).await?;
    Ok(StatusCode::ACCEPTED)
}
