//! The people of a tenant: what they are to it, their groups, what is known of them.
//!
//! **Architecture Invariant:** only administrators rule over people, nobody over somebody who is more than they are, and only owners
//! name owners. Whoever is removed has lost everything that was given to them here, with the request that removes them.

mod attributes;
mod change;
mod group_person;
mod groups;
mod list;
mod remove;
mod ruler;
mod view;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use ruler::Ruler;

use crate::{
    chance::{Chance, Time},
    gates::Gates,
    invited::Invitations,
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Chance: FromRef<S>,
    Gates: FromRef<S>,
    Invitations: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(change::change, remove::remove))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::change, groups::remove))
        .routes(routes!(group_person::add, group_person::remove))
}
