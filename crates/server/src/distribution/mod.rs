//! Published apps: publishing, versions, people, links and what the client loads.
//!
//! **Architecture Invariant:** whether somebody may reach an app is decided in [`access`] alone. Handlers take an
//! [`AppGrant`], [`MakerGrant`] or [`TableGrant`] and cannot be reached without one; absent and forbidden look alike.

mod access;
mod apps;
mod change;
mod check;
mod client;
mod condition;
mod copies;
mod definitions;
mod download;
mod export;
mod gated;
mod grants;
mod guarded;
mod indexed;
mod less;
mod original;
mod people;
mod publication;
mod publish;
mod qr;
mod read;
mod recalculation;
mod remove;
mod replace;
mod results;
mod rights;
mod rollback;
mod unpublishable;
mod versions;
mod view;
mod when;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use access::{AppGrant, MakerGrant, TableGrant};
pub(crate) use condition::Condition;
pub use copies::Copies;
pub use definitions::Definitions;

use crate::{
    chance::{Chance, Time},
    creation::{Analyst, UploadLimits, Uploads},
    extract::limited,
    gates::Gates,
    invited::Invitations,
    session::Logins,
    site::Site,
    tenancy::{Tenancy, Vault},
};

/// Most people one app names.
pub(crate) const MOST_PEOPLE: usize = 1_000;

/// The endpoints of this room.
pub fn routes<S>(limits: &UploadLimits) -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Analyst: FromRef<S>,
    Chance: FromRef<S>,
    Copies: FromRef<S>,
    Definitions: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Invitations: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
    Uploads: FromRef<S>,
    Vault: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(check::check))
        .routes(routes!(publish::publish))
        .routes(limited(routes!(replace::replace), limits.file_bytes))
        .routes(routes!(apps::apps))
        .routes(routes!(read::read, change::change, remove::remove))
        .routes(routes!(grants::grants, grants::put_grant, grants::remove_grant))
        .routes(routes!(grants::check_rows))
        .routes(routes!(versions::versions))
        .routes(routes!(rollback::rollback))
        .routes(routes!(client::client))
        .routes(routes!(download::download))
        .routes(routes!(original::original))
        .routes(routes!(export::export))
        .routes(routes!(qr::qr))
}
