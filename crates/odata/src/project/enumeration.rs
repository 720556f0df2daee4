//! Enumerations: kept as numbers, told by the names of their members.

use std::borrow::Cow;

use gridkeep_model::Value;

use super::Projection;
use crate::{
    edm::{EnumType, Primitive, QName, TypeName, TypeRef},
    json::{Scalar, enum_text},
};

/// How the values of a property look outside, where their column does not tell it.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// As the column has them.
    Plain,
    /// An integer of at most 32 bits.
    Short,
    /// A floating number of 32 bits.
    Single,
    /// A member, or several, of an enumeration.
    Enumeration(EnumType),
}

impl Form {
    /// A column's value as it looks outside.
    pub fn scalar<'v>(&self, value: &'v Value) -> Scalar<'v> {
        match (self, value) {
            (Self::Short, Value::Integer(integer)) => match i32::try_from(*integer) {
                Ok(short) => Scalar::Integer(short),
                Err(_) => Scalar::Int64(*integer),
            },
            (Self::Single, Value::Double(double)) => Scalar::Single(*double as f32),
            (Self::Enumeration(kind), Value::Integer(integer)) => {
                Scalar::Enum(Cow::Owned(enum_text(kind, *integer)))
            }
            (_, value) => Scalar::from(value),
        }
    }
}

impl Projection {
    /// How values of a type look outside.
    pub fn form(&self, kind: &TypeRef) -> Form {
        match &kind.name {
            TypeName::Primitive(Primitive::Byte | Primitive::SByte | Primitive::Int16 | Primitive::Int32) => {
                Form::Short
            }
            TypeName::Primitive(Primitive::Single) => Form::Single,
            TypeName::Primitive(_) => Form::Plain,
            TypeName::Named(name) => {
                self.edm.enumeration(name).cloned().map_or(Form::Plain, Form::Enumeration)
            }
        }
    }

    /// The enumerations of the service, each with its place among them.
    pub fn enumerations(&self) -> impl Iterator<Item = (u16, QName, &EnumType)> {
        let all = self.edm.schemas.iter().flat_map(|schema| {
            schema.enums.iter().map(|kind| (QName::new(schema.namespace.clone(), kind.name.clone()), kind))
        });
        (0..).zip(all).map(|(place, (name, kind))| (place, name, kind))
    }

    /// The place of the enumeration that a type is.
    pub fn enumeration_of(&self, kind: &TypeRef) -> Option<u16> {
        let TypeName::Named(name) = &kind.name else { return None };
        self.enumerations().find(|(_, known, _)| known == name).map(|(place, ..)| place)
    }
}
