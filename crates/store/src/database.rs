//! One database at work: writers one after the other, committed together; readers beside them; streams for what is long.
//!
//! **Architecture Invariant:** at most one writer runs; whoever is answered "done" is on the disk. A job is a plain
//! synchronous function on a blocking thread: dropping the future that waits for it never cuts a write in half, and
//! interrupts a read.

mod feed;
mod log;

use std::{
    collections::VecDeque,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::spawn_blocking,
    time::{Instant, timeout},
};

pub use feed::{Feed, Outlet, Rest};

use self::log::Copying;
use crate::{
    StoreError, StoreLimits,
    dialect::{Db, Interrupt, Kind, Link},
    job::{Job, Write, each_again, in_savepoint},
    migrate::{is_current, migrate},
    source::{Role, Source},
    standing::{Mark, Standing},
};

/// Steps that a statement may take on a thread that has others to serve too: less than a millisecond.
const SHORT: u64 = 16_000;
/// Writes that one commit covers at most.
const BATCH: usize = 256;

/// A database, shared by everybody who uses it.
pub(crate) struct Database {
    source: Box<dyn Source>,
    queue: Mutex<VecDeque<(Reach, Box<dyn Job>)>>,
    standing: Standing,
    /// One permit, held by the thread that works the queue off.
    writer: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    waiting_reads: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    copying: Copying,
    limits: StoreLimits,
}

/// What a write may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Rows of tables, their log and the answers to transactions.
    Rows,
    /// Anything: what was read at the mark before no longer holds.
    All,
}

