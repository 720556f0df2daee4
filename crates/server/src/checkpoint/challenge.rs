//! A challenge as somebody may look for it: their own, or one that they may approve for somebody else.
//!
//! **Architecture Invariant:** whoever may neither look at nor approve a challenge is answered as if there were none.

use std::collections::BTreeSet;

use gridkeep_model::{
    AccountId, ChallengeId,
    checkpoint::{GateSettings, Method},
};
use gridkeep_store::{Pending, PendingState};
use jiff::Timestamp;

use super::Checkpoints;
use crate::{
    distribution::AppGrant,
    error::{ApiError, ChallengeView},
    gates::{Approval, Deed, Kept, challenge, ended},
    session::OwnSession,
};

/// A challenge that was found for somebody.
pub(super) struct Found {
    pub(super) pending: Pending,
    pub(super) kept: Kept,
    /// Who looks: whoever began it, or somebody else with their grant of the app.
    pub(super) other: Option<AppGrant>,
    /// What holds now for all gates.
    pub(super) settings: GateSettings,
}

impl Found {
    /// Whether it waits for nobody any more.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        let open = matches!(self.pending.state, PendingState::Open | PendingState::Waiting);
        !open || self.pending.expires <= now
    }
}

/// Whether it is approved by this account, for somebody who has not carried it on.
pub(super) fn gave(pending: &Pending, account: AccountId) -> Result<bool, ApiError> {
    let Some(approval) = pending.approval.as_deref() else { return Ok(false) };
    let approval: Approval = serde_json::from_str(approval).map_err(ApiError::internal)?;
    let waits = pending.state == PendingState::Approved && pending.summary.is_some();
    Ok(waits && approval.approver == account)
}

impl Checkpoints {
    /// The challenge, if it is this person's to see.
    pub(super) async fn find(&self, id: ChallengeId, own: &OwnSession) -> Result<Found, ApiError> {
        let read = self.tenancy().read(move |reader| Ok((reader.pending(id)?, reader.gate_settings()?)));
        let (pending, settings) = read.await?;
        let pending = pending.ok_or(ApiError::NotFound)?;
        let kept = match Kept::of(&pending) {
            // Of one that is over nothing tells any more who else might have looked at it.
            Err(ApiError::CheckpointOver) if pending.account != own.person.id => {
                return Err(ApiError::NotFound);
            }
            kept => kept?,
        };
        if pending.account == own.person.id {
            // What began in a browser is approved in it; what a program began, where its person is, and what others answer is seen
            // and given up wherever they are.
            let elsewhere = pending.session.is_some_and(|session| session != own.session.id);
            if elsewhere && !kept.program && pending.summary.is_none() {
                return Err(ApiError::NotFound);
            }
            return Ok(Found { pending, kept, other: None, settings });
        }
        if gave(&pending, own.person.id)? {
            // Theirs to take back, whatever holds for others by now.
            return Ok(Found { pending, kept, other: None, settings });
        }
        if !(settings.any_entitled || settings.four_eyes) {
            return Err(ApiError::NotFound);
        }
        let app = match &kept.content.deed {
            Deed::Transaction { app, .. } => app,
            Deed::Operation { needs, .. } if needs.is(&own.person) => {
                return Ok(Found { pending, kept, other: None, settings });
            }
            Deed::Operation { .. } => return Err(ApiError::NotFound),
        };
        let grant = AppGrant::decide(self.definitions(), *app, Some(own.person.clone())).await?;
        if !self.executor().could(&grant, &kept).await? {
            return Err(ApiError::NotFound);
        }
        Ok(Found { pending, kept, other: Some(grant), settings })
    }

    /// As whoever is asked reads it: with the ways of proving that they have.
    pub(super) async fn view(&self, found: &Found, own: &OwnSession) -> Result<ChallengeView, ApiError> {
        self.shown((&found.pending, &found.kept), own, &self.ways(own).await?)
    }

    /// The same for somebody whose ways are known.
    pub(super) fn shown(
        &self,
        (pending, kept): (&Pending, &Kept),
        own: &OwnSession,
        ways: &BTreeSet<Method>,
    ) -> Result<ChallengeView, ApiError> {
        let link = self.gates().link(pending.id);
        let began = pending.account == own.person.id;
        let mut view = challenge((pending, kept), began, self.time().now(), link)?;
        view.methods.retain(|method| ways.contains(method));
        if view.username.is_some() {
            view.username = Some(own.person.email.to_string());
        }
        Ok(view)
    }

    /// One of this person's that is over: what became of it.
    pub(super) async fn ended(
        &self,
        id: ChallengeId,
        own: &OwnSession,
    ) -> Result<Option<ChallengeView>, ApiError> {
        let pending = self.tenancy().read(move |reader| Ok(reader.pending(id)?)).await?;
        let over = pending.filter(|pending| {
            pending.account == own.person.id
                && (pending.content.is_none() || pending.expires <= self.time().now())
        });
        over.map(|pending| ended(&pending, self.time().now(), self.gates().link(id))).transpose()
    }
}
