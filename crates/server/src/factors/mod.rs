//! Second factors and passkeys: how somebody sets them up, signs in with them, and loses them.
//!
//! **Architecture Invariant:** nobody learns whether an account has factors before its password was right, and nobody gets
//! past them by mail. Changing them needs somebody who proved within the last minutes who they are ([`Fresh`]); each change
//! is mailed to its owner.

mod add_passkey;
mod content;
mod fresh;
mod kept;
mod name;
mod one_time;
mod passkey_options;
mod passkey_sign_in;
mod policy;
mod prove;
mod read;
mod recovery;
mod remove;
mod rename;
mod reset;
mod step;
mod told;
mod view;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use fresh::{Fresh, FreshHere};
pub use kept::Factors;
pub use prove::{NewProof, Proofs};

use crate::{
    chance::Time,
    defence::{Arrivals, Throttle},
    gates::Gates,
    http::Proxy,
    mail::Post,
    session::{Logins, Passwords},
    site::Site,
};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Factors: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Passwords: FromRef<S>,
    Throttle: FromRef<S>,
    Arrivals: FromRef<S>,
    Post: FromRef<S>,
    Site: FromRef<S>,
    Proxy: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(step::step, step::give_up))
        .routes(routes!(passkey_options::of_step))
        .routes(routes!(passkey_sign_in::sign_in))
        .routes(routes!(passkey_options::of_sign_in))
        .routes(routes!(prove::prove))
        .routes(routes!(passkey_options::of_proof))
        .routes(routes!(read::read))
        .routes(routes!(one_time::begin))
        .routes(routes!(one_time::confirm))
        .routes(routes!(add_passkey::add))
        .routes(routes!(passkey_options::of_set_up))
        .routes(routes!(recovery::make))
        .routes(routes!(rename::rename, remove::remove))
        .routes(routes!(reset::reset))
        .routes(routes!(policy::read, policy::change))
}
