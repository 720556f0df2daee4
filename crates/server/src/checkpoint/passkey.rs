//! `POST /api/checkpoints/challenges/{challenge}/passkey`: what the browser is asked for, so that a passkey signs the content.
//!
//! **Architecture Invariant:** what a passkey signs is the hash of what was shown, of who approves it and of what they say to it:
//! the server makes it anew when the answer comes, and takes no other.

use aws_lc_rs::digest::{Context, SHA256};
use gridkeep_model::ChallengeId;
use serde::Deserialize;
use serde_json::Value as Json_;
use utoipa::ToSchema;

use super::{Checkpoints, challenge::Found};
use crate::{
    error::ApiError,
    extract::{Json, Path},
    session::{InBrowser, OwnSession, Person},
};

/// What is going to be sent with the answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ToSign {
    /// The comment.
    pub(super) comment: Option<String>,
}

/// What to ask the browser for to approve with a passkey; the comment cannot be another one afterwards.
#[utoipa::path(post, path = "/api/checkpoints/challenges/{challenge}/passkey", tag = "checkpoint",
    operation_id = "optionsOfChallenge", params(("challenge" = String, Path)), request_body = ToSign,
    responses((status = 200, body = Object)))]
pub(super) async fn options(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
    Path(id): Path<ChallengeId>,
    Json(ToSign { comment }): Json<ToSign>,
) -> Result<Json<Json_>, ApiError> {
    let own = OwnSession { person, ..own };
    let found = checkpoints.find(id, &own).await?;
    let comment = super::approve::comment(&found, comment.as_deref())?;
    let content = content(&found, &own, comment.as_deref());
    Ok(Json(checkpoints.factors().options_of_content(own.person.id, &content).await?))
}

/// The hash that is signed.
pub(super) fn content(found: &Found, own: &OwnSession, comment: Option<&str>) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(b"gridkeep-approval-1\0");
    context.update(found.pending.id.uuid().as_bytes());
    context.update(&found.pending.nonce);
    context.update(&found.pending.hash);
    context.update(own.person.id.uuid().as_bytes());
    context.update(found.kept.content.tenant.uuid().as_bytes());
    // Of one length, whatever was said.
    let said = aws_lc_rs::digest::digest(&SHA256, comment.unwrap_or_default().as_bytes());
    context.update(said.as_ref());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}
