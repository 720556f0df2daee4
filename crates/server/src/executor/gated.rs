//! A transaction at the gates: asked, waiting, or approved and done.
//!
//! **Architecture Invariant:** which gates there are is told in the work that writes, after `engine::apply` and before anything is
//! written; what is asked writes what waits, and nothing else. An approval is used by one `UPDATE` in the commit of what it lets
//! through, with its rows of the log; what is done is what was kept, and only while it is still what was shown.

use std::sync::{PoisonError, atomic::Ordering};

use gridkeep_engine::apply::{Changes, apply};
use gridkeep_model::{
    ChallengeId, Outcome, Rights, Transaction,
    checkpoint::OfflinePolicy,
    transaction::{Problem, Reason},
};
use gridkeep_store::{MOST_WAITING, Pending, PendingState, Recall, RowWork};
use jiff::{SignedDuration, tz::Offset};
use serde_json::Value as Json;

use super::{
    Executor, Guard,
    execute::{Came, Prepared, StoredRows, content_hash, outcome_of},
    files,
    reached::{self, Scene},
};
use crate::{
    distribution::AppGrant,
    error::ApiError,
    gates::{Active, Approval, Content, Deed, Kept, Log, Passed, challenge, request_of, rows},
    http::Visit,
    session::Presence,
};

/// What a request shows at the gates.
#[derive(Debug, Clone, Default)]
pub(super) enum Shows {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Challenges that were approved before.
    Approved(Vec<ChallengeId>),
    /// This one is approved with this very request.
    Now(Box<(ChallengeId, Approval, Option<AppGrant>)>),
}

impl Shows {
    /// What a request says was approved.
    pub(super) fn of(approved: Vec<ChallengeId>) -> Self {
        if approved.is_empty() { Self::Nothing } else { Self::Approved(approved) }
    }
}

/// Something approved that is being done.
pub(super) struct Held {
    pub(super) pending: Pending,
    pub(super) kept: Kept,
    pub(super) approval: Approval,
    pub(super) transaction: Transaction,
    pub(super) guards: Vec<Guard>,
}

impl Executor {
    /// Does what was kept under a challenge, in the name of whoever began it, if it is still what they were shown; whoever
    /// approves it for them may do it too.
    pub(crate) async fn commit(
        &self,
        grant: &AppGrant,
        (id, kept): (ChallengeId, &Kept),
        approval: Approval,
        approver: Option<AppGrant>,
    ) -> Result<Outcome, ApiError> {
        let Deed::Transaction { transaction, guards, .. } = kept.content.deed.clone() else {
            return Err(ApiError::NotFound);
        };
        let guards = serde_json::from_value(guards).map_err(ApiError::internal)?;
        let hash = content_hash(&transaction, grant.person.as_ref().map(|person| person.id))?;
        let (app, own, time) = (grant.app.id, transaction.id, self.time.clone());
        let shows = Shows::Now(Box::new((id, approval, approver)));
        let repeats = kept.repeats;
        let prepared = self.prepared(grant, transaction, guards, shows).await?;
        // What the person was shown says whether it came from a program.
        let prepared = Prepared { repeats, ..prepared };
        prepared
            .run(move |work, prepared| {
                if let (false, Recall::Known(outcome)) = (repeats, work.recall(app, own, &hash)?) {
                    // Another challenge of the same transaction did it before: this one has nothing left to do.
                    let now = prepared.time.now();
                    let mut open = false;
                    for state in [PendingState::Open, PendingState::Waiting] {
                        open |= work.turn_pending(id, state, PendingState::Cancelled, now)?;
                    }
                    if !open {
                        return Err(ApiError::CheckpointOver);
                    }
                    return Ok(Came::Done(outcome));
                }
                let outcome = match prepared.apply(work)? {
                    Came::Asked(asked) => return Ok(Came::Asked(asked)),
                    Came::Done(effects) => outcome_of(effects),
                };
                if !repeats && matches!(outcome, Outcome::Applied { .. }) {
                    work.remember(app, own, &hash, &outcome, time.clock())?;
                }
                Ok(Came::Done(outcome))
            })
            .await
    }
}

