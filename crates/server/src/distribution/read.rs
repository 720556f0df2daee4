//! `GET /api/apps/{app}`

use axum::extract::State;

use super::{AppGrant, people, view::AppCard};
use crate::{
    error::ApiError,
    extract::Json,
    session::{Logins, Person},
    site::Site,
    tenancy::Tenancy,
};

/// One app, for whoever may open it.
#[utoipa::path(get, path = "/api/apps/{app}", tag = "distribution", params(("app" = String, Path)),
    responses((status = 200, body = AppCard)))]
pub(super) async fn read(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    grant: AppGrant,
) -> Result<Json<AppCard>, ApiError> {
    let told = grant.person.as_ref().is_some_and(Person::administers);
    Ok(Json(people::card(&tenancy, &logins, &site, grant.app, grant.role, told).await?))
}
