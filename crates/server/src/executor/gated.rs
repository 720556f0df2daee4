//! A transaction at the gates: asked, waiting, or approved and done.
//!
//! **Architecture Invariant:** which gates there are is told in the work that writes, after `engine::apply` and before anything is
//! written; what is asked writes what waits, and nothing else. An approval is used by one `UPDATE` in the commit of what it lets
//! through, with its rows of the log; what is done is what was kept, and only while it is still what was shown.

use std::sync::PoisonError;

use gridkeep_engine::apply::Changes;
use gridkeep_model::{ChallengeId, Outcome, Transaction, checkpoint::OfflinePolicy};
use gridkeep_store::{MOST_WAITING, MailPurpose, Pending, PendingState, Recall, RowWork};
use jiff::SignedDuration;

use super::{
    Executor, Guard,
    execute::{Came, Prepared, content_hash, is_small, outcome_of},
    held::{Held, Shows},
    reached::{self, Reached, Scene},
};
use crate::{
    distribution::AppGrant,
    error::ApiError,
    gates::{About, Active, Approval, Content, Deed, Kept, Log, Passed, challenge, keep, request_of, rows},
    http::Visit,
    session::Presence,
};

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

impl Prepared {
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
        let Reached { passed, about } = if active.gates.is_empty() {
            Reached::default()
        } else {
            let user = self.person.as_ref().map_or("", |person| person.email.as_str());
            let scene = Scene {
                app: self.app,
                version: self.version,
                definition: &self.definition,
                transaction: resolved,
                changes,
                rights: &self.rights,
                user,
                // The moment that was shown is the one that is approved.
                now: held.map_or(now, |held| held.pending.created),
            };
            reached::reached(&self.gates, &active, work, &scene)?
        };
        if passed.is_empty() && held.is_none() {
            return Ok(Came::Done(None));
        }
        is_small(asked.0)?;
        let content = self.content(asked, changes, passed, &active)?;
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
        self.ask(work, (content, about), asked)
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
        (content, about): (Content, Vec<About>),
        (transaction, guards): (&Transaction, &[Guard]),
    ) -> Result<Came<Option<String>>, ApiError> {
        let person = self.person.as_ref().ok_or(ApiError::CheckpointForbidden)?;
        let rule = content.provable()?;
        let absent = self.presence == Presence::Absent;
        if absent && rule.offline == OfflinePolicy::Forbid {
            return Err(ApiError::CheckpointForbidden);
        }
        let waits = absent || content.settings.four_eyes;
        let now = self.time.now();
        let nonce = self.gates.chance().bytes();
        let hash = content.hash(&nonce)?;
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
            self.announce((absent && before == 0).then_some(MailPurpose::ApprovalWaits));
        }
        let lifetime = if waits {
            SignedDuration::from_hours(content.settings.wait_hours.into())
        } else {
            SignedDuration::from_secs(rule.ttl_seconds.into())
        };
        let kept = Kept {
            subject: None,
            content,
            about,
            repeats: self.repeats && !waits,
            program: matches!(self.presence, Presence::Program(_)),
            app: Some(self.definition.name.clone()),
            action: self.words(transaction),
            user: person.email.to_string(),
            request: None,
            language: self.language(),
        };
        let pending = Pending {
            summary: waits.then(|| kept.summary()).transpose()?,
            verdict: None,
            id: self.gates.new_id(),
            account: person.id,
            session: self.presence.session(),
            app: Some(self.app),
            state: if waits { PendingState::Waiting } else { PendingState::Open },
            content: Some(serde_json::to_string(&kept).map_err(ApiError::internal)?),
            hash,
            request,
            nonce,
            tries: 0,
            created: now,
            expires: self.time.after(lifetime),
            approval: None,
        };
        keep(work, &pending)?;
        self.asked(&pending, &kept)
    }

    /// Whether whoever began it is told something by mail once the work is done.
    pub(super) fn announce(&self, purpose: Option<MailPurpose>) {
        *self.announced.lock().unwrap_or_else(PoisonError::into_inner) = purpose;
    }

    fn asked<T>(&self, pending: &Pending, kept: &Kept) -> Result<Came<T>, ApiError> {
        let link = self.gates.link(pending.id);
        let shown = Box::new(challenge((pending, kept), true, self.time.now(), link)?);
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
