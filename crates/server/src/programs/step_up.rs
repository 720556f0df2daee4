//! A security checkpoint that a program came to, when it has its person asked anew as RFC 9470 says.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_model::{AccountId, ChallengeId};
use gridkeep_store::Family;

use super::asked::Asker;
use crate::{error::ApiError, gates::Gates, session::Logins};

/// What a program hears whose checkpoint is over, another's, or not approved (OpenID Connect Unmet Authentication Requirements).
pub(super) const UNMET: &str = "unmet_authentication_requirements";

/// Where programs' places are, and what was approved at them.
pub(super) struct Places {
    pub(super) logins: Logins,
    pub(super) gates: Gates,
}

impl<S: Send + Sync> FromRequestParts<S> for Places
where
    Gates: FromRef<S>,
    Logins: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self { logins: Logins::from_ref(state), gates: Gates::from_ref(state) })
    }
}

impl Places {
    /// Hands what was approved to where its program goes on, which has left the place it began at: whoever steps up often would soon
    /// have more places than anybody has.
    pub(super) async fn go_on(&self, with: ChallengeId, at: &Family) -> Result<(), ApiError> {
        match self.gates.hand_over(with, at.account.id, at.session.id).await? {
            Some(before) => self.logins.leave_behind(before, &at.consent.program).await,
            None => Ok(()),
        }
    }
}

/// A checkpoint that a program came to at a place that is not over.
pub(super) struct Begun {
    account: AccountId,
    approved: bool,
    /// The thumbprint of the key that is proven there, and must be where the program goes on.
    pub(super) key: Option<String>,
}

impl Begun {
    /// The checkpoint, if this very program came to it and it is not over. What was done at once when it was approved is not, for a while.
    pub(super) async fn find(
        id: ChallengeId,
        asker: &Asker,
        Places { logins, gates }: &Places,
    ) -> Result<Option<Self>, ApiError> {
        let Some((account, place, approved)) = gates.begun(id).await? else { return Ok(None) };
        let Some(family) = logins.family(place).await? else { return Ok(None) };
        let consent = family.consent;
        let is_own = consent.program == asker.program.id && consent.tenant == logins.tenant();
        Ok(is_own.then_some(Self { account, approved, key: consent.proof }))
    }

    /// Whether they came to it.
    pub(super) fn is_of(&self, account: AccountId) -> bool {
        self.account == account
    }

    /// Whether they did, and it was approved.
    pub(super) fn is_approved_for(&self, account: AccountId) -> bool {
        self.approved && self.is_of(account)
    }

    /// Whether what goes on with it may be bound to this key.
    pub(super) fn takes(&self, key: Option<&str>) -> bool {
        match (self.key.as_deref(), key) {
            (Some(own), Some(key)) => own == key,
            _ => true,
        }
    }
}
