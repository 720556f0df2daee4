//! The tests of the reference model once more, over PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails where something is not there")]

/// Which database they run on.
pub(crate) const POSTGRES: bool = true;

#[path = "../it/batched.rs"]
mod batched;
#[path = "../it/functions.rs"]
mod functions;
#[path = "../it/kinds.rs"]
mod kinds;
#[path = "../it/kit.rs"]
mod kit;
#[path = "../it/levels.rs"]
mod levels;
#[path = "../it/media.rs"]
mod media;
#[path = "../it/noise.rs"]
mod noise;
#[path = "../it/operations.rs"]
mod operations;
#[path = "../it/protocol.rs"]
mod protocol;
#[path = "../it/related.rs"]
mod related;
#[path = "../it/service.rs"]
mod service;
#[path = "../it/written.rs"]
mod written;
