//! Sign-ins whose password was right and whose second step is waited for.
//!
//! **Architecture Invariant:** a half sign-in opens nothing and lasts five minutes; its token exists in a cookie of its own.
//! That an account has a second factor is told to nobody before its password was right.

use gridkeep_model::AccountId;
use gridkeep_store::{FactorKind, HalfSignIn};
use jiff::SignedDuration;

use super::Logins;
use crate::{error::ApiError, secret::Token};

/// How long the second step is waited for.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

impl Logins {
    /// By which means somebody can take the second step, as programs name them; none where none is asked for.
    pub(super) async fn ways(&self, account: AccountId) -> Result<Vec<&'static str>, ApiError> {
        let factors = self.control.factors(account).await?;
        let has = |kind| factors.iter().any(|factor| factor.proven && factor.kind == kind);
        let kinds = [FactorKind::Passkey, FactorKind::OneTime];
        let mut ways: Vec<_> = kinds.into_iter().filter(|kind| has(*kind)).map(FactorKind::word).collect();
        // Also where none is left: how many there are is the owner's affair.
        if !ways.is_empty() {
            ways.push("recovery");
        }
        Ok(ways)
    }

    /// Whether somebody has a second factor.
    pub async fn has_factor(&self, account: AccountId) -> Result<bool, ApiError> {
        Ok(!self.ways(account).await?.is_empty())
    }

    /// Whether an account's password is long enough to be its only proof.
    pub(super) async fn stands_alone(&self, account: AccountId) -> Result<bool, ApiError> {
        Ok(self.control.safety(account).await?.1)
    }

    /// Begins to wait for the second step of whoever typed the right password, whose hash this is.
    pub(super) async fn wait(&self, account: AccountId, password: &str) -> Result<Token, ApiError> {
        let token = Token::new(&self.chance);
        let (created, expires) = (self.time.now(), self.time.after(LIFETIME));
        let half = HalfSignIn { token: token.hash().0, account, created, expires };
        if self.control.begin_half(half, password).await? {
            Ok(token)
        } else {
            Err(ApiError::WrongCredentials)
        }
    }

    /// Whose second step is waited for, by this token.
    pub(super) async fn waited_for(&self, token: &Token) -> Result<Option<AccountId>, ApiError> {
        Ok(self.control.half(token.hash().0, self.time.now()).await?)
    }
}
