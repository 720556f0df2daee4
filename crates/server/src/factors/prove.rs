//! `POST /api/account/proof`: somebody who is signed in proves anew who they are.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
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
    http::Proxy,
    language::Language,
    mail::Post,
    session::{Checked, Logins, OwnSession, Passwords},
    site::Site,
};

/// A passkey; or the account's password, with a code where there is a second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewProof {
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
pub(super) async fn prove(
    State(factors): State<Factors>,
    proofs: Proofs,
    own: OwnSession,
    Json(request): Json<NewProof>,
) -> Result<StatusCode, ApiError> {
    proofs.check(&own, request).await?;
    factors.control().prove_session(own.session.id, factors.time().now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Checks that somebody is who they are signed in as, by all that signing in takes: for what asks for it within its own request.
#[derive(Clone)]
pub struct Proofs {
    factors: Factors,
    logins: Logins,
    passwords: Passwords,
    throttle: Throttle,
    arrivals: Arrivals,
    post: Post,
    visitor: Visitor,
    language: Language,
}

impl<S: Send + Sync> FromRequestParts<S> for Proofs
where
    Arrivals: FromRef<S>,
    Factors: FromRef<S>,
    Logins: FromRef<S>,
    Passwords: FromRef<S>,
    Post: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Throttle: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            visitor: Visitor::from_request_parts(parts, state).await?,
            language: Language::of(&parts.headers),
            factors: Factors::from_ref(state),
            logins: Logins::from_ref(state),
            passwords: Passwords::from_ref(state),
            throttle: Throttle::from_ref(state),
            arrivals: Arrivals::from_ref(state),
            post: Post::from_ref(state),
        })
    }
}

impl Proofs {
    /// Refuses what proves nothing; it is slowed down and noted as at sign-in.
    pub async fn check(&self, own: &OwnSession, proof: NewProof) -> Result<(), ApiError> {
        let account = own.person.id;
        // What is wrong in the request is said before anything is looked at or counted.
        let offered = proof.offered()?;
        if let Offered::Password(_, None) = offered
            && !self.factors.of(account).await?.is_empty()
        {
            return Err(ApiError::InvalidRequest("body: totp".to_owned()));
        }
        // Somebody at an unlocked desk could guess here: as slow as signing in.
        let attempt = self.throttle.attempt("prove", own.person.email.as_str(), &self.visitor).await?;
        let wrong = async |method, error| {
            let login = Login { account: Some(account), address: Some(&own.person.email), method };
            self.arrivals.note(login, LoginResult::Wrong, &self.visitor).await?;
            Err(error)
        };
        let attempt = match offered {
            Offered::Passkey(json) => {
                if !self.factors.proves(own, json).await? {
                    return wrong(LoginMethod::Passkey, ApiError::WrongProof).await;
                }
                attempt
            }
            Offered::Password(password, code) => {
                let checked = self.passwords.check(password, self.logins.password(account).await?).await;
                let (attempt, Checked::Right(_)) = attempt.judged(checked).await? else {
                    return wrong(LoginMethod::Change, ApiError::WrongCredentials).await;
                };
                if let Some(code) = code {
                    let spent = matches!(code, Code::Recovery(_));
                    match self.factors.try_own(account, code).await? {
                        Tried::Right(..) => {}
                        Tried::Wrong => return wrong(LoginMethod::Change, ApiError::WrongProof).await,
                        Tried::Wait(seconds) => return Err(ApiError::TooManyTries(seconds)),
                        Tried::Over => return Err(ApiError::SignInRequired),
                    }
                    if spent {
                        tell(&self.post, &own.person, MailPurpose::RecoveryCodeUsed, self.language).await?;
                    }
                }
                attempt
            }
        };
        attempt.succeeded().await
    }
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
