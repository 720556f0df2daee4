//! Adding to the log, in any work.
//!
//! **Architecture Invariant:** writers of a tenant take turns, so what was read of the chain's end holds until the commit:
//! numbers have no gaps, and each row follows the one before it.

use super::{
    entry::{Entry, NewEntry, NewEvent, ZERO},
    tree::{Hash, Peaks},
};
use crate::{Reader, RowWork, StoreError, dialect::millis};

/// Levels of the tree of which every node is kept: multiples of this.
pub(super) const STEP: u32 = 8;

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) hash: Hash,
    pub(crate) peaks: Peaks,
}

pub(super) fn read_hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    Hash::try_from(bytes).map_err(|_| StoreError::corrupt("hash", format!("{} bytes", bytes.len())))
}

impl Reader<'_> {
    /// Where the chain ends, as its own row says.
    pub(crate) fn audit_end(&mut self) -> Result<End, StoreError> {
        let sql = "SELECT size, hash, peaks FROM audit_end";
        let found = self.link.first(sql, &[], |cells| {
            let peaks: Vec<u8> = cells.get(2)?;
            let hashes = peaks.chunks(32).map(read_hash).collect::<Result<_, _>>()?;
            let size = cells.count(0)?;
            let peaks =
                Peaks::new(size, hashes).ok_or_else(|| StoreError::corrupt("end of the audit log", size))?;
            Ok(End { hash: read_hash(&cells.get::<Vec<u8>>(1)?)?, peaks })
        })?;
        found.ok_or_else(|| StoreError::corrupt("end of the audit log", "none"))
    }
}

impl RowWork<'_> {
    /// Adds an entry to the log; its sequence number. It is there with the commit of this work, or not at all.
    pub fn audit(&mut self, entry: &NewEntry) -> Result<u64, StoreError> {
        let End { hash: previous, mut peaks } = self.audit_end()?;
        let previous = if peaks.size() == 0 { ZERO } else { previous };
        let sequence = peaks.size() + 1;
        let (row, salts) = Entry::next(entry, sequence, previous)?;
        let sql = "INSERT INTO audit (sequence, kind, subject, time, facts, commitments, previous, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = [
            sequence.into(),
            row.kind.into(),
            row.subject.into(),
            row.time.into(),
            row.facts.into(),
            row.commitments.into(),
            row.previous.to_vec().into(),
            row.hash.to_vec().into(),
        ];
        self.link.execute(sql, &values)?;
        for (personal, (name, salt)) in entry.personal.values().zip(salts) {
            let sql =
                "INSERT INTO audit_values (sequence, name, account, salt, value) VALUES ($1, $2, $3, $4, $5)";
            let account = personal.account.map(gridkeep_model::AccountId::uuid);
            let values = [
                sequence.into(),
                name.into(),
                account.into(),
                salt.to_vec().into(),
                personal.value.as_str().into(),
            ];
            self.link.execute(sql, &values)?;
        }
        let mut complete = Vec::new();
        peaks.push(row.hash, &mut |level, number, hash| {
            if level % STEP == 0 {
                complete.push((level, number, *hash));
            }
        });
        for (level, number, hash) in complete {
            let sql = "INSERT INTO audit_nodes (level, number, hash) VALUES ($1, $2, $3)";
            self.link.execute(sql, &[i64::from(level).into(), number.into(), hash.to_vec().into()])?;
        }
        let sql = "UPDATE audit_end SET size = $1, hash = $2, peaks = $3";
        let values = [sequence.into(), row.hash.to_vec().into(), peaks.hashes().concat().into()];
        self.link.execute(sql, &values)?;
        Ok(sequence)
    }

    /// Keeps an event for those who are told of such: with the commit of this work, or not at all.
    pub fn tell(&mut self, event: &NewEvent) -> Result<(), StoreError> {
        // Writers of a tenant take turns, so that this is the order of commits.
        let sql = "INSERT INTO events (id, name, sequence, body, created, spread, number)
            VALUES ($1, $2, $3, $4, $5, $6, (SELECT coalesce(max(number), 0) + 1 FROM events))";
        let values = [
            event.id.uuid().into(),
            event.name.as_str().into(),
            event.sequence.into(),
            event.body.to_string().into(),
            millis(event.at),
            false.into(),
        ];
        self.link.execute(sql, &values).map(drop)
    }
}
