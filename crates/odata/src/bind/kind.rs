//! What kind of value an expression has, as far as binding must know it.

use gridkeep_model::ColumnType;

use crate::edm::Primitive;

/// The kind of an expression's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Only ever null.
    Null,
    /// Yes or no.
    Boolean,
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// An exact decimal.
    Decimal,
    /// A floating number.
    Double,
    /// A GUID.
    Guid,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and time, in UTC.
    DateTime,
    /// A length of time.
    Duration,
    /// Bytes.
    Binary,
    /// A value of the enumeration at this place of the service's, as a number.
    Enumeration(u16),
}

impl Kind {
    /// Of the values of a column.
    pub fn of(column: ColumnType) -> Self {
        match column {
            ColumnType::Text => Self::Text,
            ColumnType::Integer => Self::Integer,
            ColumnType::Decimal { .. } => Self::Decimal,
            ColumnType::Double => Self::Double,
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Date => Self::Date,
            ColumnType::Time => Self::Time,
            ColumnType::DateTime => Self::DateTime,
            ColumnType::Guid => Self::Guid,
            ColumnType::Duration => Self::Duration,
            ColumnType::Binary => Self::Binary,
        }
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "Edm.Boolean",
            Self::Text => "Edm.String",
            Self::Integer => "Edm.Int64",
            Self::Decimal => "Edm.Decimal",
            Self::Double => "Edm.Double",
            Self::Guid => "Edm.Guid",
            Self::Date => "Edm.Date",
            Self::Time => "Edm.TimeOfDay",
            Self::DateTime => "Edm.DateTimeOffset",
            Self::Duration => "Edm.Duration",
            Self::Binary => "Edm.Binary",
            Self::Enumeration(_) => "an enumeration",
        }
    }

    /// Of the values of a type that can be cast to; `None` for those that are not offered.
    pub fn of_primitive(primitive: Primitive) -> Option<Self> {
        Some(match primitive {
            Primitive::Boolean => Self::Boolean,
            Primitive::String => Self::Text,
            Primitive::Byte | Primitive::SByte | Primitive::Int16 | Primitive::Int32 | Primitive::Int64 => {
                Self::Integer
            }
            Primitive::Decimal => Self::Decimal,
            Primitive::Double | Primitive::Single => Self::Double,
            Primitive::Guid => Self::Guid,
            Primitive::Date => Self::Date,
            Primitive::TimeOfDay => Self::Time,
            Primitive::DateTimeOffset => Self::DateTime,
            Primitive::Duration => Self::Duration,
            Primitive::Binary => Self::Binary,
            _ => return None,
        })
    }

    /// Whether it is a number.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Double)
    }

    /// Whether values of both can be compared.
    pub fn meets(self, other: Self) -> bool {
        self == other || self == Self::Null || other == Self::Null || (self.is_number() && other.is_number())
    }

    /// What both together are: of two numbers the wider one.
    pub fn joined(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Null, kind) | (kind, Self::Null) => Some(kind),
            (left, right) if left == right => Some(left),
            (Self::Double, right) if right.is_number() => Some(Self::Double),
            (left, Self::Double) if left.is_number() => Some(Self::Double),
            (left, right) if left.is_number() && right.is_number() => Some(Self::Decimal),
            _ => None,
        }
    }
}
