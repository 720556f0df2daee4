//! `POST /api/account/recovery-codes`: new recovery codes instead of those there are.

use axum::extract::State;
use gridkeep_identity::recovery::{CODES, RecoveryCode};
use gridkeep_store::MailPurpose;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Factors, Fresh, told::tell};
use crate::{error::ApiError, extract::Json, language::Language, mail::Post};

/// Recovery codes. Never shown again.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    codes: Vec<String>,
}

/// Makes ten recovery codes, each good for one sign-in without the second factor; those there were end.
#[utoipa::path(post, path = "/api/account/recovery-codes", tag = "factors", operation_id = "makeRecoveryCodes",
    responses((status = 200, body = RecoveryCodes)))]
pub(super) async fn make(
    State(factors): State<Factors>,
    State(post): State<Post>,
    language: Language,
    Fresh(own): Fresh,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let account = own.person.id;
    // They stand in for a second factor: without one they would stand in for nothing.
    if factors.of(account).await?.is_empty() {
        return Err(ApiError::NotFound);
    }
    let codes: Vec<RecoveryCode> =
        factors.chance().with(|rng| (0..CODES).map(|_| RecoveryCode::new(rng)).collect());
    let hashes = codes.iter().map(|code| code.hash().0).collect();
    factors.control().set_recovery_codes(account, hashes).await?;
    tell(&post, &own.person, MailPurpose::RecoveryCodesMade, language).await?;
    Ok(Json(RecoveryCodes { codes: codes.iter().map(|code| code.expose().to_owned()).collect() }))
}
