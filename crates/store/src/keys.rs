//! Keys of databases, as far as the store needs them: it asks for one and never sees what wraps it.

use gridkeep_model::KeyOwner;
use secrecy::{ExposeSecret, SecretBox};

/// A key in the form that may be stored: only the root key opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey(pub Vec<u8>);

/// The 256-bit key of one database.
pub struct DatabaseKey(SecretBox<[u8; 32]>);

/// A key could not be made or unwrapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key: {0}")]
pub struct KeyError(pub String);

/// Makes and opens keys; the server implements it over `objects`.
pub trait Keys: Send + Sync {
    /// A new random key for this owner, and the form to store.
    fn create(&self, owner: KeyOwner) -> Result<(WrappedKey, DatabaseKey), KeyError>;
    /// Opens a stored key.
    fn open(&self, owner: KeyOwner, wrapped: &WrappedKey) -> Result<DatabaseKey, KeyError>;
    /// The same key wrapped by the root key in use; `None` when it is already.
    fn rewrap(&self, owner: KeyOwner, wrapped: &WrappedKey) -> Result<Option<WrappedKey>, KeyError>;
}

impl DatabaseKey {
    /// Takes over a key.
    pub fn new(key: SecretBox<[u8; 32]>) -> Self {
        Self(key)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl Clone for DatabaseKey {
    fn clone(&self) -> Self {
        Self(SecretBox::new(Box::new(*self.bytes())))
    }
}

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseKey(..)")
    }
}
