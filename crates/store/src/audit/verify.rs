//! Whether the log is what it was: each row hashed anew, slice by slice, in memory that does not grow with it.
//!
//! **Architecture Invariant:** nothing kept beside the rows is believed: hashes, nodes and the end are compared with what the
//! rows give. What a whole rewriting would hide is found by heads that were signed and are kept elsewhere.

use std::collections::BTreeMap;

use super::{
    entry::{Entry, ZERO, commitment, hex},
    read::{ENTRY, read_entry},
    tree::{Hash, Peaks},
};
use crate::{Reader, StoreError, audit::append::read_hash};

/// Rows whose absence is made up for, so that what is behind them is looked at in its place.
const LOST: u64 = 1_000_000;
/// Faults that are named one by one.
const NAMED: usize = 50;
/// The kind of rows that say how many values were erased.
pub(super) const ERASED: &str = "audit.erased";

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// These rows are gone.
    Missing {
        /// The first of them.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The row does not say what it said when it was written.
    Edited(u64),
    /// The row does not follow the one before it.
    Unchained(u64),
    /// A personal value is not what was committed to.
    Value(u64, String),
    /// Personal values are gone, and no erasure says so: how many.
    ValuesGone(u64),
    /// The row of the chain's end says something else than the rows.
    End,
    /// A kept node of the tree is not what the rows give.
    Node {
        /// The first row beneath it.
        from: u64,
        /// The last.
        to: u64,
    },
    /// A signed head is of more rows than there are: those after the end are gone.
    Truncated {
        /// Rows of the head.
        head: u64,
        /// Rows that are there.
        size: u64,
    },
    /// The first rows, as many as a signed head is of, are not those it was signed for.
    Rewritten {
        /// Rows of the head.
        head: u64,
    },
}

/// The verification as far as it has come. Fed by [`Reader::audit_verify`].
#[derive(Debug)]
pub struct Verifier {
    peaks: Peaks,
    last: Hash,
    faults: Vec<Fault>,
    more: u64,
    /// Roots of signed heads, by size.
    heads: BTreeMap<u64, Vec<Hash>>,
    committed: u64,
    kept: u64,
    erased: u64,
    nodes: Vec<(u32, u64, Hash)>,
    /// The last row that was looked at.
    after: u64,
    rewritten: bool,
    ended: bool,
}

impl Verifier {
    /// Against these signed heads: sizes and roots.
    pub fn new(heads: impl IntoIterator<Item = (u64, Hash)>) -> Self {
        let mut by_size: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
        for (size, root) in heads {
            by_size.entry(size).or_default().push(root);
        }
        Self {
            peaks: Peaks::default(),
            last: ZERO,
            faults: Vec::new(),
            more: 0,
            heads: by_size,
            committed: 0,
            kept: 0,
            erased: 0,
            nodes: Vec::new(),
            after: 0,
            rewritten: false,
            ended: false,
        }
    }

    /// What is wrong, at most 50 of it.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// How much more is wrong.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// Rows so far, those that are gone included.
    pub fn size(&self) -> u64 {
        self.peaks.size()
    }

    /// The root of the rows so far.
    pub fn root(&self) -> Hash {
        self.peaks.root()
    }

    /// Personal values that were erased.
    pub fn erased(&self) -> u64 {
        self.committed.saturating_sub(self.kept)
    }

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < NAMED {
            self.faults.push(fault);
        } else {
            self.more += 1;
        }
    }

    fn row(&mut self, entry: &Entry) {
        let expected = self.after + 1;
        if entry.sequence != expected {
            self.fault(Fault::Missing { from: expected, to: entry.sequence.saturating_sub(1) });
            // What is missing has no hash; the rows behind it have their places in the tree all the same.
            for _ in expected..entry.sequence.min(expected.saturating_add(LOST)) {
                self.push(ZERO);
            }
        } else if entry.previous != self.last {
            self.fault(Fault::Unchained(entry.sequence));
        }
        self.after = entry.sequence;
        if entry.computed() != entry.hash {
            self.fault(Fault::Edited(entry.sequence));
        }
        self.committed += entry.commitments.matches("\":\"").count() as u64;
        if entry.kind == ERASED {
            let facts: Option<serde_json::Value> = serde_json::from_str(&entry.facts).ok();
            self.erased += facts.and_then(|facts| facts["values"].as_u64()).unwrap_or(0);
        }
        // The kept hash: a row that was edited is one fault, and none of the tree's.
        self.last = entry.hash;
        self.push(entry.hash);
    }

    fn push(&mut self, leaf: Hash) {
        let nodes = &mut self.nodes;
        self.peaks.push(leaf, &mut |level, number, hash| {
            if level % super::append::STEP == 0 {
                nodes.push((level, number, *hash));
            }
        });
        let size = self.peaks.size();
        if let Some(roots) = self.heads.remove(&size) {
            let root = self.peaks.root();
            // All after the first are of the same rows.
            if !self.rewritten && roots.iter().any(|one| *one != root) {
                self.rewritten = true;
                self.fault(Fault::Rewritten { head: size });
            }
        }
    }
}

