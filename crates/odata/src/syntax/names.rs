//! What the grammar asks of a model: whether a name may be of a class at all.

/// What something is once a path has come to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One entity.
    Entity,
    /// A collection of entities.
    Entities,
    /// One complex value.
    Complex,
    /// A collection of them.
    Complexes,
    /// One primitive or enumeration value.
    Primitive,
    /// A collection of them.
    Primitives,
    /// A stream.
    Stream,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Entity,
        Self::Entities,
        Self::Complex,
        Self::Complexes,
        Self::Primitive,
        Self::Primitives,
        Self::Stream,
    ];
}

/// What a name may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// An entity set.
    EntitySet,
    /// A singleton.
    Singleton,
    /// An action import.
    ActionImport,
    /// A function import with this result.
    FunctionImport(Kind),
    /// An action.
    Action,
    /// A function with this result.
    Function(Kind),
    /// A property or navigation property of this kind; also a name that `$compute` or `$apply` made.
    Property(Kind),
    /// An entity type.
    EntityType,
    /// A complex type.
    ComplexType,
    /// A part of a namespace, or an alias.
    Namespace,
    /// A custom aggregate.
    CustomAggregate,
    /// A variable that no lambda around it defines.
    Variable,
    /// The value of a key as a segment of its own.
    Key,
    /// A query option that the standard does not know, or a parameter given as one.
    Option,
}

/// What knows names. It need not know in which type a name is used: that is the binder's question.
pub trait Names {
    /// Whether there is any place in the model where this name is of this class.
    fn may_be(&self, class: Class, name: &str) -> bool;
}

/// Knows no model, so every name may be anything: what is left is what the grammar says by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Anything;

impl Names for Anything {
    fn may_be(&self, _: Class, _: &str) -> bool {
        true
    }
}
