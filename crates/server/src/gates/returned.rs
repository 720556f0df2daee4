//! Programs whose person approved something on their way through our own page (RFC 9470): they go on with what they get there.
//!
//! **Architecture Invariant:** what was approved is used at one place. It changes places once the program that began it has redeemed the
//! code that its person came back with, and to no other place.

use gridkeep_model::{AccountId, ChallengeId, SessionId};
use gridkeep_store::{PendingState, RowWork};

use super::Gates;
use crate::error::ApiError;

impl Gates {
    /// Who began this that is not over, where, and whether it was approved; what was done at once when it was approved counts, too.
    pub(crate) async fn begun(
        &self,
        id: ChallengeId,
    ) -> Result<Option<(AccountId, SessionId, bool)>, ApiError> {
        let now = self.time().now();
        let pending = self.tenancy().read(move |reader| Ok(reader.pending(id)?)).await?;
        let Some(pending) = pending.filter(|pending| pending.expires > now) else { return Ok(None) };
        let approved = match pending.state {
            PendingState::Open => false,
            PendingState::Approved | PendingState::Done => true,
            PendingState::Waiting | PendingState::Failed | PendingState::Cancelled => return Ok(None),
        };
        Ok(pending.session.map(|place| (pending.account, place, approved)))
    }

    /// What was approved at a place and is not done yet.
    pub(crate) async fn approved_in(
        &self,
        account: AccountId,
        place: SessionId,
    ) -> Result<Vec<ChallengeId>, ApiError> {
        let now = self.time().now();
        self.tenancy().read(move |reader| Ok(reader.approved_in(account, place, now)?)).await
    }

    /// Hands what was approved to the place where the program goes on; gives where it was begun. What was done or is over meanwhile stays
    /// as it is.
    pub(crate) async fn hand_over(
        &self,
        id: ChallengeId,
        account: AccountId,
        to: SessionId,
    ) -> Result<Option<SessionId>, ApiError> {
        let now = self.time().now();
        let hand_over = move |work: &mut RowWork<'_>| {
            let before = work.pending(id)?.filter(|pending| pending.account == account);
            work.hand_over_pending(id, account, to, now)?;
            Ok(before.and_then(|pending| pending.session))
        };
        self.tenancy().change(hand_over).await
    }
}
