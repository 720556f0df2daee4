//! Reading the log: pages with a filter, the values beside it, proofs.

use gridkeep_model::AccountId;
use jiff::Timestamp;
use sea_query::Value as Bound;

use super::{
    append::{STEP, read_hash},
    entry::Entry,
    tree::{Hash, Subtree, consistency, inclusion, node},
};
use crate::{
    Reader, StoreError,
    dialect::{Cells, millis},
};

/// Which rows; all that are said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this kind, or of those beneath it: `config` is also `config.provider.added`.
    pub kind: Option<String>,
    /// Not of this kind.
    pub except: Option<String>,
    /// About this.
    pub subject: Option<String>,
    /// That name this account.
    pub account: Option<AccountId>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// Before this row.
    pub before: Option<u64>,
}

/// A personal value that is still kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptValue {
    /// The row it belongs to.
    pub sequence: u64,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// With which it was committed to.
    pub salt: Vec<u8>,
    /// What it is.
    pub value: String,
}

pub(super) const ENTRY: &str =
    "SELECT sequence, kind, subject, time, facts, commitments, previous, hash FROM audit";

pub(super) fn read_entry(cells: &dyn Cells) -> Result<Entry, StoreError> {
    Ok(Entry {
        sequence: cells.count(0)?,
        kind: cells.get(1)?,
        subject: cells.get(2)?,
        time: cells.get(3)?,
        facts: cells.get(4)?,
        commitments: cells.get(5)?,
        previous: read_hash(&cells.get::<Vec<u8>>(6)?)?,
        hash: read_hash(&cells.get::<Vec<u8>>(7)?)?,
    })
}

impl AuditFilter {
    /// The condition, and its values.
    fn condition(&self) -> (String, Vec<Bound>) {
        let (mut words, mut values) = (Vec::new(), Vec::new());
        let mut add = |words_of: &dyn Fn(usize) -> String, of: Vec<Bound>| {
            words.push(words_of(values.len() + 1));
            values.extend(of);
        };
        if let Some(before) = self.before {
            add(&|at| format!("sequence < ${at}"), vec![before.into()]);
        }
        if let Some(kind) = &self.kind {
            // Beneath: a point follows, and what sorts behind a point is a slash.
            let beneath = |end| Bound::from(format!("{kind}{end}"));
            add(
                &|at| format!("(kind = ${at} OR (kind >= ${} AND kind < ${}))", at + 1, at + 2),
                vec![kind.as_str().into(), beneath('.'), beneath('/')],
            );
        }
        if let Some(except) = &self.except {
            add(&|at| format!("kind <> ${at}"), vec![except.as_str().into()]);
        }
        if let Some(subject) = &self.subject {
            add(&|at| format!("subject = ${at}"), vec![subject.as_str().into()]);
        }
        if let Some(from) = self.from {
            add(&|at| format!("time >= ${at}"), vec![millis(from)]);
        }
        if let Some(until) = self.until {
            add(&|at| format!("time < ${at}"), vec![millis(until)]);
        }
        if let Some(account) = self.account {
            let of = |at| format!("sequence IN (SELECT sequence FROM audit_values WHERE account = ${at})");
            add(&of, vec![account.uuid().into()]);
        }
        let words = if words.is_empty() { String::new() } else { format!(" WHERE {}", words.join(" AND ")) };
        (words, values)
    }
}

impl Reader<'_> {
    /// How many rows the log has.
    pub fn audit_size(&mut self) -> Result<u64, StoreError> {
        Ok(self.audit_end()?.peaks.size())
    }

    /// Rows, the newest first.
    pub fn audit_page(&mut self, filter: &AuditFilter, most: u32) -> Result<Vec<Entry>, StoreError> {
        let (condition, values) = filter.condition();
        let sql = format!("{ENTRY}{condition} ORDER BY sequence DESC LIMIT {most}");
        self.link.all(&sql, &values, read_entry)
    }

    /// One row.
    pub fn audit_entry(&mut self, sequence: u64) -> Result<Option<Entry>, StoreError> {
        self.link.first(&format!("{ENTRY} WHERE sequence = $1"), &[sequence.into()], read_entry)
    }

    /// The personal values of these rows that are still kept.
    pub fn audit_values(&mut self, sequences: &[u64]) -> Result<Vec<KeptValue>, StoreError> {
        let mut found = Vec::new();
        for some in sequences.chunks(100) {
            let places: Vec<String> = (1..=some.len()).map(|at| format!("${at}")).collect();
            let sql = format!(
                "SELECT sequence, name, account, salt, value FROM audit_values WHERE sequence IN ({}) ORDER BY sequence, name",
                places.join(", ")
            );
            let values: Vec<Bound> = some.iter().map(|sequence| (*sequence).into()).collect();
            found.extend(self.link.all(&sql, &values, |cells| {
                Ok(KeptValue {
                    sequence: cells.count(0)?,
                    name: cells.get(1)?,
                    account: cells.maybe(2)?.map(AccountId::from_uuid),
                    salt: cells.get(3)?,
                    value: cells.get(4)?,
                })
            })?);
        }
        Ok(found)
    }

    /// What proves that a row is in the tree of this size (RFC 9162, section 2.1.3); `None` when it is not that large.
    pub fn audit_inclusion(&mut self, sequence: u64, size: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        if sequence == 0 || sequence > size || size > self.audit_size()? {
            return Ok(None);
        }
        inclusion(sequence - 1, size, &mut |subtree| self.subtree(subtree)).map(Some)
    }

    /// What proves that the tree of the first size is the beginning of the second's (section 2.1.4).
    pub fn audit_consistency(&mut self, first: u64, second: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        if first == 0 || first > second || second > self.audit_size()? {
            return Ok(None);
        }
        consistency(first, second, &mut |subtree| self.subtree(subtree)).map(Some)
    }

    /// The hash of a perfect subtree, from the level below it that is kept: at most 128 hashes are read.
    fn subtree(&mut self, Subtree { level, number }: Subtree) -> Result<Hash, StoreError> {
        let kept = level / STEP * STEP;
        let count = 1_u64 << (level - kept);
        let from = number << (level - kept);
        let read = |cells: &dyn Cells| read_hash(&cells.get::<Vec<u8>>(0)?);
        let mut hashes = if kept == 0 {
            let sql = "SELECT hash FROM audit WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence";
            self.link.all(sql, &[from.into(), (from + count).into()], read)?
        } else {
            let sql = "SELECT hash FROM audit_nodes WHERE level = $1 AND number >= $2 AND number < $3 ORDER BY number";
            self.link.all(sql, &[i64::from(kept).into(), from.into(), (from + count).into()], read)?
        };
        if hashes.len() as u64 != count {
            return Err(StoreError::corrupt("audit log", format!("nodes of level {kept} from {from} on")));
        }
        while hashes.len() > 1 {
            hashes = hashes.chunks(2).map(|pair| node(&pair[0], &pair[1])).collect();
        }
        hashes.pop().ok_or_else(|| StoreError::corrupt("audit log", "nodes"))
    }
}
