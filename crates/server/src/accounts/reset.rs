//! `POST /api/accounts/password`: sets a new password by the link that was mailed.

use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use gridkeep_store::{LoginMethod, MailPurpose};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    defence::{Arrivals, Throttle, Visitor},
    error::ApiError,
    extract::Json,
    language::Language,
    mail::{Post, Wish},
    secret::Token,
    session::{Logins, Passwords, beside},
    site::Site,
};

/// A new password, and what allows it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    /// The link's token.
    #[schema(value_type = String)]
    token: SecretString,
    /// At least 15 characters, beside a second factor 8.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// The token of a link that was mailed to set a new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetLink {
    #[schema(value_type = String)]
    token: SecretString,
}

/// What a new password has to be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PasswordRule {
    /// Fewest characters: 15, beside a second factor 8.
    least_password: usize,
}

/// What the new password that a link sets has to be. Told to whoever holds the link, who reads its owner's mails; it uses nothing
/// up.
#[utoipa::path(post, path = "/api/accounts/password/rule", tag = "accounts", operation_id = "password_rule",
    request_body = ResetLink, responses((status = 200, body = PasswordRule)))]
pub(super) async fn rule(
    State(logins): State<Logins>,
    Json(link): Json<ResetLink>,
) -> Result<Json<PasswordRule>, ApiError> {
    let token = Token::secret(&link.token).ok_or(ApiError::LinkOver)?;
    let owner = logins.reset_link(&token).await?.ok_or(ApiError::LinkOver)?;
    // As setting it will have it: what only claimed the address keeps none of its factors.
    let least_password = beside(owner.confirmed && logins.has_factor(owner.id).await?).shortest();
    Ok(Json(PasswordRule { least_password }))
}

/// Sets a new password, ends all sessions of the account and tells its owner by mail. A link works once. Where the account
/// has a second factor, signing in goes on asking for it.
#[utoipa::path(post, path = "/api/accounts/password", tag = "accounts", request_body = Reset,
    responses((status = 204, description = "The new password holds.")))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn reset(
    State(logins): State<Logins>,
    State(passwords): State<Passwords>,
    State(throttle): State<Throttle>,
    State(arrivals): State<Arrivals>,
    State(post): State<Post>,
    State(site): State<Site>,
    visitor: Visitor,
    language: Language,
    Json(request): Json<Reset>,
) -> Result<Response, ApiError> {
    let token = Token::secret(&request.token).ok_or(ApiError::LinkOver)?;
    // Looked at first: a link that is none costs no hashing, and a weak password does not use up one that is.
    let owner = logins.reset_link(&token).await?.ok_or(ApiError::LinkOver)?;
    let local = owner.email.as_str().split('@').next().unwrap_or_default();
    // What only claimed the address keeps none of its factors.
    let beside = beside(owner.confirmed && logins.has_factor(owner.id).await?);
    let password =
        passwords.choose(&request.password, beside, &[owner.email.as_str(), local, &owner.name]).await?;
    let attempt = throttle.attempt("set", owner.email.as_str(), &visitor).await?;
    let (attempt, hash) = attempt.judged(passwords.keep(password).await).await?;
    let person = logins.reset_password(&token, hash).await?.ok_or(ApiError::LinkOver)?;
    attempt.succeeded().await?;
    arrivals.start_anew(person.id, &person.email).await?;
    // Whoever reads the address's mail is its owner: strangers' tries cost this browser nothing from now on.
    let welcome = (&visitor, &site, language);
    let known = arrivals.welcome(person.id, &person.email, LoginMethod::Reset, welcome).await?;
    let (purpose, address) = (MailPurpose::PasswordChanged, person.email.clone());
    post.ask(vec![Wish { purpose, address, account: Some(person.id), language }]).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, known)]).into_response())
}
