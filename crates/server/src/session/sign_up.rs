//! `POST /api/accounts`: makes an account and signs in with it. The first person becomes the administrator.

use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Email, Logins, Passwords, SignUp, Throttle, login::LIFETIME, password::NewPassword, view::Session,
};
use crate::{error::ApiError, extract::Json, http::Peer, session::Cookie, site::Site, tenancy::Tenancy};

/// Most characters of a name.
const LONGEST_NAME: usize = 100;

/// Who wants an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    email: String,
    /// What others see, 1 to 100 characters.
    name: String,
    /// At least 15 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Makes an account and signs in with it.
#[utoipa::path(post, path = "/api/accounts", tag = "session", request_body = NewAccount,
    responses((status = 201, body = Session)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn sign_up(
    State(logins): State<Logins>,
    State(passwords): State<Passwords>,
    State(throttle): State<Throttle>,
    State(rule): State<SignUp>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    Peer(peer): Peer,
    Json(request): Json<NewAccount>,
) -> Result<Response, ApiError> {
    let email = Email::new(&request.email)?;
    let name = request.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    let local = email.as_str().split('@').next().unwrap_or_default();
    let password = NewPassword::new(request.password, &[email.as_str(), local, &name])?;
    if !rule.open && !logins.is_first_run().await? && !tenancy.is_named(&email).await? {
        return Err(ApiError::SignUpClosed);
    }
    // Each try costs a hashing and may tell whether an address is known: as dear as a guess.
    let attempt = throttle.attempt(email.as_str(), peer)?;
    if logins.account(&email).await?.is_some() {
        return Err(ApiError::EmailTaken);
    }
    let hash = passwords.hash(password).await?;
    let person = logins.create(&tenancy, email, name, hash).await?;
    attempt.succeeded();
    let token = logins.begin(person.id).await?;
    let cookie = Cookie::Session.keep(&site, &token, Some(LIFETIME.as_secs()));
    let session = Json(Session::new(Some(person), false));
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], session).into_response())
}
