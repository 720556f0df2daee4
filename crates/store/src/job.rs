//! Writes that wait for a database's one writer, and how they are undone.
//!
//! **Architecture Invariant:** a job that fails undoes what it did and nothing else; whoever waits is told once, when the commit
//! has ended.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::{StoreError, dialect::Link};

/// A write that waits for its turn, runs, and then tells whoever wants to know.
pub(crate) trait Job: Send {
    /// Runs it: whether to keep what it did.
    fn run(&mut self, link: &mut dyn Link) -> bool;
    /// Whether it may run again when what it did was undone.
    fn again(&self) -> bool;
    /// What it did was undone for this reason, though it was to be kept.
    fn spoil(&mut self, error: StoreError);
    /// Tells what came of it: what it did is on the disk, unless there is a failure. Whoever did not run did nothing.
    fn tell(self: Box<Self>, failure: Option<Arc<StoreError>>);
}

/// The one kind of job there is.
pub(crate) struct Write<T, E, F> {
    body: F,
    again: bool,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
    /// Of those that may wait.
    permit: OwnedSemaphorePermit,
}

impl<T, E, F> Write<T, E, F> {
    /// One that has not run yet; `again` says whether its body may run twice.
    pub(crate) fn new(
        body: F,
        again: bool,
        answer: oneshot::Sender<Result<T, E>>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self { body, again, result: None, answer, permit }
    }
}

impl<T, E, F> Job for Write<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnMut(&mut dyn Link) -> Result<T, E> + Send,
{
    fn run(&mut self, link: &mut dyn Link) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| (self.body)(link)));
        let result = result.unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn again(&self) -> bool {
        self.again
    }

    fn spoil(&mut self, error: StoreError) {
        self.result = Some(Err(StoreError::NotCommitted(Arc::new(error)).into()));
    }

    fn tell(self: Box<Self>, failure: Option<Arc<StoreError>>) {
        let Self { result, answer, permit, .. } = *self;
        let result = match (failure, result) {
            (_, Some(Err(error))) => Err(error),
            (None, Some(Ok(value))) => Ok(value),
            (None, None) => Err(StoreError::Busy.into()),
            (Some(error), _) => Err(StoreError::NotCommitted(error).into()),
        };
        // Nobody may be waiting any more; the write counts all the same.
        let _ = answer.send(result);
        drop(permit);
    }
}

/// Undoes jobs that ran without a savepoint and runs each again in one. An error is one of the whole batch.
pub(crate) fn each_again(link: &mut dyn Link, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    // It may be undone already: a failure of the disk does that.
    let _ = link.batch("ROLLBACK");
    link.begin_write()?;
    jobs.iter_mut().try_for_each(|job| in_savepoint(link, &mut **job))
}

/// Runs a job within a savepoint, so that only its own failure undoes it. An error is one of the whole batch.
pub(crate) fn in_savepoint(link: &mut dyn Link, job: &mut dyn Job) -> Result<(), StoreError> {
    link.batch("SAVEPOINT job")?;
    let keep = job.run(link);
    let kept = if keep { link.batch("RELEASE job") } else { Ok(()) };
    if keep && kept.is_ok() {
        return Ok(());
    }
    // Not kept, or kept with a statement that failed unnoticed, which PostgreSQL does not forgive.
    link.batch("ROLLBACK TO job; RELEASE job")?;
    if let Err(error) = kept {
        job.spoil(error);
    }
    Ok(())
}
