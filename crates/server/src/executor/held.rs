//! What was approved, taken for the request that it lets through.
//!
//! **Architecture Invariant:** an approval is used by one `UPDATE` in the commit of what it lets through, by the session that asked
//! for it; whoever approved it for somebody else must be allowed to do the same at that moment, however it is used.

use std::collections::BTreeMap;

use gridkeep_model::{ChallengeId, Transaction};
use gridkeep_store::{Pending, PendingState, Reader, RowWork};
use serde_json::Value as Json;

use super::{Executor, Guard, execute::Prepared, reached::is_gated};
use crate::{
    distribution::AppGrant,
    error::ApiError,
    gates::{Active, Approval, Deed, Kept, request_of},
    session::Presence,
};

/// What a request shows at the gates.
#[derive(Debug, Clone, Default)]
pub(super) enum Shows {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Challenges that were approved before.
    Approved {
        ids: Vec<ChallengeId>,
        /// What those may do now who approved them for somebody else.
        grants: BTreeMap<ChallengeId, AppGrant>,
        /// The request names them: none may be missing.
        named: bool,
    },
    /// This one is approved with this very request.
    Now(Box<(ChallengeId, Approval, Option<AppGrant>)>),
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
    /// What a request says was approved; of a program that says nothing of it, what is approved at its place.
    pub(super) async fn shown(&self, grant: &AppGrant, ids: Vec<ChallengeId>) -> Result<Shows, ApiError> {
        let named = !ids.is_empty();
        let ids = if named { ids } else { self.returned(grant).await? };
        if ids.is_empty() {
            return Ok(Shows::Nothing);
        }
        let own = grant.person.as_ref().map(|person| person.id);
        let asked = ids.clone();
        let look = move |reader: &mut Reader<'_>| {
            let mut approvals = Vec::new();
            for id in asked {
                let Some(pending) = reader.pending(id)?.filter(|pending| Some(pending.account) == own) else {
                    continue;
                };
                let Some(said) = pending.approval else { continue };
                let approval: Approval = serde_json::from_str(&said).map_err(ApiError::internal)?;
                approvals.push((id, approval.approver));
            }
            Ok::<_, ApiError>(approvals)
        };
        let mut grants = BTreeMap::new();
        for (id, approver) in self.tenancy.read(look).await? {
            if Some(approver) == own {
                continue;
            }
            let Some(person) = self.logins.person(approver).await? else { continue };
            match AppGrant::decide(&self.definitions, grant.app.id, Some(person)).await {
                Ok(grant) => drop(grants.insert(id, grant)),
                Err(ApiError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Shows::Approved { ids, grants, named })
    }

    /// What a program that knows of no checkpoints may go on with: it has had its person asked anew, as any does that follows RFC 9470.
    async fn returned(&self, grant: &AppGrant) -> Result<Vec<ChallengeId>, ApiError> {
        let (Presence::Program(session), Some(person)) = (grant.presence, &grant.person) else {
            return Ok(Vec::new());
        };
        if is_gated(&*self.definitions.current(&grant.app).await?) {
            self.gates.approved_in(person.id, session).await
        } else {
            Ok(Vec::new())
        }
    }
}

impl Prepared {
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
            Shows::Approved { ids, named, .. } => {
                let found = match self.approved(work, ids) {
                    // Of what it does not name another request of the same program may have been there first.
                    Err(ApiError::CheckpointOver) if !named => None,
                    found => found?,
                };
                let Some(found) = found else { return Ok(None) };
                found
            }
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

    /// Whether whoever approved it may, by what holds now.
    pub(super) fn may(&self, work: &mut RowWork<'_>, held: &Held, active: &Active) -> Result<bool, ApiError> {
        let own = held.approval.approver == held.pending.account;
        let settings = if active.gates.is_empty() { &held.kept.content.settings } else { &active.settings };
        if own {
            return Ok(!settings.four_eyes);
        }
        let approver = match &self.shows {
            Shows::Nothing => None,
            Shows::Approved { grants, .. } => grants.get(&held.pending.id),
            Shows::Now(shown) => shown.2.as_ref(),
        };
        let Some(approver) = approver else { return Ok(false) };
        if !(settings.any_entitled || settings.four_eyes) {
            return Ok(false);
        }
        // What they could not do themselves, or may not read, they cannot approve.
        Ok(self.problems(work, &held.transaction, &approver.rights)?.is_empty()
            && self.reads(work, &held.kept, &approver.rights)?)
    }
}
