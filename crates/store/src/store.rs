//! All databases of a server: the control database and the tenants that are open.
//!
//! **Architecture Invariant:** a tenant's database is open at most once, so that it has one writer; it is closed only when
//! nobody holds it.

use std::{
    collections::HashMap,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use gridkeep_model::{AccountId, TenantId};
use tokio::task::spawn_blocking;

use crate::{
    Backend, Control, Durability, KeyOwner, StoreConfig, StoreError, StoreLimits, Tenant, WrappedKey,
    database::Database,
    dialect::{Kind, PostgresPool, SqliteFile},
    keys::Keys,
    source::Source,
    tenant::Held,
};

/// All databases. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    place: Place,
    keys: Arc<dyn Keys>,
    durability: Durability,
    limits: StoreLimits,
    control: Control,
    open: Mutex<Open>,
    /// One at a time opens or erases, so that no database is opened twice.
    opening: tokio::sync::Mutex<()>,
}

/// Tenants that are open, and when each was last asked for.
#[derive(Default)]
struct Open {
    tenants: HashMap<TenantId, (u64, Arc<Held>)>,
    asked: u64,
}

/// Where databases are.
enum Place {
    /// Held by nobody else, or read beside whoever holds it.
    Folder {
        path: PathBuf,
        lock: Option<File>,
    },
    Server(Arc<PostgresPool>),
}

impl Place {
    fn open(backend: &Backend, limits: &StoreLimits) -> Result<Self, StoreError> {
        match backend {
            Backend::Postgres { url } => Ok(Self::Server(PostgresPool::new(url, limits.connections)?)),
            Backend::Sqlite { folder } => {
                let tenants = folder.join("tenants");
                std::fs::create_dir_all(&tenants).map_err(file_error(&tenants))?;
                private(folder)?;
                Ok(Self::Folder { path: folder.clone(), lock: Some(lock(&folder.join("lock"))?) })
            }
        }
    }

    /// Beside whoever has it open: nothing is made.
    fn beside(backend: &Backend, limits: &StoreLimits) -> Result<Self, StoreError> {
        match backend {
            Backend::Postgres { url } => Ok(Self::Server(PostgresPool::new(url, limits.connections)?)),
            Backend::Sqlite { folder } => {
                let key = folder.join("control.key");
                std::fs::metadata(&key).map_err(file_error(&key))?;
                Ok(Self::Folder { path: folder.clone(), lock: None })
            }
        }
    }

    /// One of its files.
    fn file(
        &self,
        path: PathBuf,
        key: crate::DatabaseKey,
        durability: Durability,
        cache_kib: u32,
    ) -> Box<SqliteFile> {
        let file = SqliteFile::new(path, key, durability, cache_kib);
        Box::new(if matches!(self, Self::Folder { lock: None, .. }) { file.beside() } else { file })
    }

    /// The control database; its key is kept beside it, wrapped.
    fn control(&self, keys: &dyn Keys, limits: &StoreLimits) -> Result<Box<dyn Source>, StoreError> {
        match self {
            Self::Server(pool) => Ok(pool.schema("gridkeep_control".to_owned(), Durability::Full)),
            Self::Folder { path, .. } => {
                let key = control_key(keys, path)?;
                let cache = limits.cache_kib.min(8_192);
                Ok(self.file(path.join("control.db"), key, Durability::Full, cache))
            }
        }
    }

    fn rewrap_control(&self, keys: &dyn Keys) -> Result<bool, StoreError> {
        let Self::Folder { path, .. } = self else { return Ok(false) };
        let file = path.join("control.key");
        let wrapped = WrappedKey(std::fs::read(&file).map_err(file_error(&file))?);
        let Some(wrapped) = keys.rewrap(KeyOwner::Control, &wrapped)? else { return Ok(false) };
        save_control_key(path, &wrapped)?;
        Ok(true)
    }

    fn tenant(
        &self,
        id: TenantId,
        keys: &dyn Keys,
        wrapped: &WrappedKey,
        durability: Durability,
        limits: &StoreLimits,
    ) -> Result<Box<dyn Source>, StoreError> {
        // Opened in any case: a key that is lost is noticed now, not at the first workbook.
        let key = keys.open(KeyOwner::Tenant(id), wrapped)?;
        let name = id.uuid().simple();
        Ok(match self {
            Self::Server(pool) => pool.schema(format!("t_{name}"), durability),
            Self::Folder { path, .. } => {
                let file = path.join("tenants").join(format!("{name}.db"));
                self.file(file, key, durability, limits.cache_kib)
            }
        })
    }
}

