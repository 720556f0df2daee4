//! The log that is only added to: who did what that matters for security, chained and provable.
//!
//! **Architecture Invariant:** an entry is written in the commit of what it tells of. What it says of people is not in the
//! chain: there stands a salted commitment, and the value beside it, so that somebody can be forgotten and the chain holds.
//!
//! A row's leaf is the canonical JSON ([`gridkeep_model::canonical`]) of all it says, the hash of the row before included;
//! its hash is RFC 9162's of that leaf. So the chain and the leaves of the [`tree`] are one.

mod append;
mod entry;
mod head;
mod named;
mod read;
pub mod tree;
mod verify;

pub use entry::{Entry, NewEntry, NewEvent, Personal, ZERO, commitment, hex, unhex};
pub use head::AuditHead;
pub use named::Naming;
pub use read::{AuditFilter, KeptValue};
pub use verify::{Fault, Verifier};
