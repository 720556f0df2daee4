//! Signed heads of the tree, and forgetting people.

use std::collections::BTreeSet;

use gridkeep_model::AccountId;
use jiff::Timestamp;

use super::{
    append::read_hash,
    entry::NewEntry,
    named::{addresses, whose},
    tree::{Hash, Peaks},
    verify::ERASED,
};
use crate::{
    Reader, RowWork, StoreError,
    dialect::{Cells, millis},
};

/// A head that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Of so many rows.
    pub size: u64,
    /// Their root.
    pub root: Hash,
    /// When it was signed.
    pub at: Timestamp,
    /// With which key.
    pub key_id: String,
    /// The signature.
    pub signature: Vec<u8>,
}

const HEAD: &str = "SELECT size, root, time, key_id, signature FROM audit_heads";

fn read_head(cells: &dyn Cells) -> Result<AuditHead, StoreError> {
    Ok(AuditHead {
        size: cells.count(0)?,
        root: read_hash(&cells.get::<Vec<u8>>(1)?)?,
        at: cells.moment(2)?,
        key_id: cells.get(3)?,
        signature: cells.get(4)?,
    })
}

impl Reader<'_> {
    /// Where the tree stands: its peaks, which give size and root.
    pub fn audit_peaks(&mut self) -> Result<Peaks, StoreError> {
        Ok(self.audit_end()?.peaks)
    }

    /// The head that was signed last.
    pub fn last_audit_head(&mut self) -> Result<Option<AuditHead>, StoreError> {
        self.link.first(&format!("{HEAD} ORDER BY size DESC LIMIT 1"), &[], read_head)
    }

    /// The smallest signed head that covers a row.
    pub fn audit_head_over(&mut self, sequence: u64) -> Result<Option<AuditHead>, StoreError> {
        let sql = format!("{HEAD} WHERE size >= $1 ORDER BY size LIMIT 1");
        self.link.first(&sql, &[sequence.into()], read_head)
    }

    /// Signed heads of more rows than these, the smallest first.
    pub fn audit_heads(&mut self, above: u64, most: u32) -> Result<Vec<AuditHead>, StoreError> {
        self.link.all(
            &format!("{HEAD} WHERE size > $1 ORDER BY size LIMIT {most}"),
            &[above.into()],
            read_head,
        )
    }

    /// Addresses with which the log has somebody. That they had them says not that these were theirs: addresses are claimed.
    pub fn audit_addresses(&mut self, account: AccountId) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT DISTINCT value FROM audit_values WHERE account = $1 AND name IN ('user', 'approver')";
        let own = self.link.all(sql, &[account.uuid().into()], |cells| cells.get::<String>(0))?;
        // The last, in `Name <address>`: whoever calls themselves an address has it not.
        let last = |text: &String| addresses(text).last().map(|range| text[range].to_owned());
        Ok(own.iter().filter_map(last).collect::<BTreeSet<_>>().into_iter().collect())
    }
}

impl RowWork<'_> {
    /// Keeps a signed head; `false` when there is one of that size.
    pub fn keep_audit_head(&mut self, head: &AuditHead) -> Result<bool, StoreError> {
        let sql = "INSERT INTO audit_heads (size, root, time, key_id, signature) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (size) DO NOTHING";
        let values = [
            head.size.into(),
            head.root.to_vec().into(),
            millis(head.at),
            head.key_id.as_str().into(),
            head.signature.clone().into(),
        ];
        Ok(self.link.execute(sql, &values)? > 0)
    }

    /// Erases what the log has of somebody in clear, and adds a row that says how many values; how many. Where others' rows name them it
    /// is by an address: by these, which must be theirs.
    pub fn erase_from_audit(
        &mut self,
        account: AccountId,
        theirs: &[String],
        (at, seed): (Timestamp, [u8; 32]),
    ) -> Result<u64, StoreError> {
        let mut owners: BTreeSet<_> = [account.uuid()].into();
        for text in theirs {
            owners.extend(addresses(text).map(|range| whose(&text[range]).uuid()));
        }
        let mut values = 0;
        for whose in owners {
            values += self.link.execute("DELETE FROM audit_values WHERE account = $1", &[whose.into()])?;
        }
        if values > 0 {
            self.audit(&NewEntry::new(ERASED, at, seed).fact("values", values))?;
        }
        Ok(values)
    }
}
