//! Programs that act for people: OAuth 2.1 with codes and PKCE for native ones and for clients of the API (RFC 8252).
//!
//! **Architecture Invariant:** programs keep no secrets, so none proves who it is by one: a code is worth something only to
//! whoever began asking (PKCE), it goes only to an address the program was registered with, and a person says yes every
//! time. Nothing is sent to an address before it is found to be that program's.

mod asked;
mod authorize;
mod client;
mod exchange;
mod form;
mod issuer;
mod metadata;
mod register;
mod revoke;
mod step_up;
mod tokens;

use axum::{Router, extract::FromRef, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use tokens::Refreshing;

use crate::{
    chance::{Chance, Time},
    defence::Arrivals,
    gates::Gates,
    http::Proxy,
    session::Logins,
    site::Site,
};

/// The endpoints of this room that our own pages use.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Chance: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(authorize::ask))
        .routes(routes!(authorize::answer))
        .routes(routes!(register::list, register::add))
        .routes(routes!(register::remove))
}

/// The endpoints that programs use, which standards describe.
pub fn standard<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Arrivals: FromRef<S>,
    Chance: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Refreshing: FromRef<S>,
    Site: FromRef<S>,
    Time: FromRef<S>,
{
    Router::new()
        .route("/.well-known/oauth-authorization-server", get(metadata::server))
        .route("/.well-known/oauth-protected-resource", get(metadata::resource))
        .route("/.well-known/jwks.json", get(metadata::keys))
        .route("/oauth/token", form::post(exchange::exchange))
        .route("/oauth/revoke", form::post(revoke::revoke))
}
