//! What SQLite is told once in a process, before anything else.
//!
//! **Architecture Invariant:** every connection of this room is opened after this.

#![expect(unsafe_code, reason = "rusqlite has no words for these settings")]

use std::sync::Once;

use rusqlite::{Connection, ffi};

use super::{sqlite_cipher, sqlite_log_file};

/// SQLite lets a second thread pass as soon as it is initialised itself, before SQLCipher is: the first two connections of a
/// process, opened at once, could find no cipher. So the first of all is opened while the others wait.
static BEGUN: Once = Once::new();

/// Makes sure that it was told.
pub(super) fn begin() {
    BEGUN.call_once(|| {
        // Counts of its memory are asked for by nobody, and kept under one lock for all threads, taken for each page that one of
        // them forgets or remembers: readers beside a writer do so all the time.
        // SAFETY: a setting with one number, as its documentation says. It is refused where SQLite has begun already.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0_i32) };
        if let Ok(first) = Connection::open_in_memory() {
            sqlite_cipher::install(&first);
            sqlite_log_file::install();
        }
    });
}
