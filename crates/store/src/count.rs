//! What is known already of queries: a list that is scrolled asks for the same count page after page, a program that pages by
//! `$skip` begins where the page before ended, and a kind of filter is found the same way each time.
//!
//! **Architecture Invariant:** a count or a place is kept with the app's change number it was true at, and used only at that
//! number. Every change of rows moves it in the same commit, so what is used is what the query would give. A way is only a
//! guess, whose cost is bounded where it is made.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher as _},
    sync::{Mutex, MutexGuard, PoisonError},
};

use gridkeep_model::Value;

use crate::{Head, sql::Statement};

/// Counts, and ways, kept for one tenant.
const MOST: usize = 512;
/// Queries whose places are kept, and places of each.
const MOST_PLACED: usize = 16;
const MOST_PLACES: usize = 1_024;
/// So often is used what is known of a table's length, which only a guess is made of.
const USES: u32 = 64;

/// What is known of one tenant's queries.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    exact: Mutex<HashMap<String, (Head, u64)>>,
    /// Kinds of queries whose filter is the shorter way.
    filtered: Mutex<HashMap<Kind, bool>>,
    /// About how many rows a table has, and how often that may still be used.
    lengths: Mutex<HashMap<String, (u64, u32)>>,
    /// How many rows of a query are before a place, and the keys of the last of them.
    places: Mutex<HashMap<String, (Head, Places)>>,
}

/// What queries have in common that are found the same way: the text of a statement, which names the physical table and has
/// no values, and how many rows are wanted. A print of both: two kinds that share one only share a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Kind(u64);

impl Kind {
    pub(crate) fn of(statement: &Statement, wanted: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        (&statement.sql, wanted).hash(&mut hasher);
        Self(hasher.finish())
    }
}

type Places = BTreeMap<u64, Vec<Value>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts an entry in; when there are too many, any other goes.
fn put<K: Clone + Eq + Hash, V>(known: &mut HashMap<K, V>, most: usize, key: K, value: V) {
    if known.len() >= most && !known.contains_key(&key) {
        let other = known.keys().next().cloned();
        other.map(|other| known.remove(&other));
    }
    known.insert(key, value);
}

impl Counts {
    pub(crate) fn find(&self, query: &str, head: Head) -> Option<u64> {
        lock(&self.exact).get(query).filter(|(at, _)| *at == head).map(|(_, count)| *count)
    }

    pub(crate) fn keep(&self, query: String, head: Head, count: u64) {
        put(&mut lock(&self.exact), MOST, query, (head, count));
    }

    /// Whether the filter was the shorter way for a query of this kind when it was asked last.
    pub(crate) fn is_filtered(&self, kind: Kind) -> Option<bool> {
        lock(&self.filtered).get(&kind).copied()
    }

    pub(crate) fn keep_way(&self, kind: Kind, filtered: bool) {
        put(&mut lock(&self.filtered), MOST, kind, filtered);
    }

    /// About how many rows a table had not long ago.
    pub(crate) fn length(&self, table: &str) -> Option<u64> {
        let mut known = lock(&self.lengths);
        let (rows, uses) = known.get_mut(table)?;
        *uses = uses.checked_sub(1)?;
        Some(*rows)
    }

    pub(crate) fn keep_length(&self, table: String, rows: u64) {
        put(&mut lock(&self.lengths), MOST, table, (rows, USES));
    }

    /// The last known place of a query with at most so many rows before it.
    pub(crate) fn place(&self, query: &str, head: Head, before: u64) -> Option<(u64, Vec<Value>)> {
        let known = lock(&self.places);
        let (at, places) = known.get(query)?;
        let (before, keys) = places.range(..=before).next_back().filter(|_| *at == head)?;
        Some((*before, keys.clone()))
    }

    pub(crate) fn keep_place(&self, query: String, head: Head, before: u64, keys: Vec<Value>) {
        let mut known = lock(&self.places);
        if let Some((at, places)) = known.get_mut(&query)
            && *at == head
        {
            if places.len() < MOST_PLACES {
                places.insert(before, keys);
            }
            return;
        }
        put(&mut known, MOST_PLACED, query, (head, BTreeMap::from([(before, keys)])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_hold_at_their_change_number_only() {
        let (counts, epoch) = (Counts::default(), uuid::Uuid::nil());
        let at = |sequence| Head { epoch, sequence };
        let keys = |number| vec![Value::Integer(number)];
        for (before, number) in [(100, 1), (300, 3), (200, 2)] {
            counts.keep_place("q".into(), at(7), before, keys(number));
        }
        let check = |query: &str, sequence, before, expect: Option<(u64, i64)>| {
            let expect = expect.map(|(before, number)| (before, keys(number)));
            assert_eq!(counts.place(query, at(sequence), before), expect);
        };
        check("q", 7, 99, None);
        check("q", 7, 250, Some((200, 2)));
        check("q", 7, 9_000, Some((300, 3)));
        check("q", 8, 250, None);
        check("p", 7, 250, None);
        counts.keep_place("q".into(), at(8), 50, keys(5));
        check("q", 8, 250, Some((50, 5)));
        check("q", 7, 250, None);
    }

    #[test]
    fn one_goes_for_each_that_is_too_many() {
        let mut known = HashMap::new();
        for number in 0..10 {
            put(&mut known, 4, number, true);
        }
        assert!(known.len() == 4 && known.contains_key(&9));
        put(&mut known, 4, 9, false);
        assert_eq!(known.len(), 4);
    }
}
