//! What may follow what in a path, given what its names may be.
//!
//! A path is followed with the set of all kinds of thing it may have come to: each segment turns the set into the next
//! one, and a path whose set runs empty is none of the grammar. Nothing is guessed and nothing is tried twice.
//!
//! **Architecture Invariant:** with [`Anything`](super::Anything) for names, nothing is refused here that some model
//! would make right.

mod expression;
mod options;
mod resource;
mod states;

use self::states::States;
use super::{
    Names,
    ast::{Expr, QueryOptions, Request, Resource},
    parser::Result,
};
use crate::{Error, ErrorKind, Span};

/// How far the rules of paths differ with where the path stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The path of the URL.
    Resource,
    /// In an expression.
    Expression,
    /// In `aggregate`: through collections too.
    Aggregate,
    /// In `groupby`: single values only, and a property at its end.
    Group,
    /// In `$select` and `$expand`: through collections too, operations without parentheses.
    Shape,
}

/// Follows paths by these names.
struct Check<'n> {
    names: &'n dyn Names,
}

impl Request {
    /// Whether each path of the URL is one that the grammar has, given what its names may be.
    pub fn check(&self, names: &dyn Names) -> Result<()> {
        self.resource.check(names)?;
        self.options.check(names)
    }
}

impl Resource {
    /// Whether the path is one that the grammar has, given what its names may be.
    pub fn check(&self, names: &dyn Names) -> Result<()> {
        Check { names }.resource(self)
    }
}

impl QueryOptions {
    /// Whether each path in the options is one that the grammar has, given what its names may be.
    pub fn check(&self, names: &dyn Names) -> Result<()> {
        Check { names }.options(self)
    }
}

impl Expr {
    /// Whether each path in the expression is one that the grammar has, given what its names may be.
    pub fn check(&self, names: &dyn Names) -> Result<()> {
        Check { names }.expr(self)
    }
}

/// What stands here cannot stand here.
fn refuse<T>(what: &str, at: Span) -> Result<T> {
    Err(Error::new(ErrorKind::Malformed, "PATH", format!("{what} cannot stand here")).at(at))
}

/// The states, unless there are none left.
fn some(states: States, what: impl Fn() -> String, at: Span) -> Result<States> {
    if states.is_empty() { refuse(&what(), at) } else { Ok(states) }
}
