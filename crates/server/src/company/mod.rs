//! Companies' sign-in: a tenant's own providers say who its people are.
//!
//! **Architecture Invariant:** whoever a provider vouches for comes in by one door, [`Company::admit`], whatever the protocol. A
//! provider opens accounts that were made for its own identities or that their owners linked, and a session through it is good at
//! its tenant only; see ADR 0035. A protocol hands over what was proven ([`Said`]) and decides nothing.

mod admit;
mod callback;
mod caller;
mod domains;
mod flow;
mod inside;
mod kept;
mod keys;
mod links;
mod oidc;
mod proof;
mod providers;
mod realm;
mod removed;
mod rules;
mod saml;
mod settings;
mod start;
mod tested;
mod txt;
mod vouching;

use axum::{Router, extract::FromRef, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use admit::with_said;
pub use admit::{Admittance, Newcomer};
pub use caller::{CallError, Caller, Whose};
pub use domains::domain;
pub use inside::Inside;
pub use kept::Company;
pub use rules::{Outcome, Rules, Said};
pub use saml::SamlSettings;
pub use settings::{OidcSettings, Settings};
pub use start::Destination;
pub(crate) use vouching::directs;

use crate::{
    chance::Time, defence::Throttle, gates::Gates, http::Proxy, mail::Post, session::Logins, site::Site,
    tenancy::Tenancy,
};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Company: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Post: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Throttle: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(realm::realm))
        .routes(routes!(start::start))
        .routes(routes!(callback::callback))
        .routes(routes!(providers::list, providers::add))
        .routes(routes!(providers::change, providers::remove))
        .routes(routes!(providers::test))
        .routes(routes!(providers::tested))
        .routes(routes!(domains::list, domains::add))
        .routes(routes!(domains::change, domains::remove))
        .routes(routes!(domains::check))
        .routes(routes!(proof::begin))
        .routes(routes!(removed::list))
        .routes(routes!(removed::let_in))
        .routes(routes!(links::list, links::link))
        .routes(routes!(links::unlink))
        .merge(saml::routes())
}

/// The addresses that providers know.
pub fn standard<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Company: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    saml::standard().route("/company/{provider}/keys", get(keys::keys))
}
