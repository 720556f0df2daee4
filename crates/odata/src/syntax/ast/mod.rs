//! What a URL says, as a tree: the nouns of the grammar and nothing of a model.
//!
//! A name is a name here: whether `Orders` is a navigation property, a key in a segment or a function without
//! parentheses is for the binder to say, who knows the model.
//!
//! **Architecture Invariant:** two trees are equal when they say the same, wherever it stood in its text; so a tree, its
//! printed text and that text's tree are the same thing.

mod apply;
mod expression;
mod literal;
mod options;
mod path;
mod resource;
mod search;

use std::fmt;

pub use apply::{
    Aggregate, AggregateFrom, AggregateMethod, AggregateOf, Apply, ApplyAs, GroupBy, Hierarchy, Ranking,
    Rollup, Transformation, TransformationKind,
};
pub use expression::{BinaryOp, Expr, ExprKind, LogicalOp, Method, UnaryOp};
pub use literal::Literal;
pub use options::{
    Alias, Compute, Custom, Expand, ExpandKind, Format, Levels, OrderBy, QueryOptions, Select, SelectKind,
    Suffix,
};
pub use path::{Argument, Lambda, Parens, ParensKind, Path, PathSegment, PathSegmentKind, Root, TypeName};
pub use resource::{Request, Resource, ResourcePath, Segment, SegmentKind};
pub use search::Search;

use crate::Span;

/// Where a node stands in the URL. It takes no part in comparing trees.
#[derive(Clone, Copy, Default)]
pub struct At(pub Span);

impl PartialEq for At {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for At {}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.0.start, self.0.end)
    }
}

impl From<Span> for At {
    fn from(span: Span) -> Self {
        Self(span)
    }
}

/// Something with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The thing.
    pub value: T,
    /// Its place.
    pub at: At,
}

/// An identifier, qualified by a namespace or alias or not: `Name`, `Model.Customer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The namespace or its alias, as written.
    pub namespace: Option<String>,
    /// The simple identifier.
    pub name: String,
    /// Its place.
    pub at: At,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}.")?;
        }
        f.write_str(&self.name)
    }
}
