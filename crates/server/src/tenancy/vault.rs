//! The tenant's workbooks and the contents of its rows' streams, encrypted under its key in an object store that sees neither key nor content.

mod contents;

use std::sync::Arc;

use bytes::Bytes;
use gridkeep_model::{KeyOwner, TenantId};
use gridkeep_objects::{ObjectId, Objects, ObjectsError, OwnerKey, RootKeys, Unfinished};
use gridkeep_store::{Control, StoreError};
use tokio::task::spawn_blocking;

use crate::{
    chance::{Chance, Time},
    error::ApiError,
    recent::Recent,
};

/// What a stored workbook is called in the object store.
const KIND: &str = "workbook";
/// Workbooks kept decrypted: those asked for last.
const KEPT: usize = 8;
/// Larger ones are decrypted each time.
const KEPT_BYTES: usize = 1 << 20;

/// The tenant's workbooks. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    objects: Objects,
    tenant: TenantId,
    key: OwnerKey,
    recent: Recent<String, Bytes>,
    time: Time,
    chance: Chance,
}

/// The vault could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The tenant's key could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tenant's key could not be unwrapped.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// There is no such tenant.
    #[error("tenant {0} is not there")]
    Absent(TenantId),
}

impl Vault {
    /// Opens the tenant's vault with the key that the control database keeps wrapped.
    pub async fn open(
        objects: Objects,
        root: &RootKeys,
        control: &Control,
        tenant: TenantId,
        time: Time,
        chance: Chance,
    ) -> Result<Self, VaultError> {
        let known = control.tenant(tenant).await?.ok_or(VaultError::Absent(tenant))?;
        let key = root.unwrap(KeyOwner::Tenant(tenant), &known.wrapped_key.0)?;
        Ok(Self(Arc::new(Inner { objects, tenant, key, recent: Recent::new(KEPT), time, chance })))
    }

    /// Stores a workbook; gives the id to find it by.
    pub async fn put(&self, bytes: Bytes) -> Result<String, ApiError> {
        let inner = &self.0;
        let id = inner.chance.with(|rng| ObjectId::new(KIND, inner.time.clock(), rng));
        let id = id.map_err(ApiError::internal)?;
        inner.objects.put(&inner.key, &id, &bytes).await.map_err(ApiError::internal)?;
        Ok(id.to_string())
    }

    /// A stored workbook. That it is gone or changed is our failure, not "not found".
    pub async fn get(&self, id: &str) -> Result<Bytes, ApiError> {
        let inner = &self.0;
        let key = id.to_owned();
        if let Some(bytes) = inner.recent.get(&key) {
            return Ok(bytes);
        }
        let object: ObjectId = id.parse().map_err(ApiError::internal)?;
        let found = inner.objects.get(&inner.key, &object).await.map_err(ApiError::internal)?;
        let bytes = Bytes::from(found.ok_or_else(|| ApiError::internal(format!("{id} is gone")))?);
        if bytes.len() <= KEPT_BYTES {
            inner.recent.put(key, bytes.clone());
        }
        Ok(bytes)
    }

    /// All stored workbooks. The contents of rows are not among them.
    pub async fn list(&self) -> Result<Vec<ObjectId>, ApiError> {
        let all = self.0.objects.list(self.0.tenant).await.map_err(ApiError::internal)?;
        Ok(all.into_iter().filter(|id| id.kind() == KIND).collect())
    }

    /// What a crash left of workbooks that were being stored.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, ApiError> {
        let inner = Arc::clone(&self.0);
        let listed = spawn_blocking(move || inner.objects.unfinished(inner.tenant)).await;
        listed.map_err(ApiError::internal)?.map_err(ApiError::internal)
    }

    /// Deletes such a piece; when that fails, the next sweep does it.
    pub async fn discard(&self, unfinished: Unfinished) {
        let inner = Arc::clone(&self.0);
        let discarded = spawn_blocking(move || inner.objects.discard(&unfinished)).await;
        if let Ok(Err(error)) = discarded {
            tracing::warn!(error.cause = %error, "piece of a workbook not deleted");
        }
    }

    /// Deletes a workbook or content nobody refers to; when that fails, the next sweep does it.
    pub async fn forget(&self, id: &str) {
        let deleted = match id.parse() {
            Ok(object) => self.0.objects.delete(self.0.tenant, &object).await,
            Err(error) => Err(error),
        };
        if let Err(error) = deleted {
            tracing::warn!(object.id = id, error.cause = %error, "stored file not deleted");
        }
    }
}
