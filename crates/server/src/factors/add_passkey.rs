//! `POST /api/account/passkeys`: keeps a passkey that the browser made.

use axum::extract::State;
use gridkeep_identity::passkey::{Credential, Registration};
use gridkeep_store::{Factor, FactorKind, MailPurpose};
use serde::Deserialize;
use serde_json::Value as Json_;
use utoipa::ToSchema;

use super::{Factors, Fresh, name, told::tell, view::SecurityView};
use crate::{error::ApiError, extract::Json, language::Language, mail::Post, session::PASSKEY};

/// A passkey that the browser made, and what to call it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPasskey {
    /// 1 to 60 characters.
    name: String,
    /// What the browser gave for the options of `/api/account/passkeys/options`.
    #[schema(value_type = Object)]
    passkey: Json_,
}

/// Keeps a passkey that the browser made.
#[utoipa::path(post, path = "/api/account/passkeys", tag = "factors", operation_id = "addPasskey",
    request_body = NewPasskey, responses((status = 200, body = SecurityView)))]
pub(super) async fn add(
    State(factors): State<Factors>,
    State(post): State<Post>,
    language: Language,
    Fresh(own): Fresh,
    Json(request): Json<NewPasskey>,
) -> Result<Json<SecurityView>, ApiError> {
    let account = own.person.id;
    let name = name::checked(&request.name)?;
    factors.make_room(account).await?;
    let sent: Registration = serde_json::from_value(request.passkey)
        .map_err(|_| ApiError::InvalidRequest("body: passkey".to_owned()))?;
    let whose = own.session.id.uuid();
    let made = factors.passkeys().register(&sent, whose.as_bytes(), factors.time().now());
    let made = made.map_err(|refusal| {
        tracing::info!(reason = %refusal, "passkey refused");
        ApiError::WrongProof
    })?;
    let factor = factors.make(account, FactorKind::Passkey, name, &made.credential.to_bytes())?;
    // What a password alone makes is no older than now: it does not break the glass of "company sign-in required".
    let since = Some(own.session.passkey_since.unwrap_or(factor.created));
    let factor = Factor {
        credential: Some(Credential::hash(&made.credential.id)),
        mark: made.count.into(),
        proven: true,
        since,
        ..factor
    };
    // Known already, to whomever: browsers are told not to offer it, so nobody honest comes here.
    if !factors.control().add_passkey(factor, (made.spent.hash, made.spent.expires)).await? {
        return Err(ApiError::WrongProof);
    }
    factors.control().strengthen_session(own.session.id, PASSKEY, since).await?;
    tell(&post, &own.person, MailPurpose::FactorAdded, language).await?;
    Ok(Json(SecurityView::of(&factors, &own).await?))
}
