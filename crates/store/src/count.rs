//! Counts that are known already: a list that is scrolled asks for the same count page after page.
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
pub(crate) struct Counts(Mutex<HashMap<String, (Head, u64)>>);

impl Counts {
    pub(crate) fn find(&self, query: &str, head: Head) -> Option<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(query).filter(|(at, _)| *at == head).map(|(_, count)| *count)
    }

    pub(crate) fn keep(&self, query: String, head: Head, count: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(query, (head, count));
    }
}
