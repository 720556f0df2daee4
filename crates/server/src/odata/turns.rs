//! Long batches take turns. While one is worked on it takes some fifty times the room of its text: each of its requests has
//! headers, an address that is understood, operations, and an answer. One that waits has its text only.
//!
//! **Architecture Invariant:** short batches never wait for long ones; whoever has a turn asks for no second.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of a batch that is short: browsers' programs send their reads so.
const SHORT: usize = 8 << 10;
/// KiB of long batches that are worked on at once. A longer one has them all.
const AT_ONCE: u32 = 512;

/// The turns of all batches; clones share them.
#[derive(Clone)]
pub(super) struct Turns(Arc<Semaphore>);

/// A batch's turn, until it is dropped.
pub(super) struct Turn {
    _share: Option<OwnedSemaphorePermit>,
}

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE as usize)))
    }
}

impl Turns {
    /// Waits until a batch of so many bytes has its turn: those before it first.
    pub(super) async fn take(&self, bytes: usize) -> Turn {
        if bytes <= SHORT {
            return Turn { _share: None };
        }
        let share = u32::try_from(bytes >> 10).unwrap_or(AT_ONCE).min(AT_ONCE);
        // They are never closed.
        Turn { _share: Arc::clone(&self.0).acquire_many_owned(share).await.ok() }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn long_batches_wait_and_short_ones_do_not() {
        let turns = Turns::default();
        let take = |bytes: usize| turns.take(bytes).now_or_never();
        let first = take(16 << 20).expect("nobody is before it");
        assert!(take(SHORT + 1).is_none());
        let short: Vec<Turn> = std::iter::repeat_with(|| take(SHORT)).take(1_000).flatten().collect();
        assert_eq!(short.len(), 1_000);
        drop(first);
        let many: Vec<Turn> = std::iter::repeat_with(|| take(32 << 10)).take(64).flatten().collect();
        assert_eq!(many.len(), 16);
        drop(many);
        // Whoever goes away before his turn leaves it to others.
        let (held, gone) = (take(300 << 10).expect("a turn"), turns.take(300 << 10));
        drop((gone, held));
        assert!(take(16 << 20).is_some());
    }
}
