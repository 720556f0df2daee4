//! Keys of databases: made and opened by the root key, which lives in a file only the server's user may read.

use std::sync::Arc;

use gridkeep_model::KeyOwner;
use gridkeep_objects::{ObjectsError, OwnerKey, RootKeys};
use gridkeep_store::{Control, DatabaseKey, KeyError, Keys, WrappedKey};

/// What the store asks for keys.
#[derive(Clone)]
pub struct StoreKeys(pub Arc<RootKeys>);

impl Keys for StoreKeys {
    fn create(&self, owner: KeyOwner) -> Result<(WrappedKey, DatabaseKey), KeyError> {
        let (wrapped, key) = self.0.create(owner).map_err(|error| key_error(&error))?;
        let database = key.database_key().map_err(|error| key_error(&error))?;
        Ok((WrappedKey(wrapped), DatabaseKey::new(database)))
    }

    fn open(&self, owner: KeyOwner, wrapped: &WrappedKey) -> Result<DatabaseKey, KeyError> {
        let key = self.0.unwrap(owner, &wrapped.0).and_then(|key| key.database_key());
        key.map(DatabaseKey::new).map_err(|error| key_error(&error))
    }

    fn rewrap(&self, owner: KeyOwner, wrapped: &WrappedKey) -> Result<Option<WrappedKey>, KeyError> {
        if self.0.is_current(&wrapped.0) {
            return Ok(None);
        }
        self.0.rewrap(owner, &wrapped.0).map(|own| Some(WrappedKey(own))).map_err(|error| key_error(&error))
    }
}

/// The key that proofs of identity are made with: one for all servers of a control database, made at the first start.
pub async fn identity_key(root: &RootKeys, control: &Control) -> anyhow::Result<OwnerKey> {
    let (wrapped, _) = root.create(KeyOwner::Identity)?;
    let kept = control.secret("identity", WrappedKey(wrapped)).await?;
    Ok(root.unwrap(KeyOwner::Identity, &kept.0)?)
}

fn key_error(error: &ObjectsError) -> KeyError {
    KeyError(error.to_string())
}
