//! `GET /api/apps`: the apps somebody made or is named in; for an administrator, all.

use axum::extract::State;

use super::{access::role, people, view::AppCard};
use crate::{
    error::ApiError,
    extract::Json,
    session::{Email, Logins, Person},
    site::Site,
    tenancy::Tenancy,
};

/// The apps somebody made or is named in, the last changed first. An administrator sees all of the tenant. Whoever has nothing
/// to do with the tenant is told that there is none.
#[utoipa::path(get, path = "/api/apps", tag = "distribution", responses((status = 200, body = [AppCard])))]
pub(super) async fn apps(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    person: Person,
) -> Result<Json<Vec<AppCard>>, ApiError> {
    let asker = person.clone();
    let apps = tenancy
        .read(move |reader| {
            if asker.administers() {
                return Ok(reader.apps()?);
            }
            Ok(reader.apps_of(asker.id, asker.proven().map_or("", Email::as_str))?)
        })
        .await?;
    let apps = apps.into_iter().filter_map(|app| {
        let named = app.owner != person.id;
        role(&app, Some(&person), named).map(|role| (app, role))
    });
    let apps: Vec<_> = apps.collect();
    if apps.is_empty() && person.role.is_none() {
        return Err(ApiError::NotFound);
    }
    Ok(Json(people::cards(&tenancy, &logins, &site, apps, person.administers()).await?))
}
