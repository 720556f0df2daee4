//! Accounts that claimed an address which nobody has proven, and that nothing came of.

use jiff::Timestamp;

use crate::{
    Control, StoreError,
    dialect::{Link, millis},
};

/// Accounts erased in one commit.
const AT_ONCE: u32 = 500;

impl Control {
    /// Erases accounts made before this moment whose address was never proven, that belong to no tenant, are nobody's to a
    /// company's provider and signed in nowhere; how many. Whoever locked somebody out keeps them locked out.
    pub async fn forget_claims(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let gone = self.database().write(move |link| forget_some(link, before)).await?;
            all += gone;
            if gone < u64::from(AT_ONCE) {
                return Ok(all);
            }
        }
    }
}

fn forget_some(link: &mut dyn Link, before: Timestamp) -> Result<u64, StoreError> {
    let none = |table: &str| format!("NOT EXISTS (SELECT 1 FROM {table} o WHERE o.account = a.id)");
    let others = ["memberships", "outside_identities", "sessions"].map(none).join(" AND ");
    let sql = format!(
        "DELETE FROM accounts WHERE id IN (SELECT a.id FROM accounts a
         WHERE a.confirmed IS NULL AND a.administrator = $1 AND a.created < $2 AND {others} LIMIT {AT_ONCE})"
    );
    link.execute(&sql, &[false.into(), millis(before)])
}
