//! `GET /api/apps`: the apps somebody made, is named in or reaches by a group; for an administrator, all.

use axum::extract::State;
use gridkeep_model::definition::Role;

use super::{people, rights::given, view::AppCard};
use crate::{
    error::ApiError,
    extract::Json,
    session::{Email, Logins, Person},
    site::Site,
    tenancy::Tenancy,
};

/// The apps somebody made, is named in or reaches by a group, the last changed first. An administrator sees all of the tenant. Whoever has nothing
/// to do with the tenant is told that there is none.
#[utoipa::path(get, path = "/api/apps", tag = "distribution", responses((status = 200, body = [AppCard])))]
pub(super) async fn apps(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    person: Person,
) -> Result<Json<Vec<AppCard>>, ApiError> {
    let asker = person.clone();
    let apps: Vec<_> = tenancy
        .read(move |reader| {
            let email = asker.proven().map(Email::as_str);
            if asker.administers() {
                return Ok(reader.apps()?.into_iter().map(|app| (app, Role::Maker)).collect());
            }
            let mut apps = reader.apps_of(asker.id, email.unwrap_or_default())?;
            let groups: Vec<_> = reader.belonging(asker.id)?.groups.into_iter().map(|(id, _)| id).collect();
            for id in reader.apps_of_groups(&groups)? {
                if apps.iter().all(|app| app.id != id) {
                    apps.extend(reader.app(id)?);
                }
            }
            apps.sort_by_key(|app| std::cmp::Reverse((app.updated, app.id)));
            let mut own = Vec::with_capacity(apps.len());
            for app in apps {
                let given = given(reader, app.id, Some(asker.id), email)?;
                if let Some((role, _)) = given.standing(&app, Some(&asker)) {
                    own.push((app, role));
                }
            }
            Ok(own)
        })
        .await?;
    if apps.is_empty() && person.role.is_none() {
        return Err(ApiError::NotFound);
    }
    Ok(Json(people::cards(&tenancy, &logins, &site, apps, person.administers()).await?))
}
