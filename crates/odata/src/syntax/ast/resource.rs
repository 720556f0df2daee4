//! The path of a URL: what is asked for (ABNF section 1).

use super::{At, Expr, Name, Parens, QueryOptions};

/// A URL relative to the root of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub resource: Resource,
    /// How it is wanted.
    pub options: QueryOptions,
    /// What follows `#` behind `$metadata`, as it came: a context.
    pub context: Option<String>,
}

/// What a URL asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// Nothing: the service document.
    Service,
    /// `$metadata`
    Metadata,
    /// `$batch`
    Batch,
    /// `$entity`, perhaps as this type; the options have `$id`.
    Entity(Option<Name>),
    /// `$all`, perhaps only those of this type.
    All(Option<Name>),
    /// `$crossjoin(A,B)`; `$query` may follow.
    Crossjoin {
        /// The entity sets.
        sets: Vec<Name>,
        /// Whether `/$query` follows: the options are in the body.
        query: bool,
    },
    /// A path of one or more segments.
    Path(ResourcePath),
}

/// The segments of a path, from the root of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePath {
    /// One or more.
    pub segments: Vec<Segment>,
    /// Its place.
    pub at: At,
}

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// The whole segment, decoded: what it says when it is a key.
    pub text: String,
    /// What stands in parentheses behind a name or `$filter(...)`: arguments, a key, or both one after the other.
    pub parens: Vec<Parens>,
    /// Its place.
    pub at: At,
}

/// What a segment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SegmentKind {
    /// A name; and if it fits nothing, and the segment before is a collection, a key (key-as-segment).
    Name(Name),
    /// Not a name: a key or an ordinal.
    Text,
    /// `$filter(...)`
    Filter(Box<Expr>),
    /// `$count`
    Count,
    /// `$ref`
    Ref,
    /// `$value`
    Value,
    /// `$each`
    Each,
    /// `$query`: the options are in the body.
    Query,
}
