//! The set of what a path may have come to.

use crate::syntax::Kind;

/// A set of kinds of thing, some of them with what brought the path there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct States(u32);

impl States {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ENTITY: Self = Self(1);
    pub(super) const ENTITIES: Self = Self(1 << 1);
    pub(super) const COMPLEX: Self = Self(1 << 2);
    pub(super) const COMPLEXES: Self = Self(1 << 3);
    pub(super) const PRIMITIVE: Self = Self(1 << 4);
    pub(super) const PRIMITIVES: Self = Self(1 << 5);
    pub(super) const STREAM: Self = Self(1 << 6);
    /// The same behind a type: there is no second type.
    pub(super) const ENTITY_AS: Self = Self(1 << 7);
    pub(super) const ENTITIES_AS: Self = Self(1 << 8);
    pub(super) const COMPLEX_AS: Self = Self(1 << 9);
    pub(super) const COMPLEXES_AS: Self = Self(1 << 10);
    /// Behind a type that does not end a path.
    pub(super) const ONE_MUST: Self = Self(1 << 11);
    pub(super) const MANY_MUST: Self = Self(1 << 12);
    /// The instance that an expression begins with.
    pub(super) const INSTANCE: Self = Self(1 << 13);
    /// Behind a part of a key that is a segment of its own: more parts may follow.
    pub(super) const KEYED: Self = Self(1 << 14);
    /// Behind `$each`.
    pub(super) const EACH: Self = Self(1 << 15);
    /// Behind a function without parentheses.
    pub(super) const CALLED: Self = Self(1 << 16);
    /// Nothing follows.
    pub(super) const END: Self = Self(1 << 17);

    /// Whatever it may be.
    pub(super) const ANY: Self = Self(0x3f);
    /// One entity or complex value, so there are properties.
    pub(super) const ONE: Self = Self(
        Self::ENTITY.0
            | Self::COMPLEX.0
            | Self::ENTITY_AS.0
            | Self::COMPLEX_AS.0
            | Self::ONE_MUST.0
            | Self::INSTANCE.0,
    );
    /// A collection of entities.
    pub(super) const SET: Self = Self(Self::ENTITIES.0 | Self::ENTITIES_AS.0);
    /// A collection of entities or complex values.
    pub(super) const MANY: Self =
        Self(Self::SET.0 | Self::COMPLEXES.0 | Self::COMPLEXES_AS.0 | Self::MANY_MUST.0);
    /// A collection.
    pub(super) const COLLECTION: Self = Self(Self::MANY.0 | Self::PRIMITIVES.0);
    /// Where a path cannot end.
    pub(super) const OPEN: Self = Self(Self::ONE_MUST.0 | Self::MANY_MUST.0 | Self::INSTANCE.0);
    /// Where an operation may be bound.
    pub(super) const BINDS: Self = Self(!(Self::END.0 | Self::CALLED.0 | Self::KEYED.0));

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Entity => Self::ENTITY,
            Kind::Entities => Self::ENTITIES,
            Kind::Complex => Self::COMPLEX,
            Kind::Complexes => Self::COMPLEXES,
            Kind::Primitive => Self::PRIMITIVE,
            Kind::Primitives => Self::PRIMITIVES,
            Kind::Stream => Self::STREAM,
        }
    }
}
