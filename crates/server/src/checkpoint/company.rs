//! `POST /api/checkpoints/challenges/{challenge}/company`: where to sign in anew at one's own company, for what was shown.
//!
//! **Architecture Invariant:** what is shown there is for this challenge, this content and this comment: the hash that a passkey would
//! sign is what it is for. It is the company of the very session, the same person there, and newer than the challenge.

use axum::{extract::State, http::HeaderMap, response::Response};
use gridkeep_model::{ChallengeId, checkpoint::Method};
use gridkeep_store::CompanyProof;

use super::{Checkpoints, challenge::Found, passkey::ToSign};
use crate::{
    company::Destination,
    error::ApiError,
    extract::{Json, Path},
    session::{InBrowser, OwnSession, Person},
    site::Site,
};

/// Where to sign in anew to approve; the comment cannot be another one afterwards. Whoever comes back does so to
/// `/checkpoint/{challenge}?at=company`, with `company=proved`, or `company=unproved` where it came to nothing.
#[utoipa::path(post, path = "/api/checkpoints/challenges/{challenge}/company", tag = "checkpoint",
    operation_id = "companyOfChallenge", params(("challenge" = String, Path)), request_body = ToSign,
    responses((status = 200, body = Destination)))]
pub(super) async fn depart(
    checkpoints: Checkpoints,
    State(site): State<Site>,
    person: Person,
    InBrowser(own): InBrowser,
    headers: HeaderMap,
    Path(id): Path<ChallengeId>,
    Json(ToSign { comment }): Json<ToSign>,
) -> Result<Response, ApiError> {
    let own = OwnSession { person, ..own };
    let found = checkpoints.find(id, &own).await?;
    if found.is_over(checkpoints.time().now()) {
        return Err(ApiError::CheckpointOver);
    }
    if !found.kept.content.rule().methods.contains(&Method::Company) {
        return Err(ApiError::InvalidRequest("a method that the gate does not take".to_owned()));
    }
    let comment = super::approve::comment(&found, comment.as_deref())?;
    let purpose = super::passkey::content(&found, &own, comment.as_deref());
    checkpoints.throttle().showing(own.session.id).await?;
    let back = Some(format!("/checkpoint/{id}?at=company"));
    checkpoints.company().begin_proof(&own, (purpose, back), (checkpoints.logins(), &site), &headers).await
}

impl Checkpoints {
    /// What this person showed anew at their company for this challenge and comment, after it was begun. Taken once.
    pub(super) async fn shown_there(
        &self,
        found: &Found,
        own: &OwnSession,
        comment: Option<&str>,
    ) -> Result<Option<CompanyProof>, ApiError> {
        let purpose = super::passkey::content(found, own, comment);
        let proof = self.company().take_proof(own, purpose).await?;
        // Providers tell whole seconds.
        let since = found.pending.created.as_second();
        Ok(proof.filter(|proof| proof.authenticated.as_second() >= since))
    }
}
