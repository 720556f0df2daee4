//! Security checkpoints: gates that administrators define, and the proofs of those whom they ask.
//!
//! **Architecture Invariant:** a challenge is looked for by its tenant and its person; to everybody else it is not there, in the
//! very bytes of one that never was.

mod gate;
mod settings;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{chance::Time, distribution::Definitions, session::Logins, site::Site, tenancy::Tenancy};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Definitions: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(gate::list))
        .routes(routes!(gate::put, gate::remove))
        .routes(routes!(settings::read, settings::change))
}
