//! `POST /api/session/step`: the second step of a sign-in. `DELETE` gives it up.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Response},
};
use gridkeep_store::{LoginMethod, LoginResult, MailPurpose, Tried};
use serde::Deserialize;
use serde_json::Value as Json_;
use utoipa::ToSchema;

use super::{
    Factors,
    kept::{Code, Proof},
    told::tell,
};
use crate::{
    defence::{Arrivals, Login, Visitor},
    error::ApiError,
    extract::Json,
    language::Language,
    mail::Post,
    session::{Cookie, Entry, Logins, PASSWORD, Person, SessionView},
    site::Site,
};

/// One proof besides the password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum SecondStep {
    /// The six digits of an authenticator app.
    Totp(String),
    /// A recovery code, which works once.
    Recovery(String),
    /// What the browser gave for the options of `/api/session/step/passkey`.
    #[schema(value_type = Object)]
    Passkey(Json_),
}

/// Completes a sign-in whose password was right. Five tries within five minutes; then the password is asked for again.
#[utoipa::path(post, path = "/api/session/step", tag = "factors", request_body = SecondStep,
    responses((status = 200, body = SessionView)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn step(
    State(factors): State<Factors>,
    State(logins): State<Logins>,
    State(arrivals): State<Arrivals>,
    State(post): State<Post>,
    State(site): State<Site>,
    visitor: Visitor,
    language: Language,
    headers: HeaderMap,
    Json(request): Json<SecondStep>,
) -> Result<Response, ApiError> {
    let half = Cookie::Step.read(&site, &headers).ok_or(ApiError::StepOver)?;
    let waiting = factors.control().half(half.hash().0, factors.time().now()).await?;
    let (proof, by) = match request {
        SecondStep::Totp(code) => (Proof::Code(Code::OneTime(code)), LoginMethod::OneTimeCode),
        SecondStep::Recovery(code) => (Proof::Code(Code::Recovery(code)), LoginMethod::RecoveryCode),
        SecondStep::Passkey(json) => (Proof::Passkey(json), LoginMethod::Passkey),
    };
    let (account, password, since, method) = match factors.try_step(&half, proof).await? {
        (Tried::Right(account, password, since), method) => (account, password, since, method),
        (Tried::Wrong, _) => {
            let login = Login { account: waiting, address: None, method: by };
            arrivals.note(login, LoginResult::Wrong, &visitor).await?;
            return Err(ApiError::WrongProof);
        }
        (Tried::Wait(seconds), _) => return Err(ApiError::TooManyTries(seconds)),
        (Tried::Over, _) => return Err(ApiError::StepOver),
    };
    let person = logins.person(account).await?.ok_or(ApiError::StepOver)?;
    let person = Person { passkey_since: since, ..person };
    if by == LoginMethod::RecoveryCode {
        tell(&post, &person, MailPurpose::RecoveryCodeUsed, language).await?;
    }
    let (methods, email) = (format!("{PASSWORD} {method}"), person.email.clone());
    let visit = visitor.visit.clone();
    let entry = Entry { person, methods: &methods, password: Some(&password), visit, company: None };
    let (cookie, session) = logins.enter(&site, entry).await?;
    let known = arrivals.welcome(account, &email, by, (&visitor, &site, language)).await?;
    let over = Cookie::Step.forget(&site);
    let cookies = AppendHeaders([cookie, over, known].map(|cookie| (SET_COOKIE, cookie)));
    Ok((cookies, Json(session)).into_response())
}

/// Gives up a sign-in that waits for its second step. Answers alike when there was none.
#[utoipa::path(delete, path = "/api/session/step", tag = "factors",
    responses((status = 204, description = "Nothing is waited for any more.")))]
pub(super) async fn give_up(
    State(factors): State<Factors>,
    State(site): State<Site>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(half) = Cookie::Step.read(&site, &headers) {
        factors.control().end_half(half.hash().0, factors.time().now()).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, Cookie::Step.forget(&site))]).into_response())
}
