//! `PUT /api/account/password`: somebody who is signed in changes their password.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::{LoginMethod, LoginResult, MailPurpose};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    defence::{Arrivals, Login, Throttle, Visitor},
    error::ApiError,
    extract::Json,
    language::Language,
    mail::{Post, Wish},
    session::{Checked, Logins, OwnSession, Passwords, beside},
};

/// The password in use and the one to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    #[schema(value_type = String, format = Password)]
    current: SecretString,
    /// At least 15 characters, beside a second factor 8.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// One's API keys end as well, those of all apps everywhere.
    #[serde(default, rename = "endKeys")]
    end_keys: bool,
}

/// Changes one's password, ends one's other sessions, where that is wished one's API keys, and says so by mail.
#[utoipa::path(put, path = "/api/account/password", tag = "accounts", request_body = Change,
    responses((status = 204, description = "The new password holds.")))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn change(
    State(logins): State<Logins>,
    State(passwords): State<Passwords>,
    State(throttle): State<Throttle>,
    State(arrivals): State<Arrivals>,
    State(post): State<Post>,
    visitor: Visitor,
    language: Language,
    OwnSession { person, session }: OwnSession,
    Json(request): Json<Change>,
) -> Result<StatusCode, ApiError> {
    let local = person.email.as_str().split('@').next().unwrap_or_default();
    let beside = beside(logins.has_factor(person.id).await?);
    let password =
        passwords.choose(&request.password, beside, &[person.email.as_str(), local, &person.name]).await?;
    // Somebody at an unlocked desk could guess here: as slow as signing in.
    let attempt = throttle.attempt("change", person.email.as_str(), &visitor).await?;
    let hash = logins.password(person.id).await?;
    let login = Login { account: Some(person.id), address: Some(&person.email), method: LoginMethod::Change };
    let checked = passwords.check(request.current, hash.clone()).await;
    let (attempt, Checked::Right(_)) = attempt.judged(checked).await? else {
        arrivals.note(login, LoginResult::Wrong, &visitor).await?;
        return Err(ApiError::WrongCredentials);
    };
    attempt.succeeded().await?;
    let (old, new) = (hash.unwrap_or_default(), passwords.keep(password).await?);
    // Set anew meanwhile, by whoever reads the owner's mails: that one stays.
    if !logins.change_password(person.id, (old, new), session.id, request.end_keys).await? {
        return Err(ApiError::WrongCredentials);
    }
    arrivals.note(login, LoginResult::Done, &visitor).await?;
    if person.confirmed {
        let (purpose, address) = (MailPurpose::PasswordChanged, person.email.clone());
        post.ask(vec![Wish { purpose, address, account: Some(person.id), language }]).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
