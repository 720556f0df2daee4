//! Where the databases are and how much they may use.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::Keys;

/// Everything [`crate::Store::open`] needs.
#[derive(Clone)]
pub struct StoreConfig {
    /// Which database.
    pub backend: Backend,
    /// Keys of the databases.
    pub keys: Arc<dyn Keys>,
    /// What a commit waits for.
    pub durability: Durability,
    /// How much it may use.
    pub limits: StoreLimits,
}

/// What a commit of a tenant's database waits for. The control database always waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The disk: what was answered with success survives a power failure.
    #[default]
    Full,
    /// Nothing: after a power failure the last commits may be gone, each of them whole, and what is there is intact. When only
    /// this process ends, however it does, nothing is lost.
    Normal,
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// SQLite, one encrypted file a tenant. The folder is created when it is not there.
    Sqlite {
        /// The folder.
        folder: PathBuf,
    },
    /// PostgreSQL, one schema a tenant.
    Postgres {
        /// `postgres://user:password@host/database`
        url: String,
    },
}

/// How much the store may use; the defaults suit a small server.
#[derive(Debug, Clone)]
pub struct StoreLimits {
    /// Tenants kept open; the one longest unused is closed.
    pub open_tenants: usize,
    /// Reads of one tenant at a time.
    pub readers: usize,
    /// Streams of one tenant at a time; each keeps a connection for as long as its receiver takes.
    pub streams: usize,
    /// Reads, and writes, of one tenant that may wait; more are answered with [`crate::StoreError::Busy`].
    pub waiting: usize,
    /// How long a read may take.
    pub read_time: Duration,
    /// How long a stream may take, its receiver's time included.
    pub stream_time: Duration,
    /// SQLite: page cache of the writer, in KiB; the first reader has twice as much, each beside it half as much. Used only
    /// as far as needed. A table that fits is read without being decrypted again: 100,000 rows with three indexes take about
    /// 25 MiB.
    pub cache_kib: u32,
    /// PostgreSQL: connections in all.
    pub connections: usize,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            open_tenants: 32,
            readers: 4,
            streams: 4,
            waiting: 4_096,
            read_time: Duration::from_secs(10),
            stream_time: Duration::from_mins(5),
            cache_kib: 16_384,
            connections: 32,
        }
    }
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL holds a password.
        let backend = match &self.backend {
            Backend::Sqlite { folder } => folder.display().to_string(),
            Backend::Postgres { .. } => "postgres".to_owned(),
        };
        f.debug_struct("StoreConfig")
            .field("backend", &backend)
            .field("durability", &self.durability)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
