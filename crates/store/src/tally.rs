//! How often things were tried in vain, and the browsers people have signed in with: what slows down guessing on all servers
//! of a control database alike.
//!
//! **Architecture Invariant:** a try is counted in the commit that finds it allowed: of many at the same moment each counts.
//! What was tried is known here by its hash alone. Nothing of it is what others read under a mark.

use gridkeep_model::AccountId;
use jiff::Timestamp;

use crate::{
    Control, StoreError,
    dialect::{Link, millis},
};

/// Browsers that are known of one account; those not seen for longest go.
const MOST_BROWSERS: usize = 20;
/// Entries that are over are forgotten so many at a time, with a try: it stays short.
const FORGOTTEN: u32 = 64;

/// How often something was tried in vain, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// In a row; 0 when never.
    pub failures: u32,
    /// The last one.
    pub last: Timestamp,
}

/// The counts, within one commit.
pub struct Tally<'a> {
    link: &'a mut dyn Link,
    now: Timestamp,
}

impl<'a> Tally<'a> {
    /// The counts, within a commit of something else.
    pub(crate) fn within(link: &'a mut dyn Link, now: Timestamp) -> Self {
        Self { link, now }
    }

    /// How often this was tried.
    pub fn tries(&mut self, what: &[u8; 32]) -> Result<Tries, StoreError> {
        let sql = "SELECT failures, last FROM tries WHERE what = $1 AND until > $2";
        let found = self.link.first(sql, &[what.to_vec().into(), millis(self.now)], |cells| {
            let failures = u32::try_from(cells.get::<i64>(0)?).unwrap_or(u32::MAX);
            Ok(Tries { failures, last: cells.moment(1)? })
        })?;
        Ok(found.unwrap_or(Tries { failures: 0, last: self.now }))
    }

    /// Counts one more, forgotten at `until` unless another comes before.
    pub fn count(&mut self, what: &[u8; 32], until: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO tries (what, failures, last, until) VALUES ($1, 1, $2, $3)
             ON CONFLICT (what) DO UPDATE SET
                 failures = CASE WHEN tries.until > $2 THEN tries.failures + 1 ELSE 1 END,
                 last = excluded.last, until = excluded.until";
        self.link.execute(sql, &[what.to_vec().into(), millis(self.now), millis(until)])?;
        Ok(())
    }

    /// Uses something up that may be used once; `false` when it was before.
    pub fn spend(&mut self, what: &[u8; 32], until: Timestamp) -> Result<bool, StoreError> {
        let sql = "INSERT INTO tries (what, failures, last, until) VALUES ($1, 1, $2, $3)
             ON CONFLICT (what) DO NOTHING";
        Ok(self.link.execute(sql, &[what.to_vec().into(), millis(self.now), millis(until)])? > 0)
    }

    /// Counts nothing of this any more.
    pub fn forget(&mut self, what: &[u8; 32]) -> Result<(), StoreError> {
        self.link.execute("DELETE FROM tries WHERE what = $1", &[what.to_vec().into()])?;
        Ok(())
    }

    /// Counts one less.
    pub fn take_back(&mut self, what: &[u8; 32]) -> Result<(), StoreError> {
        let sql = "UPDATE tries SET failures = failures - 1 WHERE what = $1 AND failures > 0";
        self.link.execute(sql, &[what.to_vec().into()])?;
        Ok(())
    }

    /// Whether somebody has signed in with this browser.
    pub fn knows(&mut self, browser: &[u8; 32]) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM known_browsers b JOIN accounts a ON a.id = b.account
             WHERE b.token = $1 AND a.confirmed IS NOT NULL";
        Ok(self.link.first(sql, &[browser.to_vec().into()], |_| Ok(()))?.is_some())
    }

    fn forget_some(&mut self) -> Result<(), StoreError> {
        let sql = format!(
            "DELETE FROM tries WHERE what IN (SELECT what FROM tries WHERE until <= $1 ORDER BY until LIMIT {FORGOTTEN})"
        );
        self.link.execute(&sql, &[millis(self.now)])?;
        Ok(())
    }
}

impl Control {
    /// Looks and counts in one commit; it may run twice, the first time in vain.
    pub async fn tally<T: Send + 'static>(
        &self,
        now: Timestamp,
        mut body: impl FnMut(&mut Tally<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.database()
            .change(move |link| {
                let mut tally = Tally { link, now };
                tally.forget_some()?;
                body(&mut tally)
            })
            .await
    }

    /// Notes that somebody signed in with this browser. Whether it is new to an account that has signed in with others; nothing is
    /// noted of an account that only claims its address: whose browser that is its owner decides.
    pub async fn know_browser(
        &self,
        account: AccountId,
        browser: [u8; 32],
        now: Timestamp,
        forgotten: Timestamp,
    ) -> Result<Option<bool>, StoreError> {
        self.database()
            .change(move |link| {
                let account = account.uuid();
                let sql = "SELECT 1 FROM accounts WHERE id = $1 AND confirmed IS NOT NULL";
                if link.first(sql, &[account.into()], |_| Ok(()))?.is_none() {
                    return Ok(None);
                }
                let values = [account.into(), millis(forgotten)];
                link.execute("DELETE FROM known_browsers WHERE account = $1 AND seen <= $2", &values)?;
                let sql = "SELECT token FROM known_browsers WHERE account = $1 ORDER BY seen DESC";
                let known: Vec<Vec<u8>> = link.all(sql, &[account.into()], |cells| cells.get(0))?;
                for old in known.iter().skip(MOST_BROWSERS) {
                    link.execute("DELETE FROM known_browsers WHERE token = $1", &[old.clone().into()])?;
                }
                let sql = "INSERT INTO known_browsers (token, account, seen) VALUES ($1, $2, $3)
                     ON CONFLICT (token) DO UPDATE SET account = excluded.account, seen = excluded.seen";
                link.execute(sql, &[browser.to_vec().into(), account.into(), millis(now)])?;
                Ok(Some(!known.is_empty() && !known.iter().any(|token| *token == browser)))
            })
            .await
    }

    /// Knows no browser of an account any more: somebody else may have had its password.
    pub async fn forget_browsers(&self, account: AccountId) -> Result<(), StoreError> {
        self.database()
            .change(move |link| {
                link.execute("DELETE FROM known_browsers WHERE account = $1", &[account.uuid().into()])?;
                Ok(())
            })
            .await
    }
}
