//! The reference model from outside: requests over HTTP, and what comes back.
#![expect(clippy::unwrap_used, reason = "a test fails where something is not there")]

mod functions;
mod kinds;
mod kit;
mod media;
mod metadata;
mod operations;
mod protocol;
mod related;
mod service;
