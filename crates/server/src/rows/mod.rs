//! Rows of published tables, as people read them: pages, whole snapshots, CSV.
//!
//! **Architecture Invariant:** rows are read only through `model::Query`, and only with a
//! [`TableGrant`](crate::distribution::TableGrant).

mod csv;
mod page;
mod snapshot;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{distribution::Definitions, gates::Gates, session::Logins, site::Site, tenancy::Tenancy};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Definitions: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(page::page))
        .routes(routes!(snapshot::snapshot))
        .routes(routes!(csv::csv))
}
