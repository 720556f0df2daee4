//! One database of SQLite's: its file, how that is opened, and the connections that are not in use.
//!
//! **Architecture Invariant:** every file is opened with its raw key in its own format, write-ahead logging, full synchronisation unless its
//! operator wants less of tenants' databases, foreign keys, no trusted schema and bounded lengths; nothing opens one in
//! another way.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::{config::DbConfig, limits::Limit};

use super::{
    Db,
    sqlite::{Sqlite, note_log},
    sqlite_format::Format,
    sqlite_functions, sqlite_process,
};
use crate::{
    DatabaseKey, Durability, StoreError,
    source::{Role, Source},
};

/// The longest text, value or row.
const MAX_LENGTH: i32 = 64 << 20;
/// Readers kept open while nobody reads.
const IDLE_READERS: usize = 4;
/// Pages of the cache of whoever copies the log, which does not look into any.
const COPIER_PAGES: u32 = 16;
/// Statements kept ready on one connection.
const STATEMENTS: usize = 128;

/// One database's file, with the connections that are not in use.
pub(crate) struct SqliteFile {
    path: PathBuf,
    key: DatabaseKey,
    durability: Durability,
    cache_kib: u32,
    writer: Mutex<Option<Sqlite>>,
    copier: Mutex<Option<Sqlite>>,
    readers: Mutex<Vec<Sqlite>>,
    /// Whether there is a first reader.
    first: Arc<AtomicBool>,
    /// How the file is encrypted, once that is known.
    format: OnceLock<Format>,
    /// Another process may write it: it is only read here.
    beside: bool,
}

/// The place of the first reader, free again when this is dropped. Whoever reads alone has a table of some 25 MiB in its
/// cache and decrypts nothing twice; those beside it share what is left.
pub(super) struct First(Arc<AtomicBool>);

impl First {
    fn take(place: &Arc<AtomicBool>) -> Option<Self> {
        (!place.swap(true, Ordering::SeqCst)).then(|| Self(Arc::clone(place)))
    }
}

impl Drop for First {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl SqliteFile {
    pub(crate) fn new(path: PathBuf, key: DatabaseKey, durability: Durability, cache_kib: u32) -> Self {
        Self {
            path,
            key,
            durability,
            cache_kib,
            writer: Mutex::default(),
            copier: Mutex::default(),
            readers: Mutex::default(),
            first: Arc::default(),
            format: OnceLock::new(),
            beside: false,
        }
    }

    /// The same, to be read beside whoever writes it.
    pub(crate) fn beside(self) -> Self {
        Self { beside: true, ..self }
    }

    /// A reader that is idle, the first one if it is.
    fn idle(&self) -> Option<Sqlite> {
        let mut readers = lock(&self.readers);
        let at = readers.iter().position(|link| link.first.is_some()).or(readers.len().checked_sub(1))?;
        Some(readers.swap_remove(at))
    }

    fn connect_reader(&self) -> Result<Sqlite, StoreError> {
        let mut link = self.connect()?;
        link.first = First::take(&self.first);
        let cache = if link.first.is_some() { self.cache_kib * 2 } else { self.cache_kib / 2 };
        link.connection.execute_batch(&format!("PRAGMA query_only = ON; PRAGMA cache_size = -{cache}"))?;
        Ok(link)
    }

    fn connect_writer(&self) -> Result<Sqlite, StoreError> {
        let link = self.connect()?;
        link.connection.wal_hook(Some(note_log));
        Ok(link)
    }

    fn connect_copier(&self) -> Result<Sqlite, StoreError> {
        let link = self.connect()?;
        link.connection.execute_batch(&format!("PRAGMA cache_size = {COPIER_PAGES}"))?;
        Ok(link)
    }

