//! What was recorded for people to look at: mails to them, and who signed in.
//!
//! **Architecture Invariant:** everybody sees what is about themselves, whoever runs the server what is about everybody.

mod logins;
mod mails;
mod own;
mod view;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{defence::Arrivals, gates::Gates, mail::Post, session::Logins, site::Site};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Logins: FromRef<S>,
    Gates: FromRef<S>,
    Site: FromRef<S>,
    Post: FromRef<S>,
    Arrivals: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(mails::list))
        .routes(routes!(logins::list))
        .routes(routes!(logins::export))
        .routes(routes!(own::list))
}
