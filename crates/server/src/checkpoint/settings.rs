//! `GET` and `PUT /api/checkpoints/settings`: what holds for all gates of the tenant.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::checkpoint::GateSettings;
use serde_json::json;

use super::Checkpoints;
use crate::{
    error::ApiError,
    extract::Json,
    factors::Fresh,
    gates::{AtGate, CONFIG},
    noted, noun,
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
    checkpoints: Checkpoints,
    Ruler { person, .. }: Ruler,
    Fresh(own): Fresh,
    at: AtGate,
    Json(settings): Json<GateSettings>,
) -> Result<StatusCode, ApiError> {
    if !(1..=720).contains(&settings.wait_hours) {
        return Err(ApiError::InvalidRequest("waitHours".to_owned()));
    }
    let tenancy = checkpoints.tenancy();
    let (before, gate) = tenancy.read(|reader| Ok((reader.gate_settings()?, reader.gate(CONFIG)?))).await?;
    if let Some(gate) = gate {
        checkpoints.meetable(&own, &gate, &settings).await?;
    }
    let after = serde_json::to_value(&settings).map_err(ApiError::internal)?;
    at.pass(&person, CONFIG, "", json!({"settings": after})).await?;
    tracing::warn!(by.id = %person.id, gates.enabled = settings.enabled, "settings of gates were changed");
    noted::fact("before", serde_json::to_value(&before).map_err(ApiError::internal)?);
    noted::fact("after", after);
    let time = checkpoints.time().clone();
    let written = tenancy.write(move |work| {
        // The log says what was: nobody else has changed it since.
        if work.gate_settings()? != before {
            return Err(ApiError::PublishedMeanwhile);
        }
        Ok(work.put_gate_settings(&settings, person.id, time.clock())?)
    });
    written.await?;
    Ok(StatusCode::NO_CONTENT)
}
