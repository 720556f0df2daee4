//! Rows that follow a change later, since there are more than one transaction may touch: done in slices, each a work of its
//! own among those of people.
//!
//! **Architecture Invariant:** what waits is written down in the commit of the change that it follows, and a slice in one
//! commit with how far it is: whenever this ends, by a failure or a kill, the next start goes on there. What formulas make
//! of themselves, round after round, ends after as many rounds as there are tables.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use gridkeep_engine::apply::renew;
use gridkeep_model::{AppDefinition, AppId, Query, Value, query::Page};
use gridkeep_store::{RowWork, StoreError, Waiting};
use jiff::{civil, tz::Offset};

use super::{Executor, execute::StoredRows, formulas::Shared};
use crate::error::ApiError;

/// Rows of one slice: others wait no longer for it than for a larger transaction of somebody else.
const SLICE: usize = 100;
/// How often it is looked for what nobody told of.
const LOOK_EVERY: Duration = Duration::from_mins(1);

impl Executor {
    /// Works off what waits whenever there is something, as long as somebody has the executor; at the start what was left of
    /// the run before. It is held only while there is work: `find` gives its holder for as long.
    pub async fn follow_up<H>(find: impl Fn() -> Option<H>, executor: impl Fn(&H) -> &Self) {
        let Some(told) = find().map(|holder| Arc::clone(&executor(&holder).waiting)) else { return };
        while let Some(holder) = find() {
            match executor(&holder).catch_up().await {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows.count = rows, "rows followed a change"),
                // The next change, or the next start, tries again.
                Err(error) => tracing::warn!(error.code = error.code(), "rows that follow a change wait"),
            }
            if let Err(error) = executor(&holder).forget_expired().await {
                tracing::warn!(error.code = error.code(), "what nobody approved in time is still kept");
            }
            drop(holder);
            // Whoever goes away before his commit tells nobody of it.
            let _ = tokio::time::timeout(LOOK_EVERY, told.notified()).await;
        }
    }

    /// Works off everything that waits now; gives how many rows were looked at.
    pub async fn catch_up(&self) -> Result<usize, ApiError> {
        let mut done = 0;
        loop {
            let waiting = self.tenancy.read(|reader| Ok(reader.waiting()?)).await?;
            let Some(first) = waiting.into_iter().next() else { return Ok(done) };
            done += self.slice(first).await?;
        }
    }

    /// Of what nobody approved in time nothing is kept.
    pub async fn forget_expired(&self) -> Result<(), ApiError> {
        let now = self.time.now();
        if self.tenancy.read(move |reader| Ok(reader.keeps_expired(now)?)).await? {
            let forgotten = self.tenancy.change(move |work| Ok(work.forget_expired(now)?)).await?;
            tracing::debug!(pending.count = forgotten, "what nobody approved in time was forgotten");
        }
        Ok(())
    }

    /// One slice of what waits.
    async fn slice(&self, waiting: Waiting) -> Result<usize, ApiError> {
        let id = waiting.app;
        let Some(app) = self.tenancy.read(move |reader| Ok(reader.app(id)?)).await? else { return Ok(0) };
        let definition = self.definitions.current(&app).await?;
        let formulas = self.pool.of(&app, &definition).await?;
        let (version, tenancy, time) = (app.current.version, self.tenancy.clone(), self.time.clone());
        let (most, undone) = (self.pool.following().min(SLICE), move || tenancy.tenant().undone());
        let run = move |work: &mut RowWork<'_>| {
            // It may have come further meanwhile.
            let waiting = work.waiting()?;
            let Some(waiting) = waiting.into_iter().find(|one| one.app == id) else { return Ok(0) };
            let slice =
                Slice { definition: &definition, formulas: &formulas, version, most, undone: undone() };
            slice.run(work, &waiting, Offset::UTC.to_datetime(time.now()))
        };
        match self.tenancy.change(run).await {
            // Another version was published meanwhile, which calculates all rows; what still waits is looked at anew.
            Err(ApiError::PublishedMeanwhile) => Ok(0),
            done => done,
        }
    }
}

struct Slice<'a> {
    definition: &'a AppDefinition,
    formulas: &'a Shared,
    version: u32,
    most: usize,
    undone: u64,
}

impl Slice<'_> {
    fn run(
        &self,
        work: &mut RowWork<'_>,
        waiting: &Waiting,
        now: civil::DateTime,
    ) -> Result<usize, ApiError> {
        let app = waiting.app;
        let Some(table) = self.definition.table(&waiting.table) else {
            work.end_wait(&Waiting { again: false, ..waiting.clone() })?;
            return Ok(0);
        };
        let after = waiting.after.map(|row| vec![Value::Guid(row.uuid())]);
        let page = Page { limit: self.most as u32, offset: 0, after };
        let rows = work.rows(app, &Query { table: table.id.clone(), page, ..Query::unlimited() })?.rows;
        let Some(last) = rows.last().map(|row| row.id) else {
            work.end_wait(waiting)?;
            return Ok(0);
        };
        let count = rows.len();
        let mut current = self.formulas.lock().unwrap_or_else(PoisonError::into_inner);
        let formulas = current.formulas(work, app, self.undone)?;
        let mut stored = StoredRows { work, app, now };
        let changes = renew(self.definition, table, rows, &mut stored, formulas)?;
        drop(current);
        work.apply(app, self.version, &changes.rows)?;
        let round = waiting.round + 1;
        if round <= self.definition.tables.len() as u64 {
            put_off(work, app, &changes.waiting, round)?;
        }
        work.waited(app, &table.id, last)?;
        Ok(count)
    }
}

/// Writes down which tables wait.
pub(super) fn put_off(
    work: &mut RowWork<'_>,
    app: AppId,
    tables: &[String],
    round: u64,
) -> Result<(), StoreError> {
    tables.iter().try_for_each(|table| work.wait(app, table, round))
}
