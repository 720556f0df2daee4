//! `GET`, `PUT` and `DELETE /api/account/pin`: a short secret for checkpoints, which has five tries.
//!
//! **Architecture Invariant:** a PIN opens nothing by itself: it is only asked for within a session. Whoever sets one proves in the very
//! request who they are, by all that signing in takes: having signed in a moment ago is what an unlocked desk shows too. Its owner is told
//! by mail, also when it is removed.

use axum::http::StatusCode;
use gridkeep_identity::password::NewPassword;
use gridkeep_store::{Kept, MailPurpose};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Checkpoints;
use crate::{
    error::ApiError,
    extract::Json,
    factors::{Fresh, NewProof, Proofs},
    gates::AtGate,
    language::Language,
    session::OwnSession,
};

/// Whether somebody has a PIN.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Pin)]
pub(super) struct PinView {
    /// One is set.
    set: bool,
    /// It had all its tries, and holds no longer.
    disabled: bool,
    /// Since when it is set.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
}

/// A PIN.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPin {
    /// 6 to 12 digits.
    #[schema(value_type = String, format = Password)]
    pin: SecretString,
    /// Who sets it, proven in this very request; without one nothing but the PIN is looked at.
    #[serde(default)]
    proof: Option<NewProof>,
}

/// Whether one has a PIN, and whether it still holds.
#[utoipa::path(get, path = "/api/account/pin", tag = "checkpoint", operation_id = "readPin",
    responses((status = 200, body = PinView)))]
pub(super) async fn read(checkpoints: Checkpoints, own: OwnSession) -> Result<Json<PinView>, ApiError> {
    let pin = checkpoints.control().pin(own.person.id).await?;
    let disabled = pin.as_ref().is_some_and(|pin| pin.disabled);
    Ok(Json(PinView { set: pin.is_some(), disabled, changed_at: pin.map(|pin| pin.changed) }))
}

/// Sets a PIN, or another one, with all its tries. For a passkey's options see `/api/account/proof/passkey`.
#[utoipa::path(put, path = "/api/account/pin", tag = "checkpoint", operation_id = "setPin", request_body = NewPin,
    responses((status = 204, description = "It holds.")))]
pub(super) async fn set(
    checkpoints: Checkpoints,
    gate: AtGate,
    language: Language,
    proofs: Proofs,
    own: OwnSession,
    Json(NewPin { pin, proof }): Json<NewPin>,
) -> Result<StatusCode, ApiError> {
    let pin = NewPassword::pin(&pin).ok_or(ApiError::PinTooEasy)?;
    let proof = proof.ok_or(ApiError::ProofRequired)?;
    let what = json!({"setPin": own.person.id});
    gate.pass(&own.person, "PIN_CHANGE", own.person.email.as_str(), what).await?;
    // After the gate: a passkey signs once, and what the gate asks for is sent again.
    proofs.check(&own, proof).await?;
    let Kept { hash, .. } = checkpoints.passwords().keep(pin).await?;
    let now = checkpoints.time().now();
    checkpoints.control().set_pin(own.person.id, hash, now).await?;
    checkpoints.told(&own, MailPurpose::PinSet, language).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes the PIN.
#[utoipa::path(delete, path = "/api/account/pin", tag = "checkpoint", operation_id = "removePin",
    responses((status = 204, description = "There is none any more.")))]
pub(super) async fn remove(
    checkpoints: Checkpoints,
    gate: AtGate,
    language: Language,
    fresh: Fresh,
) -> Result<StatusCode, ApiError> {
    let own = fresh.0;
    let what = json!({"removePin": own.person.id});
    gate.pass(&own.person, "PIN_CHANGE", own.person.email.as_str(), what).await?;
    if checkpoints.control().remove_pin(own.person.id).await? {
        checkpoints.told(&own, MailPurpose::PinRemoved, language).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
