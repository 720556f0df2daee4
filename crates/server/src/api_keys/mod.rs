//! API keys: with one, a program reaches an app in a person's name, at the app's OData service and to import rows from a file,
//! and nowhere else.
//!
//! **Architecture Invariant:** a key opens no more than its person may do at that moment: who loses access to the app loses
//! it with every key. The key itself is shown once and never kept.

mod create;
mod list;
mod present;
mod revoke;
mod view;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use present::{Door, Presented, are_absent, shown};

use crate::{
    chance::{Chance, Time},
    distribution::Definitions,
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Chance: FromRef<S>,
    Definitions: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(revoke::revoke))
}
