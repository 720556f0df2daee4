//! Counts that are known already: a list that is scrolled asks for the same count page after page. And the ways that were
//! found shorter, which stay so while not much changes.
//!
//! **Architecture Invariant:** a count is kept with the app's change number it was true at, and used only at that number.
//! Every change of rows moves it in the same commit, so a count that is used is the one a query would give.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::Head;

/// Counts kept for one tenant.
const MOST: usize = 512;

/// The counts of one tenant's database.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    counts: Mutex<HashMap<String, (Head, u64)>>,
    ways: Mutex<HashMap<String, Known>>,
}

/// A way, and how long it holds.
#[derive(Debug)]
struct Known {
    at: Head,
    /// Changes until it is asked again.
    changes: u64,
    ordered: bool,
}

impl Counts {
    pub(crate) fn find(&self, query: &str, head: Head) -> Option<u64> {
        let known = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(query).filter(|(at, _)| *at == head).map(|(_, count)| *count)
    }

    pub(crate) fn keep(&self, query: String, head: Head, count: u64) {
        let mut known = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(query, (head, count));
    }

    /// Whether walking along the order was shorter, unless many rows have changed since.
    pub(crate) fn find_way(&self, query: &str, head: Head) -> Option<bool> {
        let known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |known: &&Known| {
            known.at.epoch == head.epoch && head.sequence.abs_diff(known.at.sequence) <= known.changes
        };
        known.get(query).filter(fresh).map(|known| known.ordered)
    }

    pub(crate) fn keep_way(&self, query: String, at: Head, rows: u64, ordered: bool) {
        let mut known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(query, Known { at, changes: rows / 10, ordered });
    }
}
