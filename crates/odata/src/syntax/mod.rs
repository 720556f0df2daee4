//! URLs as text: from the bytes of a request to a tree, and back.
//!
//! A URL is parted at `/`, `?`, `&` and `=`, its parts are percent-decoded once, and each is read by hand-written rules:
//! expressions by the strength of their operators, everything else by descent. Names stay names; the binder says what
//! they are.
//!
//! ```
//! use gridkeep_odata::syntax::{Limits, ast::Request};
//!
//! let mut request = Request::parse("Orders(7)/Items?$filter=Price%20gt%205.00&$top=10", &Limits::default())?;
//! request.options.top = None;
//! assert_eq!(request.to_string(), "Orders(7)/Items?$filter=Price%20gt%205.00");
//!
//! let refused = Request::parse("Orders?$filter=Price%20gt", &Limits::default()).unwrap_err();
//! assert_eq!(refused.to_string(), "expected white space, but the text ends (at position 26)");
//! # Ok::<(), gridkeep_odata::Error>(())
//! ```
//!
//! **Architecture Invariant:** text that is not of the grammar is `Malformed` with its place and what was expected; what
//! the grammar has and this service does not offer is `Unsupported`; no text is passed over in silence, and none costs
//! more than the [`Limits`] say.

mod aggregate;
mod apply;
pub mod ast;
mod check;
mod decode;
mod expression;
mod form;
mod json;
pub mod lexical;
mod limits;
mod literal;
mod names;
mod operators;
mod options;
mod parser;
mod path;
mod print;
mod request;
mod resource;
mod search;
mod shape;

pub use limits::Limits;
pub use names::{Anything, Class, Kind, Names};
pub use request::utf8;
