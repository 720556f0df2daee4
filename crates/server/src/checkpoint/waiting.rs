//! `GET /api/checkpoints/waiting`: what waits for the approval of whoever asks, page by page.
//!
//! **Architecture Invariant:** it is told from what is stored, on a reader: nothing is run for it, and whoever writes does not wait.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use gridkeep_model::{AppId, ChallengeId, checkpoint::Method};
use gridkeep_store::Pending;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Checkpoints;
use crate::{
    distribution::AppGrant,
    error::{ApiError, ChallengeView},
    extract::{Json, Parameters},
    gates::{Deed, Kept, ended},
    session::{InBrowser, OwnSession, Person},
};

/// What a page shows of each kind.
const PAGE: u64 = 25;
/// What others began is looked through so far for one page: who may approve little of it turns more of them.
const LOOKED_THROUGH: u64 = 4;

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct From {
    /// From behind this one of their own on.
    after_own: Option<ChallengeId>,
    /// From behind this one of others on.
    after_others: Option<ChallengeId>,
}

/// What waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WaitingForApproval)]
pub(super) struct WaitingView {
    /// What the person who asks began and waits: for them where it came without them, otherwise for somebody else; and what
    /// somebody else approved for them to carry on. The oldest first.
    own: Vec<WaitingItem>,
    /// What others began and the person who asks may approve, the oldest first.
    others: Vec<WaitingItem>,
    /// What they began and others ended, or time, and they have not put away: the newest first, as many as a page shows.
    ended: Vec<WaitingItem>,
    /// Where the next page of `own` begins, as `afterOwn`; nothing on the last one.
    #[schema(value_type = Option<String>, format = Uuid)]
    next_own: Option<ChallengeId>,
    /// Where the next page of `others` begins, as `afterOthers`.
    #[schema(value_type = Option<String>, format = Uuid)]
    next_others: Option<ChallengeId>,
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

/// What waits for the approval of the person who asks: what came without them, and what others began that they may approve. Of
/// each kind there is a page at a time. Whether something of others can be approved is seen for good when it is opened.
#[utoipa::path(get, path = "/api/checkpoints/waiting", tag = "checkpoint", operation_id = "listWaiting",
    params(("afterOwn" = Option<String>, Query), ("afterOthers" = Option<String>, Query)),
    responses((status = 200, body = WaitingView)))]
pub(super) async fn waiting(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
    Parameters(from): Parameters<From>,
) -> Result<Json<WaitingView>, ApiError> {
    let own = OwnSession { person, ..own };
    let page = Page { ways: checkpoints.ways(&own).await?, checkpoints, own };
    let (mine, next_own) = page.mine(from.after_own).await?;
    let (others, next_others) = page.others(from.after_others).await?;
    let ended = page.ended().await?;
    let nothing = mine.is_empty() && others.is_empty() && ended.is_empty() && next_others.is_none();
    if page.own.person.role.is_none() && nothing {
        // Of whoever does not belong here nothing waits, and nobody learns that there is a place for it.
        return Err(ApiError::NotFound);
    }
    Ok(Json(WaitingView { own: mine, others, ended, next_own, next_others }))
}

struct Page {
    checkpoints: Checkpoints,
    own: OwnSession,
    ways: BTreeSet<Method>,
}

/// Things that wait, and where there are more.
type Items = (Vec<WaitingItem>, Option<ChallengeId>);

impl Page {
    async fn mine(&self, after: Option<ChallengeId>) -> Result<Items, ApiError> {
        let (me, now) = (self.own.person.id, self.checkpoints.time().now());
        let read =
            self.checkpoints.tenancy().read(move |reader| Ok(reader.own_waiting(me, now, (after, PAGE))?));
        let found = read.await?;
        let next = next(&found);
        let items = found.iter().map(|pending| self.item(pending, &Kept::of(pending)?));
        Ok((items.collect::<Result<_, ApiError>>()?, next))
    }

    async fn ended(&self) -> Result<Vec<WaitingItem>, ApiError> {
        let (me, now) = (self.own.person.id, self.checkpoints.time().now());
        let read = self.checkpoints.tenancy().read(move |reader| Ok(reader.told_ends(me, now, PAGE)?));
        let item = |pending: Pending| {
            let link = self.checkpoints.gates().link(pending.id);
            let by = self.own.person.email.to_string();
            Ok(WaitingItem { challenge: ended(&pending, now, link)?, by, created_at: pending.created })
        };
        read.await?.into_iter().map(item).collect()
    }

    async fn others(&self, mut after: Option<ChallengeId>) -> Result<Items, ApiError> {
        let checkpoints = &self.checkpoints;
        let settings = checkpoints.tenancy().read(|reader| Ok(reader.gate_settings()?)).await?;
        if !(settings.any_entitled || settings.four_eyes) {
            return Ok((Vec::new(), None));
        }
        let (me, now) = (self.own.person.id, checkpoints.time().now());
        let mut items = Vec::new();
        let mut grants: BTreeMap<AppId, Option<AppGrant>> = BTreeMap::new();
        for _ in 0..LOOKED_THROUGH {
            let read = checkpoints
                .tenancy()
                .read(move |reader| Ok(reader.others_waiting(me, now, (after, PAGE))?));
            let found = read.await?;
            let more = next(&found);
            let last = found.last().map(|pending| pending.id);
            for pending in found {
                let kept = match Kept::of(&pending) {
                    Err(ApiError::CheckpointOver) => continue,
                    kept => kept?,
                };
                if let Some(kept) = self.entitled(&mut grants, kept).await? {
                    items.push(self.item(&pending, &kept)?);
                }
            }
            after = more.and(last);
            if after.is_none() || items.len() as u64 >= PAGE {
                break;
            }
        }
        Ok((items, after))
    }

    /// What was kept, if this person might approve it.
    async fn entitled(
        &self,
        grants: &mut BTreeMap<AppId, Option<AppGrant>>,
        kept: Kept,
    ) -> Result<Option<Kept>, ApiError> {
        let app = match &kept.content.deed {
            Deed::Transaction { app, .. } => *app,
            Deed::Operation { needs, .. } => {
                let may = needs.is(&self.own.person);
                return Ok(may.then_some(kept));
            }
        };
        let grant = match grants.entry(app) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let person = Some(self.own.person.clone());
                place.insert(match AppGrant::decide(self.checkpoints.definitions(), app, person).await {
                    Err(ApiError::NotFound) => None,
                    grant => Some(grant?),
                })
            }
        };
        match grant {
            Some(grant) => self.checkpoints.executor().might(grant, kept).await,
            None => Ok(None),
        }
    }

    fn item(&self, pending: &Pending, kept: &Kept) -> Result<WaitingItem, ApiError> {
        let challenge = self.checkpoints.shown((pending, kept), &self.own, &self.ways)?;
        Ok(WaitingItem { challenge, by: kept.user.clone(), created_at: pending.created })
    }
}

/// Where what follows a full page begins.
fn next(found: &[Pending]) -> Option<ChallengeId> {
    found.last().filter(|_| found.len() as u64 >= PAGE).map(|pending| pending.id)
}
