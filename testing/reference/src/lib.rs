//! The reference model for conformance runs, served by the product's own rooms.
//!
//! **Architecture Invariant:** nothing here reads a request of the model or writes a payload: it is a definition, a
//! projection over its tables, a seed, and what its operations do. What the model needs, the product can do for everybody.

mod change;
mod field;
mod model;
mod operations;
mod run;
mod seed;
mod server;
mod set;

pub use model::projection;
pub use server::{Options, Reference};
