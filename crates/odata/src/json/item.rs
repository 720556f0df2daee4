//! Values of any shape: primitive, complex, collections of both.

use std::borrow::Cow;

use super::{Scalar, Writer};

/// A structural value.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<'a> {
    /// A primitive or enumeration value, or null.
    Scalar(Scalar<'a>),
    /// A complex value.
    Complex {
        /// Qualified name of its type, where it is not the declared one.
        kind: Option<String>,
        /// Its members in order.
        members: Vec<(Cow<'a, str>, Item<'a>)>,
    },
    /// A collection.
    Collection(Vec<Item<'a>>),
}

impl Item<'_> {
    /// Null.
    pub const NULL: Item<'static> = Item::Scalar(Scalar::Null);

    /// The same, on its own.
    pub fn into_owned(self) -> Item<'static> {
        match self {
            Self::Scalar(scalar) => Item::Scalar(scalar.into_owned()),
            Self::Complex { kind, members } => {
                let member = |(name, item): (Cow<'_, str>, Item<'_>)| {
                    (Cow::Owned(name.into_owned()), item.into_owned())
                };
                Item::Complex { kind, members: members.into_iter().map(member).collect() }
            }
            Self::Collection(items) => Item::Collection(items.into_iter().map(Item::into_owned).collect()),
        }
    }

    /// Whether it is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Scalar(Scalar::Null))
    }
}

impl<'a> From<Scalar<'a>> for Item<'a> {
    fn from(scalar: Scalar<'a>) -> Self {
        Self::Scalar(scalar)
    }
}

impl Writer {
    /// Writes a value of any shape.
    pub fn item(&mut self, item: &Item<'_>) {
        match item {
            Item::Scalar(scalar) => self.scalar(scalar),
            Item::Complex { kind, members } => {
                self.begin_complex(kind.as_deref());
                for (name, member) in members {
                    self.key(name);
                    self.item(member);
                }
                self.end_object();
            }
            Item::Collection(items) => {
                self.begin_array();
                for item in items {
                    self.item(item);
                }
                self.end_array();
            }
        }
    }
}
