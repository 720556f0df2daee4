//! SCIM 2.0 (RFC 7643, RFC 7644) as far as it needs neither a database nor HTTP: what users and groups are made of, filters,
//! changes, and what of a resource is shown.
//!
//! **Architecture Invariant:** what a directory sends becomes a resource only by [`schema`]: what is not written down there is not
//! kept, so no role, flag or password gets in with a body. Whatever is read is bounded in length, depth and number before it is
//! worked on.

pub mod filter;
pub mod group;
mod parse;
mod patch;
pub mod path;
pub mod question;
mod read;
pub mod schema;
pub mod user;
mod view;

use serde_json::{Map, Value as Json};

pub use patch::patched;
pub use read::resource;
pub use view::{Shown, etag};

/// A resource or part of one: JSON with the names that [`schema`] has.
pub type Object = Map<String, Json>;

/// Most elements of a list in a user.
pub const MOST_ELEMENTS: usize = 20;
/// Longest text, in characters.
pub const LONGEST_TEXT: usize = 500;
/// Most operations of a change.
pub const MOST_OPERATIONS: usize = 1_000;
/// Longest filter, in bytes.
pub const LONGEST_FILTER: usize = 4_096;

/// Why something was refused, in words for whoever looks into the log of their directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A filter that is none, or asks for what cannot be asked.
    #[error("{0}")]
    Filter(String),
    /// A path that leads nowhere.
    #[error("{0}")]
    Path(String),
    /// A body of another form.
    #[error("{0}")]
    Syntax(String),
    /// A value that cannot be.
    #[error("{0}")]
    Value(String),
    /// What cannot be changed.
    #[error("{0} cannot be changed")]
    Mutability(String),
    /// A change of something that is not there.
    #[error("{0}")]
    NoTarget(String),
}

impl Refused {
    /// RFC 7644 section 3.12, table 9; the status is 400.
    pub const fn scim_type(&self) -> &'static str {
        match self {
            Self::Filter(_) => "invalidFilter",
            Self::Path(_) => "invalidPath",
            Self::Syntax(_) => "invalidSyntax",
            Self::Value(_) => "invalidValue",
            Self::Mutability(_) => "mutability",
            Self::NoTarget(_) => "noTarget",
        }
    }
}

/// What stands in an object under a name, in whatever case.
pub(crate) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Json> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Whether something is as good as not there (RFC 7643 section 2.5).
pub(crate) fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(list) => list.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// A text for people who read a refusal: short, and without what a log would trip over.
pub(crate) fn quoted(text: &str) -> String {
    let short: String = text.chars().filter(|letter| !letter.is_control()).take(60).collect();
    format!("\"{short}\"")
}
