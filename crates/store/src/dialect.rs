//! The two databases behind one face. Everything above speaks through [`Link`]; what differs is said here and in the two
//! files below, once.
//!
//! **Architecture Invariant:** `Db::link` is the only place that asks which database it is. Values are always bound,
//! never written into SQL; names in SQL are built from numbers only.

mod pool;
mod postgres;
mod postgres_words;
mod sqlite;
mod sqlite_cipher;
mod sqlite_counter;
mod sqlite_file;
mod sqlite_format;
mod sqlite_functions;
mod sqlite_log_file;
mod sqlite_process;
mod sqlite_row;
mod sqlite_words;
mod steps;

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use gridkeep_model::{ColumnType, Value, query::Type};
use sea_query::Value as Bound;
use uuid::Uuid;

pub(crate) use pool::PostgresPool;
pub(crate) use sqlite_file::SqliteFile;

use crate::{StoreError, laid::Insert, shown::Held, sql::Words};

/// A connection to one of the two.
pub(crate) enum Db {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    pub(crate) fn link(&mut self) -> &mut dyn Link {
        match self {
            Self::Sqlite(link) => link,
            Self::Postgres(link) => link,
        }
    }
}

/// Which of the four sets of migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Control,
    Tenant,
}

/// A step of the database's own history.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// `NNNN_name`, the same for both databases.
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// What a statement gives for each row; the callback may stop it.
pub(crate) type Each<'a> = &'a mut dyn FnMut(&dyn Cells) -> Result<ControlFlow<()>, StoreError>;

/// Rows for [`Link::bulk`]: fills the buffer with the next row's values, or answers `false` at the end.
pub(crate) type NextRow<'a> = &'a mut dyn FnMut(&mut Vec<Bound>) -> Result<bool, StoreError>;

