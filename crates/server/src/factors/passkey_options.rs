//! What a page asks the browser for: options of a new passkey, and of one to be shown.
//!
//! **Architecture Invariant:** a stranger is told no credential: without a half sign-in or a session the list is empty, and
//! the person's own device offers what it has.

use axum::{extract::State, http::HeaderMap};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_identity::passkey::{ALGORITHMS, Credential, Purpose};
use gridkeep_model::AccountId;
use gridkeep_store::FactorKind;
use serde_json::{Value as Json_, json};

use super::{Factors, Fresh};
use crate::{
    error::ApiError,
    extract::Json,
    session::{Cookie, OwnSession},
    site::Site,
};

/// How long the browser waits for somebody to touch something.
pub(super) const TIMEOUT: u32 = 300_000;

/// What to ask the browser for to sign in with a passkey alone.
#[utoipa::path(post, path = "/api/session/passkey/options", tag = "factors", operation_id = "optionsOfSignIn",
    responses((status = 200, body = Object)))]
pub(super) async fn of_sign_in(State(factors): State<Factors>) -> Result<Json<Json_>, ApiError> {
    Ok(Json(shown(&factors, Purpose::SignIn, &[], &[])))
}

/// What to ask the browser for in the second step of a sign-in.
#[utoipa::path(post, path = "/api/session/step/passkey", tag = "factors", operation_id = "optionsOfStep",
    responses((status = 200, body = Object)))]
pub(super) async fn of_step(
    State(factors): State<Factors>,
    State(site): State<Site>,
    headers: HeaderMap,
) -> Result<Json<Json_>, ApiError> {
    let half = Cookie::Step.read(&site, &headers).ok_or(ApiError::StepOver)?;
    let hash = half.hash().0;
    let waits = factors.control().half(hash, factors.time().now()).await?;
    let account = waits.ok_or(ApiError::StepOver)?;
    Ok(Json(shown(&factors, Purpose::Step, &hash, &credentials(&factors, account).await?)))
}

/// What to ask the browser for to prove anew who one is.
#[utoipa::path(post, path = "/api/account/proof/passkey", tag = "factors", operation_id = "optionsOfProof",
    responses((status = 200, body = Object)))]
pub(super) async fn of_proof(
    State(factors): State<Factors>,
    own: OwnSession,
) -> Result<Json<Json_>, ApiError> {
    let known = credentials(&factors, own.person.id).await?;
    Ok(Json(shown(&factors, Purpose::Proof, own.session.id.uuid().as_bytes(), &known)))
}

/// What to ask the browser for to make a passkey.
#[utoipa::path(post, path = "/api/account/passkeys/options", tag = "factors", operation_id = "optionsOfSetUp",
    responses((status = 200, body = Object)))]
pub(super) async fn of_set_up(
    State(factors): State<Factors>,
    Fresh(own): Fresh,
) -> Result<Json<Json_>, ApiError> {
    let person = &own.person;
    factors.make_room(person.id).await?;
    let known = credentials(&factors, person.id).await?;
    let algorithms = ALGORITHMS.map(|alg| json!({"type": "public-key", "alg": alg}));
    Ok(Json(json!({
        "challenge": challenge(&factors, Purpose::SetUp, own.session.id.uuid().as_bytes()),
        "rp": {"id": factors.passkeys().id(), "name": "Gridkeep"},
        "user": {
            "id": URL_SAFE_NO_PAD.encode(person.id.uuid().as_bytes()),
            "name": person.email.as_str(),
            "displayName": person.name,
        },
        "pubKeyCredParams": algorithms,
        "timeout": TIMEOUT,
        "excludeCredentials": known.iter().map(named).collect::<Vec<_>>(),
        // Preferred: a security key without room for one still serves as the second step.
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "required"},
        "attestation": "none",
    })))
}

fn shown(factors: &Factors, purpose: Purpose, whose: &[u8], known: &[Credential]) -> Json_ {
    json!({
        "challenge": challenge(factors, purpose, whose),
        "rpId": factors.passkeys().id(),
        "timeout": TIMEOUT,
        "allowCredentials": known.iter().map(named).collect::<Vec<_>>(),
        "userVerification": "required",
    })
}

fn challenge(factors: &Factors, purpose: Purpose, whose: &[u8]) -> String {
    let now = factors.time().now();
    factors.chance().with(|rng| factors.passkeys().challenge(purpose, whose, now, rng))
}

pub(super) fn named(credential: &Credential) -> Json_ {
    json!({"type": "public-key", "id": credential.name(), "transports": credential.transports})
}

pub(super) async fn credentials(factors: &Factors, account: AccountId) -> Result<Vec<Credential>, ApiError> {
    let all = factors.of(account).await?;
    let passkeys = all.iter().filter(|factor| factor.kind == FactorKind::Passkey);
    Ok(passkeys.filter_map(|factor| factors.credential(factor)).collect())
}
