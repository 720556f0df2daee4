//! Whoever is at the other end of a request, before anybody knows who that is.
//!
//! **Architecture Invariant:** nothing here is an identity. It slows down, it is told to people as a hint, and that is all.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderName, request::Parts},
};

use crate::{
    http::{Cookie, Proxy, Visit},
    secret::Token,
    site::Site,
};

/// The header that carries the solution of a puzzle.
const WORK: HeaderName = HeaderName::from_static("x-gridkeep-work");

/// What is known of whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// Where the request comes from.
    pub visit: Visit,
    /// What the browser shows when somebody has signed in with it before.
    pub(super) browser: Option<Token>,
    /// The solution of a puzzle, unchecked.
    pub(super) work: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor
where
    Proxy: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let visit = Visit::from_request_parts(parts, state).await?;
        let work = parts.headers.get(WORK).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let browser = Cookie::Known.read(&Site::from_ref(state), &parts.headers);
        Ok(Self { visit, browser, work })
    }
}
