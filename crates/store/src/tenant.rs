//! A tenant's database, opened: the asynchronous edge of [`Work`] and [`Reader`].

use std::{ops::ControlFlow, sync::Arc};

use gridkeep_model::{AppId, Query, Row, TableSchema, TenantId};
use tokio::sync::mpsc;

use crate::{
    Head, Mark, Reader, RowWork, StoreError, Work,
    database::{Database, Feed, Outlet},
    dialect::Link,
    work::Known,
};

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
    pub(crate) known: Arc<Known>,
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

    /// The same for a work that only changes rows: what else was read at the current mark goes on holding. It may run
    /// twice, the first time in vain, so that works need no savepoint each.
    pub async fn change<T, E, F>(&self, mut work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut RowWork<'_>) -> Result<T, E> + Send + 'static,
    {
        let (database, known) = (Arc::clone(&self.held.database), Arc::clone(&self.held.known));
        let within = move |link: &mut dyn Link| work(&mut RowWork::new(link, &known, database.mark()));
        self.held.database.change(within).await
    }

    /// The state everything but rows is in: what was read at a mark holds as long as the mark is the same. `None` while
    /// that may be changing, or when another server may change it.
    pub fn mark(&self) -> Option<Mark> {
        self.held.database.mark()
    }

    /// How often works of one commit were undone together, since the database was opened: what a work has read of others in its
    /// commit holds as long as this is the same.
    pub fn undone(&self) -> u64 {
        self.held.database.undone()
    }

    /// Reads one state of the database. Stopped when it takes too long ([`StoreError::TimedOut`]) or the future is dropped.
    pub async fn read<T, E, F>(&self, read: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        let (database, known, before) =
            (Arc::clone(&self.held.database), Arc::clone(&self.held.known), self.mark());
        let within =
            move |link: &mut dyn Link| read(&mut Reader::new(link, &known, since(before, &database)));
        self.held.database.read(within).await
    }

    /// Reads one state of the database like [`Tenant::read`], what is expected to be short: it is tried at once, within the
    /// poll, and only when it does take longer, or fails, run again on a reader's thread. So it may run twice.
    pub async fn read_short<T, E, F>(&self, read: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        let (database, known) = (&self.held.database, &self.held.known);
        let before = self.mark();
        let at_once = database
            .read_at_once(|link: &mut dyn Link| read(&mut Reader::new(link, known, since(before, database))));
        match at_once {
            Some(answer) => answer,
            None => self.read(read).await,
        }
    }

    /// Reads one state of the database, what may be long: parts of the answer go out while `read` goes on, which answers
    /// the last one. Stopped when it takes too long or the answer is dropped.
    pub async fn feed<T, E, F>(&self, read: F) -> Result<Feed<T, E>, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Reader<'_>, &mut Outlet<T, E>) -> Result<T, E> + Send + 'static,
    {
        let (database, known, before) =
            (Arc::clone(&self.held.database), Arc::clone(&self.held.known), self.mark());
        let within = move |link: &mut dyn Link, outlet: &mut Outlet<T, E>| {
            read(&mut Reader::new(link, &known, since(before, &database)), outlet)
        };
        self.held.database.feed(within).await
    }

    /// Reads all rows a query's filter keeps, in its order and without regard to its page, in bounded memory.
    pub async fn stream(&self, app: AppId, query: Query) -> Result<RowStream, StoreError> {
        let (database, known, before) =
            (Arc::clone(&self.held.database), Arc::clone(&self.held.known), self.mark());
        let mut batches = self
            .held
            .database
            .stream(move |link, hand_over| {
                let mut reader = Reader::new(link, &known, since(before, &database));
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

/// The mark of a read that has begun by now, given the one before it began: none when it changed between, since nobody
/// knows on which side the read is.
fn since(before: Option<Mark>, database: &Database) -> Option<Mark> {
    before.filter(|before| database.mark() == Some(*before))
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