impl Executor {
    /// Whether somebody might do themselves what they are to approve. Whether it can be done now is seen when it is.
    pub(crate) async fn could(&self, grant: &AppGrant, kept: &Kept) -> Result<bool, ApiError> {
        let Deed::Transaction { transaction, .. } = kept.content.deed.clone() else { return Ok(false) };
        let prepared = self.prepared(grant, transaction, Vec::new(), Shows::Nothing).await?;
        let look = |work: &mut RowWork<'_>, prepared: &Prepared| {
            let problems = prepared.problems(work, &prepared.transaction, &prepared.rights)?;
            Ok(Came::Done(!problems.iter().any(|problem| is_about_rights(&problem.reason))))
        };
        prepared.run(look).await
    }
}

/// Whether somebody else might do it.
fn is_about_rights(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Forbidden
            | Reason::NotFound
            | Reason::ReadOnly
            | Reason::UnknownAction
            | Reason::UnknownColumn
            | Reason::UnknownTable
    )
}

impl Prepared {
    /// What keeps somebody with these rights from a transaction; nothing is written.
    fn problems(
        &self,
        work: &mut RowWork<'_>,
        transaction: &Transaction,
        rights: &Rights,
    ) -> Result<Vec<Problem>, ApiError> {
        let mut current = self.formulas.lock().unwrap_or_else(PoisonError::into_inner);
        let formulas = current.formulas(work, self.app, self.tenancy.tenant().undone())?;
        let now = Offset::UTC.to_datetime(self.time.now());
        let transaction = match files::resolve(work, self.app, &self.definition, transaction)? {
            Ok(transaction) => transaction,
            Err(problems) => return Ok(problems),
        };
        let mut stored = StoredRows { work, app: self.app, now };
        let applied = apply(&self.definition, &transaction, rights, &mut stored, formulas)?;
        Ok(applied.err().unwrap_or_default())
    }

