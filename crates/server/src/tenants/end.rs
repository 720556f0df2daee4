//! `DELETE /api/tenant`: ends the tenant that is asked at.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::TenantRole;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    extract::Json,
    factors::Fresh,
    gates::{AtGate, Entitled, Operation},
    session::Person,
    site::Site,
    tenancy::{Tenancy, Tenants},
    tenant_name::DEFAULT,
};

/// The tenant's name, as its owner types it: nobody does this by mistake.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Farewell {
    name: String,
}

/// Ends the tenant with its apps, rows and files, and destroys its key; only its owners may, who have just proven anew who they are. There is no way back. The server's first
/// stays as long as the server does.
#[utoipa::path(delete, path = "/api/tenant", tag = "tenants", request_body = Farewell,
    responses((status = 204, description = "Nobody finds it any more.")))]
pub(super) async fn end(
    State(tenants): State<Tenants>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    person: Person,
    fresh: Result<Fresh, ApiError>,
    at: AtGate,
    Json(farewell): Json<Farewell>,
) -> Result<StatusCode, ApiError> {
    match person.role {
        Some(TenantRole::Owner) if site.tenant() != DEFAULT => {}
        Some(_) => return Err(ApiError::Forbidden),
        None => return Err(ApiError::NotFound),
    }
    // Asked for after it is known that there is something to end: to others this is a place that is not there.
    fresh?;
    if farewell.name != site.tenant() {
        return Err(ApiError::InvalidRequest("name".to_owned()));
    }
    let asks = Operation::new("ERASURE", &farewell.name, json!({"tenant": farewell.name}));
    at.let_through(&person, asks.needs(Entitled::Owners)).await?;
    if tenants.end(tenancy.id()).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
