//! Paths inside expressions: where they begin, their segments, and what stands in parentheses behind a name.

use super::{Aggregate, At, Expr, Name, QueryOptions};

/// A path of an expression: `Customer/Address/City`, `$it/Name`, `@p`, `$root/Items(1)`, `Model.Fn(a=1)/Name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where it begins.
    pub root: Root,
    /// What follows, in order; only a path from a variable or alias may have none.
    pub segments: Vec<PathSegment>,
    /// Its place.
    pub at: At,
}

impl Path {
    /// Whether it is `$all`, the level of a rollup above all others.
    pub fn is_all(&self) -> bool {
        matches!(self.segments.as_slice(), [PathSegment { kind: PathSegmentKind::Name(name), .. }] if name.name == "$all")
    }
}

/// Where a path begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// With a property, type or function of the current instance.
    Instance,
    /// `$it`: the instance of the resource that the path of the URL names.
    It,
    /// `$this`: the instance that the option is evaluated on.
    This,
    /// `$these`: the collection that a transformation works on.
    These,
    /// `$root`: the service.
    Service,
    /// The variable of an enclosing `any` or `all`.
    Variable(String),
    /// `@name`: a parameter alias; where none is defined, an annotation of a default namespace.
    Alias(String),
}

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathSegment {
    /// What it is.
    pub kind: PathSegmentKind,
    /// What stands in parentheses behind a name or `$filter(...)`: a key, arguments, or both one after the other.
    pub parens: Vec<Parens>,
    /// Its place.
    pub at: At,
}

/// What a segment of a path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegmentKind {
    /// A property, navigation property, type or function.
    Name(Name),
    /// `@Core.Messages#qualifier`
    Annotation {
        /// The term.
        term: Name,
        /// What tells annotations of the same term apart.
        qualifier: Option<String>,
    },
    /// `$count`, with `$filter` and `$search` when they are given.
    Count(Option<Box<QueryOptions>>),
    /// `$filter(...)`
    Filter(Box<Expr>),
    /// `any()`, `any(x:...)`
    Any(Option<Lambda>),
    /// `all(x:...)`
    All(Lambda),
    /// `aggregate(Amount with sum)`
    Aggregate(Box<Aggregate>),
}

/// A variable and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lambda {
    /// The variable.
    pub variable: String,
    /// The predicate.
    pub predicate: Box<Expr>,
}

/// One pair of parentheses behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parens {
    /// What is in them.
    pub kind: ParensKind,
    /// Their place.
    pub at: At,
}

/// What is in a pair of parentheses behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParensKind {
    /// `()`: a call without arguments.
    Empty,
    /// `(1)`, `(@key)`: a key with one part, a literal or an alias.
    Key(Box<Expr>),
    /// `(a=1,b='x')`: the arguments of a function, a compound key or an alternate key. None is given twice.
    Named(Vec<Argument>),
}

/// A named argument or part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its value; in the path of a URL a literal or an alias.
    pub value: Expr,
    /// The place of the name.
    pub at: At,
}

/// A type as `cast` and `isof` name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// Qualified or, in a default namespace, not.
    pub name: Name,
    /// Whether it is a collection of these.
    pub collection: bool,
}
