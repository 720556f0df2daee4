//! The reference model for conformance runs, served by the product's own rooms.
//!
//! **Architecture Invariant:** nothing here reads a request of the model or writes a payload: it is a definition, a
//! projection over its tables and a seed. What the model needs, the product can do for everybody.

mod model;
mod seed;
mod server;

pub use model::projection;
mod set;

pub use server::{Options, Reference};