impl Database {
    /// Opens it and brings it to the current version, unless it is only read here. Blocks.
    pub(crate) fn open(
        source: Box<dyn Source>,
        kind: Kind,
        limits: &StoreLimits,
    ) -> Result<Arc<Self>, StoreError> {
        if source.is_read() {
            let mut db = source.take(Role::Reader)?;
            is_current(&mut db, kind)?;
            source.give(Role::Reader, db);
        } else {
            let mut db = source.take(Role::Writer)?;
            migrate(&mut db, kind)?;
            source.give(Role::Writer, db);
        }
        let permits = |count: usize| Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS)));
        Ok(Arc::new(Self {
            standing: Standing::new(source.is_alone()),
            source,
            queue: Mutex::default(),
            writer: permits(1),
            writes: permits(limits.waiting),
            reads: permits(limits.readers),
            waiting_reads: permits(limits.waiting),
            streams: permits(limits.streams),
            copying: Copying::default(),
            limits: limits.clone(),
        }))
    }

    /// Destroys it. Blocks; nobody uses it any more.
    pub(crate) fn erase(&self) -> Result<(), StoreError> {
        self.source.erase()
    }

    /// Waits until nothing runs and nothing waits, unless more keeps coming.
    pub(crate) async fn quiet(&self) {
        let permits = |semaphore: &Arc<Semaphore>, all: usize| {
            let all = u32::try_from(all.clamp(1, Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
            Arc::clone(semaphore).acquire_many_owned(all)
        };
        let _writes = permits(&self.writes, self.limits.waiting).await;
        let _writer = permits(&self.writer, 1).await;
        let _reads = permits(&self.reads, self.limits.readers).await;
        let _streams = permits(&self.streams, self.limits.streams).await;
        let _copying = permits(&self.copying.beside, 1).await;
    }

    /// Whether others may write it too.
    pub(crate) fn is_shared(&self) -> bool {
        self.standing.is_shared()
    }

    /// The state everything but rows is in; `None` while that may be changing, or when others may change it.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.standing.mark()
    }

    /// How often works were undone together.
    pub(crate) fn undone(&self) -> u64 {
        self.standing.undone()
    }

    /// Runs a write. All of it is on the disk when this answers `Ok`, nothing of it otherwise. It runs even when nobody
    /// waits for the answer any more.
    pub(crate) async fn write<T, E, F>(self: &Arc<Self>, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut dyn Link) -> Result<T, E> + Send + 'static,
    {
        let mut body = Some(body);
        let once = move |link: &mut dyn Link| match body.take() {
            Some(body) => body(link),
            None => Err(StoreError::Panicked.into()),
        };
        self.queued(Reach::All, false, once).await
    }

    /// Runs a write that changes rows only. It may run twice, the first time in vain.
    pub(crate) async fn change<T, E, F>(self: &Arc<Self>, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Link) -> Result<T, E> + Send + 'static,
    {
        self.queued(Reach::Rows, true, body).await
    }

    async fn queued<T, E, F>(self: &Arc<Self>, reach: Reach, again: bool, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Link) -> Result<T, E> + Send + 'static,
    {
        let Ok(permit) = Arc::clone(&self.writes).try_acquire_owned() else {
            return Err(StoreError::Busy.into());
        };
        let (answer, answered) = oneshot::channel();
        self.enqueue(reach, Box::new(Write::new(body, again, answer, permit)));
        answered.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<(Reach, Box<dyn Job>)>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(self: &Arc<Self>, reach: Reach, job: Box<dyn Job>) {
        let mut queue = self.queue();
        queue.push_back((reach, job));
        // Decided under the queue's lock, as is the end of the work: no job is left behind.
        if let Ok(turn) = Arc::clone(&self.writer).try_acquire_owned() {
            let database = Arc::clone(self);
            spawn_blocking(move || database.drain(turn));
        }
    }

    /// Works until nothing waits.
    fn drain(self: Arc<Self>, turn: OwnedSemaphorePermit) {
        let mut held: Option<Db> = None;
        loop {
            {
                let queue = self.queue();
                if queue.is_empty() {
                    if let Some(db) = held {
                        self.source.give(Role::Writer, db);
                    }
                    drop(turn);
                    return;
                }
            }
            let db = match held.take() {
                Some(db) => Ok(db),
                None => self.source.take(Role::Writer),
            };
            match db {
                Ok(mut db) => {
                    self.commit_waiting(db.link());
                    self.keep_log(db.link());
                    held = db.link().is_healthy().then_some(db);
                }
                Err(error) => {
                    let error = Arc::new(error);
                    let waiting = std::mem::take(&mut *self.queue());
                    for (_, job) in waiting {
                        job.tell(Some(Arc::clone(&error)));
                    }
                }
            }
        }
    }

    /// One commit for everything that waits or comes while it runs.
    ///
    /// A savepoint makes the database copy each page that changes within it. As long as all jobs can be run again they go
    /// without: when one of them fails, which is rare, all are undone and run again, each in a savepoint.
    fn commit_waiting(&self, link: &mut dyn Link) {
        if let Err(error) = link.begin_write() {
            let _ = link.batch("ROLLBACK");
            let job = self.queue().pop_front();
            if let Some((_, job)) = job {
                job.tell(Some(Arc::new(error)));
            }
            return;
        }
        let mut jobs: Vec<Box<dyn Job>> = Vec::new();
        let mut ended = Ok(());
        let mut bare = true;
        while jobs.len() < BATCH && ended.is_ok() {
            let Some((reach, mut job)) = self.queue().pop_front() else { break };
            if reach == Reach::All {
                self.standing.unsettle();
            }
            if bare && !job.again() {
                bare = false;
                if !(jobs.is_empty() || link.is_sound()) {
                    ended = self.again(link, &mut jobs);
                }
            }
            if bare {
                let keep = job.run(link);
                bare = keep && link.is_open();
                jobs.push(job);
                if !bare {
                    // One that failed alone need not fail again.
                    let all = if keep || jobs.len() > 1 { &mut jobs[..] } else { &mut [] };
                    ended = self.again(link, all);
                }
                continue;
            }
            if ended.is_ok() {
                ended = in_savepoint(link, &mut *job);
            }
            jobs.push(job);
        }
        if bare && ended.is_ok() && !(jobs.is_empty() || link.is_sound()) {
            ended = self.again(link, &mut jobs);
        }
        let failure = ended.and_then(|()| link.batch("COMMIT")).err().map(Arc::new);
        if failure.is_some() {
            let _ = link.batch("ROLLBACK");
            self.standing.undo();
        }
        self.standing.settle();
        for job in jobs {
            job.tell(failure.clone());
        }
    }

    /// Undoes what has run of a commit and runs these again, each in a savepoint.
    fn again(&self, link: &mut dyn Link, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.standing.undo();
        each_again(link, jobs)
    }

    /// Runs a read on one state of the database, within the time a read may take.
    pub(crate) async fn read<T, E, F>(self: &Arc<Self>, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut dyn Link) -> Result<T, E> + Send + 'static,
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
        let database = Arc::clone(self);
        let work = spawn_blocking(move || {
            let answer = database.read_now(&stop, body);
            drop((database, permit));
            answer
        });
        match timeout(self.limits.read_time, work).await {
            Ok(answer) => {
                guard.0.done();
                answer.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
            }
            Err(_) => Err(StoreError::TimedOut.into()),
        }
    }

    /// Runs a read that is expected to be short on the thread that asks, which costs less than a hop to another one: each of
    /// its statements may take a fraction of a millisecond. `None` when that was not enough, or no connection is ready.
    pub(crate) fn read_at_once<T, E>(
        &self,
        body: impl Fn(&mut dyn Link) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let _permit = self.reads.try_acquire().ok()?;
        let mut db = self.source.take_ready()?;
        let link = db.link();
        link.hurry(Some(SHORT));
        let mut answer = None;
        if link.begin_read().is_ok() {
            answer = catch_unwind(AssertUnwindSafe(|| body(&mut *link))).ok().filter(Result::is_ok);
        }
        link.hurry(None);
        if link.batch("ROLLBACK").is_ok() && link.is_healthy() {
            self.source.give(Role::Reader, db);
        }
        answer
    }

    fn read_now<T, E, F>(&self, stop: &Stop, body: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: FnOnce(&mut dyn Link) -> Result<T, E>,
    {
        let mut db = self.source.take(Role::Reader)?;
        let link = db.link();
        link.begin_read()?;
        if !stop.arm(link.interrupt()) {
            let _ = link.batch("ROLLBACK");
            self.source.give(Role::Reader, db);
            return Err(StoreError::TimedOut.into());
        }
        let answer = catch_unwind(AssertUnwindSafe(|| body(&mut *link)));
        let untouched = stop.disarm();
        let ended = link.batch("ROLLBACK").is_ok();
        if untouched && ended && link.is_healthy() {
            self.source.give(Role::Reader, db);
        }
        answer.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// Runs a read whose answer is long: `body` hands over one batch after the other, and stops when told so because the
    /// receiver is gone or the time is up.
    pub(crate) async fn stream<T, F>(
        self: &Arc<Self>,
        body: F,
    ) -> Result<mpsc::Receiver<Result<T, StoreError>>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Link, &mut dyn FnMut(T) -> ControlFlow<()>) -> Result<(), StoreError>
            + Send
            + 'static,
    {
        let acquired = timeout(self.limits.read_time, Arc::clone(&self.streams).acquire_owned()).await;
        let Ok(Ok(permit)) = acquired else { return Err(StoreError::Busy) };
        let (send, receive) = mpsc::channel(2);
        let deadline = Instant::now() + self.limits.stream_time;
        let database = Arc::clone(self);
        let runtime = tokio::runtime::Handle::current();
        spawn_blocking(move || {
            let mut late = false;
            let mut hand_over = |batch: T| {
                let sent = runtime.block_on(tokio::time::timeout_at(deadline, send.send(Ok(batch))));
                late |= sent.is_err();
                if matches!(sent, Ok(Ok(()))) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            let stop = Stop::default();
            let ended = database.read_now(&stop, |link| body(link, &mut hand_over));
            let ended = if late { Err(StoreError::TimedOut) } else { ended };
            if let Err(error) = ended {
                // A receiver that is gone does not want to know.
                let _ = send.try_send(Err(error));
            }
            drop((database, permit));
        });
        Ok(receive)
    }
}

/// How a read is stopped from outside: armed only while it runs, so that the connection's next user is left alone.
#[derive(Clone, Default)]
struct Stop(Arc<Mutex<StopState>>);

#[derive(Default)]
enum StopState {
    #[default]
    Waiting,
    Armed(Interrupt),
    Stopped,
    Done,
}

impl Stop {
    fn state(&self) -> MutexGuard<'_, StopState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The read begins; `false` when it was stopped before that.
    fn arm(&self, interrupt: Option<Interrupt>) -> bool {
        let mut state = self.state();
        if matches!(*state, StopState::Stopped) {
            return false;
        }
        if let Some(interrupt) = interrupt {
            *state = StopState::Armed(interrupt);
        }
        true
    }

    /// The read ended; `false` when it was stopped.
    fn disarm(&self) -> bool {
        !matches!(std::mem::replace(&mut *self.state(), StopState::Done), StopState::Stopped)
    }

    fn done(&self) {
        *self.state() = StopState::Done;
    }

    fn stop(&self) {
        let mut state = self.state();
        match std::mem::replace(&mut *state, StopState::Stopped) {
            StopState::Armed(interrupt) => interrupt.now(),
            StopState::Done => *state = StopState::Done,
            StopState::Waiting | StopState::Stopped => {}
        }
    }
}

struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
