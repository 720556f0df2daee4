//! Sign-ins whose password was right and whose second factor is waited for.
//!
//! **Architecture Invariant:** a try is counted before it is judged, in the same commit: of many at once all count. A half
//! sign-in and a recovery code are used up in the commit that accepts them.

use gridkeep_model::AccountId;
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Control, FactorKind, Judge, StoreError,
    dialect::{Link, millis},
    factor::{factors, judged},
};

/// Tries that a half sign-in allows.
const TRIES: i64 = 5;
/// Failed tries of a kind that cost an account nothing; then it waits, twice as long each time.
const FREE: i64 = 5;
const FIRST_WAIT: u64 = 30;
const LONGEST_WAIT: u64 = 3_600;
/// After so many the wait grows no longer.
const SLOWEST: i64 = FREE + 7;
/// From then on no try of this kind is taken, until another kind succeeded (SP 800-63B-4 section 3.2.2).
const MOST_FAILURES: i64 = 100;

/// Somebody whose password was right, and whose second factor is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HalfSignIn {
    /// SHA-256 of its token.
    pub token: [u8; 32],
    /// Whose.
    pub account: AccountId,
    /// When the password was right.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// What is tried in place of the second factor.
pub enum Offer {
    /// A proof of a factor of this kind.
    Factor(FactorKind, Judge),
    /// The hash of a recovery code; `None` when what was typed cannot be one.
    Recovery(Option<[u8; 32]>),
}

impl Offer {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Factor(kind, _) => kind.word(),
            Self::Recovery(_) => "recovery",
        }
    }
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// There is no such half sign-in, or no longer.
    Over,
    /// Not looked at: too many failed; seconds to wait.
    Wait(u64),
    /// Not accepted.
    Wrong,
    /// Accepted: whose account, the hash of the password that was right before, and [`Factor::since`] of what was shown.
    Right(AccountId, String, Option<Timestamp>),
}

impl Control {
    /// Begins to wait for a second factor, and forgets what is over; `false` when the password is another by now.
    pub async fn begin_half(&self, half: HalfSignIn, password: &str) -> Result<bool, StoreError> {
        let password = password.to_owned();
        self.database()
            .write(move |link| {
                let now = millis(half.created);
                link.execute("DELETE FROM half_sign_ins WHERE expires <= $1", std::slice::from_ref(&now))?;
                let sql = "SELECT 1 FROM accounts WHERE id = $1 AND password = $2";
                let owner: Bound = half.account.uuid().into();
                if link.first(sql, &[owner.clone(), password.into()], |_| Ok(()))?.is_none() {
                    return Ok(false);
                }
                let sql = "INSERT INTO half_sign_ins (token, account, tries, created, expires)
                    VALUES ($1, $2, $3, $4, $5)";
                link.execute(
                    sql,
                    &[half.token.to_vec().into(), owner, 0_i64.into(), now, millis(half.expires)],
                )?;
                Ok(true)
            })
            .await
    }

    /// Whose second factor is waited for, while it is.
    pub async fn half(&self, token: [u8; 32], now: Timestamp) -> Result<Option<AccountId>, StoreError> {
        let sql = "SELECT account FROM half_sign_ins WHERE token = $1 AND expires > $2 AND tries < $3";
        let values: Vec<Bound> = vec![token.to_vec().into(), millis(now), TRIES.into()];
        self.database()
            .read(move |link| link.first(sql, &values, |cells| Ok(AccountId::from_uuid(cells.get(0)?))))
            .await
    }

    /// Gives up waiting. Whoever makes one up costs a look, no commit.
    pub async fn end_half(&self, token: [u8; 32], now: Timestamp) -> Result<(), StoreError> {
        if self.half(token, now).await?.is_none() {
            return Ok(());
        }
        let sql = "DELETE FROM half_sign_ins WHERE token = $1";
        self.database().write(move |link| link.execute(sql, &[token.to_vec().into()]).map(drop)).await
    }

    /// Tries something in place of the second factor that is waited for; the half sign-in ends when it is accepted.
    pub async fn try_half(&self, token: [u8; 32], now: Timestamp, offer: Offer) -> Result<Tried, StoreError> {
        self.database()
            .write(move |link| {
                let sql = "SELECT h.account, h.tries, a.password FROM half_sign_ins h
                    JOIN accounts a ON a.id = h.account WHERE h.token = $1 AND h.expires > $2";
                let token: Bound = token.to_vec().into();
                let found = link.first(sql, &[token.clone(), millis(now)], |cells| {
                    Ok((AccountId::from_uuid(cells.get(0)?), cells.get::<i64>(1)?, cells.get::<String>(2)?))
                })?;
                let Some((account, tries, password)) = found else { return Ok(Tried::Over) };
                if tries >= TRIES {
                    return Ok(Tried::Over);
                }
                if let Some(wait) = count_try(link, account, offer.kind(), now)? {
                    return Ok(Tried::Wait(wait));
                }
                let sql = "UPDATE half_sign_ins SET tries = tries + 1 WHERE token = $1";
                link.execute(sql, std::slice::from_ref(&token))?;
                let Accepts::Right(since) = accepts(link, account, offer, now)? else {
                    return Ok(Tried::Wrong);
                };
                link.execute("DELETE FROM half_sign_ins WHERE token = $1", &[token])?;
                Ok(Tried::Right(account, password, since))
            })
            .await
    }

