//! `GET /api/checkpoints/waiting`: what waits for the approval of whoever asks, page by page.
//!
//! **Architecture Invariant:** it is told from what is stored, on a reader: nothing is run for it, and whoever writes does not wait.
//! The database is asked once for all that is of whoever asks, and once more where others' may be theirs to approve.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_model::{AppId, ChallengeId};
use gridkeep_store::{Pending, Reader};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Checkpoints;
use crate::{
    distribution::AppGrant,
    error::{ApiError, ChallengeView},
    executor::Judge,
    extract::{Json, Parameters},
    gates::{Deed, Kept, ended},
    session::{InBrowser, OwnSession, Person},
};

/// What a page shows of each kind.
const PAGE: u64 = 25;
/// What each of them shows of what its gates say: a thousand rows may have said a thousand things.
const MESSAGES: usize = 10;
/// What others began is looked through so far for one page: who may approve little of it turns more of them.
const LOOKED_THROUGH: u64 = 4;

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    /// From behind this one of their own on.
    #[serde(rename = "afterOwn")]
    own: Option<ChallengeId>,
    /// From there of others on, as `nextOthers` said it.
    #[serde(rename = "afterOthers")]
    others: Option<String>,
    /// From there of what they approved on, as `nextGiven` said it.
    #[serde(rename = "afterGiven")]
    given: Option<String>,
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
    /// What others began, the person who asks approved, and nobody has carried on: theirs to take back, the oldest first.
    given: Vec<WaitingItem>,
    /// Where the next page of `own` begins, as `afterOwn`; nothing on the last one.
    #[schema(value_type = Option<String>, format = Uuid)]
    next_own: Option<ChallengeId>,
    /// Where the next page of `others` begins, as `afterOthers`: of no meaning to anybody but the server.
    next_others: Option<String>,
    /// Where the next page of `given` begins, as `afterGiven`: of no meaning to anybody but the server.
    next_given: Option<String>,
}

/// Something that waits. Of what its gates say the first few: all of it is shown where it is opened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WaitingItem {
    #[serde(flatten)]
    challenge: ChallengeView,
    /// How many more messages its gates have than `gates` shows here.
    more: usize,
    /// The address of whoever began it.
    by: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// What waits for the approval of the person who asks: what came without them, what others began that they may approve, and what they
/// approved and could take back. Of each kind there is a page at a time. Whether something of others can be approved is seen for good
/// when it is opened.
#[utoipa::path(get, path = "/api/checkpoints/waiting", tag = "checkpoint", operation_id = "listWaiting",
    params(("afterOwn" = Option<String>, Query), ("afterOthers" = Option<String>, Query), ("afterGiven" = Option<String>, Query)),
    responses((status = 200, body = WaitingView)))]
pub(super) async fn waiting(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
    Parameters(from): Parameters<From>,
) -> Result<Json<WaitingView>, ApiError> {
    let own = OwnSession { person, ..own };
    let page = Page { checkpoints, own };
    let at = |text: &Option<String>, name| text.as_deref().map(|text| page.opened(text, name)).transpose();
    let (begun_at, given_at) = (at(&from.others, "afterOthers")?, at(&from.given, "afterGiven")?);
    let mut stored = page.stored((from.own, begun_at, given_at)).await?;
    let others = match stored.apps.take() {
        Some(apps) => page.others(apps, begun_at).await?,
        None => (Vec::new(), None),
    };
    let Stored { own: mine, ended, given, .. } = &stored;
    let nothing = mine.is_empty() && ended.is_empty() && given.is_empty() && others.0.is_empty();
    if page.own.person.role.is_none() && nothing {
        // Of whoever does not belong here nothing waits, and nobody learns that there is a place for it, nor how much is in it.
        return Err(ApiError::NotFound);
    }
    Ok(Json(page.view(stored, others).await?))
}

impl WaitingItem {
    fn of(mut challenge: ChallengeView, by: String, pending: &Pending) -> Self {
        let more = challenge.gates.len().saturating_sub(MESSAGES);
        challenge.gates.truncate(MESSAGES);
        Self { challenge, more, by, created_at: pending.created }
    }
}

struct Page {
    checkpoints: Checkpoints,
    own: OwnSession,
}

/// What one look at the database finds.
struct Stored {
    own: Vec<Pending>,
    ended: Vec<Pending>,
    given: Vec<Pending>,
    /// Of which apps what others began is that is looked through; `None` where nobody approves for others.
    apps: Option<Vec<AppId>>,
}

/// What others began and may be approved, and behind which one of all of theirs there is more.
type Others = (Vec<(Pending, Kept)>, Option<ChallengeId>);

