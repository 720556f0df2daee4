//! The reference model from outside: requests over HTTP, and what comes back.

mod kit;
mod service;
