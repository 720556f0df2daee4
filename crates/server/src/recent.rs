//! A small store of what was used last: bounded, shared, least recently used goes first.

use std::sync::{Mutex, PoisonError};

/// At most so many values by key. Meant for tens of entries: it looks through all of them.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    /// The last used at the end.
    entries: Mutex<Vec<(K, V)>>,
    size: usize,
}

impl<K: PartialEq, V> Recent<K, V> {
    /// Empty, for at most this many.
    pub(crate) const fn new(size: usize) -> Self {
        Self { entries: Mutex::new(Vec::new()), size }
    }

    /// Puts a value in; who looks for its key finds the one put in last.
    pub(crate) fn put(&self, key: K, value: V) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        push(&mut entries, self.size, key, value);
    }
}

fn push<K, V>(entries: &mut Vec<(K, V)>, size: usize, key: K, value: V) {
    if entries.len() >= size {
        entries.remove(0);
    }
    entries.push((key, value));
}

impl<K: PartialEq, V: Clone> Recent<K, V> {
    /// A copy of a value, which thereby becomes the last used.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let index = entries.iter().rposition(|(own, _)| own == key)?;
        let last = entries.len() - 1;
        entries[index..=last].rotate_left(1);
        Some(entries[last].1.clone())
    }

    /// Drops the value of a key.
    pub(crate) fn forget(&self, key: &K) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|(own, _)| own != key);
    }

    /// The value of this key, made now when there is none.
    pub(crate) fn get_or_put(&self, key: K, make: impl FnOnce() -> V) -> V {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let index = entries.iter().rposition(|(own, _)| *own == key);
        let (key, value) = match index {
            Some(index) => entries.remove(index),
            None => (key, make()),
        };
        push(&mut entries, self.size, key, value.clone());
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_first() {
        let recent = Recent::new(2);
        recent.put('a', 1);
        recent.put('b', 2);
        assert_eq!(recent.get(&'a'), Some(1));
        recent.put('c', 3);
        assert_eq!((recent.get(&'a'), recent.get(&'b'), recent.get(&'c')), (Some(1), None, Some(3)));
        assert_eq!((recent.get_or_put('a', || 4), recent.get_or_put('d', || 5)), (1, 5));
        assert_eq!((recent.get(&'c'), recent.get(&'a')), (None, Some(1)));
        recent.forget(&'a');
        assert_eq!((recent.get(&'a'), recent.get(&'d')), (None, Some(5)));
    }
}
