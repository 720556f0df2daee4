//! A tenant's database, opened: the asynchronous edge of [`Work`] and [`Reader`].

use std::{ops::ControlFlow, sync::Arc};

use gridkeep_model::{AppId, Query, Row, TableSchema, TenantId};
use tokio::sync::mpsc;

use crate::{Head, Reader, StoreError, Work, count::Counts, database::Database};

/// Rows handed over at once by a stream.
const BATCH: usize = 256;

/// A tenant's database. Cheap to clone; keep it no longer than a request, so that idle tenants can be closed.
#[derive(Clone)]
pub struct Tenant {
    id: TenantId,
    held: Arc<Held>,
}

/// An open database as tenants' handles share it: their count says whether somebody may still ask for something. Threads
/// at work hold the database itself.
pub(crate) struct Held {
    pub(crate) database: Arc<Database>,
    pub(crate) counts: Arc<Counts>,
}

/// All rows of a query, on their way. Dropping it stops the read.
#[derive(Debug)]
pub struct RowStream {
    /// The columns of the rows.
    pub schema: TableSchema,
    /// Where the app's log stood when the rows were read.
    pub head: Head,
    batches: mpsc::Receiver<Result<Part, StoreError>>,
}

#[derive(Debug)]
enum Part {
    Opening(TableSchema, Head),
    Rows(Vec<Row>),
}

impl Tenant {
    pub(crate) fn new(id: TenantId, held: Arc<Held>) -> Self {
        Self { id, held }
    }

    /// Whose database it is.
    pub fn id(&self) -> TenantId {
        self.id
    }

    /// Runs a work in a transaction: after other works, before the next, committed together with those that wait. All of
    /// it is on the disk when this answers `Ok`, nothing of it otherwise. It runs to its end even when the future is dropped.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Work<'_>) -> Result<T, E> + Send + 'static,
    {
        self.held.database.write(|link| work(&mut Work::new(link))).await
    }

    /// Reads one state of the database. Stopped when it takes too long ([`StoreError::TimedOut`]) or the future is dropped.
    pub async fn read<T, E, F>(&self, read: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        let counts = Arc::clone(&self.held.counts);
        self.held.database.read(move |link| read(&mut Reader::new(link, &counts))).await
    }

    /// Reads all rows a query's filter keeps, in its order and without regard to its page, in bounded memory.
    pub async fn stream(&self, app: AppId, query: Query) -> Result<RowStream, StoreError> {
        let counts = Arc::clone(&self.held.counts);
        let mut batches = self
            .held
            .database
            .stream(move |link, hand_over| {
                let mut reader = Reader::new(link, &counts);
                let prepared = reader.prepare(app, &query)?;
                let select = prepared.select(&query)?;
                let head = reader.head(app)?.ok_or(StoreError::UnknownApp(app))?;
                if hand_over(Part::Opening(prepared.plan.schema.clone(), head)).is_break() {
                    return Ok(());
                }
                let mut batch = Vec::with_capacity(BATCH);
                let mut gone = false;
                reader.each_row(&select, &mut |row| {
                    batch.push(row);
                    if batch.len() < BATCH {
                        return ControlFlow::Continue(());
                    }
                    let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                    let flow = hand_over(Part::Rows(full));
                    gone = flow.is_break();
                    flow
                })?;
                if !gone && !batch.is_empty() {
                    // The last one: whether it was wanted no longer matters.
                    let _ = hand_over(Part::Rows(batch));
                }
                Ok(())
            })
            .await?;
        match batches.recv().await {
            Some(Ok(Part::Opening(schema, head))) => Ok(RowStream { schema, head, batches }),
            Some(Err(error)) => Err(error),
            Some(Ok(Part::Rows(_))) | None => Err(StoreError::Panicked),
        }
    }
}

impl RowStream {
    /// The next rows, at most 256; `None` at the end. An error ends it.
    pub async fn next(&mut self) -> Option<Result<Vec<Row>, StoreError>> {
        match self.batches.recv().await? {
            Ok(Part::Rows(rows)) => Some(Ok(rows)),
            Ok(Part::Opening(..)) => Some(Err(StoreError::Panicked)),
            Err(error) => Some(Err(error)),
        }
    }
}
