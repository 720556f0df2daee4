//! `GET /api/checkpoints/gates`, `PUT` and `DELETE /api/checkpoints/gates/{gate}`: the tenant's gates, by its administrators.
//!
//! **Architecture Invariant:** a gate asks only when its message can be said in full wherever it is named.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{extract::State, http::StatusCode};
use gridkeep_model::{
    AppDefinition, AppId,
    checkpoint::{Gate, GateSettings, Rule, Template, is_gate_id, plain},
};
use gridkeep_store::{App, Asked, Lack, Provers};
use serde::Serialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use super::Checkpoints;
use crate::{
    distribution::Definitions,
    error::{ApiError, Unmeetable},
    extract::{Json, Path},
    factors::Fresh,
    gates::{AtGate, BUILT_IN, CONFIG},
    noted, noun,
    people::Ruler,
    places::{EVERYWHERE, places},
    session::{Logins, OwnSession},
    tenancy::Tenancy,
};

/// Most gates of a tenant.
const MOST: usize = 200;
/// Addresses of those who can meet a gate.
const MOST_SAID: usize = 10;
/// A gate of Gridkeep's own that asks whoever it is about, not those who administer the workspace.
const OWN: &str = "PIN_CHANGE";
/// Characters of a description.
const LONGEST: usize = 500;

/// All gates.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Gates)]
pub(super) struct GatesView {
    gates: Vec<GateView>,
    /// Gates of Gridkeep's own operations, which are asked when gates with these ids are there.
    built_in: Vec<&'static str>,
    /// What whoever runs the server calls the workspace.
    workspace: String,
}

/// A gate and where it asks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GateAtWork)]
struct GateView {
    #[schema(value_type = noun::Gate)]
    gate: Gate,
    /// What its message can show wherever it is named.
    parameters: BTreeSet<String>,
    /// Apps that name it.
    apps: Vec<NamedBy>,
    /// Who can meet it now, where it asks those who administer the workspace; nothing of others.
    provers: Option<ProversView>,
}

/// Who can meet a gate now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GateProvers)]
struct ProversView {
    /// Administrators and owners who have one of the ways that it takes: addresses of the first ten.
    able: Vec<String>,
    /// How many they are.
    count: usize,
    /// How many administrators and owners there are.
    administrators: usize,
    /// What is lacking for anybody to meet it; nothing where it can be met.
    lacks: Option<LackView>,
}

/// What is lacking for a gate to be met.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GateLack)]
enum LackView {
    /// Somebody who has one of the ways that it takes.
    Way,
    /// Somebody who could approve it for somebody else.
    Second,
}

impl From<Lack> for LackView {
    fn from(lack: Lack) -> Self {
        match lack {
            Lack::Way => Self::Way,
            Lack::Second => Self::Second,
        }
    }
}

/// An app that names a gate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GateApp)]
struct NamedBy {
    #[schema(value_type = String, format = Uuid)]
    app: AppId,
    name: String,
    /// Titles of the actions and tables that name it.
    places: Vec<String>,
}

/// What can be shown, and where a gate is named.
#[derive(Default)]
struct Use {
    parameters: Option<BTreeSet<String>>,
    apps: Vec<NamedBy>,
}

/// The tenant's gates, for its administrators.
#[utoipa::path(get, path = "/api/checkpoints/gates", tag = "checkpoint", operation_id = "listGates",
    responses((status = 200, body = GatesView)))]
pub(super) async fn list(
    State(tenancy): State<Tenancy>,
    State(definitions): State<Definitions>,
    State(logins): State<Logins>,
    _ruler: Ruler,
) -> Result<Json<GatesView>, ApiError> {
    let read = tenancy.read(|reader| Ok((reader.gates()?, reader.apps()?, reader.gate_settings()?)));
    let (gates, apps, settings) = read.await?;
    let mut uses = uses(&definitions, apps).await?;
    let rulers = logins.provers().await?;
    let shown = gates.into_iter().map(|gate| {
        let Use { parameters, apps } = uses.remove(&gate.id).unwrap_or_default();
        let administered = BUILT_IN.contains(&gate.id.as_str()) && gate.id != OWN;
        let asked = Asked::of(&gate, &settings).filter(|_| administered);
        let provers = asked.map(|asked| ProversView::new(&rulers, &asked));
        GateView { parameters: parameters.unwrap_or_else(everywhere), apps, provers, gate }
    });
    let workspace = tenancy.place().name().to_owned();
    Ok(Json(GatesView { gates: shown.collect(), built_in: BUILT_IN.to_vec(), workspace }))
}

/// Makes a gate, or puts this one in place of it. It cannot be active while its message shows what is not there wherever apps
/// name it: `unknownParameter`. Whoever changes gates has just proven who they are.
#[utoipa::path(put, path = "/api/checkpoints/gates/{gate}", tag = "checkpoint", operation_id = "putGate",
    params(("gate" = String, Path)), request_body = noun::Gate,
    responses((status = 204, description = "It asks from the next transaction on, when it is active.")))]
