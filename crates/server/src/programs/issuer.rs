//! Who issues tokens at the address a request was sent to.
//!
//! **Architecture Invariant:** metadata (RFC 8414), answers to programs (RFC 9207) and tokens name the same issuer, by the same
//! words as the address; so a program that asks several tenants tells them apart.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};

use crate::site::{Called, Site};

/// The issuer: a base URL, perhaps with what names a tenant behind it.
#[derive(Debug, Clone)]
pub(super) struct Issuer(pub(super) String);

impl Issuer {
    /// The address of one of its endpoints; `path` begins with a slash.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Issuer
where
    Site: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Site::from_ref(state).issuer(parts.extensions.get::<Called>())))
    }
}
