//! Whether what was read of a database beside its rows still holds: who may do what, and how tables are laid out.
//!
//! **Architecture Invariant:** a mark stands for one state of everything but rows. It ends before the first change that a
//! work may make of that, and the next one begins when the commit has ended, before anybody is told: whoever is answered
//! "done" is followed by readers with another mark only. Where a second server may write too there are no marks, and
//! nothing is kept.

use std::sync::atomic::{AtomicU64, Ordering};

/// One state of a database, its rows aside. What was read at a mark is what would be read as long as the mark is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark(u64);

/// No mark is used twice in a process, whichever database it is of.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// The current mark of a database that nobody else writes.
#[derive(Debug)]
pub(crate) struct Standing {
    /// 0 while it may be changing.
    mark: AtomicU64,
    alone: bool,
    /// Times that works were undone together.
    undone: AtomicU64,
}

impl Standing {
    /// `alone`: no other server writes the database.
    pub(crate) fn new(alone: bool) -> Self {
        let standing = Self { mark: AtomicU64::new(0), alone, undone: AtomicU64::new(0) };
        standing.settle();
        standing
    }

    /// Whether other servers may write the database.
    pub(crate) fn is_shared(&self) -> bool {
        !self.alone
    }

    /// The mark, unless it may be changing.
    pub(crate) fn mark(&self) -> Option<Mark> {
        Some(self.mark.load(Ordering::SeqCst)).filter(|mark| *mark != 0).map(Mark)
    }

    /// What works have read of each other before they were undone together was never there.
    pub(crate) fn undo(&self) {
        self.undone.fetch_add(1, Ordering::SeqCst);
    }

    /// How often that has been.
    pub(crate) fn undone(&self) -> u64 {
        self.undone.load(Ordering::SeqCst)
    }

    /// Something may change from now on.
    pub(crate) fn unsettle(&self) {
        self.mark.store(0, Ordering::SeqCst);
    }

    /// Whatever may have changed is committed or undone.
    pub(crate) fn settle(&self) {
        if self.alone && self.mark().is_none() {
            self.mark.store(NEXT.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_ends_with_the_first_change_and_never_comes_back() {
        let (own, other) = (Standing::new(true), Standing::new(true));
        let first = own.mark();
        assert!(first.is_some() && first == own.mark() && first != other.mark());
        own.settle();
        assert_eq!(own.mark(), first);
        own.unsettle();
        assert_eq!(own.mark(), None);
        own.settle();
        assert!(own.mark().is_some() && own.mark() != first && own.mark() != other.mark());
        assert_eq!(Standing::new(false).mark(), None);
    }
}
