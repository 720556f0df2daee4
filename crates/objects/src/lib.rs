//! Stored files, encrypted before they leave this room, and the keys that keys are wrapped with; and how objects are written to
//! buckets of others ([`bucket`]).
//!
//! **Architecture Invariant:** the object store never sees a key or a byte of plain text. A file is opened only as what it
//! was stored as: its tenant, id and version are part of what is authenticated.
//!
//! ```text
//! root key (key file) -- wraps --> owner's key -- HKDF --> key of the database
//!                                              \- HKDF --> wraps --> key of a file -- HKDF --> key of its segments
//! ```

pub mod bucket;
mod crypto;
mod error;
mod header;
mod key;
mod objects;
mod root;
mod segment;
mod writer;

pub use error::ObjectsError;
pub use header::ObjectId;
pub use key::OwnerKey;
pub use objects::{Objects, Unfinished};
pub use root::RootKeys;
pub use writer::Writer;
