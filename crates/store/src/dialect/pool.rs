//! The connections to one PostgreSQL server: as many as allowed, handed to whoever works for a schema.
//!
//! **Architecture Invariant:** a connection that was stopped or broke is not given back; its place is, whatever happens to it.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use postgres::{Config, NoTls};

use super::{Db, Link, postgres::Postgres};
use crate::{
    Durability, StoreError,
    source::{Role, Source},
};

/// How long a thread waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// All connections to one server.
pub(crate) struct PostgresPool {
    config: Config,
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Postgres>,
    open: usize,
}

/// Counts an open connection for as long as it lives.
pub(super) struct Ticket(Weak<PostgresPool>);

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.lock().open -= 1;
            pool.changed.notify_one();
        }
    }
}

impl PostgresPool {
    pub(crate) fn new(url: &str, most: usize) -> Result<Arc<Self>, StoreError> {
        let mut config: Config = url.parse()?;
        config.application_name("gridkeep").connect_timeout(PATIENCE);
        Ok(Arc::new(Self { config, most: most.max(2), state: Mutex::default(), changed: Condvar::new() }))
    }

    /// The connections to one schema of the server.
    pub(crate) fn schema(self: &Arc<Self>, schema: String, durability: Durability) -> Box<dyn Source> {
        Box::new(Schema { pool: Arc::clone(self), name: schema, durability })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: &Arc<Self>, schema: &str, durability: Durability) -> Result<Postgres, StoreError> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        let idle = loop {
            // One that served this schema last has its statements ready.
            let fitting = state.idle.iter().rposition(|link| link.schema() == schema);
            if let Some(index) =
                fitting.or_else(|| (state.open >= self.most).then(|| state.idle.len().checked_sub(1))?)
            {
                break Some(state.idle.swap_remove(index));
            }
            if state.open < self.most {
                state.open += 1;
                break None;
            }
            let left = deadline.checked_duration_since(Instant::now()).ok_or(StoreError::Busy)?;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        drop(state);
        let mut link = if let Some(link) = idle { link } else { self.connect()? };
        link.look_at(schema, durability)?;
        Ok(link)
    }
}

impl PostgresPool {
    /// A new connection; its place was counted already and is given back with it.
    fn connect(self: &Arc<Self>) -> Result<Postgres, StoreError> {
        let ticket = Ticket(Arc::downgrade(self));
        let client = self.config.connect(NoTls)?;
        Ok(Postgres::new(client, ticket))
    }
}

struct Schema {
    pool: Arc<PostgresPool>,
    name: String,
    durability: Durability,
}

impl Source for Schema {
    fn take(&self, _role: Role) -> Result<Db, StoreError> {
        self.pool.take(&self.name, self.durability).map(Db::Postgres)
    }

    fn give(&self, _role: Role, db: Db) {
        if let Db::Postgres(link) = db {
            self.pool.lock().idle.push(link);
            self.pool.changed.notify_one();
        }
    }

    fn take_ready(&self) -> Option<Db> {
        // Its answers come over the network.
        None
    }

    fn is_alone(&self) -> bool {
        false
    }

    fn erase(&self) -> Result<(), StoreError> {
        let mut link = self.pool.take(&self.name, self.durability)?;
        link.batch(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name))?;
        self.give(Role::Writer, Db::Postgres(link));
        Ok(())
    }
}
