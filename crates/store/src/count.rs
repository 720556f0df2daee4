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
    known: Mutex<HashMap<String, Known>>,
}

/// What is good enough to plan with, and how long it holds: how large a table is, which way is shorter.
#[derive(Debug)]
struct Known {
    at: Head,
    /// Changes until it is asked again.
    changes: u64,
    answer: u64,
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

    /// What was found out, unless many rows have changed since.
    pub(crate) fn about(&self, question: &str, head: Head) -> Option<u64> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |known: &&Known| {
            known.at.epoch == head.epoch && head.sequence.abs_diff(known.at.sequence) <= known.changes
        };
        known.get(question).filter(fresh).map(|known| known.answer)
    }

    /// Keeps what was found out about a table of so many rows.
    pub(crate) fn keep_about(&self, question: String, at: Head, rows: u64, answer: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(question, Known { at, changes: rows / 10, answer });
    }
}
