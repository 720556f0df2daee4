//! Proofs that somebody is there: what each kind is checked by.
//!
//! **Architecture Invariant:** each proof is of the account of whoever approves, and is asked for anew for every challenge: none of
//! before is taken.

use std::collections::BTreeSet;

use gridkeep_model::checkpoint::Method;
use gridkeep_store::{MailPurpose, PinTried, PinTry};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::Checkpoints;
use crate::{
    defence::{Attempt, Visitor},
    error::ApiError,
    language::Language,
    mail::Wish,
    session::{Checked, OwnSession, Reserved},
};

impl Checkpoints {
    /// How this person could prove that they are there.
    pub(super) async fn ways(&self, own: &OwnSession) -> Result<BTreeSet<Method>, ApiError> {
        let mut ways = BTreeSet::new();
        if own.session.company.is_some() {
            ways.insert(Method::Company);
        }
        if self.factors().has_passkey(own.person.id).await? {
            ways.insert(Method::Passkey);
        }
        if self.may_type(own).await? {
            ways.insert(Method::Password);
            if self.control().pin(own.person.id).await?.is_some_and(|pin| !pin.disabled) {
                ways.insert(Method::Pin);
            }
        }
        Ok(ways)
    }

    /// Whether what the account's owner knows, its password and PIN, counts in this session. Not where a company vouches for it, which
    /// could use up the tries of what is another's; nor where people with this address come through their company, and an owner is
    /// there by their passkey: what does not open the door proves nothing behind it.
    pub(super) async fn may_type(&self, own: &OwnSession) -> Result<bool, ApiError> {
        Ok(own.session.company.is_none() && !self.logins().is_sent(&own.person.email).await?)
    }

    /// Lets somebody try a password or a user name, or says what that costs first. Somebody at an unlocked desk could guess here: as slow
    /// as signing in.
    pub(super) async fn attempt(&self, own: &OwnSession, visitor: &Visitor) -> Result<Attempt, ApiError> {
        self.throttle().attempt("checkpoint", own.person.email.as_str(), visitor).await
    }

    /// Whether this is the account's password.
    pub(super) async fn password(
        &self,
        own: &OwnSession,
        password: SecretString,
        counted: (Option<Attempt>, Option<Reserved>),
    ) -> Result<bool, ApiError> {
        let (Some(attempt), Some(place)) = counted else {
            return Err(ApiError::internal("a password that was not counted"));
        };
        let kept = self.logins().password(own.person.id).await?;
        let checked = self.passwords().check_at(place, password, kept).await;
        let (attempt, Checked::Right(_)) = attempt.judged(checked).await? else { return Ok(false) };
        attempt.succeeded().await?;
        Ok(true)
    }

    /// Says how long a PIN waits after one that was wrong: a try that comes too early costs none of the challenge's.
    pub(super) async fn pin_waits(&self, own: &OwnSession) -> Result<(), ApiError> {
        let now = self.time().now();
        let pin = self.control().pin(own.person.id).await?;
        match pin.filter(|pin| !pin.disabled && pin.due > now) {
            Some(pin) => Err(until(pin.due, now)),
            None => Ok(()),
        }
    }

    /// Whether this is the account's PIN. It is counted before it is looked at, wherever it is tried; after five that were not
    /// right it holds no longer, and its owner is told.
    pub(super) async fn pin(
        &self,
        own: &OwnSession,
        (pin, place): (SecretString, Option<Reserved>),
        language: Language,
    ) -> Result<bool, ApiError> {
        let place = place.ok_or_else(|| ApiError::internal("a PIN for which no place is kept"))?;
        let account = own.person.id;
        let now = self.time().now();
        let PinTried { hash, last } = match self.control().try_pin(account, now).await? {
            PinTry::Counted(tried) => tried,
            PinTry::Wait(due) => return Err(until(due, now)),
            PinTry::None => return Err(ApiError::PinDisabled),
        };
        if let Checked::Right(_) = self.passwords().check_at(place, pin, Some(hash.clone())).await? {
            self.control().pin_was_right(account, hash).await?;
            return Ok(true);
        }
        if last {
            self.told(own, MailPurpose::PinDisabled, language).await?;
            return Err(ApiError::PinDisabled);
        }
        Ok(false)
    }

    /// Whether a passkey of the account has signed this content.
    pub(super) async fn passkey(
        &self,
        own: &OwnSession,
        json: Json,
        content: [u8; 32],
        expires: Timestamp,
    ) -> Result<bool, ApiError> {
        self.factors().has_signed(own.person.id, json, content, expires).await
    }

    /// Mails whoever's account it is, where the address is theirs.
    pub(super) async fn told(
        &self,
        own: &OwnSession,
        purpose: MailPurpose,
        language: Language,
    ) -> Result<(), ApiError> {
        if !own.person.confirmed {
            return Ok(());
        }
        let (address, account) = (own.person.email.clone(), Some(own.person.id));
        self.post().ask(vec![Wish { purpose, address, account, language }]).await
    }
}

/// Not before then.
fn until(due: Timestamp, now: Timestamp) -> ApiError {
    let millis = due.duration_since(now).as_millis();
    ApiError::TooManyTries(u64::try_from(millis).unwrap_or(0).div_ceil(1_000))
}
