//! `GET` and `DELETE /api/checkpoints/challenges/{challenge}`, `POST .../extend`: what waits for somebody to prove that they are
//! there.

use axum::http::StatusCode;
use gridkeep_model::{ChallengeId, checkpoint::Method};
use gridkeep_store::{PendingState, RowWork};
use jiff::{SignedDuration, Timestamp};

use super::{Checkpoints, challenge::Found};
use crate::{
    error::{ApiError, ChallengeView},
    extract::{Json, Path},
    gates::Log,
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

/// Gives up what was begun: nothing is done. What waits for others they turn down with it; what somebody is being asked is theirs.
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
    let Found { pending, kept, .. } = checkpoints.find(id, &own).await?;
    if pending.account != own.person.id && pending.state == PendingState::Open {
        // Whoever may approve what somebody else is just being asked does not take it from them.
        return Err(ApiError::Forbidden);
    }
    let (chance, now) = (checkpoints.gates().chance().clone(), checkpoints.time().now());
    let (by, address) = (own.person.id, own.person.email.to_string());
    let cancel = move |work: &mut RowWork<'_>| {
        if !work.turn_pending(id, pending.state, PendingState::Cancelled, now)? {
            return Ok(false);
        }
        let log = Log { pending: &pending, kept: &kept, chance: &chance, now };
        let how = (None::<Method>, "cancelled");
        log.noted(work, "checkpoint.cancelled", (by, address.as_str()), how, &visit)?;
        Ok(true)
    };
    let open = matches!(pending_state(&checkpoints, id).await?, PendingState::Open | PendingState::Waiting);
    if open && checkpoints.tenancy().change(cancel).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::CheckpointOver)
    }
}

async fn pending_state(checkpoints: &Checkpoints, id: ChallengeId) -> Result<PendingState, ApiError> {
    let found = checkpoints.tenancy().read(move |reader| Ok(reader.pending(id)?)).await?;
    Ok(found.ok_or(ApiError::NotFound)?.state)
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