impl Reader<'_> {
    /// Looks at the next rows, so many at most; whether it has come to the end. What is added meanwhile is looked at too.
    pub fn audit_verify(&mut self, verifier: &mut Verifier, most: u32) -> Result<bool, StoreError> {
        if verifier.ended {
            return Ok(true);
        }
        let from = verifier.after;
        let sql = format!("{ENTRY} WHERE sequence > $1 ORDER BY sequence LIMIT {most}");
        let mut rows = 0;
        self.link.stream(&sql, &[from.into()], &mut |cells| {
            rows += 1;
            verifier.row(&read_entry(cells)?);
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        let to = verifier.after;
        // Values of rows that are gone were committed to by nobody.
        let sql = "SELECT v.sequence, v.name, v.salt, v.value, a.commitments FROM audit_values v
            LEFT JOIN audit a ON a.sequence = v.sequence
            WHERE v.sequence > $1 AND v.sequence <= $2 ORDER BY v.sequence, v.name";
        self.link.stream(sql, &[from.into(), to.into()], &mut |cells| {
            let (name, salt): (String, Vec<u8>) = (cells.get(1)?, cells.get(2)?);
            let committed = hex(&commitment(&salt, &name, &cells.get::<String>(3)?));
            let commitments: Option<String> = cells.maybe(4)?;
            let named = format!("\"{name}\":\"");
            let found = commitments.as_deref().and_then(|text| {
                text.find(&named).and_then(|at| text.get(at + named.len()..at + named.len() + 64))
            });
            match found {
                Some(found) if found == committed => verifier.kept += 1,
                Some(_) => {
                    verifier.kept += 1;
                    verifier.fault(Fault::Value(cells.count(0)?, name));
                }
                None => verifier.fault(Fault::Value(cells.count(0)?, name)),
            }
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        if rows == most {
            return Ok(false);
        }
        verifier.ended = true;
        self.audit_verify_end(verifier)?;
        Ok(true)
    }

    /// What stands beside the rows, in the state in which the last of them was read.
    fn audit_verify_end(&mut self, verifier: &mut Verifier) -> Result<(), StoreError> {
        let end = self.audit_end();
        let size = verifier.size();
        if !end.is_ok_and(|end| end.peaks == verifier.peaks && (size == 0 || end.hash == verifier.last)) {
            verifier.fault(Fault::End);
        }
        let mut kept = BTreeMap::new();
        self.link.query("SELECT level, number, hash FROM audit_nodes", &[], &mut |cells| {
            kept.insert((cells.small(0)?, cells.count(1)?), read_hash(&cells.get::<Vec<u8>>(2)?)?);
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        let range = |level: u32, number: u64| Fault::Node {
            from: number.saturating_mul(1 << level.min(63)).saturating_add(1),
            to: number.saturating_add(1).saturating_mul(1 << level.min(63)),
        };
        for (level, number, hash) in std::mem::take(&mut verifier.nodes) {
            if kept.remove(&(level, number)) != Some(hash) {
                verifier.fault(range(level, number));
            }
        }
        for (level, number) in kept.into_keys() {
            verifier.fault(range(level, number));
        }
        if verifier.erased() != verifier.erased {
            let gone = verifier.erased().abs_diff(verifier.erased);
            verifier.fault(Fault::ValuesGone(gone));
        }
        // The empty tree is the beginning of each.
        let beyond: Vec<u64> = verifier.heads.keys().copied().filter(|head| *head > size).collect();
        for head in beyond {
            verifier.fault(Fault::Truncated { head, size });
        }
        Ok(())
    }
}
