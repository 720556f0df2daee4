//! Somebody who proved within the last minutes who they are.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use jiff::SignedDuration;

use crate::{
    chance::Time,
    error::ApiError,
    session::{InBrowser, Logins, OwnSession},
    site::Site,
};

/// How long a proof is fresh.
pub(super) const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Somebody in a browser who signed in, or proved anew who they are, within the last five minutes. As an extractor it asks
/// everybody else for a new proof: an unlocked desk is not enough to change how an account is protected.
#[derive(Debug, Clone)]
pub struct Fresh(pub OwnSession);

impl<S: Send + Sync> FromRequestParts<S> for Fresh
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Time: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let own = OwnSession::from_request_parts(parts, state).await?;
        if is_fresh(&own, &Time::from_ref(state)) { Ok(Self(own)) } else { Err(ApiError::ProofRequired) }
    }
}

/// Somebody in a browser who showed within the last five minutes who they are, by a proof of their own or at the company that vouches
/// for their session. For what is the tenant's; what is an account's wants [`Fresh`].
#[derive(Debug, Clone)]
pub struct FreshHere(pub OwnSession);

impl<S: Send + Sync> FromRequestParts<S> for FreshHere
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Time: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let InBrowser(own) = InBrowser::from_request_parts(parts, state).await?;
        if is_fresh(&own, &Time::from_ref(state)) { Ok(Self(own)) } else { Err(ApiError::ProofRequired) }
    }
}

/// Whether whoever is in a session proved within the last minutes who they are.
pub(super) fn is_fresh(own: &OwnSession, time: &Time) -> bool {
    time.now().duration_since(own.session.authenticated) < FRESH
}
