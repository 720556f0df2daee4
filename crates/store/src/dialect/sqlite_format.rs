//! How a file of SQLite's is encrypted: AES-256 a page, each page with its own random start and authenticated. How has changed
//! twice (docs/adr/0024 and 0034).
//!
//! **Architecture Invariant:** a new file gets the newest format, and a file keeps the one it was made with. A key opens a
//! file in exactly one of them, so trying finds out which.

use std::path::Path;

use rusqlite::{Connection, Error, ErrorCode, OpenFlags, config::DbConfig, ffi::Error as Failure};
use secrecy::zeroize::Zeroize;

use super::{
    sqlite_cipher::{self, Manner},
    sqlite_log_file,
};
use crate::{DatabaseKey, StoreError};

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Counter mode and GMAC, which work on many blocks at once.
    Counted,
    /// CBC and HMAC with SHA-256, for which processors have instructions.
    Sha256,
    /// CBC and HMAC with SHA-512, as SQLCipher 4 has it when nothing is said.
    Sha512,
}

impl Format {
    const ALL: [Self; 3] = [Self::Counted, Self::Sha256, Self::Sha512];

    /// Those that can be opened, the newest one first.
    pub(super) fn all() -> &'static [Self] {
        if sqlite_cipher::is_installed() { &Self::ALL } else { &Self::ALL[1..] }
    }

    const fn manner(self) -> Manner {
        match self {
            Self::Counted => Manner::Counted,
            Self::Sha256 | Self::Sha512 => Manner::Chained,
        }
    }

    /// What a connection is told behind its key.
    fn settings(self) -> &'static str {
        match self {
            // The room that a page has for a tag is the same.
            Self::Counted | Self::Sha256 => "PRAGMA cipher_hmac_algorithm = HMAC_SHA256",
            Self::Sha512 => "",
        }
    }

    /// Opens a file, or makes it. `None` when it is not in this format, or the key is that of another.
    pub(super) fn open(self, path: &Path, key: &DatabaseKey) -> Result<Option<Connection>, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = match sqlite_log_file::name() {
            Some(name) => Connection::open_with_flags_and_vfs(path, flags, name)?,
            None => Connection::open_with_flags(path, flags)?,
        };
        // Whoever cannot read a file leaves its log alone, too.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // A raw key skips SQLCipher's key derivation, which would cost a tenth of a second at each opening.
        // SQLCipher would write to standard error, past our log, what is said better where this is asked.
        let mut pragma = String::with_capacity(128);
        pragma.push_str("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'");
        for byte in key.bytes() {
            for digit in [byte >> 4, byte & 15] {
                pragma.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        pragma.push_str("'\"");
        let keyed = sqlite_cipher::keyed(self.manner(), || connection.execute_batch(&pragma));
        pragma.zeroize();
        keyed?;
        connection.execute_batch(self.settings())?;
        match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
            Ok(()) => {}
            Err(Error::SqliteFailure(Failure { code: ErrorCode::NotADatabase, .. }, _)) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(Some(connection))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        Durability,
        dialect::{Db, Link as _, SqliteFile, sqlite_process},
        source::{Role, Source},
    };

    const PAGE: usize = 4_096;

    fn key(first: u8) -> DatabaseKey {
        let mut key = [7; 32];
        key[0] = first;
        DatabaseKey::new(Box::new(key).into())
    }

    fn names(file: &SqliteFile, role: Role) -> Vec<String> {
        let mut db = file.take(role).unwrap();
        let names =
            db.link().all("SELECT name FROM people ORDER BY name", &[], |cells| cells.get(0)).unwrap();
        file.give(role, db);
        names
    }

    fn is_in(path: &Path, format: Format) -> bool {
        format.open(path, &key(1)).unwrap().is_some()
    }

    #[test]
    fn a_new_file_gets_the_newest_format_and_each_keeps_its_own() {
        let folder = tempfile::tempdir().unwrap();
        sqlite_process::begin();
        for made in [None].into_iter().chain(Format::ALL.map(Some)) {
            let path = folder.path().join(format!("{made:?}"));
            if let Some(made) = made {
                let connection = made.open(&path, &key(1)).unwrap().unwrap();
                connection
                    .execute_batch("CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ada')")
                    .unwrap();
            }
            let file = SqliteFile::new(path.clone(), key(1), Durability::Full, 1_024);
            let Db::Sqlite(mut writer) = file.take(Role::Writer).unwrap() else { unreachable!() };
            writer.batch("CREATE TABLE IF NOT EXISTS people (name TEXT)").unwrap();
            writer.batch("INSERT INTO people VALUES ('Grace')").unwrap();
            // What is in the log only is read as well, by a copy of the files.
            let copy = folder.path().join(format!("{made:?}-copy"));
            for end in ["", "-wal"] {
                let with = |path: &Path| format!("{}{end}", path.display());
                fs::copy(with(&path), with(&copy)).unwrap();
            }
            file.give(Role::Writer, Db::Sqlite(writer));
            let expect = if made.is_some() { vec!["Ada", "Grace"] } else { vec!["Grace"] };
            assert_eq!(names(&file, Role::Reader), expect);
            drop(file);
            let format = made.unwrap_or(Format::Counted);
            for path in [&path, &copy] {
                for other in Format::ALL.into_iter().filter(|other| *other != format) {
                    assert!(!is_in(path, other), "{made:?} {other:?}");
                }
                let again = SqliteFile::new(path.clone(), key(1), Durability::Full, 1_024);
                assert_eq!(names(&again, Role::Writer), expect);
                drop(again);
                assert!(is_in(path, format), "{made:?}");
                let wrong = SqliteFile::new(path.clone(), key(2), Durability::Full, 1_024);
                assert!(matches!(wrong.take(Role::Writer), Err(StoreError::WrongKey { .. })));
            }
        }
    }

    #[test]
    fn pages_that_were_changed_or_moved_are_refused_in_every_format() {
        sqlite_process::begin();
        let folder = tempfile::tempdir().unwrap();
        for format in Format::ALL {
            let path = folder.path().join(format!("{format:?}"));
            let connection = format.open(&path, &key(1)).unwrap().unwrap();
            let rows = "CREATE TABLE people (name TEXT);
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                INSERT INTO people SELECT 'Nobody ' || i || hex(randomblob(100)) FROM n;";
            connection.execute_batch(rows).unwrap();
            drop(connection);
            let whole = fs::read(&path).unwrap();
            let read = |bytes: &[u8]| {
                fs::write(&path, bytes).unwrap();
                let connection = format.open(&path, &key(1)).unwrap().unwrap();
                connection.query_row("SELECT count(*), sum(length(name)) FROM people", [], |row| {
                    row.get::<_, u32>(0)
                })
            };
            assert_eq!(read(&whole).unwrap(), 500, "{format:?}");
            // In the contents of a page, in its start, in its tag.
            for at in [0, 2_000, PAGE - 48, PAGE - 33, PAGE - 32, PAGE - 17] {
                let mut changed = whole.clone();
                changed[5 * PAGE + at] ^= 1;
                assert!(read(&changed).is_err(), "{format:?} {at}");
            }
            let mut moved = whole.clone();
            moved.copy_within(5 * PAGE..6 * PAGE, 6 * PAGE);
            assert!(read(&moved).is_err(), "{format:?}");
            // Nothing that is written twice looks alike, and nothing shows.
            assert!(!whole.windows(7).any(|window| window == b"Nobody "), "{format:?}");
        }
    }

    #[test]
    fn the_old_format_is_what_sqlcipher_does_when_nothing_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old");
        let old = Connection::open(&path).unwrap();
        let digits = format!("01{}", "07".repeat(31));
        old.execute_batch(&format!("PRAGMA key = \"x'{digits}'\"; PRAGMA journal_mode = WAL")).unwrap();
        old.execute_batch("CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ada')").unwrap();
        drop(old);
        let file = SqliteFile::new(path, key(1), Durability::Full, 1_024);
        assert_eq!(names(&file, Role::Writer), ["Ada"]);
    }
}
