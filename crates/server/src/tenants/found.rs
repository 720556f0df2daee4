//! `POST /api/tenants`: makes a tenant.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::{Membership, TenantRole};
use serde::Deserialize;
use utoipa::ToSchema;

use super::list::TenantCard;
use crate::{
    defence::{Throttle, Visitor},
    error::ApiError,
    extract::Json,
    session::{Logins, Person},
    site::Site,
    tenancy::{Founders, Tenants},
    tenant_name::{TenantName, title},
};

/// Most tenants that one person owns.
const MOST: usize = 20;

/// A tenant to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewTenant {
    /// Its name in addresses: 3 to 40 small letters, digits and single hyphens, a letter first.
    name: String,
    /// What people call it.
    title: String,
}

/// Makes a tenant that whoever asks owns, where the server allows it.
#[utoipa::path(post, path = "/api/tenants", tag = "tenants", request_body = NewTenant,
    responses((status = 201, body = TenantCard)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn found(
    State(tenants): State<Tenants>,
    State(founders): State<Founders>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(throttle): State<Throttle>,
    visitor: Visitor,
    person: Person,
    Json(new): Json<NewTenant>,
) -> Result<(StatusCode, Json<TenantCard>), ApiError> {
    founders.admit(&person)?;
    if person.through.is_some() {
        return Err(ApiError::OwnProofRequired);
    }
    let (name, title) = (TenantName::new(&new.name)?, title(&new.title)?);
    let own = logins.memberships(person.id).await?;
    if own.iter().filter(|one| one.role == TenantRole::Owner).count() >= MOST {
        return Err(ApiError::TooManyTenants(MOST));
    }
    throttle.found(person.id, &visitor).await?;
    let made = tenants.found(&name, &title, Some(person.id)).await?.ok_or(ApiError::NameTaken)?;
    let membership = Membership { tenant: made, name: name.to_string(), title, role: TenantRole::Owner };
    Ok((StatusCode::CREATED, Json(TenantCard::new(membership, &site, false))))
}
