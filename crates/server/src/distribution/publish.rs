//! `POST /api/creations/{token}/publish`: a creation becomes an app, or a new version of one.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::{AppDefinition, AppId, definition::Role};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    AppGrant, Definitions, people,
    publication::{Press, Publication, RowsPolicy, Target},
    view::{AppCard, Audience},
};
use crate::{
    chance::{Chance, Time},
    creation::{Analyst, Browser, Uploads, may_create},
    error::ApiError,
    extract::{Json, Path},
    gates::AtGate,
    invited::Invitations,
    language::Language,
    noun,
    session::{Logins, Person},
    site::Site,
    tenancy::{Tenancy, Vault},
};

/// What to publish for whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PublishRequest {
    /// As the editor has it now.
    #[schema(value_type = noun::AppDefinition)]
    definition: AppDefinition,
    audience: Audience,
    /// E-mail addresses; of an app that is replaced those named before when left out.
    #[serde(default)]
    people: Option<Vec<String>>,
    /// The app this becomes a new version of.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    replaces: Option<AppId>,
    /// What happens to rows in the database when an app is replaced.
    #[serde(default)]
    rows: RowsPolicy,
}

/// Publishes a creation: everything becomes visible at once, or nothing does. Where a gate asks less in the new version, or rows behind
/// one are replaced, whoever publishes is asked.
#[utoipa::path(post, path = "/api/creations/{token}/publish", tag = "distribution",
    params(("token" = String, Path)), request_body = PublishRequest, responses((status = 201, body = AppCard)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn publish(
    State(tenancy): State<Tenancy>,
    State(definitions): State<Definitions>,
    State(vault): State<Vault>,
    State(analyst): State<Analyst>,
    State(time): State<Time>,
    State(chance): State<Chance>,
    State(uploads): State<Uploads>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(invitations): State<Invitations>,
    language: Language,
    browser: Browser,
    person: Person,
    at: AtGate,
    Path(token): Path<String>,
    Json(request): Json<PublishRequest>,
) -> Result<(StatusCode, Json<AppCard>), ApiError> {
    let (upload, _) = uploads.get(browser.hash(), &token)?;
    let people = request.people.as_deref().map(people::checked).transpose()?;
    people::may_name(&person, people.as_deref())?;
    let sender = person.clone();
    let (mut before, mut told) = (Vec::new(), true);
    let target = if let Some(app) = request.replaces {
        let maker = AppGrant::decide(&definitions, app, Some(person)).await?.maker()?;
        before = tenancy.read(move |reader| Ok(reader.people(app)?)).await?;
        // Nobody named in a prototype was told.
        told = maker.app.audience != gridkeep_store::Audience::Prototype;
        Target::Replace { app: Box::new(maker.app), rows: request.rows }
    } else {
        may_create(&person)?;
        Target::New
    };
    let press = Press { tenancy: tenancy.clone(), definitions, at, vault, analyst, time, chance };
    let audience = request.audience.into();
    let named = people.clone().unwrap_or_else(|| before.clone());
    if !told {
        before.clear();
    }
    let (definition, by) = (request.definition, sender.clone());
    let publication = Publication { definition, upload, target, audience, people, by, language };
    let id = press.publish(publication).await?;
    let app = tenancy.read(move |reader| Ok(reader.app(id)?)).await?.ok_or(ApiError::NotFound)?;
    people::forget(&invitations, id, (&before, &named)).await;
    people::invite(&invitations, &app, &sender, (&before, &named), language).await;
    Ok((
        StatusCode::CREATED,
        Json(people::card(&tenancy, &logins, &site, app, Role::Maker, sender.administers()).await?),
    ))
}
