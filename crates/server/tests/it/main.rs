//! The server as its users meet it: over HTTP, in this process, with a clock and chance the tests own.

#![expect(clippy::unwrap_used, reason = "a test says by panicking what is wrong")]

mod api_keys;
mod assets;
mod concurrency;
mod errors;
mod journey;
mod kit;
mod openapi;
mod rights;
mod session;
mod uploads;
mod withheld;
