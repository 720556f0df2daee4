//! `GET` and `PUT /api/checkpoints/settings`: what holds for all gates of the tenant.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::checkpoint::GateSettings;
use gridkeep_store::Work;
use serde_json::json;

use super::gate::configured;
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    extract::Json,
    factors::Fresh,
    gates::AtGate,
    noun,
    people::Ruler,
    tenancy::Tenancy,
};

/// What holds for all gates, for the tenant's administrators.
#[utoipa::path(get, path = "/api/checkpoints/settings", tag = "checkpoint", operation_id = "readSettings",
    responses((status = 200, body = noun::GateSettings)))]
pub(super) async fn read(
    State(tenancy): State<Tenancy>,
    _ruler: Ruler,
) -> Result<Json<GateSettings>, ApiError> {
    Ok(Json(tenancy.read(|reader| Ok(reader.gate_settings()?)).await?))
}

/// Says what holds for all gates, from the next transaction on. Whoever does has just proven who they are.
#[utoipa::path(put, path = "/api/checkpoints/settings", tag = "checkpoint", operation_id = "changeSettings",
    request_body = noun::GateSettings, responses((status = 204, description = "It holds.")))]
pub(super) async fn change(
    State(tenancy): State<Tenancy>,
    State(time): State<Time>,
    State(chance): State<Chance>,
    Ruler { person, .. }: Ruler,
    _fresh: Fresh,
    at: AtGate,
    Json(settings): Json<GateSettings>,
) -> Result<StatusCode, ApiError> {
    if !(1..=720).contains(&settings.wait_hours) {
        return Err(ApiError::InvalidRequest("waitHours".to_owned()));
    }
    let after = serde_json::to_value(&settings).map_err(ApiError::internal)?;
    at.pass(&person, "CHECKPOINT_CONFIG", "", json!({"settings": after})).await?;
    tracing::warn!(by.id = %person.id, gates.enabled = settings.enabled, "settings of gates were changed");
    let (seed, now) = (chance.bytes(), time.now());
    let write = move |work: &mut Work<'_>| {
        let before = serde_json::to_value(work.gate_settings()?).map_err(ApiError::internal)?;
        work.put_gate_settings(&settings, person.id, time.clock())?;
        configured(work, ("", (Some(before), Some(after))), &person, (seed, now))
    };
    tenancy.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}
