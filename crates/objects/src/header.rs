//! What a stored file begins with: whose it is, what it is, how long it is, and its wrapped key.
//!
//! ```text
//! 8 magic | 16 tenant | 16 object | 4 version | 1 + 32 kind | 8 plain length | 60 wrapped key
//! ```
//!
//! **Architecture Invariant:** nothing in the header is secret, and no byte of it can change unnoticed: the first part is
//! bound to the wrapped key, all of it to every segment.

use std::{fmt, str::FromStr};

use gridkeep_model::{Clock, TenantId, clock::Rng};
use uuid::Uuid;

use crate::{
    ObjectsError,
    crypto::{self, Secret, WRAPPED},
};

const MAGIC: &[u8; 8] = b"GKOBJ\r\n\x01";
const KIND: usize = 32;
/// Everything before the wrapped key.
const FRONT: usize = 8 + 16 + 16 + 4 + 1 + KIND + 8;
/// The whole header.
pub(crate) const HEADER: usize = FRONT + WRAPPED;

/// A stored file: `kind/uuid/version`. A new content is a new version; a version never changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectId {
    kind: String,
    object: Uuid,
    version: u32,
}

impl ObjectId {
    /// A new file of a kind, such as `workbook`: lower-case letters, at most 32.
    pub fn new(kind: &str, clock: &dyn Clock, rng: &mut dyn Rng) -> Result<Self, ObjectsError> {
        let object = gridkeep_model::RowId::new(clock, rng).uuid();
        Self::from_parts(kind, object, 1)
    }

    /// The same file with another content.
    pub fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// What it is stored as.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Which of its contents it is, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// When the file got its id: its first content was stored then. `None` when the id does not say.
    pub fn created(&self) -> Option<jiff::Timestamp> {
        let (seconds, nanoseconds) = self.object.get_timestamp()?.to_unix();
        jiff::Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
    }

    /// Where it is in the object store.
    pub(crate) fn path(&self, tenant: TenantId) -> object_store::path::Path {
        object_store::path::Path::from(format!("{tenant}/{self}"))
    }

    fn from_parts(kind: &str, object: Uuid, version: u32) -> Result<Self, ObjectsError> {
        let letters =
            !kind.is_empty() && kind.len() <= KIND && kind.bytes().all(|byte| byte.is_ascii_lowercase());
        if !letters || version == 0 {
            return Err(ObjectsError::NotAnId(format!("{kind}/{object}/{version}")));
        }
        Ok(Self { kind: kind.to_owned(), object, version })
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.object, self.version)
    }
}

impl FromStr for ObjectId {
    type Err = ObjectsError;

    fn from_str(text: &str) -> Result<Self, ObjectsError> {
        let wrong = || ObjectsError::NotAnId(text.to_owned());
        let mut parts = text.split('/');
        let (Some(kind), Some(object), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let object = Uuid::try_parse(object).map_err(|_| wrong())?;
        let id = Self::from_parts(kind, object, version.parse().map_err(|_| wrong())?)?;
        // One text a file: no other spelling of the UUID or the number.
        if id.to_string() == text { Ok(id) } else { Err(wrong()) }
    }
}

/// A header that was read, and what it opens.
pub(crate) struct Header {
    pub(crate) bytes: [u8; HEADER],
    /// Length of the content.
    pub(crate) length: u64,
    /// The file's own key.
    pub(crate) key: Secret,
}

fn front(tenant: TenantId, id: &ObjectId, length: u64) -> Vec<u8> {
    let mut front = Vec::with_capacity(HEADER);
    front.extend_from_slice(MAGIC);
    front.extend_from_slice(tenant.uuid().as_bytes());
    front.extend_from_slice(id.object.as_bytes());
    front.extend_from_slice(&id.version.to_be_bytes());
    front.push(id.kind.len() as u8);
    front.extend_from_slice(id.kind.as_bytes());
    front.resize(FRONT - 8, 0);
    front.extend_from_slice(&length.to_be_bytes());
    front
}

impl Header {
    /// The header of a file to be, with a new key.
    pub(crate) fn new(
        tenant: TenantId,
        files: &Secret,
        id: &ObjectId,
        length: u64,
    ) -> Result<Self, ObjectsError> {
        let key = crypto::new_secret()?;
        let mut bytes = front(tenant, id, length);
        let wrapped = crypto::wrap(files, &bytes, &key)?;
        bytes.extend_from_slice(&wrapped);
        let bytes = bytes.try_into().map_err(|_| ObjectsError::Crypto)?;
        Ok(Self { bytes, length, key })
    }

    /// Reads the header of a file that is expected to be this one.
    pub(crate) fn read(
        tenant: TenantId,
        files: &Secret,
        id: &ObjectId,
        bytes: &[u8],
    ) -> Result<Self, ObjectsError> {
        let tampered = |detail| ObjectsError::Tampered { object: id.to_string(), detail };
        let bytes: [u8; HEADER] = bytes.try_into().map_err(|_| tampered("shorter than its header"))?;
        let mut length = [0; 8];
        length.copy_from_slice(&bytes[FRONT - 8..FRONT]);
        let length = u64::from_be_bytes(length);
        if bytes[..FRONT] != front(tenant, id, length) {
            return Err(tampered("another tenant's, file's or version's header"));
        }
        let mut wrapped = [0; WRAPPED];
        wrapped.copy_from_slice(&bytes[FRONT..]);
        let key =
            crypto::unwrap(files, &bytes[..FRONT], &wrapped).ok_or_else(|| tampered("header changed"))?;
        Ok(Self { bytes, length, key })
    }
}
