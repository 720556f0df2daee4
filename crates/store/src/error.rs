//! What can go wrong with a database. What people ask for and may not have (a taken address, a refused transaction, an app
//! that is not there) is a value instead.

use std::{path::PathBuf, sync::Arc};

use gridkeep_model::{AppId, RowId};

use crate::KeyError;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL failed.
    #[error("the database failed: {}", explain(.0))]
    Postgres(#[from] postgres::Error),
    /// A file or folder of the store.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key could not be made or unwrapped.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key does not open the database, or it is no database at all.
    #[error("{database}: wrong key, or not a database of Gridkeep")]
    WrongKey {
        /// File or schema.
        database: String,
    },
    /// Another process works with this folder.
    #[error("{path}: another Gridkeep is using this folder")]
    InUse {
        /// The folder's lock file.
        path: PathBuf,
    },
    /// Written by a newer program.
    #[error("{database} is at version {found}, this program knows up to {known}: use a newer Gridkeep")]
    Newer {
        /// File or schema.
        database: String,
        /// The version it is at.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// Of an older program, and only read here.
    #[error("{database} lacks {migration}: a server of this version brings it up to date when it starts")]
    Older {
        /// File or schema.
        database: String,
        /// The first step that it lacks.
        migration: String,
    },
    /// A migration that was applied is not the one this program has.
    #[error("{database}: migration {migration} is not the one that was applied")]
    MigrationChanged {
        /// File or schema.
        database: String,
        /// Its name.
        migration: String,
    },
    /// Too much is waiting already; try again.
    #[error("the database is busy")]
    Busy,
    /// It took longer than it may, or nobody waited for it any more.
    #[error("the database took too long")]
    TimedOut,
    /// The work panicked; nothing of it was written.
    #[error("the work on the database broke down")]
    Panicked,
    /// The work was good, but the commit it belonged to failed; nothing of it was written.
    #[error("not written: {0}")]
    NotCommitted(Arc<Self>),
    /// The app is not there.
    #[error("no app {0}")]
    UnknownApp(AppId),
    /// The app has no such table.
    #[error("no table {0:?}")]
    UnknownTable(String),
    /// The table has no such column.
    #[error("no column {column:?} in table {table:?}")]
    UnknownColumn {
        /// The table's id.
        table: String,
        /// The column's id.
        column: String,
    },
    /// A value that does not fit its column: the caller has not checked it.
    #[error("column {column:?}: {problem}")]
    Value {
        /// The column's id.
        column: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// Not one value a column.
    #[error("table {table:?} has {columns} columns, the row {values}")]
    RowWidth {
        /// The table's id.
        table: String,
        /// How many columns it has.
        columns: usize,
        /// How many values came.
        values: usize,
    },
    /// A query that cannot be answered.
    #[error("the query cannot be answered: {0}")]
    Filter(#[from] gridkeep_model::query::QueryError),
    /// The table exists already, or the app does.
    #[error("{0} exists already")]
    Exists(String),
    /// The row's id is taken, or its version is another one: the caller has not checked it in the same work.
    #[error("row {row} of table {table:?} has changed")]
    Conflict {
        /// The table's id.
        table: String,
        /// The row.
        row: RowId,
    },
    /// The changes were made for another version of the app than the current one.
    #[error("made for version {given} of the app, current is {current}")]
    Stale {
        /// The version the changes were made for.
        given: u32,
        /// The current one.
        current: u32,
    },
    /// Something stored cannot be read back.
    #[error("stored {what} cannot be read: {detail}")]
    Corrupt {
        /// What kind of thing.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
}

impl StoreError {
    pub(crate) fn corrupt(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Corrupt { what, detail: detail.to_string() }
    }

    /// Whether the same may succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::TimedOut => true,
            Self::NotCommitted(error) => error.is_transient(),
            Self::Postgres(error) => error.is_closed(),
            _ => false,
        }
    }
}

/// PostgreSQL's own words; `Display` of its error says only "db error".
fn explain(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |inner| inner.message().to_owned())
}
