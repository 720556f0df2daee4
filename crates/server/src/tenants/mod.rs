//! Tenants as a whole: those somebody belongs to, making one, renaming one, ending one.
//!
//! **Architecture Invariant:** nobody is told of a tenant that they do not belong to; that a name is taken is all that whoever makes one
//! learns.

mod end;
mod found;
mod list;
mod rename;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    chance::Time,
    defence::Throttle,
    gates::Gates,
    http::Proxy,
    session::Logins,
    site::Site,
    tenancy::{Founders, Tenancy, Tenants},
};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Founders: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Tenants: FromRef<S>,
    Throttle: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(list::list, found::found)).routes(routes!(end::end, rename::rename))
}