impl Store {
    /// Opens the control database, or makes it at the first start, and brings it to the current version.
    pub async fn open(config: StoreConfig) -> Result<Self, StoreError> {
        Self::begin(config, Place::open).await
    }

    /// Opens databases that another process may have open, to read them: no lock is taken, nothing is made or brought to another
    /// version, and SQLite's files cannot be written.
    pub async fn beside(config: StoreConfig) -> Result<Self, StoreError> {
        Self::begin(config, Place::beside).await
    }

    async fn begin(
        config: StoreConfig,
        place: fn(&Backend, &StoreLimits) -> Result<Place, StoreError>,
    ) -> Result<Self, StoreError> {
        blocking(move || {
            let StoreConfig { backend, keys, durability, limits } = config;
            let place = place(&backend, &limits)?;
            let control = Database::open(place.control(&*keys, &limits)?, Kind::Control, &limits)?;
            let inner = Inner {
                place,
                keys,
                durability,
                limits,
                control: Control::new(control),
                open: Mutex::default(),
                opening: tokio::sync::Mutex::default(),
            };
            Ok(Self { inner: Arc::new(inner) })
        })
        .await
    }

    /// Accounts, sessions and tenants.
    pub fn control(&self) -> &Control {
        &self.inner.control
    }

    /// Makes a tenant with a key of its own and opens its database.
    pub async fn create_tenant(
        &self,
        id: TenantId,
        name: &str,
        now: jiff::Timestamp,
    ) -> Result<Tenant, StoreError> {
        let made = self.found_tenant(id, (name, name), None, now).await?;
        made.ok_or_else(|| StoreError::Exists(name.to_owned()))
    }

    /// Makes a tenant by the name it has in addresses and the one people call it, with its first owner; `None` when the former
    /// is taken.
    pub async fn found_tenant(
        &self,
        id: TenantId,
        (name, title): (&str, &str),
        owner: Option<AccountId>,
        now: jiff::Timestamp,
    ) -> Result<Option<Tenant>, StoreError> {
        let (wrapped, _) = self.inner.keys.create(KeyOwner::Tenant(id))?;
        if !self.control().add_tenant(id, (name, title), owner, &wrapped, now).await? {
            return Ok(None);
        }
        self.tenant(id).await?.ok_or_else(|| StoreError::corrupt("tenant", id)).map(Some)
    }

    /// A tenant's database, opened when it is not; `None` when there is no such tenant.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        if let Some(database) = self.inner.open().find(id) {
            return Ok(Some(Tenant::new(id, database)));
        }
        let _one = self.inner.opening.lock().await;
        if let Some(database) = self.inner.open().find(id) {
            return Ok(Some(Tenant::new(id, database)));
        }
        let Some(info) = self.control().tenant(id).await? else { return Ok(None) };
        let inner = Arc::clone(&self.inner);
        let database = blocking(move || {
            let source =
                inner.place.tenant(id, &*inner.keys, &info.wrapped_key, inner.durability, &inner.limits)?;
            let database = Database::open(source, Kind::Tenant, &inner.limits)?;
            Ok(Arc::new(Held { database, known: Arc::default() }))
        })
        .await?;
        let closed = self.inner.open().add(id, Arc::clone(&database), self.inner.limits.open_tenants);
        // Closing writes what the log holds into the file.
        blocking(move || {
            drop(closed);
            Ok(())
        })
        .await?;
        Ok(Some(Tenant::new(id, database)))
    }

    /// Ends a tenant: its database and its key. `false` when there is none, [`StoreError::Busy`] when it is in use.
    pub async fn erase_tenant(&self, id: TenantId) -> Result<bool, StoreError> {
        let Some(tenant) = self.tenant(id).await? else { return Ok(false) };
        drop(tenant);
        let _one = self.inner.opening.lock().await;
        let held = self.inner.open().remove(id).ok_or(StoreError::Busy)?;
        held.database.quiet().await;
        self.control().remove_tenant(id).await?;
        blocking(move || held.database.erase()).await?;
        Ok(true)
    }

    /// Wraps all stored keys by the root key in use, after that was changed; no data is touched. Answers how many were
    /// wrapped by an older one.
    pub async fn rewrap_keys(&self) -> Result<u64, StoreError> {
        let mut changed = 0;
        for info in self.control().tenants().await? {
            if let Some(wrapped) = self.inner.keys.rewrap(KeyOwner::Tenant(info.id), &info.wrapped_key)? {
                self.control().rewrap_tenant(info.id, &wrapped).await?;
                changed += 1;
            }
        }
        for (name, wrapped) in self.control().secrets().await? {
            if let Some(wrapped) = self.inner.keys.rewrap(KeyOwner::Identity, &wrapped)? {
                self.control().rewrap_secret(name, &wrapped).await?;
                changed += 1;
            }
        }
        let inner = Arc::clone(&self.inner);
        let control = blocking(move || inner.place.rewrap_control(&*inner.keys)).await?;
        Ok(changed + u64::from(control))
    }

    /// Waits for what is under way and closes all tenants; those somebody holds close with their last holder, and must
    /// not be opened again before.
    pub async fn close(&self) -> Result<(), StoreError> {
        let _one = self.inner.opening.lock().await;
        let closed = std::mem::take(&mut self.inner.open().tenants);
        for (_, held) in closed.values() {
            held.database.quiet().await;
        }
        self.inner.control.quiet().await;
        blocking(move || {
            drop(closed);
            Ok(())
        })
        .await
    }
}

