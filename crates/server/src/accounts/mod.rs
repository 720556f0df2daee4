//! Accounts: how they come to be, prove their address and get another password.
//!
//! **Architecture Invariant:** no answer here tells whether somebody else has an account, by what it says, its status or the
//! time it takes. An account may claim any address and work with it in its own name; what others give to an address is
//! theirs once it is proven. All that differs is said in a mail to the address itself.

mod confirm;
mod forgot;
mod password;
mod profile;
mod resend;
mod reset;
mod sign_up;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    chance::Time,
    defence::{Arrivals, Throttle},
    http::Proxy,
    invited::Invitations,
    mail::Post,
    session::{Logins, Passwords, SignUp},
    site::Site,
};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Logins: FromRef<S>,
    Passwords: FromRef<S>,
    Throttle: FromRef<S>,
    Arrivals: FromRef<S>,
    SignUp: FromRef<S>,
    Invitations: FromRef<S>,
    Post: FromRef<S>,
    Site: FromRef<S>,
    Proxy: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(sign_up::sign_up))
        .routes(routes!(confirm::confirm))
        .routes(routes!(resend::resend))
        .routes(routes!(forgot::forgot))
        .routes(routes!(reset::reset))
        .routes(routes!(reset::rule))
        .routes(routes!(password::change))
        .routes(routes!(profile::change))
}
