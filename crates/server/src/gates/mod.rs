//! Gates at work: which are active, which of them a transaction comes to, and what is approved.
//!
//! **Architecture Invariant:** what is active is read in the work that asks, or was read at the very mark it begins with: a gate
//! that was switched on asks from the next commit on. Of a definition that names no gate nothing is read.

mod active;
mod approval;
mod content;
mod keeps;
mod operation;
mod returned;

pub use active::Gates;
pub(crate) use active::{Active, Judged};
pub(crate) use approval::{Approval, Log, answered, proofs};
pub(crate) use content::{
    About, Content, Deed, Entitled, Kept, MOST_TRIES, MOST_TRIES_WAITING, Passed, challenge, ended, hex,
    keep, plain, request_of, rows,
};
pub(crate) use keeps::CONFIG;
pub(crate) use operation::{AtGate, BUILT_IN, Operation};
