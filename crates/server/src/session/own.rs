//! The session a request comes with, for what only its person does, in a browser: their sessions, keys, password.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_store::Session;

use super::{Logins, Person, person::Found};
use crate::{error::ApiError, site::Site};

/// Somebody who is signed in with a browser, and the session they are in. Refuses programs that act for them.
#[derive(Debug, Clone)]
pub struct OwnSession {
    /// Who.
    pub person: Person,
    /// How and when they came.
    pub session: Session,
}

impl<S: Send + Sync> FromRequestParts<S> for OwnSession
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Found::of(parts, state).await? {
            Found::Browser(own) => Ok(Arc::unwrap_or_clone(own)),
            Found::Program(_) => Err(ApiError::Forbidden),
            Found::Nobody => Err(ApiError::SignInRequired),
        }
    }
}
