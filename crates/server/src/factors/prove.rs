//! `POST /api/account/proof`: somebody who is signed in proves anew who they are.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::{LoginMethod, LoginResult, MailPurpose, Tried};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value as Json_;
use utoipa::ToSchema;

use super::{Factors, kept::Code, told::tell};
use crate::{
    defence::{Arrivals, Login, Throttle, Visitor},
    error::ApiError,
    extract::Json,
    language::Language,
    mail::Post,
    session::{Checked, Logins, OwnSession, Passwords},
};

/// A passkey; or the account's password, with a code where there is a second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewProof {
    /// The password.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
    /// The six digits of an authenticator app.
    totp: Option<String>,
    /// A recovery code, which works once.
    recovery: Option<String>,
    /// What the browser gave for the options of `/api/account/proof/passkey`.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Json_>,
}

/// Proves anew who one is. For five minutes how the account is protected can be changed.
#[utoipa::path(post, path = "/api/account/proof", tag = "factors", request_body = NewProof,
    responses((status = 204, description = "Proven.")))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn prove(
    State(factors): State<Factors>,
    State(logins): State<Logins>,
    State(passwords): State<Passwords>,
    State(throttle): State<Throttle>,
    State(arrivals): State<Arrivals>,
    State(post): State<Post>,
    visitor: Visitor,
    language: Language,
    own: OwnSession,
    Json(request): Json<NewProof>,
) -> Result<StatusCode, ApiError> {
    let account = own.person.id;
    // What is wrong in the request is said before anything is looked at or counted.
    let offered = request.offered()?;
    if let Offered::Password(_, None) = offered
        && !factors.of(account).await?.is_empty()
    {
        return Err(ApiError::InvalidRequest("body: totp".to_owned()));
    }
    // Somebody at an unlocked desk could guess here: as slow as signing in.
    let attempt = throttle.attempt("prove", own.person.email.as_str(), &visitor).await?;
    let wrong = async |method, error| {
        let login = Login { account: Some(account), address: Some(&own.person.email), method };
        arrivals.note(login, LoginResult::Wrong, &visitor).await?;
        Err(error)
    };
    let attempt = match offered {
        Offered::Passkey(json) => {
            if !factors.proves(&own, json).await? {
                return wrong(LoginMethod::Passkey, ApiError::WrongProof).await;
            }
            attempt
        }
        Offered::Password(password, code) => {
            let checked = passwords.check(password, logins.password(account).await?).await;
            let (attempt, Checked::Right(_)) = attempt.judged(checked).await? else {
                return wrong(LoginMethod::Change, ApiError::WrongCredentials).await;
            };
            if let Some(code) = code {
                let spent = matches!(code, Code::Recovery(_));
                match factors.try_own(account, code).await? {
                    Tried::Right(..) => {}
                    Tried::Wrong => return wrong(LoginMethod::Change, ApiError::WrongProof).await,
                    Tried::Wait(seconds) => return Err(ApiError::TooManyTries(seconds)),
                    Tried::Over => return Err(ApiError::SignInRequired),
                }
                if spent {
                    tell(&post, &own.person, MailPurpose::RecoveryCodeUsed, language).await?;
                }
            }
            attempt
        }
    };
    attempt.succeeded().await?;
    factors.control().prove_session(own.session.id, factors.time().now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a request offers.
enum Offered {
    Passkey(Json_),
    Password(SecretString, Option<Code>),
}

impl NewProof {
    fn offered(self) -> Result<Offered, ApiError> {
        match (self.passkey, self.password, self.totp, self.recovery) {
            (Some(passkey), None, None, None) => Ok(Offered::Passkey(passkey)),
            (None, Some(password), None, None) => Ok(Offered::Password(password, None)),
            (None, Some(password), Some(code), None) => {
                Ok(Offered::Password(password, Some(Code::OneTime(code))))
            }
            (None, Some(password), None, Some(code)) => {
                Ok(Offered::Password(password, Some(Code::Recovery(code))))
            }
            _ => Err(ApiError::InvalidRequest("body: a passkey, or a password with a code".to_owned())),
        }
    }
}
