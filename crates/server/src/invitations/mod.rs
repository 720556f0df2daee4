//! Invitations through the API: into the tenant and its apps, by mail, by lists and by links that are handed on.
//!
//! **Architecture Invariant:** only administrators invite into the tenant, nobody as more than they are themselves, and only whoever
//! makes an app into it. What whoever is invited sees is told by what they hold; none of it tells who else has an account.

mod answer;
mod app_jobs;
mod apps;
mod guests;
mod invite;
mod jobs;
mod join;
mod links;
mod list;
mod one;
mod own;
mod view;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    chance::Time,
    defence::Throttle,
    distribution::Definitions,
    gates::Gates,
    http::Proxy,
    invited::Invitations,
    session::Logins,
    site::Site,
    tenancy::{Tenancy, Tenants},
};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Definitions: FromRef<S>,
    Gates: FromRef<S>,
    Invitations: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Tenants: FromRef<S>,
    Throttle: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list::list, invite::invite))
        .routes(routes!(one::revoke))
        .routes(routes!(one::resend))
        .routes(routes!(apps::list, apps::invite))
        .routes(routes!(links::list, links::make))
        .routes(routes!(links::list_of_app, links::make_for_app))
        .routes(routes!(links::revoke))
        .routes(routes!(jobs::check))
        .routes(routes!(jobs::list, jobs::begin))
        .routes(routes!(app_jobs::check))
        .routes(routes!(app_jobs::list, app_jobs::begin))
        .routes(routes!(jobs::stop))
        .routes(routes!(jobs::resume))
        .routes(routes!(own::list))
        .routes(routes!(answer::read))
        .routes(routes!(answer::accept))
        .routes(routes!(answer::decline))
        .routes(routes!(join::read))
        .routes(routes!(join::join))
        .routes(routes!(join::ask))
}
