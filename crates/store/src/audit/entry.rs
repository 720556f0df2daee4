//! Entries: what is written, what is kept, and the leaf that is hashed.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256};
use gridkeep_model::{
    AccountId, EventId,
    canonical::{canonical, write_text},
};
use jiff::Timestamp;
use serde_json::Value;

use super::tree::{Hash, leaf};
use crate::StoreError;

/// What the first row has in place of a hash before it.
pub const ZERO: Hash = [0; 32];
/// What a leaf begins with, so that it is nothing else's.
const DOMAIN: &str = "gridkeep-audit-1";
/// What is hashed before a personal value.
const VALUE: &[u8] = b"gridkeep-audit-value-1\0";

/// A value that is somebody's: kept beside the chain, which has a commitment to it only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// Whose: with this account it is erased. Kept as long as the tenant when `None`.
    pub account: Option<AccountId>,
    /// What it is.
    pub value: String,
}

/// What is to be written.
///
/// By agreement `before` and `after` among the facts are the two states of a setting, and the personal value `changes` is
/// JSON: a list of `{"table", "row", "before", "after"}`. The person who acted is the personal value `user`.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// What happened: small letters with points, `checkpoint.passed`.
    pub kind: String,
    /// What it is about: a gate's or a provider's id; may be empty.
    pub subject: String,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// The rest: an object, nothing personal. Whole numbers within 2^53.
    pub facts: Value,
    /// What is somebody's, by name (small letters, digits, `_`).
    pub personal: BTreeMap<String, Personal>,
    /// Chance, of which salts are made.
    pub seed: [u8; 32],
}

impl NewEntry {
    /// An entry without facts; `seed` is drawn anew for each.
    pub fn new(kind: impl Into<String>, at: Timestamp, seed: [u8; 32]) -> Self {
        let facts = Value::Object(serde_json::Map::new());
        Self { kind: kind.into(), subject: String::new(), at, facts, personal: BTreeMap::new(), seed }
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Value::Object(facts) = &mut self.facts {
            facts.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds what is somebody's.
    #[must_use]
    pub fn personal(mut self, name: &str, account: Option<AccountId>, value: impl Into<String>) -> Self {
        self.personal.insert(name.to_owned(), Personal { account, value: value.into() });
        self
    }

    /// The salt of a value: nobody who knows the value finds it by trying.
    pub(super) fn salt(&self, name: &str) -> Hash {
        hash(&[b"gridkeep-audit-salt-1\0", &self.seed, name.as_bytes()])
    }
}

/// Something handlers are told of. What it says stands in the log; only what does not is in `body`.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Its identity, by which a handler that is told twice knows it.
    pub id: EventId,
    /// Its name, as `SECURITY_CHECKPOINT_SUCCESS`.
    pub name: String,
    /// The row of the log it is about.
    pub sequence: Option<u64>,
    /// What else is to be said: an object, nothing personal.
    pub body: Value,
    /// When it happened.
    pub at: Timestamp,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number: 1, 2, ...
    pub sequence: u64,
    /// What happened.
    pub kind: String,
    /// What it is about; may be empty.
    pub subject: String,
    /// When, in milliseconds since 1970 in UTC.
    pub time: i64,
    /// Canonical JSON.
    pub facts: String,
    /// Canonical JSON: commitments by name, in hexadecimal.
    pub commitments: String,
    /// The hash of the row before.
    pub previous: Hash,
    /// Its own, as it is kept; [`Entry::computed`] is what it should be.
    pub hash: Hash,
}

impl Entry {
    /// The row after one with this hash, with the values that are kept beside it: name, whose, salt, value.
    pub(super) fn next(
        new: &NewEntry,
        sequence: u64,
        previous: Hash,
    ) -> Result<(Self, Vec<(String, Hash)>), StoreError> {
        let plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        };
        if !new.facts.is_object() || !new.personal.keys().all(|name| plain(name)) {
            return Err(StoreError::corrupt("audit entry", "facts are an object, names are plain"));
        }
        let salts: Vec<(String, Hash)> =
            new.personal.keys().map(|name| (name.clone(), new.salt(name))).collect();
        let commitments = new
            .personal
            .iter()
            .zip(&salts)
            .map(|((name, personal), (_, salt))| {
                (name.clone(), Value::from(hex(&commitment(salt, name, &personal.value))))
            })
            .collect();
        let text =
            |value: &Value| canonical(value).map_err(|error| StoreError::corrupt("audit entry", error));
        let mut entry = Self {
            sequence,
            kind: new.kind.clone(),
            subject: new.subject.clone(),
            time: new.at.as_millisecond(),
            facts: text(&new.facts)?,
            commitments: text(&Value::Object(commitments))?,
            previous,
            hash: ZERO,
        };
        entry.hash = entry.computed();
        Ok((entry, salts))
    }

