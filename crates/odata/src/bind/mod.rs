//! From what a URL says to what is read: names resolved against a projection, types checked.
//!
//! **Architecture Invariant:** what comes out names columns, never text of the request; what a projection does not have
//! is refused here, with its place, so that `store` never sees it.

mod apply;
mod argument;
mod arithmetic;
mod cast;
mod collection;
mod complex;
mod enumeration;
mod expand;
mod expression;
mod function;
mod infinite;
mod kind;
mod literal;
mod narrow;
mod operation;
mod options;
mod page;
mod path;
mod payload;
mod related;
#[cfg(test)]
mod related_tests;
mod resource;
mod search;
mod select;
mod shift;
#[cfg(test)]
mod tests;
mod token;

use std::{cell::Cell, rc::Rc};

use gridkeep_model::query::Relation;
use jiff::civil;

pub use apply::{Made, MadeFace};
pub use argument::{Argument, calculable, plain, result};
pub use expand::{Expansion, MAX_LEVELS, RelatedRead, Spot};
pub use expression::Typed;
pub use kind::Kind;
pub use operation::{Call, Then};
pub use options::{Read, Shape, Shown, ShownKind, ShownKinds};
pub use page::PageLimits;
pub use payload::Given;
pub use related::Related;
pub use resource::{CollectionPart, EntityKey, EntityPart, Target, target};
pub use token::{Since, delta_fingerprint, delta_query, fingerprint, next_query, write as skip_token};

use crate::{
    project::{NAMESPACE, Projection, SetSource},
    syntax::ast::{Alias, Name},
};

/// Nodes that the expressions of one request may have, aliases replaced.
const MOST_NODES: usize = 40_000;

/// What a request is about, whatever it asks of it.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The service.
    pub projection: &'a Projection,
    /// The set.
    pub set: &'a SetSource,
    /// The moment of the request, in UTC.
    pub now: civil::DateTime,
}

impl<'a> Ground<'a> {
    /// The same of another set.
    #[must_use]
    pub fn of(self, set: &'a SetSource) -> Self {
        Self { set, ..self }
    }
}

/// What names mean in an expression: the set's properties, computed ones, variables and parameter aliases.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The service.
    pub projection: &'a Projection,
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
    /// The rows in reach, innermost last: that of the query, and those that lambdas and counts go through.
    frames: Vec<Frame<'a>>,
    /// Which of them paths without a root begin at.
    this: usize,
    /// What `$it` is.
    it: It<'a>,
    /// Aliases within aliases so far.
    depth: usize,
    /// Nodes that may still be bound: an alias of aliases grows with every level.
    left: Rc<Cell<usize>>,
}

/// What `$it` is: an instance of the resource that the request's path names (OData-URL 4.01, section 5.1.1.14.4).
#[derive(Debug, Clone)]
enum It<'a> {
    /// The row of the query.
    Query,
    /// Within `$expand` the row that those of the query belong to, the way back and its set.
    Behind(Vec<Relation>, &'a SetSource),
    /// No row can be told to be the one.
    Unknown,
}

/// A row in reach.
#[derive(Debug, Clone)]
struct Frame<'a> {
    set: &'a SetSource,
    /// The variable that stands for it.
    variable: Option<String>,
}

impl<'a> Scope<'a> {
    /// Of the set that a request is about.
    pub fn new(ground: Ground<'a>, aliases: &'a [Alias]) -> Self {
        let Ground { projection, set, now } = ground;
        Self {
            projection,
            set,
            aliases,
            computed: Vec::new(),
            grouped: false,
            now,
            frames: vec![Frame { set, variable: None }],
            this: 0,
            it: It::Query,
            depth: 0,
            left: Rc::new(Cell::new(MOST_NODES)),
        }
    }

    /// Whether a name is that of the set's entity type.
    fn is_own_type(&self, name: &Name) -> bool {
        is_type(self.set, name)
    }
}

/// The set of the entities of this type: the set itself or one of a derived type.
fn kind_named<'a>(set: &'a SetSource, name: &Name) -> Option<&'a SetSource> {
    if is_type(set, name) {
        return Some(set);
    }
    set.derived().iter().find_map(|derived| kind_named(derived, name))
}

/// Whether a name casts entities of a set to a type; without a namespace it does where no property is called so.
fn casts(set: &SetSource, name: &Name) -> bool {
    let free = || set.member(&name.name).is_none() && set.navigation(&name.name).is_none();
    kind_named(set, name).is_some() && (name.namespace.is_some() || free())
}

/// Whether a name is that of a set's entity type; without a namespace it may be taken for one of the default namespace.
fn is_type(set: &SetSource, name: &Name) -> bool {
    name.namespace.as_deref().unwrap_or(NAMESPACE) == set.entity_type.namespace
        && name.name == set.entity_type.name
}
