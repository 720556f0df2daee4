//! What can go wrong with stored files and their keys.

use std::path::PathBuf;

/// Why a file could not be stored or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectsError {
    /// The object store failed.
    #[error("object store: {0}")]
    Store(#[from] object_store::Error),
    /// A file or folder on this machine.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key file may be read by others.
    #[error("{path}: others may read the root key (mode {mode:03o}); it must be 600")]
    Permissions {
        /// The key file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The key file is damaged.
    #[error("{path}: not a root key of Gridkeep")]
    KeyFile {
        /// The key file.
        path: PathBuf,
    },
    /// A wrapped key that no root key opens, or that is another owner's.
    #[error("the key is not wrapped by this root key, or is another owner's")]
    WrongKey,
    /// The stored file is not what was stored under this id and version.
    #[error("{object}: the stored file is not what was stored: {detail}")]
    Tampered {
        /// Its id.
        object: String,
        /// What gave it away.
        detail: &'static str,
    },
    /// A file that was stored piece by piece is shorter or longer than was said.
    #[error("not as long as was said")]
    Length,
    /// The text is no object id.
    #[error("{0:?} is no object id")]
    NotAnId(String),
    /// The machine's source of randomness, or the cipher, failed.
    #[error("cryptography failed")]
    Crypto,
}

impl From<aws_lc_rs::error::Unspecified> for ObjectsError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Crypto
    }
}
