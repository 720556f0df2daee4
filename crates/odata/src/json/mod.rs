//! JSON payloads (OData-JSON 4.01): written as a stream, read by the types of the metadata.
//!
//! **Architecture Invariant:** no tree of a whole payload is built to write it, and no number of a payload passes through
//! a floating point unless its type is one. What is written is `Writer`'s buffer, which the caller empties as it grows.

mod context;
mod error_body;
mod item;
mod key;
mod literal;
mod read;
mod scalar;
mod service;
mod shape;
mod style;
mod text;
mod value;
mod writer;

pub use context::{Context, SelectItem, Target};
pub use error_body::{ErrorBody, ErrorDetail};
pub use item::Item;
pub use key::{KeyForm, key_predicate};
pub use literal::{Mismatch, enum_text, enum_value};
pub use read::{Change, Content, Instance, Limits, Member, Reader};
pub(crate) use read::{Kind, Tokens};
pub use scalar::Scalar;
pub use service::service_document;
pub use shape::{Column, IdHead, Name, Shape};
pub use style::Style;
pub(crate) use text::{write as write_string, write_escaped};
pub(crate) use value::base64url;
pub use writer::{EntityHead, Fact, Link, Mark, Media, Reason, Removed, Writer};
