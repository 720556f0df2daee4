//! `POST /api/session`: signs in.

use axum::{
    extract::State,
    http::header::SET_COOKIE,
    response::{AppendHeaders, IntoResponse, Response},
};
use gridkeep_store::{LoginMethod, LoginResult};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Cookie, Email, Entry, Logins, PASSWORD, Passwords, half::LIFETIME, password::Checked, view::SessionView,
};
use crate::{
    defence::{Arrivals, Login, SIGN_IN, Throttle, Visitor},
    error::ApiError,
    extract::Json,
    language::Language,
    site::Site,
};

/// Who wants in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Signs in with e-mail address and password; `secondStep` says by which means that goes on at `/api/session/step`. Unknown
/// address and wrong password look and take alike.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = SessionView)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn sign_in(
    State(logins): State<Logins>,
    State(passwords): State<Passwords>,
    State(throttle): State<Throttle>,
    State(arrivals): State<Arrivals>,
    State(site): State<Site>,
    visitor: Visitor,
    language: Language,
    Json(request): Json<SignIn>,
) -> Result<Response, ApiError> {
    let email = Email::new(&request.email).map_err(|_| ApiError::WrongCredentials)?;
    // Who would only be turned away is not asked who they are.
    let _door = passwords.enter()?;
    logins.company_door(&email).await?;
    let attempt = throttle.attempt(SIGN_IN, email.as_str(), &visitor).await?;
    let account = logins.account(&email).await?;
    let hash = account.as_ref().map(|account| account.password.clone());
    let checked = if attempt.is_of_stranger() {
        passwords.check_stranger(request.password, hash).await
    } else {
        passwords.check(request.password, hash).await
    };
    let (attempt, checked) = attempt.judged(checked).await?;
    let Checked::Right(renewed) = checked else {
        let result = if attempt.slows() { LoginResult::Slowed } else { LoginResult::Wrong };
        let account = account.map(|account| account.person.id);
        let login = Login { account, address: Some(&email), method: LoginMethod::Password };
        arrivals.note(login, result, &visitor).await?;
        return Err(ApiError::WrongCredentials);
    };
    let account = account.ok_or(ApiError::WrongCredentials)?;
    attempt.succeeded().await?;
    if let Some(renewed) = &renewed {
        logins.renew_password(account.person.id, &account.password, renewed).await?;
    }
    let kept = renewed.unwrap_or(account.password);
    let id = account.person.id;
    let ways = logins.ways(id).await?;
    if !ways.is_empty() {
        let half = logins.wait(id, &kept).await?;
        let login = Login { account: Some(id), address: Some(&email), method: LoginMethod::Password };
        arrivals.note(login, LoginResult::Half, &visitor).await?;
        let cookie = Cookie::Step.keep(&site, &half, Some(LIFETIME.as_secs()));
        return Ok(([(SET_COOKIE, cookie)], Json(SessionView::waiting(ways))).into_response());
    }
    // Its second factor was taken away by an administrator.
    if !logins.stands_alone(id).await? {
        return Err(ApiError::NewPasswordNeeded);
    }
    let visit = visitor.visit.clone();
    let entry =
        Entry { person: account.person, methods: PASSWORD, password: Some(&kept), visit, company: None };
    let (cookie, session) = logins.enter(&site, entry).await?;
    let known = arrivals.welcome(id, &email, LoginMethod::Password, (&visitor, &site, language)).await?;
    Ok((AppendHeaders([(SET_COOKIE, cookie), (SET_COOKIE, known)]), Json(session)).into_response())
}
