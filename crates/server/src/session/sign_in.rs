//! `POST /api/session`: signs in.

use axum::{
    extract::State,
    http::header::SET_COOKIE,
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Email, Entry, Logins, PASSWORD, Passwords, Throttle, Visit, password::Checked, view::SessionView,
};
use crate::{error::ApiError, extract::Json, site::Site};

/// Who wants in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Signs in with e-mail address and password. Unknown address and wrong password look and take alike.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = SessionView)))]
pub(super) async fn sign_in(
    State(logins): State<Logins>,
    State(passwords): State<Passwords>,
    State(throttle): State<Throttle>,
    State(site): State<Site>,
    visit: Visit,
    Json(request): Json<SignIn>,
) -> Result<Response, ApiError> {
    let email = Email::new(&request.email).map_err(|_| ApiError::WrongCredentials)?;
    let attempt = throttle.attempt(email.as_str(), visit.address)?;
    let account = logins.account(&email).await?;
    let hash = account.as_ref().map(|account| account.password.clone());
    let Checked::Right(renewed) = passwords.check(request.password, hash).await? else {
        return Err(ApiError::WrongCredentials);
    };
    let account = account.ok_or(ApiError::WrongCredentials)?;
    attempt.succeeded();
    if let Some(renewed) = &renewed {
        logins.renew_password(account.person.id, &account.password, renewed).await?;
    }
    let kept = renewed.unwrap_or(account.password);
    let entry = Entry { person: account.person, methods: PASSWORD, password: Some(&kept), visit };
    let (cookie, session) = logins.enter(&site, entry).await?;
    Ok(([(SET_COOKIE, cookie)], Json(session)).into_response())
}