    /// What was approved of this, taken so that nobody else takes it.
    pub(super) fn held(&self, work: &mut RowWork<'_>) -> Result<Option<Held>, ApiError> {
        let now = self.time.now();
        let (pending, approval) = match &self.shows {
            Shows::Nothing => return Ok(None),
            Shows::Now(shown) => {
                let (id, approval, _) = &**shown;
                let pending = work.pending(*id)?.ok_or(ApiError::CheckpointOver)?;
                let open = matches!(pending.state, PendingState::Open | PendingState::Waiting);
                if !(open && work.turn_pending(*id, pending.state, PendingState::Done, now)?) {
                    return Err(ApiError::CheckpointOver);
                }
                (pending, approval.clone())
            }
            Shows::Approved(ids) => match self.approved(work, ids)? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let kept = Kept::of(&pending)?;
        let Deed::Transaction { transaction, guards, .. } = kept.content.deed.clone() else {
            return Err(ApiError::CheckpointOver);
        };
        let guards = serde_json::from_value(guards).map_err(ApiError::internal)?;
        Ok(Some(Held { pending, kept, approval, transaction, guards }))
    }

    /// The one of these that was approved for this very request, by whoever asks, in this session.
    fn approved(
        &self,
        work: &mut RowWork<'_>,
        ids: &[ChallengeId],
    ) -> Result<Option<(Pending, Approval)>, ApiError> {
        let account = self.person.as_ref().map(|person| person.id);
        // Made when there is something to compare it with: a header costs nothing.
        let mut request = None;
        let mut own = false;
        for id in ids {
            let session = self.presence.session();
            let is_own = |pending: &Pending| {
                Some(pending.account) == account && session.is_some() && pending.session == session
            };
            let Some(pending) = work.pending(*id)?.filter(is_own) else { continue };
            own = true;
            let asked = match request {
                Some(known) => known,
                None => request_of(self.app, &self.transaction.operations, &self.guards_json()?)?,
            };
            request = Some(asked);
            if pending.app != Some(self.app) || pending.request != asked {
                continue;
            }
            let now = self.time.now();
            if !work.turn_pending(*id, PendingState::Approved, PendingState::Done, now)? {
                return Err(ApiError::CheckpointOver);
            }
            let approval = pending.approval.as_deref().ok_or(ApiError::CheckpointOver)?;
            let approval = serde_json::from_str(approval).map_err(ApiError::internal)?;
            return Ok(Some((pending, approval)));
        }
        if own || ids.is_empty() { Ok(None) } else { Err(ApiError::CheckpointOver) }
    }

    fn guards_json(&self) -> Result<Json, ApiError> {
        serde_json::to_value(&self.guards).map_err(ApiError::internal)
    }

    /// Whether the gates let this through; otherwise what is asked. For the log, what an approved one changes.
    pub(super) fn pass(
        &self,
        work: &mut RowWork<'_>,
        asked: (&Transaction, &[Guard]),
        resolved: &Transaction,
        changes: &Changes,
        held: Option<&Held>,
    ) -> Result<Came<Option<String>>, ApiError> {
        let active = self.gates.active(work)?;
        let now = self.time.now();
        let reached = if active.gates.is_empty() {
            Vec::new()
        } else {
            let user = self.person.as_ref().map_or("", |person| person.email.as_str());
            let scene = Scene {
                app: self.app,
                version: self.version,
                definition: &self.definition,
                transaction: resolved,
                changes,
                user,
                // The moment that was shown is the one that is approved.
                now: held.map_or(now, |held| held.pending.created),
            };
            reached::reached(&self.gates, &active, work, &scene)?
        };
        if reached.is_empty() && held.is_none() {
            return Ok(Came::Done(None));
        }
        let content = self.content(asked, changes, reached, &active)?;
        if let Some(held) = held {
            if held.kept.content.still(&content) && self.may(work, held, &active)? {
                return Ok(Came::Done(Some(self.logged(work, changes)?)));
            }
            // Something has changed between showing and approving: nothing is done, and it is shown anew.
            work.turn_pending(held.pending.id, PendingState::Done, PendingState::Failed, now)?;
            let log = Log { pending: &held.pending, kept: &held.kept, chance: self.gates.chance(), now };
            let by = (held.approval.approver, held.approval.address.as_str());
            let how = (Some(held.approval.method), "changed meanwhile");
            log.noted(work, "checkpoint.denied", by, how, &Visit::default())?;
            if content.gates.is_empty() {
                return Ok(Came::Asked(Box::new(ApiError::CheckpointOver)));
            }
        }
        self.ask(work, content, asked)
    }

    /// Whether whoever approved it may, by what holds now.
    fn may(&self, work: &mut RowWork<'_>, held: &Held, active: &Active) -> Result<bool, ApiError> {
        let own = held.approval.approver == held.pending.account;
        let settings = if active.gates.is_empty() { &held.kept.content.settings } else { &active.settings };
        if own {
            return Ok(!settings.four_eyes);
        }
        let Shows::Now(shown) = &self.shows else { return Ok(true) };
        let Some(approver) = &shown.2 else { return Ok(false) };
        if !(settings.any_entitled || settings.four_eyes) {
            return Ok(false);
        }
        // What they could not do themselves they cannot approve.
        Ok(self.problems(work, &held.transaction, &approver.rights)?.is_empty())
    }

    fn content(
        &self,
        (transaction, guards): (&Transaction, &[Guard]),
        changes: &Changes,
        reached: Vec<Passed>,
        active: &Active,
    ) -> Result<Content, ApiError> {
        // Of nobody there is nobody to ask.
        let person = self.person.as_ref().ok_or(ApiError::CheckpointForbidden)?;
        Ok(Content {
            tenant: self.tenancy.id(),
            account: person.id,
            deed: Deed::Transaction {
                app: self.app,
                version: self.version,
                transaction: transaction.clone(),
                guards: serde_json::to_value(guards).map_err(ApiError::internal)?,
                rows: rows(&self.definition, changes),
            },
            gates: reached,
            settings: active.settings.clone(),
        })
    }

    /// Keeps what waits for its approval.
    fn ask(
        &self,
        work: &mut RowWork<'_>,
        content: Content,
        (transaction, guards): (&Transaction, &[Guard]),
    ) -> Result<Came<Option<String>>, ApiError> {
        let person = self.person.as_ref().ok_or(ApiError::CheckpointForbidden)?;
        let absent = self.presence == Presence::Absent;
        if absent && content.gates.iter().any(|passed| passed.gate.offline == OfflinePolicy::Forbid) {
            return Err(ApiError::CheckpointForbidden);
        }
        let waits = absent || content.settings.four_eyes;
        let now = self.time.now();
        let hash = content.hash()?;
        let guards = serde_json::to_value(guards).map_err(ApiError::internal)?;
        let request = request_of(self.app, &transaction.operations, &guards)?;
        if waits {
            if let Some(known) = work.pending_alike(person.id, &request, now)? {
                let kept = Kept::of(&known)?;
                if kept.content.alike(&content) {
                    return self.asked(&known, &kept);
                }
                work.turn_pending(known.id, PendingState::Waiting, PendingState::Cancelled, now)?;
            }
            let before = work.count_waiting(person.id, now)?;
            if before >= MOST_WAITING {
                return Err(ApiError::TooManyWaiting);
            }
            // One mail for all that comes until nothing waits any more.
            self.announced.store(absent && before == 0, Ordering::Relaxed);
        }
        let lifetime = if waits {
            SignedDuration::from_hours(content.settings.wait_hours.into())
        } else {
            SignedDuration::from_secs(content.first()?.ttl_seconds.into())
        };
        let kept = Kept {
            content,
            repeats: self.repeats && !waits,
            program: matches!(self.presence, Presence::Program(_)),
            app: Some(self.definition.name.clone()),
            action: self.words(transaction),
            user: person.email.to_string(),
        };
        let pending = Pending {
            id: self.gates.new_id(),
            account: person.id,
            session: self.presence.session(),
            app: Some(self.app),
            state: if waits { PendingState::Waiting } else { PendingState::Open },
            content: serde_json::to_string(&kept).map_err(ApiError::internal)?,
            hash,
            request,
            nonce: self.gates.chance().bytes(),
            tries: 0,
            created: now,
            expires: self.time.after(lifetime),
            approval: None,
            outcome: None,
        };
        work.put_pending(&pending)?;
        self.asked(&pending, &kept)
    }

    fn asked<T>(&self, pending: &Pending, kept: &Kept) -> Result<Came<T>, ApiError> {
        let link = self.gates.link(pending.id);
        let shown = Box::new(challenge(pending, kept, self.time.now(), link)?);
        Ok(Came::Asked(Box::new(match pending.state {
            PendingState::Waiting => ApiError::CheckpointWaiting(shown),
            _ => ApiError::CheckpointRequired(shown),
        })))
    }

    /// What a transaction does, in the app's own words.
    fn words(&self, transaction: &Transaction) -> String {
        let title = |operation: &gridkeep_model::Operation| match operation {
            gridkeep_model::Operation::Call { action, .. } => {
                self.definition.action(action).map(|action| action.title.clone())
            }
            operation => {
                let table = operation.table().and_then(|table| self.definition.table(table));
                table.map(|table| table.title.clone())
            }
        };
        let mut titles: Vec<String> = transaction.operations.iter().filter_map(title).collect();
        titles.dedup();
        titles.truncate(5);
        titles.join(", ")
    }
}
