//! `PATCH /api/apps/{app}`: who may open it.

use axum::extract::State;
use gridkeep_model::definition::Role;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    MakerGrant, people,
    view::{AppCard, Audience},
};
use crate::{
    chance::Time, error::ApiError, extract::Json, invited::Invitations, language::Language, noted,
    session::Logins, site::Site, tenancy::Tenancy,
};

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AppChange {
    #[serde(default)]
    audience: Option<Audience>,
    /// E-mail addresses, instead of those named before.
    #[serde(default)]
    people: Option<Vec<String>>,
}

/// Changes who may open an app.
#[utoipa::path(patch, path = "/api/apps/{app}", tag = "distribution", params(("app" = String, Path)),
    request_body = AppChange, responses((status = 200, body = AppCard)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn change(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(time): State<Time>,
    State(invitations): State<Invitations>,
    language: Language,
    MakerGrant { app, person }: MakerGrant,
    Json(change): Json<AppChange>,
) -> Result<Json<AppCard>, ApiError> {
    let named = change.people.as_deref().map(people::checked).transpose()?;
    people::may_name(&person, named.as_deref())?;
    let id = app.id;
    if let Some(audience) = change.audience {
        noted::fact("before", json!({"audience": app.audience.word()}));
        noted::fact("after", json!({"audience": gridkeep_store::Audience::from(audience).word()}));
    }
    let (was_prototype, asked) = (app.audience == gridkeep_store::Audience::Prototype, named.clone());
    let (before, app) = tenancy
        .write(move |work| {
            let before = work.people(id)?;
            if let Some(audience) = change.audience {
                work.set_audience(id, audience.into(), time.clock())?;
            }
            if let Some(named) = named {
                work.set_people(id, &named, time.clock())?;
            }
            Ok((before, work.app(id)?))
        })
        .await?;
    let app = app.ok_or(ApiError::NotFound)?;
    // Nobody named in a prototype was told: they are now.
    let (told, now) = if was_prototype {
        (Vec::new(), asked.unwrap_or(before))
    } else {
        (before.clone(), asked.unwrap_or(before))
    };
    people::forget(&invitations, id, (&told, &now)).await;
    people::invite(&invitations, &app, &person, (&told, &now), language).await;
    Ok(Json(people::card(&tenancy, &logins, &site, app, Role::Maker, person.administers()).await?))
}
