//! From what a URL says to what is read: names resolved against a projection, types checked.
//!
//! **Architecture Invariant:** what comes out names columns, never text of the request; what a projection does not have
//! is refused here, with its place, so that `store` never sees it.

mod apply;
mod argument;
mod expression;
mod function;
mod kind;
mod literal;
mod options;
mod page;
mod payload;
mod resource;
mod search;
#[cfg(test)]
mod tests;
mod token;

use std::{cell::Cell, rc::Rc};

use jiff::civil;

pub use argument::{argument, result};
pub use expression::Typed;
pub use kind::Kind;
pub use options::{Read, Shape, Shown};
pub use page::PageLimits;
pub use payload::Given;
pub use resource::{CollectionPart, EntityKey, EntityPart, Target, target};
pub use token::{Since, delta_fingerprint, delta_query, fingerprint, next_query, write as skip_token};

use crate::{
    project::{NAMESPACE, SetSource},
    syntax::ast::{Alias, Name},
};

/// Nodes that the expressions of one request may have, aliases replaced.
const MOST_NODES: usize = 40_000;

/// What names mean in an expression: the set's properties, computed ones and parameter aliases.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The set the expression is about.
    pub set: &'a SetSource,
    /// Parameter aliases of the request.
    pub aliases: &'a [Alias],
    /// Properties that `$compute` added before.
    pub computed: Vec<(String, Typed)>,
    /// The set's own properties are gone: only computed ones are left.
    grouped: bool,
    /// The moment of the request, in UTC.
    pub now: civil::DateTime,
    /// Aliases within aliases so far.
    depth: usize,
    /// Nodes that may still be bound: an alias of aliases grows with every level.
    left: Rc<Cell<usize>>,
}

impl<'a> Scope<'a> {
    /// Of a set, at a moment.
    pub fn new(set: &'a SetSource, aliases: &'a [Alias], now: civil::DateTime) -> Self {
        Self {
            set,
            aliases,
            computed: Vec::new(),
            grouped: false,
            now,
            depth: 0,
            left: Rc::new(Cell::new(MOST_NODES)),
        }
    }

    /// Whether a name is that of the set's entity type.
    fn is_own_type(&self, name: &Name) -> bool {
        is_type(self.set, name)
    }
}

/// Whether a name is that of a set's entity type; without a namespace it may be taken for one of the default namespace.
fn is_type(set: &SetSource, name: &Name) -> bool {
    name.namespace.as_deref().unwrap_or(NAMESPACE) == set.entity_type.namespace
        && name.name == set.entity_type.name
}
