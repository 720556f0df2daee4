//! Who is told of what happens: handlers of a tenant, by mail, by signed requests, and by objects in buckets.
//!
//! **Architecture Invariant:** an event is kept in the commit of what it tells of; who is told of it, and whether that succeeds,
//! never touches that commit. Each handler is told at least once, and knows an event by its id.

mod deliveries;
mod handlers;
mod heads;
mod message;
mod secret;
mod teller;
mod view;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use secret::Secrets;
pub use teller::Teller;

use crate::{chance::Time, gates::Gates, session::Logins, site::Site};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Teller: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(handlers::list, handlers::add))
        .routes(routes!(handlers::change, handlers::remove))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::again))
        .routes(routes!(heads::list))
}
