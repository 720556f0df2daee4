//! `POST /api/accounts/confirmation`: proves an address by the link that went there.
//!
//! **Architecture Invariant:** the link alone proves nothing. It shows that somebody reads the address's mail, which whoever claimed
//! the address with a stranger's account would like its owner to press; that the account is theirs too, its session or its
//! password shows.

use axum::extract::State;
use gridkeep_store::{LoginMethod, LoginResult};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    defence::{Arrivals, Login, Throttle, Visitor},
    error::ApiError,
    extract::Json,
    secret::Token,
    session::{Anybody, Checked, Logins, Passwords},
};

/// The link's token and, from a browser that is not signed in to the account, the account's password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    #[schema(value_type = String)]
    token: SecretString,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
}

/// The address that is proven now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Confirmed {
    email: String,
}

/// Proves an address. Works once, and signs nobody in. 401 with `signInRequired` asks for the password of the account.
#[utoipa::path(post, path = "/api/accounts/confirmation", tag = "accounts", request_body = Confirmation,
    responses((status = 200, body = Confirmed)))]
pub(super) async fn confirm(
    State(logins): State<Logins>,
    State(passwords): State<Passwords>,
    State(throttle): State<Throttle>,
    State(arrivals): State<Arrivals>,
    visitor: Visitor,
    Anybody { person, .. }: Anybody,
    Json(request): Json<Confirmation>,
) -> Result<Json<Confirmed>, ApiError> {
    let token = Token::secret(&request.token).ok_or(ApiError::LinkOver)?;
    let account = logins.confirm_link(&token).await?.ok_or(ApiError::LinkOver)?;
    if person.is_none_or(|person| person.id != account) {
        let password = request.password.ok_or(ApiError::SignInRequired)?;
        let attempt = throttle.attempt("confirm", &account.to_string(), &visitor).await?;
        let checked = passwords.check(password, logins.password(account).await?).await;
        let (attempt, Checked::Right(_)) = attempt.judged(checked).await? else {
            // A guess like any other.
            let whose = logins.person(account).await?.map(|person| person.email);
            let method = LoginMethod::Change;
            let login = Login { account: Some(account), address: whose.as_ref(), method };
            arrivals.note(login, LoginResult::Wrong, &visitor).await?;
            return Err(ApiError::WrongCredentials);
        };
        attempt.succeeded().await?;
    }
    let email = logins.confirm(&token).await?.to_string();
    Ok(Json(Confirmed { email }))
}
