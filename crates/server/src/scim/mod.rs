//! SCIM 2.0 (RFC 7643, RFC 7644): a company's directory says which people and groups there are; at `/scim/v2/…` of a tenant.
//!
//! **Architecture Invariant:** whoever asks shows a token of one of the tenant's providers ([`Directory`]) and reaches people and
//! groups of that provider's directory, nothing else: whether an account exists elsewhere no answer depends on. What became of a person
//! is one commit of the control database; what follows in the tenant's is done again with the same request, should it have failed.

mod answer;
mod asked;
mod directory;
mod discovery;
mod group_changes;
mod groups;
mod noted;
mod people;
mod portal;
mod users;

use axum::{
    extract::{DefaultBodyLimit, FromRef},
    routing::any,
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use self::answer::Failure;
use self::directory::Directory;
use crate::{
    chance::{Chance, Time},
    company::Company,
    defence::Throttle,
    extract::limited,
    gates::Gates,
    http::Proxy,
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// Largest body of a request, in bytes.
const LARGEST: usize = 1 << 20;
/// Where all of it is, below a tenant's place.
pub(crate) const BASE: &str = "/scim/v2";

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Chance: FromRef<S>,
    Company: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Throttle: FromRef<S>,
    Time: FromRef<S>,
{
    let own = |(schemas, paths, methods): UtoipaMethodRouter<S>| {
        limited((schemas, paths, methods.fallback(answer::another_method)), LARGEST)
    };
    OpenApiRouter::new()
        .routes(own(routes!(discovery::service)))
        .routes(own(routes!(discovery::resource_types)))
        .routes(own(routes!(discovery::resource_type)))
        .routes(own(routes!(discovery::schemas)))
        .routes(own(routes!(discovery::schema)))
        .routes(own(routes!(users::list, users::create)))
        .routes(own(routes!(users::search)))
        .routes(own(routes!(users::read, users::put, users::patch, users::remove)))
        .routes(own(routes!(groups::list, groups::create)))
        .routes(own(routes!(groups::search)))
        .routes(own(routes!(groups::read, groups::put, groups::patch, groups::remove)))
        .routes(routes!(portal::overview))
        .routes(routes!(portal::create))
        .routes(routes!(portal::answer))
        .routes(routes!(portal::revoke))
        .route("/scim/v2/Bulk", any(answer::not_offered).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/scim/v2/Me", any(answer::not_offered))
        .route("/scim/v2/.search", any(answer::not_offered))
        .route("/scim/{*rest}", any(answer::nothing))
}
