//! An owner's key: what a tenant's database and files are encrypted under.

use gridkeep_model::{KeyOwner, TenantId};
use secrecy::SecretBox;

use crate::{
    ObjectsError,
    crypto::{self, Secret},
};

/// The key of a tenant, of the control database or of proofs of identity, unwrapped. Lives in memory only.
pub struct OwnerKey {
    owner: KeyOwner,
    secret: Secret,
}

impl OwnerKey {
    pub(crate) fn new(owner: KeyOwner, secret: Secret) -> Self {
        Self { owner, secret }
    }

    /// Whose key it is.
    pub fn owner(&self) -> KeyOwner {
        self.owner
    }

    /// The key of the owner's database.
    pub fn database_key(&self) -> Result<SecretBox<[u8; 32]>, ObjectsError> {
        crypto::derive_secret(&self.secret, &[], "gridkeep database 1")
    }

    /// A key of its own for one purpose, which its name tells apart from all others.
    pub fn purpose_key(&self, purpose: &'static str) -> Result<SecretBox<[u8; 32]>, ObjectsError> {
        crypto::derive_secret(&self.secret, &[], &format!("gridkeep purpose {purpose} 1"))
    }

    /// The tenant, and the key that wraps the keys of its files.
    pub(crate) fn files(&self) -> Result<(TenantId, Secret), ObjectsError> {
        let KeyOwner::Tenant(tenant) = self.owner else { return Err(ObjectsError::WrongKey) };
        Ok((tenant, crypto::derive_secret(&self.secret, &[], "gridkeep files 1")?))
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl std::fmt::Debug for OwnerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnerKey").field("owner", &self.owner).finish_non_exhaustive()
    }
}