    /// Tries something in place of the second factor of somebody who is signed in and proves anew who they are.
    pub async fn try_own(
        &self,
        account: AccountId,
        now: Timestamp,
        offer: Offer,
    ) -> Result<Tried, StoreError> {
        self.database()
            .write(move |link| {
                let sql = "SELECT password FROM accounts WHERE id = $1";
                let password = link.first(sql, &[account.uuid().into()], |cells| cells.get(0))?;
                let Some(password) = password else { return Ok(Tried::Over) };
                if let Some(wait) = count_try(link, account, offer.kind(), now)? {
                    return Ok(Tried::Wait(wait));
                }
                Ok(match accepts(link, account, offer, now)? {
                    Accepts::Right(since) => Tried::Right(account, password, since),
                    Accepts::No => Tried::Wrong,
                })
            })
            .await
    }
}

/// What is said to an offer.
enum Accepts {
    No,
    /// With [`Factor::since`] of what was shown.
    Right(Option<Timestamp>),
}

/// Has an offer judged, and uses up what it takes. Nothing counts as failed any more where it is accepted.
fn accepts(
    link: &mut dyn Link,
    account: AccountId,
    offer: Offer,
    now: Timestamp,
) -> Result<Accepts, StoreError> {
    let said = match offer {
        Offer::Factor(kind, judge) => {
            let mut own = factors(link, account)?;
            own.retain(|factor| factor.kind == kind && factor.proven);
            judged(link, &own, judge, now)?.map_or(Accepts::No, |shown| Accepts::Right(shown.since))
        }
        Offer::Recovery(None) => Accepts::No,
        Offer::Recovery(Some(hash)) => {
            let sql = "DELETE FROM recovery_codes WHERE account = $1 AND hash = $2";
            let known = link.execute(sql, &[account.uuid().into(), hash.to_vec().into()])? > 0;
            if known { Accepts::Right(None) } else { Accepts::No }
        }
    };
    if matches!(said, Accepts::Right(_)) {
        link.execute("DELETE FROM factor_tries WHERE account = $1", &[account.uuid().into()])?;
    }
    Ok(said)
}

/// A new password by mail: whoever locked a kind with the old one does so no longer. Tries go on being an hour apart, so that
/// whoever reads the mail alone has no hundred new ones.
pub(crate) fn unlock(link: &mut dyn Link, account: AccountId) -> Result<(), StoreError> {
    let sql = "UPDATE factor_tries SET failures = $1 WHERE account = $2 AND failures > $1";
    link.execute(sql, &[SLOWEST.into(), account.uuid().into()]).map(drop)
}

/// Counts a try as failed; or says how long to wait, and counts nothing.
fn count_try(
    link: &mut dyn Link,
    account: AccountId,
    kind: &str,
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT failures, last FROM factor_tries WHERE account = $1 AND kind = $2";
    let values: [Bound; 2] = [account.uuid().into(), kind.into()];
    let found = link.first(sql, &values, |cells| Ok((cells.get::<i64>(0)?, cells.moment(1)?)))?;
    if let Some((failures, last)) = found
        && let Some(wait) = wait(failures)
    {
        let passed = u64::try_from(now.duration_since(last).as_secs()).unwrap_or_default();
        if failures >= MOST_FAILURES {
            return Ok(Some(LONGEST_WAIT));
        }
        if passed < wait {
            return Ok(Some(wait - passed));
        }
    }
    let sql = "INSERT INTO factor_tries (account, kind, failures, last) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account, kind) DO UPDATE SET failures = factor_tries.failures + 1, last = excluded.last";
    let [account, kind] = values;
    link.execute(sql, &[account, kind, 1_i64.into(), millis(now)])?;
    Ok(None)
}

/// Seconds between two tries after so many failures.
fn wait(failures: i64) -> Option<u64> {
    let beyond = u64::try_from(failures.checked_sub(FREE)?).ok()?;
    Some((FIRST_WAIT << beyond.min(16)).min(LONGEST_WAIT))
}
