//! The session a request comes with, for what only its person does, in a browser: their sessions, keys, password.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_store::Session;

use super::{Logins, Needs, Person, person::Found};
use crate::{error::ApiError, site::Site};

/// Somebody who is signed in with a browser by a proof of their own, and the session they are in. Refuses programs that act for
/// them, and whoever a tenant's provider vouched for: it must not get at what is their account's everywhere.
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
        let InBrowser(own) = InBrowser::from_request_parts(parts, state).await?;
        if own.session.company.is_some() { Err(ApiError::OwnProofRequired) } else { Ok(own) }
    }
}

/// Somebody who is signed in with a browser, whoever vouched for them. What it is used for must be the tenant's or this
/// session's only: see [`OwnSession`].
#[derive(Debug, Clone)]
pub struct InBrowser(pub OwnSession);

impl<S: Send + Sync> FromRequestParts<S> for InBrowser
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Found::of(parts, state).await? {
            Found::Browser(own) => Ok(Self(Arc::unwrap_or_clone(own))),
            Found::Program(_) => Err(ApiError::Forbidden),
            Found::Nobody => Err(ApiError::SignInRequired),
        }
    }
}

/// Somebody, whatever the tenant asks for, or nobody; refuses only whoever shows a token that is no good.
#[derive(Debug, Clone)]
pub struct Anybody {
    /// Who.
    pub person: Option<Person>,
    /// What the tenant asks for and they have not shown.
    pub needs: Option<Needs>,
}

impl<S: Send + Sync> FromRequestParts<S> for Anybody
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let found = Found::of(parts, state).await?;
        let (person, needs) = match found {
            Found::Nobody => (None, None),
            Found::Program(by) => (Some(by.person.clone()), None),
            Found::Browser(own) => {
                let needs = Logins::from_ref(state).needs(&own.person, &own.session.methods).await?;
                (Some(own.person.clone()), needs)
            }
        };
        Ok(Self { person, needs })
    }
}
