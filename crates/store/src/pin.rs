//! PINs of accounts: what is asked for at a security checkpoint, five times.
//!
//! **Architecture Invariant:** a try is counted in a commit of its own before anybody is given the hash to look at: whoever tries on
//! however many servers at once, and whatever crashes, a PIN is looked at five times at most.

use gridkeep_model::AccountId;
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{Control, StoreError, dialect::millis};

/// Tries in a row that may be wrong.
pub const PIN_TRIES: i64 = 5;

/// What is known of a PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// It had all its tries.
    pub disabled: bool,
    /// Since when it is set.
    pub changed: Timestamp,
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
        let sql = "SELECT tries, changed FROM pins WHERE account = $1";
        let values: Vec<Bound> = vec![account.uuid().into()];
        self.database()
            .read(move |link| {
                link.first(sql, &values, |cells| {
                    Ok(Pin { disabled: cells.get::<i64>(0)? >= PIN_TRIES, changed: cells.moment(1)? })
                })
            })
            .await
    }

    /// Sets it, with all its tries.
    pub async fn set_pin(&self, account: AccountId, hash: String, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO pins (account, hash, tries, changed) VALUES ($1, $2, 0, $3)
            ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, tries = 0, changed = excluded.changed";
        let values: Vec<Bound> = vec![account.uuid().into(), hash.into(), millis(now)];
        self.database().write(move |link| link.execute(sql, &values).map(drop)).await
    }

    /// Removes it; whether there was one.
    pub async fn remove_pin(&self, account: AccountId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM pins WHERE account = $1";
        let values: Vec<Bound> = vec![account.uuid().into()];
        self.database().write(move |link| Ok(link.execute(sql, &values)? > 0)).await
    }

    /// Counts a try and gives what it is judged by; `None` where there is no PIN, or it had all its tries.
    pub async fn try_pin(&self, account: AccountId) -> Result<Option<PinTried>, StoreError> {
        self.database()
            .write(move |link| {
                let account: Bound = account.uuid().into();
                let sql = "UPDATE pins SET tries = tries + 1 WHERE account = $1 AND tries < $2";
                if link.execute(sql, &[account.clone(), PIN_TRIES.into()])? == 0 {
                    return Ok(None);
                }
                let sql = "SELECT hash, tries FROM pins WHERE account = $1";
                link.first(sql, &[account], |cells| {
                    Ok(PinTried { hash: cells.get(0)?, last: cells.get::<i64>(1)? >= PIN_TRIES })
                })
            })
            .await
    }

    /// The one with this hash was typed rightly: it has all its tries again.
    pub async fn pin_was_right(&self, account: AccountId, hash: String) -> Result<(), StoreError> {
        let sql = "UPDATE pins SET tries = 0 WHERE account = $1 AND hash = $2";
        let values: Vec<Bound> = vec![account.uuid().into(), hash.into()];
        self.database().write(move |link| link.execute(sql, &values).map(drop)).await
    }
}
