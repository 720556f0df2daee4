//! `GET /api/apps`: the apps somebody made or is named in; for an administrator, all.

use axum::extract::State;
use gridkeep_model::definition::Role;

use super::{people, view::AppCard};
use crate::{
    error::ApiError,
    extract::Json,
    session::{Email, Logins, Person},
    site::Site,
    tenancy::Tenancy,
};

/// The apps somebody made or is named in, the last changed first. An administrator sees all of the tenant.
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
            Ok(if asker.administrator {
                reader.apps()?
            } else {
                reader.apps_of(asker.id, asker.proven().map_or("", Email::as_str))?
            })
        })
        .await?;
    let apps = apps.into_iter().map(|app| {
        let own = person.administrator || app.owner == person.id;
        (app, if own { Role::Maker } else { Role::Member })
    });
    Ok(Json(people::cards(&tenancy, &logins, &site, apps.collect(), person.administrator).await?))
}