pub(super) async fn put(
    checkpoints: Checkpoints,
    Ruler { person, .. }: Ruler,
    Fresh(own): Fresh,
    at: AtGate,
    Path(id): Path<String>,
    Json(gate): Json<Gate>,
) -> Result<StatusCode, ApiError> {
    if gate.id != id || !is_gate_id(&id) {
        return Err(ApiError::InvalidRequest("id".to_owned()));
    }
    let template = checked(&gate)?;
    let tenancy = checkpoints.tenancy();
    let read = tenancy.read(|reader| Ok((reader.gates()?, reader.apps()?, reader.gate_settings()?)));
    let (gates, apps, settings) = read.await?;
    let before = gates.iter().find(|known| known.id == id);
    if gates.len() >= MOST && before.is_none() {
        return Err(ApiError::InvalidRequest(format!("at most {MOST} gates")));
    }
    if gate.active {
        let known = uses(checkpoints.definitions(), apps).await?.remove(&id);
        let known = known.unwrap_or_default().parameters;
        let known = known.unwrap_or_else(everywhere);
        if let Some(missing) = template.parameters().into_iter().find(|name| !known.contains(*name)) {
            return Err(ApiError::UnknownParameter(missing.to_owned()));
        }
    }
    if id == CONFIG {
        checkpoints.meetable(&own, &gate, &settings).await?;
    }
    let after = said(&gate)?;
    at.pass(&person, CONFIG, &id, json!({"gate": after})).await?;
    tracing::warn!(by.id = %person.id, gate.id = %id, gate.active = gate.active, "a gate was changed");
    noted::fact("before", before.map(said).transpose()?.unwrap_or_default());
    noted::fact("after", after);
    let (before, time) = (before.cloned(), checkpoints.time().clone());
    let written = tenancy.write(move |work| {
        // The log says what was: nobody else has changed it since.
        if work.gate(&id)? != before || (before.is_none() && work.gates()?.len() >= MOST) {
            return Err(ApiError::PublishedMeanwhile);
        }
        Ok(work.put_gate(&gate, person.id, time.clock())?)
    });
    written.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a gate: whoever names it is asked no longer.
#[utoipa::path(delete, path = "/api/checkpoints/gates/{gate}", tag = "checkpoint", operation_id = "removeGate",
    params(("gate" = String, Path)), responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(tenancy): State<Tenancy>,
    Ruler { person, .. }: Ruler,
    _fresh: Fresh,
    at: AtGate,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let own = id.clone();
    let before = tenancy.read(move |reader| Ok(reader.gate(&own)?)).await?.ok_or(ApiError::NotFound)?;
    at.pass(&person, CONFIG, &id, json!({"remove": id})).await?;
    tracing::warn!(by.id = %person.id, gate.id = %id, "a gate is removed");
    noted::fact("before", said(&before)?);
    let gone = tenancy.write(move |work| {
        if work.gate(&id)?.as_ref() != Some(&before) {
            return Err(ApiError::PublishedMeanwhile);
        }
        if work.remove_gate(&id)? { Ok(()) } else { Err(ApiError::NotFound) }
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

impl ProversView {
    fn new(rulers: &Provers, asked: &Asked) -> Self {
        let able: Vec<_> = rulers.able(asked).map(|ruler| ruler.address.clone()).collect();
        Self {
            count: able.len(),
            able: able.into_iter().take(MOST_SAID).collect(),
            administrators: rulers.all().len(),
            lacks: rulers.lack(asked).map(LackView::from),
        }
    }
}

impl Checkpoints {
    /// Refuses a gate of gates that could not be met by whoever puts it as they are there now, or by nobody, or that waits for a second
    /// administrator where there is none: from then on nobody could change any.
    pub(super) async fn meetable(
        &self,
        own: &OwnSession,
        gate: &Gate,
        settings: &GateSettings,
    ) -> Result<(), ApiError> {
        let Some(asked) = Asked::of(gate, settings) else { return Ok(()) };
        if Rule::of([gate], settings).methods.is_disjoint(&self.ways(own).await?) {
            return Err(ApiError::CheckpointUnmeetable(Unmeetable::ByYou));
        }
        let lack = self.logins().provers().await?.lack(&asked);
        lack.map_or(Ok(()), |lack| Err(lack.into()))
    }
}

fn said(gate: &Gate) -> Result<Json_, ApiError> {
    serde_json::to_value(gate).map_err(ApiError::internal)
}

fn everywhere() -> BTreeSet<String> {
    EVERYWHERE.map(str::to_owned).into()
}

/// Refuses a gate that cannot be one; gives its message.
fn checked(gate: &Gate) -> Result<Template, ApiError> {
    let wrong = |what: &str| ApiError::InvalidRequest(what.to_owned());
    if gate.description.chars().count() > LONGEST || gate.description != plain(&gate.description, LONGEST) {
        return Err(wrong("description: one line of at most 500 characters"));
    }
    if gate.methods.is_empty() {
        return Err(wrong("methods: at least one"));
    }
    if !(30..=86_400).contains(&gate.ttl_seconds) {
        return Err(wrong("ttlSeconds: from 30 to 86400"));
    }
    Template::parse(&gate.message).map_err(|error| wrong(&format!("message: {error}")))
}

/// Where apps name which gates, as people get them.
async fn uses(definitions: &Definitions, apps: Vec<App>) -> Result<BTreeMap<String, Use>, ApiError> {
    let mut uses: BTreeMap<String, Use> = BTreeMap::new();
    for app in apps {
        let definition: Arc<AppDefinition> = match definitions.current(&app).await {
            // Gone since.
            Err(ApiError::NotFound) => continue,
            found => found?,
        };
        for place in places(&definition) {
            let known = uses.entry(place.gate.gate.clone()).or_default();
            let shown = place.parameters();
            known.parameters = Some(match known.parameters.take() {
                Some(before) => before.intersection(&shown).cloned().collect(),
                None => shown,
            });
            let title = place.action.map(|action| &action.title).or(place.table.map(|table| &table.title));
            let title = title.cloned().unwrap_or_default();
            match known.apps.last_mut().filter(|last| last.app == app.id) {
                Some(last) if last.places.contains(&title) => {}
                Some(last) => last.places.push(title),
                None => known.apps.push(NamedBy {
                    app: app.id,
                    name: definition.name.clone(),
                    places: vec![title],
                }),
            }
        }
    }
    Ok(uses)
}
