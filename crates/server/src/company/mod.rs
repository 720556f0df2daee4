//! Companies' sign-in: a tenant's own providers say who its people are.
//!
//! **Architecture Invariant:** whoever a provider vouches for comes in by one door, [`Company::admit`], whatever the protocol. A
//! provider opens accounts that were made for its own identities or that their owners linked, and a session through it is good at
//! its tenant only; see ADR 0035. A protocol hands over what was proven ([`Said`]) and decides nothing.

mod admit;
mod kept;
mod rules;
mod saml;

pub use admit::{Admittance, Newcomer};
pub use kept::Company;
pub use rules::{Outcome, Rules, Said};

use axum::{Router, extract::FromRef};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    chance::{Chance, Time},
    defence::Throttle,
    http::Proxy,
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Chance: FromRef<S>,
    Company: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Throttle: FromRef<S>,
    Time: FromRef<S>,
{
    saml::routes()
}

/// The addresses that providers know.
pub fn standard<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Company: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    saml::standard()
}
