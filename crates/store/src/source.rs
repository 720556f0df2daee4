//! Where connections to one database come from, and where they go when they are not in use.

use crate::{StoreError, dialect::Db};

/// What a connection is for. There is never more than one writer at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Writer,
    Reader,
    /// Copies the log into the file, where there is one; never more than one at a time.
    Copier,
}

/// Connections to one database: a file, or a schema of a server.
pub(crate) trait Source: Send + Sync {
    /// A connection, new or used before.
    fn take(&self, role: Role) -> Result<Db, StoreError>;
    /// Gives back a connection that can be used again.
    fn give(&self, role: Role, db: Db);
    /// A reader that is open and answers without waiting for anybody else; `None` when there is none at the moment.
    fn take_ready(&self) -> Option<Db>;
    /// Whether no other server writes the database while it is open here.
    fn is_alone(&self) -> bool;
    /// Whether it is only read here: others bring it to its version.
    fn is_read(&self) -> bool {
        false
    }
    /// Destroys the database; nobody uses it any more.
    fn erase(&self) -> Result<(), StoreError>;
}
