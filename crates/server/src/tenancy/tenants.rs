//! All tenants of the server: found by name, made, opened, ended.
//!
//! **Architecture Invariant:** a tenant that is to end is found by nobody from that commit on; its database, its files and its key
//! go when nobody works with it any more. Who asks for a tenant that is not there gets one that is empty (`nowhere`): the same
//! code answers, so that nobody can tell a tenant they may not know of from none.

use std::sync::Arc;

use gridkeep_model::{AccountId, TenantId};
use gridkeep_objects::Objects;
use gridkeep_store::{Mark, Store, StoreError, TenantInfo};
use tokio::task::spawn_blocking;

use super::{Tenancy, tenant::Answers};
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    recent::Recent,
    site::Place,
    tenant_name::{DEFAULT, TenantName},
};

/// What the empty tenant is called; nobody can be called so.
const NOWHERE: &str = "";
/// Names whose tenants are kept in mind.
const KEPT: usize = 128;

/// All tenants. Cheap to clone.
#[derive(Clone)]
pub struct Tenants(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    objects: Objects,
    time: Time,
    chance: Chance,
    /// Under the control database's mark.
    names: Recent<String, (Mark, Option<TenantId>)>,
}

impl Tenants {
    /// Of these databases and files.
    pub fn new(store: Store, objects: Objects, time: Time, chance: Chance) -> Self {
        let names = Recent::new(KEPT);
        Self(Arc::new(Inner { store: Arc::new(store), objects, time, chance, names }))
    }

    /// The tenant at the root of the host; made at the first start.
    pub async fn home(&self) -> Result<Tenancy, StoreError> {
        self.always(DEFAULT, Place::root(DEFAULT), Answers::Own).await
    }

    /// An empty tenant, which stands for all that are not there.
    pub async fn nowhere(&self) -> Result<Tenancy, StoreError> {
        self.always(NOWHERE, Place::of(NOWHERE), Answers::Any).await
    }

    async fn always(&self, name: &str, place: Place, answers: Answers) -> Result<Tenancy, StoreError> {
        let store = &self.0.store;
        let tenant = loop {
            if let Some(known) = store.control().tenant_named(name).await?
                && let Some(tenant) = store.tenant(known.id).await?
            {
                break tenant;
            }
            if let Some(made) = store.found_tenant(self.id(), (name, name), None, self.0.time.now()).await? {
                break made;
            }
        };
        Ok(Tenancy::new(tenant, place, answers, store))
    }

    fn id(&self) -> TenantId {
        self.0.chance.with(|rng| TenantId::new(self.0.time.clock(), rng))
    }

    /// The tenant of this name or id; `None` when there is none, or none any more.
    pub async fn find(&self, name: &str) -> Result<Option<TenantId>, ApiError> {
        let control = self.0.store.control();
        // Before anything is read: what changes while it is read ends it.
        let mark = control.mark();
        if !TenantName::may_be(name) && name.parse::<TenantId>().is_err() {
            return Ok(None);
        }
        let key = name.to_owned();
        if let Some((at, found)) = self.0.names.get(&key)
            && Some(at) == mark
        {
            return Ok(found);
        }
        let found = match name.parse::<TenantId>() {
            Ok(id) => control.tenant(id).await?.filter(|info| info.name != NOWHERE && info.ending.is_none()),
            Err(_) => control.tenant_named(name).await?,
        };
        let found = found.map(|info| info.id);
        if let Some(mark) = mark {
            self.0.names.forget(&key);
            self.0.names.put(key, (mark, found));
        }
        Ok(found)
    }

    /// A tenant's database, opened when it is not; `None` when there is no such tenant, or none any more.
    pub async fn get(&self, id: TenantId) -> Result<Option<Tenancy>, ApiError> {
        let store = &self.0.store;
        let Some(info) = store.control().tenant(id).await?.filter(|info| info.ending.is_none()) else {
            return Ok(None);
        };
        let place = if info.name == DEFAULT { Place::root(DEFAULT) } else { Place::of(&info.name) };
        let tenant = store.tenant(id).await?;
        Ok(tenant.map(|tenant| Tenancy::new(tenant, place, Answers::Own, store)))
    }

    /// All tenants, the oldest first; those that are to end too.
    pub async fn all(&self) -> Result<Vec<TenantInfo>, ApiError> {
        let mut all = self.0.store.control().tenants().await?;
        all.retain(|info| info.name != NOWHERE);
        Ok(all)
    }

    /// Makes a tenant with its first owner; `None` when the name is taken.
    pub async fn found(
        &self,
        name: &TenantName,
        title: &str,
        owner: Option<AccountId>,
    ) -> Result<Option<TenantId>, ApiError> {
        let (store, now) = (&self.0.store, self.0.time.now());
        let made = store.found_tenant(self.id(), (name.as_str(), title), owner, now).await?;
        Ok(made.map(|tenant| tenant.id()))
    }

    /// From now on nobody finds the tenant; it is erased later ([`Self::erase`]). `false` when there is none.
    pub async fn end(&self, id: TenantId) -> Result<bool, ApiError> {
        Ok(self.0.store.control().end_tenant(id, self.0.time.now()).await?)
    }

    /// Erases a tenant: its files, its database, its key. `false` when somebody works with it still.
    pub async fn erase(&self, id: TenantId) -> Result<bool, ApiError> {
        let objects = &self.0.objects;
        for object in objects.list(id).await.map_err(ApiError::internal)? {
            objects.delete(id, &object).await.map_err(ApiError::internal)?;
        }
        let unfinished = objects.clone();
        let discard = move || unfinished.unfinished(id)?.iter().try_for_each(|one| unfinished.discard(one));
        spawn_blocking(discard).await.map_err(ApiError::internal)?.map_err(ApiError::internal)?;
        // The key goes with the tenant: what a copy of the files may still hold, nobody opens.
        match self.0.store.erase_tenant(id).await {
            Ok(_) => Ok(true),
            Err(StoreError::Busy) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
