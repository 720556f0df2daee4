//! `POST /api/account/proof`: somebody who is signed in proves anew who they are.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::{LoginMethod, LoginResult};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value as Json_;
use utoipa::ToSchema;

use super::Factors;
use crate::{
    defence::{Arrivals, Login, Throttle, Visitor},
    error::ApiError,
    extract::Json,
    session::{Checked, Logins, OwnSession, Passwords},
};

/// The account's password, or one of its passkeys.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum NewProof {
    /// The password.
    #[schema(value_type = String, format = Password)]
    Password(SecretString),
    /// What the browser gave for the options of `/api/account/proof/passkey`.
    #[schema(value_type = Object)]
    Passkey(Json_),
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
    visitor: Visitor,
    own: OwnSession,
    Json(request): Json<NewProof>,
) -> Result<StatusCode, ApiError> {
    let account = own.person.id;
    // Somebody at an unlocked desk could guess here: as slow as signing in.
    let attempt = throttle.attempt("prove", own.person.email.as_str(), &visitor).await?;
    let wrong = async |method| {
        let login = Login { account: Some(account), address: Some(&own.person.email), method };
        arrivals.note(login, LoginResult::Wrong, &visitor).await
    };
    match request {
        NewProof::Password(password) => {
            let Checked::Right(_) = passwords.check(password, logins.password(account).await?).await? else {
                wrong(LoginMethod::Change).await?;
                return Err(ApiError::WrongCredentials);
            };
        }
        NewProof::Passkey(json) => {
            if !factors.proves(&own, json).await? {
                wrong(LoginMethod::Passkey).await?;
                return Err(ApiError::WrongProof);
            }
        }
    }
    attempt.succeeded().await?;
    factors.control().prove_session(own.session.id, factors.time().now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
