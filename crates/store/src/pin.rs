//! PINs of accounts: what is asked for at a security checkpoint, five times.
//!
//! **Architecture Invariant:** a try is counted in a commit of its own before anybody is given the hash to look at: whoever tries on
//! however many servers at once, and whatever crashes, a PIN is looked at five times at most.

use gridkeep_model::AccountId;
use jiff::{SignedDuration, Timestamp};
use sea_query::Value as Bound;

use crate::{Control, StoreError, dialect::millis};

/// Tries in a row that may be wrong.
pub const PIN_TRIES: i64 = 5;
/// How long the next one waits, twice as long after each.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(2);

/// What is known of a PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// It had all its tries.
    pub disabled: bool,
    /// Since when it is set.
    pub changed: Timestamp,
    /// From when on it may be tried.
    pub due: Timestamp,
}

/// What came of asking for a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinTry {
    /// There is none, or it had all its tries.
    None,
    /// One before was wrong: not until then.
    Wait(Timestamp),
    /// It was counted.
    Counted(PinTried),
}

/// A try that was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinTried {
    /// What the PIN is checked by.
    pub hash: String,
    /// There is none after this one.
    pub last: bool,
}

impl Control {
    /// Somebody's PIN.
    pub async fn pin(&self, account: AccountId) -> Result<Option<Pin>, StoreError> {
        let sql = "SELECT tries, changed, due FROM pins WHERE account = $1";
        let values: Vec<Bound> = vec![account.uuid().into()];
        self.database()
            .read(move |link| {
                link.first(sql, &values, |cells| {
                    let disabled = cells.get::<i64>(0)? >= PIN_TRIES;
                    Ok(Pin { disabled, changed: cells.moment(1)?, due: cells.moment(2)? })
                })
            })
            .await
    }

    /// Sets it, with all its tries.
    pub async fn set_pin(&self, account: AccountId, hash: String, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO pins (account, hash, tries, changed) VALUES ($1, $2, 0, $3)
            ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, tries = 0, due = 0, changed = excluded.changed";
        let values: Vec<Bound> = vec![account.uuid().into(), hash.into(), millis(now)];
        self.database().write(move |link| link.execute(sql, &values).map(drop)).await
    }

    /// Removes it; whether there was one.
    pub async fn remove_pin(&self, account: AccountId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM pins WHERE account = $1";
        let values: Vec<Bound> = vec![account.uuid().into()];
        self.database().write(move |link| Ok(link.execute(sql, &values)? > 0)).await
    }

    /// Counts a try and gives what it is judged by, unless one that was wrong is too lately: the next waits twice as long.
    pub async fn try_pin(&self, account: AccountId, now: Timestamp) -> Result<PinTry, StoreError> {
        self.database()
            .write(move |link| {
                let account: Bound = account.uuid().into();
                let sql = "SELECT hash, tries, due FROM pins WHERE account = $1";
                let found = link.first(sql, std::slice::from_ref(&account), |cells| {
                    Ok((cells.get::<String>(0)?, cells.get::<i64>(1)?, cells.moment(2)?))
                })?;
                let Some((hash, tries, due)) = found.filter(|(_, tries, _)| *tries < PIN_TRIES) else {
                    return Ok(PinTry::None);
                };
                if due > now {
                    return Ok(PinTry::Wait(due));
                }
                let wait = FIRST_WAIT * 2_i32.pow(u32::try_from(tries).unwrap_or(0));
                let next = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
                // Whoever looked at the same moment elsewhere was first, or this one is.
                let sql = "UPDATE pins SET tries = tries + 1, due = $1 WHERE account = $2 AND tries = $3 AND due <= $4";
                if link.execute(sql, &[millis(next), account, tries.into(), millis(now)])? == 0 {
                    return Ok(PinTry::Wait(next));
                }
                Ok(PinTry::Counted(PinTried { hash, last: tries + 1 >= PIN_TRIES }))
            })
            .await
    }

    /// The one with this hash was typed rightly: it has all its tries again.
    pub async fn pin_was_right(&self, account: AccountId, hash: String) -> Result<(), StoreError> {
        let sql = "UPDATE pins SET tries = 0, due = 0 WHERE account = $1 AND hash = $2";
        let values: Vec<Bound> = vec![account.uuid().into(), hash.into()];
        self.database().write(move |link| link.execute(sql, &values).map(drop)).await
    }
}
