//! Which browser a request comes from, by the cookie `gk_browser`.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};

use crate::{
    secret::{Token, TokenHash},
    session::Cookie,
    site::Site,
};

/// The browser's token, when it has one already.
#[derive(Debug)]
pub struct Browser(pub Option<Token>);

impl Browser {
    /// What the server keeps of it.
    pub fn hash(&self) -> Option<TokenHash> {
        self.0.as_ref().map(Token::hash)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Browser
where
    Site: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Cookie::Browser.read(&Site::from_ref(state), &parts.headers)))
    }
}
