//! The log of a database that keeps one, copied into its file beside the lane: writers go on meanwhile, and wait only for the few
//! pages that came while it was copied.
//!
//! **Architecture Invariant:** the log is copied by one at a time. It begins anew when all of it is copied, which is sure only
//! while nobody writes: so the lane itself copies the rest. However slow the disk is, the log stops growing at a bound, unless
//! a reader needs it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use super::Database;
use crate::{dialect::Link, source::Role};

/// Pages of the log before they are copied, 32 MiB. A page that changes often is copied once for all that: the random ones of
/// indexes soon repeat.
const LONG: u32 = 8_000;
/// Pages at which writers wait for those that copy.
const MOST: u32 = 2 * LONG;
/// Pages that must have come before a log is copied again that a reader still needs.
const MORE: u32 = LONG / 8;

/// How far the log is copied.
pub(super) struct Copying {
    /// One permit, held while it is copied beside the lane.
    pub(super) beside: Arc<Semaphore>,
    /// Held while it is copied.
    turn: Mutex<()>,
    /// What is left is the lane's.
    rest: AtomicBool,
    /// Pages at which it is copied next.
    next: AtomicU32,
}

impl Default for Copying {
    fn default() -> Self {
        Self {
            beside: Arc::new(Semaphore::new(1)),
            turn: Mutex::default(),
            rest: AtomicBool::new(false),
            next: AtomicU32::new(LONG),
        }
    }
}

impl Database {
    /// Sees to the log behind a commit, before the next one.
    pub(super) fn keep_log(self: &Arc<Self>, link: &mut dyn Link) {
        let (copying, pages) = (&self.copying, link.log_pages());
        if pages < LONG {
            copying.next.store(LONG, Ordering::Relaxed);
            return;
        }
        let due = pages >= copying.next.load(Ordering::Relaxed);
        if copying.rest.swap(false, Ordering::AcqRel) || (due && pages >= MOST) {
            let turn = copying.turn.lock().unwrap_or_else(PoisonError::into_inner);
            // The next commit tries again.
            let all = link.copy_log().unwrap_or(false);
            drop(turn);
            copying.rest.store(false, Ordering::Release);
            copying.next.store(if all { LONG } else { pages + MORE }, Ordering::Relaxed);
        } else if due && let Ok(permit) = Arc::clone(&copying.beside).try_acquire_owned() {
            let database = Arc::clone(self);
            spawn_blocking(move || database.copy_beside(permit));
        }
    }

    fn copy_beside(self: Arc<Self>, permit: OwnedSemaphorePermit) {
        let turn = self.copying.turn.lock().unwrap_or_else(PoisonError::into_inner);
        // Whatever is wrong with it the lane finds out, too.
        if let Ok(mut db) = self.source.take(Role::Copier)
            && db.link().copy_log().is_ok()
            && db.link().is_healthy()
        {
            self.source.give(Role::Copier, db);
        }
        self.copying.rest.store(true, Ordering::Release);
        drop(turn);
        drop((self, permit));
    }
}
