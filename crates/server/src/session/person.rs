//! The person behind a request.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_model::AccountId;

use super::{Cookie, Email, Logins};
use crate::{error::ApiError, site::Site};

/// Somebody who is signed in. As an extractor it refuses everybody else.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their account.
    pub id: AccountId,
    /// Their address. Apps name people by it: see [`Person::proven`].
    pub email: Email,
    /// Whether the address is proven to be theirs.
    pub confirmed: bool,
    /// What they are called.
    pub name: String,
    /// May do everything with every app of the tenant.
    pub administrator: bool,
}

impl Person {
    /// The address by which others may have given them something; `None` while it is only claimed.
    pub fn proven(&self) -> Option<&Email> {
        self.confirmed.then_some(&self.email)
    }
}

/// Somebody or nobody; never refuses.
#[derive(Debug, Clone)]
pub struct MaybePerson(pub Option<Person>);

impl<S: Send + Sync> FromRequestParts<S> for MaybePerson
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Two extractors of one request ask the database once.
        if let Some(person) = parts.extensions.get::<Self>() {
            return Ok(person.clone());
        }
        let found = match Cookie::Session.read(&Site::from_ref(state), &parts.headers) {
            Some(token) => Logins::from_ref(state).find(&token).await?,
            None => None,
        };
        parts.extensions.insert(Self(found.clone()));
        Ok(Self(found))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Person
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let MaybePerson(person) = MaybePerson::from_request_parts(parts, state).await?;
        person.ok_or(ApiError::SignInRequired)
    }
}
