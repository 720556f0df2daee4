//! A checked expression: every name found, every type known, constants calculated. What `store` makes SQL of and
//! [`Query::select`](super::Query::select) evaluates.
//!
//! **Architecture Invariant:** the operands of a comparison and of arithmetic with numbers have one type, up to the scales
//! of decimals and integers among them; a condition is a boolean; null stands alone nowhere where it would decide something.

use super::{Arithmetic, Function, Operator, Pattern};
use crate::{ColumnType, Value};

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// Of null alone.
    Null,
    /// A column's; a row's id has that of a GUID.
    Column(ColumnType),
}

/// An expression whose type is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// What it does.
    pub node: Node,
    /// The type of its values.
    pub ty: Type,
    /// Whether it may be null.
    pub nullable: bool,
}

/// [`super::Expr`] with its names resolved.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A constant of the expression's type, or null.
    Literal(Value),
    /// A part of a row, as [`super::Field`].
    Field(usize, Vec<Join>, At),
    /// Three-valued.
    Not(Box<Typed>),
    /// Of a number or duration.
    Negate(Box<Typed>),
    /// Three-valued; at least two.
    And(Vec<Typed>),
    /// Three-valued; at least two.
    Or(Vec<Typed>),
    /// Never null.
    IsNull(Box<Typed>),
    /// Whether a condition is true, not false or null; never null.
    IsTrue(Box<Typed>),
    /// Never null; neither side is the literal null.
    Compare(Operator, Box<Typed>, Box<Typed>),
    /// Both integers, both decimals or integers, or both doubles; or a moment or duration with what goes together with it.
    Arithmetic(Arithmetic, Box<Typed>, Box<Typed>),
    /// Never null; the values are no literal nulls, and there is at least one.
    In(Box<Typed>, Vec<Typed>),
    /// Null when an argument is.
    Call(Function, Vec<Typed>),
    /// Null when the text is.
    Matches(Box<Typed>, Pattern),
    /// Values of the expression's type; null when no condition is true.
    Case(Vec<(Typed, Typed)>),
    /// To the expression's type.
    Cast(Box<Typed>),
    /// Never null.
    Any(Joins, Option<Box<Typed>>),
    /// Never null.
    Count(Joins, Option<Box<Typed>>),
}

/// A part of a row by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The row's id.
    Id,
    /// The row's version.
    Version,
    /// The column at this position of the table's schema.
    Column(usize),
}

/// [`super::Relation`] with its names resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// The other table's id.
    pub table: String,
    /// Of this row and of the other, with their type.
    pub on: Vec<(At, At, Type)>,
    /// In it scope 0 is the other row, 1 this one.
    pub only: Option<Box<Typed>>,
}

/// [`super::Related`] with its names resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Joins {
    /// From which row.
    pub scope: usize,
    /// At least one.
    pub path: Vec<Join>,
}

impl Type {
    /// True or false.
    pub const BOOLEAN: Self = Self::Column(ColumnType::Boolean);
    /// 64 bits.
    pub const INTEGER: Self = Self::Column(ColumnType::Integer);
    /// IEEE 754.
    pub const DOUBLE: Self = Self::Column(ColumnType::Double);
    /// Text.
    pub const TEXT: Self = Self::Column(ColumnType::Text);
    /// A row's id, and what points to one.
    pub const GUID: Self = Self::Column(ColumnType::Guid);
    /// A length of time.
    pub const DURATION: Self = Self::Column(ColumnType::Duration);
    /// Bytes, which have no order.
    pub const BINARY: Self = Self::Column(ColumnType::Binary);

    /// The scale of an integer or decimal.
    pub const fn scale(self) -> Option<u8> {
        match self {
            Self::Column(ColumnType::Integer) => Some(0),
            Self::Column(ColumnType::Decimal { scale }) => Some(scale),
            _ => None,
        }
    }

    /// Whether it is a number.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Column(ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Double))
    }

    /// The type that values of both have in common.
    pub fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Null, ty) | (ty, Self::Null) => Some(ty),
            (left, right) if left == right => Some(left),
            (left, right) if left.is_number() && right.is_number() => {
                let scale = left.scale().zip(right.scale()).map(|(left, right)| left.max(right));
                Some(scale.map_or(Self::DOUBLE, |scale| Self::Column(ColumnType::Decimal { scale })))
            }
            _ => None,
        }
    }

    /// The type of a value.
    pub fn of(value: &Value) -> Self {
        Self::Column(match value {
            Value::Null => return Self::Null,
            Value::Text(_) => ColumnType::Text,
            Value::Integer(_) => ColumnType::Integer,
            Value::Decimal(number) => ColumnType::Decimal { scale: number.scale() as u8 },
            Value::Double(_) => ColumnType::Double,
            Value::Boolean(_) => ColumnType::Boolean,
            Value::Date(_) => ColumnType::Date,
            Value::Time(_) => ColumnType::Time,
            Value::DateTime(_) => ColumnType::DateTime,
            Value::Guid(_) => ColumnType::Guid,
            Value::Duration(_) => ColumnType::Duration,
            Value::Binary(_) => ColumnType::Binary,
        })
    }
}

impl Typed {
    /// A constant of this type.
    pub fn literal(value: Value, ty: Type) -> Self {
        let nullable = value.is_null();
        Self { node: Node::Literal(value), ty, nullable }
    }

    /// True or false.
    pub fn truth(truth: bool) -> Self {
        Self::literal(Value::Boolean(truth), Type::BOOLEAN)
    }

    /// A condition that is never null.
    pub(super) fn condition(node: Node) -> Self {
        Self { node, ty: Type::BOOLEAN, nullable: false }
    }

    /// Turned round; three-valued.
    pub(super) fn negated(self) -> Self {
        match self.node {
            Node::Not(inner) => *inner,
            Node::Literal(Value::Boolean(truth)) => Self::truth(!truth),
            Node::Literal(_) => self,
            _ => {
                let nullable = self.nullable;
                Self { node: Node::Not(Box::new(self)), ty: Type::BOOLEAN, nullable }
            }
        }
    }

    /// The constant it is.
    pub const fn as_literal(&self) -> Option<&Value> {
        match &self.node {
            Node::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it is the constant null.
    pub const fn is_null(&self) -> bool {
        matches!(self.node, Node::Literal(Value::Null))
    }
}
