//! The reference model from outside: requests over HTTP, and what comes back.
#![expect(clippy::unwrap_used, reason = "a test fails where something is not there")]

/// Which database they run on.
pub(crate) const POSTGRES: bool = false;

mod batched;
mod functions;
mod kinds;
mod kit;
mod levels;
mod media;
mod metadata;
mod noise;
mod operations;
mod protocol;
mod related;
mod service;
mod written;
