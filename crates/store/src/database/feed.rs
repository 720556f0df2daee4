//! Reads whose answers may be long: the parts go out while the read goes on, as fast as the receiver takes them.
//!
//! **Architecture Invariant:** of an answer at most four parts are held at a time, unless all places for streams are taken: then
//! it is held whole. Nobody waits for a place that a slow receiver has.

use std::sync::Arc;

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::spawn_blocking,
    time::{Instant, timeout},
};

use super::{Database, Stop, StopOnDrop};
use crate::{StoreError, dialect::Link};

impl Database {
    /// Runs a read whose answer may be long. What `body` gives to the outlet goes out while it reads on; what it answers is
    /// the last part. A short answer is a read like any other, a long one takes the place of a stream, if there is one.
    pub(crate) async fn feed<T, E, F>(self: &Arc<Self>, body: F) -> Result<Feed<T, E>, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut dyn Link, &mut Outlet<T, E>) -> Result<T, E> + Send + 'static,
    {
        let Ok(waiting) = Arc::clone(&self.waiting_reads).try_acquire_owned() else {
            return Err(StoreError::Busy.into());
        };
        let Ok(permit) = Arc::clone(&self.reads).acquire_owned().await else {
            return Err(StoreError::Busy.into());
        };
        drop(waiting);
        let stop = Stop::default();
        let guard = StopOnDrop(stop.clone());
        let (send, mut receive) = mpsc::channel(2);
        let mut outlet = Outlet {
            send,
            place: Place { _permit: permit, stream: false },
            streams: Arc::clone(&self.streams),
            deadline: Instant::now() + self.limits.stream_time,
            runtime: tokio::runtime::Handle::current(),
        };
        let database = Arc::clone(self);
        spawn_blocking(move || {
            let ended = database.read_now(&stop, |link| body(link, &mut outlet));
            // A receiver that is gone does not want to know.
            let _ = outlet.send(ended.map(Part::Last));
            drop((database, outlet));
        });
        let (first, rest) = match timeout(self.limits.read_time, receive.recv()).await {
            Ok(Some(Ok(Part::Last(last)))) => (last, None),
            Ok(Some(Ok(Part::More(first)))) => (first, Some(Rest { receive, guard: Some(guard) })),
            Ok(Some(Err(error))) => return Err(error),
            Ok(None) => return Err(StoreError::Panicked.into()),
            Err(_) => return Err(StoreError::TimedOut.into()),
        };
        Ok(Feed { first, rest })
    }
}

/// The answer to a read that may be long.
pub struct Feed<T, E> {
    /// Its first part.
    pub first: T,
    /// The others, when that is not all.
    pub rest: Option<Rest<T, E>>,
}

/// Parts of an answer on their way. Dropping it stops the read.
pub struct Rest<T, E> {
    receive: mpsc::Receiver<Result<Part<T>, E>>,
    /// None after the last part.
    guard: Option<StopOnDrop>,
}

enum Part<T> {
    More(T),
    Last(T),
}

impl<T, E: From<StoreError>> Rest<T, E> {
    /// The next part; `None` at the end. An error ends it.
    pub async fn next(&mut self) -> Option<Result<T, E>> {
        self.guard.as_ref()?;
        let last = match self.receive.recv().await {
            Some(Ok(Part::More(part))) => return Some(Ok(part)),
            Some(Ok(Part::Last(part))) => Ok(part),
            Some(Err(error)) => Err(error),
            // The last part found no way within the time of a stream.
            None => Err(StoreError::TimedOut.into()),
        };
        // What it read with is the next reader's by now.
        if let Some(guard) = self.guard.take() {
            guard.0.done();
        }
        Some(last)
    }
}

/// Where the parts of a long answer go.
pub struct Outlet<T, E> {
    send: mpsc::Sender<Result<Part<T>, E>>,
    place: Place,
    streams: Arc<Semaphore>,
    deadline: Instant,
    runtime: tokio::runtime::Handle,
}

/// What a read counts as, for as long as it runs.
struct Place {
    _permit: OwnedSemaphorePermit,
    stream: bool,
}

impl<T, E> Outlet<T, E> {
    /// Whether parts can be given out before the end: the first time, when there is a place for one stream more. Without,
    /// the answer stays whole.
    pub fn is_open(&mut self) -> bool {
        if !self.place.stream
            && let Ok(permit) = Arc::clone(&self.streams).try_acquire_owned()
        {
            self.place = Place { _permit: permit, stream: true };
        }
        self.place.stream
    }

    /// Gives a part out, and waits as long as the receiver has two before it. An error when nobody waits for it any more, or
    /// the time of a stream is up: then the read is to end.
    pub fn give(&mut self, part: T) -> Result<(), StoreError> {
        self.send(Ok(Part::More(part)))
    }

    fn send(&self, part: Result<Part<T>, E>) -> Result<(), StoreError> {
        let sent = self.runtime.block_on(tokio::time::timeout_at(self.deadline, self.send.send(part)));
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(StoreError::TimedOut) }
    }
}
