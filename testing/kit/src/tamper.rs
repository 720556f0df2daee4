//! A tenant's log, changed behind the server's back by whoever rules over its database.

use std::path::Path;

use rusqlite::Connection;

use crate::Postgres;

/// Where the log is.
#[derive(Debug, Clone, Copy)]
pub enum Kept<'a> {
    /// In a file that nobody has open, with its key.
    File {
        /// Which.
        path: &'a Path,
        /// Its key.
        key: &'a [u8; 32],
    },
    /// In a schema.
    Schema {
        /// Of this database.
        url: &'a str,
        /// Its name.
        name: &'a str,
    },
}

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tampering {
    /// This row says something else.
    Edit(u64),
    /// This row is gone.
    Remove(u64),
    /// This row and the next change places.
    Swap(u64),
    /// All behind the row that [`Kept::remember`] saw last is gone, with all that is kept beside it.
    Cut,
}

impl Kept<'_> {
    /// Makes a file, in a format that others than the store can open.
    ///
    /// # Panics
    /// When that is refused.
    pub fn make(&self) {
        self.run("CREATE TABLE made (up TEXT); DROP TABLE made");
    }

    /// Keeps the end of the log as it is now, for who cuts off what comes after.
    ///
    /// # Panics
    /// When that is refused.
    pub fn remember(&self) {
        self.run("CREATE TABLE ended AS SELECT * FROM audit_end");
    }

    /// Does it, and takes away before what would refuse it.
    ///
    /// # Panics
    /// When it is refused all the same.
    pub fn tamper(&self, how: Tampering) {
        self.run(match self {
            Self::File { .. } => {
                "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_heads_no_delete"
            }
            Self::Schema { .. } => {
                "GRANT ALL ON audit, audit_values, audit_heads TO CURRENT_USER; DROP TRIGGER audit_keep ON audit;
                DROP TRIGGER audit_heads_keep ON audit_heads"
            }
        });
        self.run(&match how {
            Tampering::Edit(row) => format!("UPDATE audit SET subject = 'another' WHERE sequence = {row}"),
            Tampering::Remove(row) => format!("DELETE FROM audit WHERE sequence = {row}"),
            Tampering::Swap(row) => format!(
                "UPDATE audit SET sequence = -1 WHERE sequence = {row};
                UPDATE audit SET sequence = {row} WHERE sequence = {row} + 1;
                UPDATE audit SET sequence = {row} + 1 WHERE sequence = -1"
            ),
            Tampering::Cut => "DELETE FROM audit WHERE sequence > (SELECT size FROM ended);
                DELETE FROM audit_values WHERE sequence > (SELECT size FROM ended);
                DELETE FROM audit_heads WHERE size > (SELECT size FROM ended);
                DELETE FROM audit_end; INSERT INTO audit_end SELECT 1, size, hash, peaks FROM ended"
                .to_owned(),
        });
    }

    fn run(&self, sql: &str) {
        match self {
            Self::Schema { url, name } => Postgres::run(url, &format!("SET search_path TO {name}; {sql}")),
            Self::File { path, key } => {
                let run = |connection: &Connection, sql: &str| {
                    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
                };
                let opened = Connection::open(path);
                let connection = opened.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
                let key = format!("PRAGMA key = \"x'{key}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256");
                run(&connection, &key);
                run(&connection, sql);
            }
        }
    }
}
