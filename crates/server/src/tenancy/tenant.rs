//! A tenant's database, with errors as the API gives them.

use std::sync::Arc;

use gridkeep_model::TenantId;
use gridkeep_store::{Feed, Mark, Outlet, Reader, RowWork, Store, Tenant, Work};

use crate::{error::ApiError, noted, site::Place};

/// A tenant's database. Cheap to clone.
#[derive(Clone)]
pub struct Tenancy {
    tenant: Tenant,
    place: Place,
    answers: Answers,
    /// Held as long as anybody works with the tenant: with it goes the lock that keeps a second server out of the folder.
    _store: Arc<Store>,
}

/// By which names the tenant is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answers {
    /// Its own.
    Own,
    /// All that nobody has.
    Any,
}

impl Tenancy {
    pub(super) fn new(tenant: Tenant, place: Place, answers: Answers, store: &Arc<Store>) -> Self {
        Self { tenant, place, answers, _store: Arc::clone(store) }
    }

    /// Which tenant.
    pub fn id(&self) -> TenantId {
        self.tenant.id()
    }

    /// Where it is to be found.
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// Whether the tenant goes by this name in addresses: its own or its id.
    pub fn is_called(&self, name: &str) -> bool {
        self.answers == Answers::Any || name == self.place.name() || name.parse() == Ok(self.id())
    }

    /// The database itself, for streams.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Runs a work on the tenant's writer: all of it or nothing. What the request is noted for comes into the log with it.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Some(noted) = noted::take() else { return self.tenant.write(work).await };
        let kept = noted.clone();
        let written = self.tenant.write(move |tenant| {
            let done = work(tenant)?;
            noted.add(tenant)?;
            Ok::<_, ApiError>(done)
        });
        let written = written.await;
        if written.is_err() {
            noted::give(kept);
        }
        written
    }

    /// Runs a work that only changes rows: what was read of anything else goes on holding. It may run twice.
    pub async fn change<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut RowWork<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.tenant.change(work).await
    }

    /// What was read at a mark, other than rows, holds as long as the mark is the same; `None` when nothing is known to.
    pub fn mark(&self) -> Option<Mark> {
        self.tenant.mark()
    }

    /// Reads one state of the database.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.tenant.read(read).await
    }

    /// Reads one state of the database, what is expected to be short: see [`Tenant::read_short`].
    pub async fn read_short<T: Send + 'static>(
        &self,
        read: impl Fn(&mut Reader<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.tenant.read_short(read).await
    }

    /// Reads one state of the database, what may be long: see [`Tenant::feed`].
    pub async fn feed<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader<'_>, &mut Outlet<T, ApiError>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Feed<T, ApiError>, ApiError> {
        self.tenant.feed(read).await
    }
}