impl Page {
    /// All that is not of others, and what is to be known to look through that: in one go.
    async fn stored(
        &self,
        (after, begun_at, given_at): (Option<ChallengeId>, Option<ChallengeId>, Option<ChallengeId>),
    ) -> Result<Stored, ApiError> {
        let (me, now) = (self.own.person.id, self.checkpoints.time().now());
        let read = self.checkpoints.tenancy().read(move |reader| {
            let settings = reader.gate_settings()?;
            let own = reader.own_waiting(me, now, (after, PAGE))?;
            let ended = reader.told_ends(me, now, PAGE)?;
            // Whatever holds for others by now.
            let given = reader.given(me, now, (given_at, PAGE))?;
            let apps = (settings.any_entitled || settings.four_eyes)
                .then(|| reader.apps_waiting(me, now, (begun_at, PAGE * LOOKED_THROUGH)))
                .transpose()?;
            Ok(Stored { own, ended, given, apps })
        });
        read.await
    }

    /// The next that this person may approve of what others began. Looked through in one go, in parts: few of them are read where they
    /// may approve all.
    async fn others(&self, apps: Vec<AppId>, mut after: Option<ChallengeId>) -> Result<Others, ApiError> {
        let checkpoints = &self.checkpoints;
        let mut judges: BTreeMap<AppId, Judge> = BTreeMap::new();
        for app in apps {
            match AppGrant::decide(checkpoints.definitions(), app, Some(self.own.person.clone())).await {
                Err(ApiError::NotFound) => {}
                grant => drop(judges.insert(app, checkpoints.executor().judge(&grant?).await?)),
            }
        }
        let (person, now) = (self.own.person.clone(), checkpoints.time().now());
        let look = move |reader: &mut Reader<'_>| {
            let mut items = Vec::new();
            for _ in 0..LOOKED_THROUGH {
                let found = reader.others_waiting(person.id, now, (after, PAGE))?;
                let more = next(&found).is_some();
                for pending in found {
                    after = Some(pending.id);
                    let kept = match Kept::of(&pending) {
                        Err(ApiError::CheckpointOver) => continue,
                        kept => kept?,
                    };
                    let may = match &kept.content.deed {
                        Deed::Operation { needs, .. } => needs.is(&person),
                        Deed::Transaction { app, .. } => match judges.get(app) {
                            Some(judge) => judge.might(reader, &kept)?,
                            None => false,
                        },
                    };
                    if may {
                        items.push((pending, kept));
                    }
                    if items.len() as u64 >= PAGE {
                        return Ok((items, after));
                    }
                }
                if !more {
                    return Ok((items, None));
                }
            }
            Ok((items, after))
        };
        checkpoints.tenancy().read(look).await
    }

    async fn view(
        &self,
        Stored { own, ended, given, .. }: Stored,
        (others, next_others): Others,
    ) -> Result<WaitingView, ApiError> {
        let waits = !(own.is_empty() && others.is_empty());
        let ways = if waits { self.checkpoints.ways(&self.own).await? } else { BTreeSet::new() };
        let item = |pending: &Pending, kept: &Kept| {
            let challenge = self.checkpoints.shown((pending, kept), &self.own, &ways)?;
            Ok(WaitingItem::of(challenge, kept.user.clone(), pending))
        };
        let items = |all: &[Pending]| -> Result<Vec<WaitingItem>, ApiError> {
            all.iter().map(|pending| item(pending, &Kept::of(pending)?)).collect()
        };
        let others = others.iter().map(|(pending, kept)| item(pending, kept));
        let sealed = |id: Option<ChallengeId>| id.map(|id| self.sealed(id)).transpose();
        Ok(WaitingView {
            own: items(&own)?,
            others: others.collect::<Result<_, ApiError>>()?,
            ended: ended.iter().map(|pending| self.over(pending)).collect::<Result<_, ApiError>>()?,
            given: items(&given)?,
            next_own: next(&own),
            next_others: sealed(next_others)?,
            next_given: sealed(next(&given))?,
        })
    }

    fn over(&self, pending: &Pending) -> Result<WaitingItem, ApiError> {
        let (link, now) = (self.checkpoints.gates().link(pending.id), self.checkpoints.time().now());
        let by = self.own.person.email.to_string();
        Ok(WaitingItem::of(ended(pending, now, link)?, by, pending))
    }

    /// Where a page of what others began ends, for this person alone: it may be at something that they may not see.
    fn sealed(&self, id: ChallengeId) -> Result<String, ApiError> {
        let sealed = self.checkpoints.company().seal(&self.context(), id.uuid().as_bytes())?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    fn opened(&self, text: &str, name: &str) -> Result<ChallengeId, ApiError> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok();
        let opened = sealed.and_then(|sealed| self.checkpoints.company().open(&self.context(), &sealed));
        let id = opened.and_then(|bytes| uuid::Uuid::from_slice(&bytes).ok());
        id.map(ChallengeId::from_uuid).ok_or_else(|| ApiError::InvalidRequest(name.to_owned()))
    }

    fn context(&self) -> Vec<u8> {
        let (tenant, account) = (self.checkpoints.tenancy().id().to_string(), self.own.person.id.to_string());
        format!("gridkeep-waiting-1\0{tenant}\0{account}").into_bytes()
    }
}

/// Where what follows a full page begins.
fn next(found: &[Pending]) -> Option<ChallengeId> {
    found.last().filter(|_| found.len() as u64 >= PAGE).map(|pending| pending.id)
}
