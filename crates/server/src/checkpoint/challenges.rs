//! `GET` and `DELETE /api/checkpoints/challenges/{challenge}`, `POST .../extend`, `GET /api/checkpoints/waiting`: what waits for
//! somebody to prove that they are there.

use axum::http::StatusCode;
use gridkeep_model::{AccountId, ChallengeId, checkpoint::Method};
use gridkeep_store::{MOST_WAITING, PendingState, RowWork};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Checkpoints, challenge::Found};
use crate::{
    error::{ApiError, ChallengeView},
    extract::{Json, Path},
    gates::{Kept, Log},
    http::Visit,
    session::{InBrowser, OwnSession, Person},
};

/// A challenge may be open for so many times its time to live altogether.
const MOST_TIMES: i64 = 4;
/// What others began is looked through so far.
const MOST_OTHERS: u64 = 500;

/// What waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WaitingForApproval)]
pub(super) struct WaitingView {
    /// What came without the person who asks, and waits for them, the oldest first.
    own: Vec<WaitingItem>,
    /// What others began and the person who asks may approve.
    others: Vec<WaitingItem>,
}

/// Something that waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WaitingItem {
    #[serde(flatten)]
    challenge: ChallengeView,
    /// The address of whoever began it.
    by: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

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
    let found = checkpoints.find(id, &own).await?;
    Ok(Json(checkpoints.view(&found, &own).await?))
}

/// Gives up what was begun: nothing is done.
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
    let now = checkpoints.time().now();
    let life = SignedDuration::from_secs(found.kept.content.first()?.ttl_seconds.into());
    let last = found.pending.created.saturating_add(life * MOST_TIMES as i32).unwrap_or(Timestamp::MAX);
    let until = checkpoints.time().after(life).min(last);
    let extended = checkpoints.tenancy().change(move |work| Ok(work.extend_pending(id, now, until)?)).await?;
    if !extended {
        return Err(ApiError::CheckpointOver);
    }
    let found = checkpoints.find(id, &own).await?;
    Ok(Json(checkpoints.view(&found, &own).await?))
}

/// What waits for the approval of the person who asks: what came without them, and what others began that they may approve.
#[utoipa::path(get, path = "/api/checkpoints/waiting", tag = "checkpoint", operation_id = "listWaiting",
    responses((status = 200, body = WaitingView)))]
pub(super) async fn waiting(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
) -> Result<Json<WaitingView>, ApiError> {
    let own = OwnSession { person, ..own };
    let (me, now) = (own.person.id, checkpoints.time().now());
    let found = checkpoints.tenancy().read(move |reader| {
        let settings = reader.gate_settings()?;
        let mine = reader.pendings(Some(me), now, MOST_WAITING)?;
        let others = if settings.any_entitled || settings.four_eyes {
            reader.pendings(None, now, MOST_OTHERS)?
        } else {
            Vec::new()
        };
        Ok((mine, others))
    });
    let (mine, others) = found.await?;
    let mut view = WaitingView { own: Vec::new(), others: Vec::new() };
    let item = |challenge, by: String, created_at| WaitingItem { challenge, by, created_at };
    for pending in mine.into_iter().filter(|pending| pending.state == PendingState::Waiting) {
        let kept = Kept::of(&pending)?;
        let (by, created) = (kept.user.clone(), pending.created);
        let link = checkpoints.gates().link(pending.id);
        view.own.push(item(crate::gates::challenge(&pending, &kept, now, link)?, by, created));
    }
    let is_other = |account: AccountId| account != me;
    for pending in others.into_iter().filter(|pending| is_other(pending.account)) {
        let (by, created) = (Kept::of(&pending)?.user, pending.created);
        let found = match checkpoints.find(pending.id, &own).await {
            Err(ApiError::NotFound) => continue,
            found => found?,
        };
        view.others.push(item(checkpoints.view(&found, &own).await?, by, created));
    }
    if own.person.role.is_none() && view.own.is_empty() && view.others.is_empty() {
        // Of whoever does not belong here nothing waits, and nobody learns that there is a place for it.
        return Err(ApiError::NotFound);
    }
    Ok(Json(view))
}