/// One connection, one statement at a time. Placeholders are `$1`, `$2`, ... in the order of their first appearance.
pub(crate) trait Link: Send {
    /// Runs a statement and says how many rows it changed.
    fn execute(&mut self, sql: &str, values: &[Bound]) -> Result<u64, StoreError>;
    /// Adds rows that have a value for each place of the statement, one after the other until there is one whose id is taken, or
    /// all that can be: how many there are then.
    fn insert(&mut self, insert: &Insert, rows: &[Vec<Bound>]) -> Result<usize, StoreError>;
    /// Runs a statement for its rows; all of them may be fetched before the first is shown.
    fn query(&mut self, sql: &str, values: &[Bound], each: Each<'_>) -> Result<(), StoreError>;
    /// Like [`Link::query`], given up after about so many steps of the database's machine where it has one: whether it came
    /// to its end. What was shown before it was given up means nothing.
    fn query_within(
        &mut self,
        steps: Option<u64>,
        sql: &str,
        values: &[Bound],
        each: Each<'_>,
    ) -> Result<bool, StoreError>;
    /// Like [`Link::query`] in bounded memory, for results of any length; only within a read.
    fn stream(&mut self, sql: &str, values: &[Bound], each: Each<'_>) -> Result<(), StoreError>;
    /// Runs statements without values: definitions, migrations, transaction control.
    fn batch(&mut self, sql: &str) -> Result<(), StoreError>;
    /// Writes many rows into a table, fast. `types` are those of the columns as [`Link::physical_type`] knows them.
    fn bulk(
        &mut self,
        table: &str,
        columns: &[String],
        types: &[Physical],
        next: NextRow<'_>,
    ) -> Result<u64, StoreError>;

    /// Moves the head of an app's log on by so many changes, and gives where it is then; `None` when there is no such app.
    fn move_head(&mut self, app: Uuid, by: i64) -> Result<Option<i64>, StoreError>;

    /// Begins a transaction that writes, alone in its database.
    fn begin_write(&mut self) -> Result<(), StoreError>;
    /// Begins a transaction that reads one state of the database.
    fn begin_read(&mut self) -> Result<(), StoreError>;
    /// From now on no statement may take more than so many steps ([`StoreError::TimedOut`]); as many as it likes when `None`.
    fn hurry(&mut self, most: Option<u64>);
    /// Whether a transaction that was begun is still open: a failure of the disk may have undone it.
    fn is_open(&self) -> bool;
    /// Whether the transaction that is open can be committed, all of it.
    fn is_sound(&mut self) -> bool;
    /// Whether the connection can be used again.
    fn is_healthy(&self) -> bool;
    /// Pages in the database's log behind the commit that has just ended; 0 where there is none to be copied by us.
    fn log_pages(&self) -> u32 {
        0
    }
    /// Copies the log into the file without keeping anybody from reading or writing: whether all of it is copied.
    fn copy_log(&mut self) -> Result<bool, StoreError> {
        Ok(true)
    }
    /// What stops the statement it is running, from another thread.
    fn interrupt(&self) -> Option<Interrupt>;

    /// How it says what a query means.
    fn words(&self) -> &'static dyn Words;
    /// A text of the control database without regard to case, as [`gridkeep_model::query::fold`] has it; with what that is to be
    /// given.
    fn folded(&self, text: &str, values: &mut Vec<Bound>) -> String;
    /// The type of a physical column.
    fn physical_type(&self, physical: Physical) -> String;
    /// What follows the columns in `CREATE TABLE`.
    fn table_suffix(&self) -> &'static str;
    /// What puts nulls first in an ascending index.
    fn nulls_first(&self) -> &'static str;
    /// What precedes a statement that is to be explained, and in which cell of each row the explanation is.
    fn explain(&self) -> (&'static str, usize);
    /// About how many rows a table has, not fewer than there are, at once; `None` where it chooses by itself which index to walk for a sorted page.
    fn about_rows(&mut self, table: &str) -> Result<Option<u64>, StoreError>;
    /// Lets the planner look at a table that has just been filled.
    fn analyse(&mut self, table: &str) -> Result<(), StoreError>;
    /// The steps that make this database, in order.
    fn migrations(&self, kind: Kind) -> &'static [Migration];
    /// Makes sure the table of applied migrations is there.
    fn prepare_migrations(&mut self) -> Result<(), StoreError>;
    /// Its name, for messages.
    fn name(&self) -> String;
}

/// How a physical column keeps what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Physical {
    /// A row's or an app's id.
    Id,
    /// A number that counts.
    Count,
    /// A value of a published column.
    Value(ColumnType),
    /// The folded form of a text.
    Folded,
}

/// Stops what a connection is doing, from another thread: the statement it runs, and those it would run next.
pub(crate) struct Interrupt {
    stopped: Arc<AtomicBool>,
    running: Running,
}

enum Running {
    Sqlite(rusqlite::InterruptHandle),
    Postgres(::postgres::CancelToken),
}

impl Interrupt {
    /// Stops it. PostgreSQL is asked over a connection of its own, so that may come late: a connection that was stopped
    /// must not be used again.
    pub(crate) fn now(self) {
        self.stopped.store(true, Ordering::SeqCst);
        match self.running {
            Running::Sqlite(handle) => handle.interrupt(),
            Running::Postgres(token) => {
                std::thread::spawn(move || {
                    let _ = token.cancel_query(::postgres::NoTls);
                });
            }
        }
    }
}

/// Refuses to go on once [`Interrupt::now`] was called.
fn check(stopped: &AtomicBool) -> Result<(), StoreError> {
    if stopped.load(Ordering::SeqCst) { Err(StoreError::TimedOut) } else { Ok(()) }
}

/// One row of an answer.
pub(crate) trait Cells {
    fn integer(&self, index: usize) -> Result<Option<i64>, StoreError>;
    fn text(&self, index: usize) -> Result<Option<String>, StoreError>;
    fn bytes(&self, index: usize) -> Result<Option<Vec<u8>>, StoreError>;
    fn boolean(&self, index: usize) -> Result<Option<bool>, StoreError>;
    fn uuid(&self, index: usize) -> Result<Option<Uuid>, StoreError>;
    fn value(&self, index: usize, column_type: ColumnType) -> Result<Value, StoreError>;
    /// The same, borrowed where that spares a copy.
    fn held(&self, index: usize, column_type: ColumnType) -> Result<Held<'_>, StoreError>;
}

/// A Rust type that one cell becomes.
pub(crate) trait FromCell: Sized {
    fn from_cell(cells: &dyn Cells, index: usize) -> Result<Option<Self>, StoreError>;
}

macro_rules! from_cell {
    ($($type:ty: $read:ident),+) => {
        $(impl FromCell for $type {
            fn from_cell(cells: &dyn Cells, index: usize) -> Result<Option<Self>, StoreError> {
                cells.$read(index)
            }
        })+
    };
}

from_cell!(i64: integer, String: text, Vec<u8>: bytes, bool: boolean, Uuid: uuid);

impl dyn Cells + '_ {
    /// The cell, which may be null.
    pub(crate) fn maybe<T: FromCell>(&self, index: usize) -> Result<Option<T>, StoreError> {
        T::from_cell(self, index)
    }

    /// The cell, which is never null.
    pub(crate) fn get<T: FromCell>(&self, index: usize) -> Result<T, StoreError> {
        T::from_cell(self, index)?
            .ok_or_else(|| StoreError::corrupt("row", format!("null in column {index}")))
    }

    /// A value of any type.
    pub(crate) fn typed(&self, index: usize, ty: Type) -> Result<Value, StoreError> {
        match ty {
            Type::Null => Ok(Value::Null),
            Type::Column(column_type) => self.value(index, column_type),
        }
    }

    /// A number that is never negative.
    pub(crate) fn count(&self, index: usize) -> Result<u64, StoreError> {
        let number: i64 = self.get(index)?;
        u64::try_from(number).map_err(|_| StoreError::corrupt("number", number))
    }

    /// A version or another small count.
    pub(crate) fn small(&self, index: usize) -> Result<u32, StoreError> {
        let number: i64 = self.get(index)?;
        u32::try_from(number).map_err(|_| StoreError::corrupt("number", number))
    }

    /// A moment, kept in milliseconds.
    pub(crate) fn moment(&self, index: usize) -> Result<jiff::Timestamp, StoreError> {
        let number: i64 = self.get(index)?;
        jiff::Timestamp::from_millisecond(number).map_err(|error| StoreError::corrupt("moment", error))
    }
}

impl dyn Link + '_ {
    /// All rows of an answer that is known to be short.
    pub(crate) fn all<T>(
        &mut self,
        sql: &str,
        values: &[Bound],
        mut read: impl FnMut(&dyn Cells) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.query(sql, values, &mut |cells| {
            found.push(read(cells)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// The first row of an answer.
    pub(crate) fn first<T>(
        &mut self,
        sql: &str,
        values: &[Bound],
        mut read: impl FnMut(&dyn Cells) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.query(sql, values, &mut |cells| {
            found = Some(read(cells)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }
}

/// A moment as it is stored.
pub(crate) fn millis(moment: jiff::Timestamp) -> Bound {
    moment.as_millisecond().into()
}
