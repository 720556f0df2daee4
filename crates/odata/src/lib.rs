//! OData 4.01: text to `model::Query` and back. URLs, metadata (CSDL), JSON payloads, batches and headers.
//!
//! **Architecture Invariant:** pure. It knows no HTTP server, no SQL and no clock; a request comes in as text, an answer
//! goes out as bytes, and whoever calls it does the rest. Every parser has limits on length, depth and nodes, and every
//! refusal says where.

pub mod batch;
pub mod bind;
pub mod csdl;
pub mod edm;
mod error;
pub mod header;
pub mod json;
pub mod project;
pub mod syntax;

pub use error::{Error, ErrorKind, Span};
