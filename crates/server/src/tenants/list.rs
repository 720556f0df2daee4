//! `GET /api/tenants`: the tenants somebody belongs to.

use axum::extract::State;
use gridkeep_store::Membership;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    extract::Json,
    session::{Logins, Person, RoleView},
    site::{Place, Site},
    tenancy::{Founders, Tenancy},
    tenant_name::DEFAULT,
};

/// A tenant that somebody belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnTenant)]
pub(super) struct TenantCard {
    /// Its name in addresses.
    name: String,
    /// What people call it.
    title: String,
    role: RoleView,
    /// Where it is.
    link: String,
    /// It is the one that is asked at.
    current: bool,
}

/// The tenants somebody belongs to, and whether they may make one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnTenants {
    tenants: Vec<TenantCard>,
    may_found: bool,
}

impl TenantCard {
    pub(super) fn new(membership: Membership, site: &Site, current: bool) -> Self {
        let Membership { name, title, role, .. } = membership;
        let place = if name == DEFAULT { Place::root(DEFAULT) } else { Place::of(&name) };
        Self { link: site.at(place).page("/"), title, name, role: role.into(), current }
    }
}

/// The tenants that whoever asks belongs to, the first joined first.
#[utoipa::path(get, path = "/api/tenants", tag = "tenants", responses((status = 200, body = OwnTenants)))]
pub(super) async fn list(
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(tenancy): State<Tenancy>,
    State(founders): State<Founders>,
    person: Person,
) -> Result<Json<OwnTenants>, ApiError> {
    let all = logins.memberships(person.id).await?.into_iter();
    // What else they belong to is not this tenant's provider's to see.
    let all = all.filter(|one| person.through.is_none() || one.tenant == tenancy.id());
    let tenants = all.map(|one| {
        let current = one.tenant == tenancy.id();
        TenantCard::new(one, &site, current)
    });
    Ok(Json(OwnTenants {
        tenants: tenants.collect(),
        may_found: person.through.is_none() && founders.admit(&person).is_ok(),
    }))
}