    /// What is hashed: the canonical JSON of everything it says. Facts and commitments are canonical already.
    pub fn leaf(&self) -> String {
        let mut out = String::with_capacity(256 + self.facts.len() + self.commitments.len());
        out.push_str("{\"commitments\":");
        out.push_str(&self.commitments);
        out.push_str(",\"domain\":");
        write_text(DOMAIN, &mut out);
        out.push_str(",\"facts\":");
        out.push_str(&self.facts);
        out.push_str(",\"kind\":");
        write_text(&self.kind, &mut out);
        out.push_str(",\"previous\":\"");
        push_hex(&self.previous, &mut out);
        out.push_str("\",\"sequence\":");
        out.push_str(&self.sequence.to_string());
        out.push_str(",\"subject\":");
        write_text(&self.subject, &mut out);
        out.push_str(",\"time\":");
        out.push_str(&self.time.to_string());
        out.push('}');
        out
    }

    /// The hash of its leaf.
    pub fn computed(&self) -> Hash {
        leaf(self.leaf().as_bytes())
    }
}

/// What the chain has of a personal value.
pub fn commitment(salt: &[u8], name: &str, value: &str) -> Hash {
    let length = |text: &[u8]| (text.len() as u64).to_be_bytes();
    hash(&[VALUE, &length(salt), salt, &length(name.as_bytes()), name.as_bytes(), value.as_bytes()])
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = ZERO;
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn push_hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// The bytes of what is written in hexadecimal; `None` when it is something else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}

/// In hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    push_hex(bytes, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_the_canonical_json_of_what_it_says() {
        let new = NewEntry::new("checkpoint.passed", Timestamp::UNIX_EPOCH, [1; 32])
            .about("EXPENSE_\u{1f600}\"")
            .fact("z", 1)
            .fact("a", serde_json::json!({"y": [1.5, null], "b": "\n"}))
            .personal("user", None, "Ann");
        let (entry, salts) = Entry::next(&new, 7, [0xab; 32]).unwrap();
        let leaf: Value = serde_json::from_str(&entry.leaf()).unwrap();
        assert_eq!(canonical(&leaf).unwrap(), entry.leaf());
        assert_eq!((&leaf["sequence"], &leaf["subject"]), (&7.into(), &"EXPENSE_\u{1f600}\"".into()));
        let committed = hex(&commitment(&salts[0].1, "user", "Ann"));
        assert_eq!(leaf["commitments"]["user"], Value::from(committed));
        assert!(!entry.leaf().contains("Ann"));
        let other = NewEntry { seed: [2; 32], ..new.clone() };
        assert_ne!(Entry::next(&other, 7, [0xab; 32]).unwrap().0.hash, entry.hash);
        for wrong in [
            NewEntry { facts: Value::Null, ..new.clone() },
            new.clone().personal("a b", None, ""),
            new.fact("n", u64::MAX),
        ] {
            assert!(Entry::next(&wrong, 1, ZERO).is_err());
        }
    }
}
