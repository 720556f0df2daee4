//! `GET` and `DELETE /api/checkpoints/challenges/{challenge}`, `POST .../extend`: what waits for somebody to prove that they are
//! there.

use axum::http::StatusCode;
use gridkeep_model::{ChallengeId, checkpoint::Method};
use gridkeep_store::{PendingState, RowWork};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Checkpoints,
    approve::said,
    challenge::{Found, gave},
};
use crate::{
    error::{ApiError, ChallengeView},
    extract::{Json, Path},
    gates::{Log, answered},
    http::Visit,
    session::{InBrowser, OwnSession, Person},
};

/// A challenge may be open for so many times its time to live altogether.
const MOST_TIMES: i64 = 4;

/// A challenge, as it is now: for whoever is asked, and to see what became of it.
#[utoipa::path(get, path = "/api/checkpoints/challenges/{challenge}", tag = "checkpoint",
    operation_id = "readChallenge", params(("challenge" = String, Path)), responses((status = 200, body = ChallengeView)))]
pub(super) async fn read(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
    Path(id): Path<ChallengeId>,
) -> Result<Json<ChallengeView>, ApiError> {
    let own = OwnSession { person, ..own };
    if let Some(over) = checkpoints.ended(id, &own).await? {
        return Ok(Json(over));
    }
    let found = checkpoints.find(id, &own).await?;
    Ok(Json(checkpoints.view(&found, &own).await?))
}

/// What somebody says who turns something down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Refusal {
    /// Why, for whoever began it and for the log.
    comment: Option<String>,
}

/// Turns down what waits for others than whoever began it: nothing is done, and they are told.
#[utoipa::path(post, path = "/api/checkpoints/challenges/{challenge}/refuse", tag = "checkpoint",
    operation_id = "refuseChallenge", params(("challenge" = String, Path)), request_body = Refusal,
    responses((status = 204, description = "Nothing is waited for any more.")))]
pub(super) async fn refuse(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
    visit: Visit,
    Path(id): Path<ChallengeId>,
    Json(Refusal { comment }): Json<Refusal>,
) -> Result<StatusCode, ApiError> {
    let own = OwnSession { person, ..own };
    let found = checkpoints.find(id, &own).await?;
    if found.pending.account == own.person.id {
        return Err(ApiError::Forbidden);
    }
    let comment = said(comment.as_deref())?;
    checkpoints.end(found, &own, (visit, comment)).await
}

/// Gives up what was begun: nothing is done. What waits for others they turn down with it, and what they approved and nobody has carried
/// on they take back; what somebody is being asked is theirs. What is over and was told to whoever began it they put away with it.
#[utoipa::path(delete, path = "/api/checkpoints/challenges/{challenge}", tag = "checkpoint",
    operation_id = "cancelChallenge", params(("challenge" = String, Path)),
    responses((status = 204, description = "Nothing is waited for any more.")))]
pub(super) async fn cancel(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
    visit: Visit,
    Path(id): Path<ChallengeId>,
) -> Result<StatusCode, ApiError> {
    let own = OwnSession { person, ..own };
    if checkpoints.ended(id, &own).await?.is_some() {
        let now = checkpoints.time().now();
        let put_away = checkpoints.tenancy().change(move |work| Ok(work.put_away_pending(id, now)?)).await?;
        return if put_away { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::CheckpointOver) };
    }
    let found = checkpoints.find(id, &own).await?;
    checkpoints.end(found, &own, (visit, None)).await
}

impl Checkpoints {
    /// Ends what is open or waits, or was approved by others and is not carried on, by whoever began it or approved it: nothing is
    /// done.
    async fn end(
        &self,
        Found { pending, kept, .. }: Found,
        own: &OwnSession,
        (visit, comment): (Visit, Option<String>),
    ) -> Result<StatusCode, ApiError> {
        let (account, language, is_own) = (pending.account, kept.language, pending.account == own.person.id);
        if !is_own && pending.state == PendingState::Open {
            // Whoever may approve what somebody else is just being asked does not take it from them.
            return Err(ApiError::Forbidden);
        }
        let open = match pending.state {
            PendingState::Open | PendingState::Waiting => true,
            // What others approved waits for whoever began it, and is theirs to take back; one's own approval is of two minutes.
            PendingState::Approved => (is_own && pending.summary.is_some()) || gave(&pending, own.person.id)?,
            PendingState::Done | PendingState::Failed | PendingState::Cancelled => false,
        };
        if !open {
            return Err(ApiError::CheckpointOver);
        }
        let (chance, now) = (self.gates().chance().clone(), self.time().now());
        let (by, address) = (own.person.id, own.person.email.to_string());
        let end = move |work: &mut RowWork<'_>| {
            if !work.turn_pending(pending.id, pending.state, PendingState::Cancelled, now)? {
                return Ok(None);
            }
            let by = (by, address.as_str());
            let first = answered(work, &pending, by, comment.as_deref(), now)?;
            let log = Log { pending: &pending, kept: &kept, chance: &chance, now };
            let why = match pending.state {
                _ if is_own => "cancelled",
                PendingState::Approved => "withdrawn",
                _ => "turned down",
            };
            let how = (None::<Method>, why);
            log.noted_with(work, "checkpoint.cancelled", by, how, (&visit, comment.as_deref()))?;
            Ok(Some(first))
        };
        let first = self.tenancy().change(end).await?.ok_or(ApiError::CheckpointOver)?;
        self.tell_answer(first, account, language).await;
        Ok(StatusCode::NO_CONTENT)
    }
}

/// Lets a challenge wait as long again as it may, up to four times altogether.
#[utoipa::path(post, path = "/api/checkpoints/challenges/{challenge}/extend", tag = "checkpoint",
    operation_id = "extendChallenge", params(("challenge" = String, Path)), responses((status = 200, body = ChallengeView)))]
pub(super) async fn extend(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
    Path(id): Path<ChallengeId>,
) -> Result<Json<ChallengeView>, ApiError> {
    let own = OwnSession { person, ..own };
    let found = checkpoints.find(id, &own).await?;
    if found.pending.account != own.person.id {
        return Err(ApiError::Forbidden);
    }
    let now = checkpoints.time().now();
    let life = SignedDuration::from_secs(found.kept.content.rule().ttl_seconds.into());
    let last = found.pending.created.saturating_add(life * MOST_TIMES as i32).unwrap_or(Timestamp::MAX);
    let until = checkpoints.time().after(life).min(last);
    let extended = checkpoints.tenancy().change(move |work| Ok(work.extend_pending(id, now, until)?)).await?;
    if !extended {
        return Err(ApiError::CheckpointOver);
    }
    let found = checkpoints.find(id, &own).await?;
    Ok(Json(checkpoints.view(&found, &own).await?))
}
