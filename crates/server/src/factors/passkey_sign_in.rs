//! `POST /api/session/passkey`: signs in with a passkey alone, which is two factors in one.

use axum::{
    extract::State,
    http::header::SET_COOKIE,
    response::{AppendHeaders, IntoResponse, Response},
};
use gridkeep_store::{LoginMethod, LoginResult};
use serde::Deserialize;
use serde_json::Value as Json_;
use utoipa::ToSchema;

use super::Factors;
use crate::{
    defence::{Arrivals, Login, Throttle, Visitor},
    error::ApiError,
    extract::Json,
    language::Language,
    session::{Cookie, Entry, Logins, PASSKEY, Person, SessionView},
    site::Site,
};

/// A passkey that was shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasskeySignIn {
    /// What the browser gave for the options of `/api/session/passkey/options`.
    #[schema(value_type = Object)]
    passkey: Json_,
}

/// Signs in with a passkey alone. One that is nobody's and one that is wrong look alike.
#[utoipa::path(post, path = "/api/session/passkey", tag = "factors", operation_id = "passkeySignIn",
    request_body = PasskeySignIn, responses((status = 200, body = SessionView)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn sign_in(
    State(factors): State<Factors>,
    State(logins): State<Logins>,
    State(throttle): State<Throttle>,
    State(arrivals): State<Arrivals>,
    State(site): State<Site>,
    visitor: Visitor,
    language: Language,
    Json(request): Json<PasskeySignIn>,
) -> Result<Response, ApiError> {
    let name: String = request.passkey["id"].as_str().unwrap_or_default().chars().take(100).collect();
    let attempt = throttle.attempt("passkey", &name, &visitor).await?;
    let Some((shown, password)) = factors.try_passkey(request.passkey).await? else {
        let login = Login { account: None, address: None, method: LoginMethod::Passkey };
        arrivals.note(login, LoginResult::Wrong, &visitor).await?;
        return Err(ApiError::WrongProof);
    };
    let account = shown.account;
    let person = logins.person(account).await?.ok_or(ApiError::WrongProof)?;
    let person = Person { passkey_since: shown.since, ..person };
    attempt.succeeded().await?;
    let (methods, email) = (format!("{PASSKEY} mfa"), person.email.clone());
    logins.passkey_door(&person, &methods).await?;
    let visit = visitor.visit.clone();
    let entry = Entry { person, methods: &methods, password: Some(&password), visit, company: None };
    let (cookie, session) = logins.enter(&site, entry).await?;
    let by = LoginMethod::Passkey;
    let known = arrivals.welcome(account, &email, by, (&visitor, &site, language)).await?;
    let over = Cookie::Step.forget(&site);
    let cookies = AppendHeaders([cookie, over, known].map(|cookie| (SET_COOKIE, cookie)));
    Ok((cookies, Json(session)).into_response())
}