impl Inner {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn find(&mut self, id: TenantId) -> Option<Arc<Held>> {
        self.asked += 1;
        let (asked, held) = self.tenants.get_mut(&id)?;
        *asked = self.asked;
        Some(Arc::clone(held))
    }

    /// Adds one and takes out those that are too many, the longest unused first, unless somebody holds or uses them.
    fn add(&mut self, id: TenantId, held: Arc<Held>, most: usize) -> Vec<Arc<Held>> {
        self.asked += 1;
        self.tenants.insert(id, (self.asked, held));
        let unused =
            |held: &Arc<Held>| Arc::strong_count(held) == 1 && Arc::strong_count(&held.database) == 1;
        let mut idle: Vec<(u64, TenantId)> = self
            .tenants
            .iter()
            .filter(|(_, (_, held))| unused(held))
            .map(|(id, (asked, _))| (*asked, *id))
            .collect();
        idle.sort_unstable();
        let many = self.tenants.len().saturating_sub(most.max(1));
        idle.into_iter().take(many).filter_map(|(_, id)| Some(self.tenants.remove(&id)?.1)).collect()
    }

    /// Takes one out, unless somebody holds it.
    fn remove(&mut self, id: TenantId) -> Option<Arc<Held>> {
        let (_, held) = self.tenants.get(&id)?;
        if Arc::strong_count(held) > 1 {
            return None;
        }
        Some(self.tenants.remove(&id)?.1)
    }
}

/// Runs what waits for disks or servers on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    spawn_blocking(work).await.unwrap_or(Err(StoreError::Panicked))
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { path, source }
}

/// Nobody but the server's own user looks into its folder.
fn private(folder: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
            .map_err(file_error(folder))?;
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let file = File::create(path).map_err(file_error(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(file_error(path)(error)),
    }
}

/// Opens the control database's key, or makes it.
fn control_key(keys: &dyn Keys, folder: &Path) -> Result<crate::DatabaseKey, StoreError> {
    let path = folder.join("control.key");
    match std::fs::read(&path) {
        Ok(wrapped) => Ok(keys.open(KeyOwner::Control, &WrappedKey(wrapped))?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let (wrapped, key) = keys.create(KeyOwner::Control)?;
            save_control_key(folder, &wrapped)?;
            Ok(key)
        }
        Err(error) => Err(file_error(&path)(error)),
    }
}

/// Written in full under another name first, so that it is never half there.
fn save_control_key(folder: &Path, wrapped: &WrappedKey) -> Result<(), StoreError> {
    let draft = folder.join("control.key.new");
    std::fs::write(&draft, &wrapped.0).map_err(file_error(&draft))?;
    File::open(&draft).and_then(|file| file.sync_all()).map_err(file_error(&draft))?;
    std::fs::rename(&draft, folder.join("control.key")).map_err(file_error(&draft))?;
    File::open(folder).and_then(|file| file.sync_all()).map_err(file_error(folder))
}