    fn connect(&self) -> Result<Sqlite, StoreError> {
        let name = self.path.display().to_string();
        if self.beside
            && let Err(source) = std::fs::metadata(&self.path)
        {
            return Err(StoreError::File { path: self.path.clone(), source });
        }
        sqlite_process::begin();
        // Another connection has found it out, or it is found out now.
        let formats = self.format.get().map_or_else(|| Format::all(), std::slice::from_ref);
        let mut opened = Err(StoreError::WrongKey { database: name.clone() });
        for format in formats {
            if let Some(connection) = format.open(&self.path, &self.key)? {
                // Another one may have been quicker: there is one format a file.
                let _ = self.format.set(*format);
                opened = Ok(connection);
                break;
            }
        }
        let connection = opened?;
        let cache = self.cache_kib;
        let synchronous = match self.durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        connection.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA cache_size = -{cache};
             PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA busy_timeout = 10000;"
        ))?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // A statement is planned once, whatever is bound to it later.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_LENGTH, MAX_LENGTH),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 500),
            (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
        ] {
            connection.set_limit(limit, value)?;
        }
        sqlite_functions::install(&connection)?;
        if self.beside {
            // Nor is the log copied into the file, should the other one end first.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            connection.execute_batch("PRAGMA query_only = ON")?;
        }
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Sqlite { connection, name, stopped: Arc::default(), most: None, first: None })
    }
}

impl Source for SqliteFile {
    fn take(&self, role: Role) -> Result<Db, StoreError> {
        let link = match role {
            Role::Writer => lock(&self.writer).take().map_or_else(|| self.connect_writer(), Ok),
            Role::Copier => lock(&self.copier).take().map_or_else(|| self.connect_copier(), Ok),
            Role::Reader => self.idle().map_or_else(|| self.connect_reader(), Ok),
        }?;
        Ok(Db::Sqlite(link))
    }

    fn give(&self, role: Role, db: Db) {
        let Db::Sqlite(link) = db else { return };
        match role {
            Role::Writer => *lock(&self.writer) = Some(link),
            Role::Copier => *lock(&self.copier) = Some(link),
            Role::Reader => {
                // Streams may have made more of them than are worth their page caches.
                let mut readers = lock(&self.readers);
                if readers.len() < IDLE_READERS || link.first.is_some() {
                    let at = if link.first.is_some() { 0 } else { readers.len() };
                    readers.insert(at, link);
                    readers.truncate(IDLE_READERS);
                }
            }
        }
    }

    fn take_ready(&self) -> Option<Db> {
        self.idle().map(Db::Sqlite)
    }

    fn is_alone(&self) -> bool {
        // The lock of the folder says so.
        !self.beside
    }

    fn is_read(&self) -> bool {
        self.beside
    }

    fn erase(&self) -> Result<(), StoreError> {
        *lock(&self.writer) = None;
        *lock(&self.copier) = None;
        lock(&self.readers).clear();
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            match std::fs::remove_file(&path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::File { path: path.into(), source });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A lock no panic can poison for good: what it guards is replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::dialect::Cells;

    #[test]
    fn the_first_reader_has_the_larger_cache() {
        let folder = tempfile::tempdir().unwrap();
        let key = || DatabaseKey::new(Box::new([7; 32]).into());
        let file = SqliteFile::new(folder.path().join("a"), key(), Durability::Full, 1_024);
        let take = |role| file.take(role).unwrap();
        let cache = |db: &mut Db| {
            let mut size = 0;
            let read = &mut |cells: &dyn Cells| {
                size = cells.get::<i64>(0)?;
                Ok(ControlFlow::Break(()))
            };
            db.link().query("PRAGMA cache_size", &[], read).unwrap();
            -size
        };
        let mut all: Vec<Db> = std::iter::repeat_with(|| take(Role::Reader)).take(IDLE_READERS + 2).collect();
        assert_eq!(cache(&mut take(Role::Writer)), 1_024);
        assert_eq!(all.iter_mut().map(cache).collect::<Vec<_>>(), [2_048, 512, 512, 512, 512, 512]);
        // Given back last, when there are enough already, it stays all the same.
        all.reverse();
        for link in all {
            file.give(Role::Reader, link);
        }
        assert_eq!(lock(&file.readers).len(), IDLE_READERS);
        assert_eq!(cache(&mut file.take_ready().unwrap()), 2_048);
        // That one is gone now: the next that is opened takes its place.
        assert_eq!(cache(&mut file.take_ready().unwrap()), 512);
        lock(&file.readers).clear();
        assert_eq!(cache(&mut take(Role::Reader)), 2_048);
    }
}
