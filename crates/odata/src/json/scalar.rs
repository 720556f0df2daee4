//! Primitive values as payloads carry them.

use std::{borrow::Cow, fmt};

use gridkeep_model::Value;
use jiff::{SignedDuration, civil};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A primitive value, an enumeration value, or null.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// Nothing.
    Null,
    /// `Edm.Boolean`
    Boolean(bool),
    /// `Edm.Byte`, `Edm.SByte`, `Edm.Int16`, `Edm.Int32`
    Integer(i32),
    /// `Edm.Int64`
    Int64(i64),
    /// `Edm.Decimal` of at most 28 digits.
    Decimal(Decimal),
    /// `Edm.Decimal` of more digits: its exact text in plain notation.
    LongDecimal(Cow<'a, str>),
    /// `Edm.Single`
    Single(f32),
    /// `Edm.Double`
    Double(f64),
    /// `Edm.String`
    Text(Cow<'a, str>),
    /// `Edm.Date`
    Date(civil::Date),
    /// `Edm.TimeOfDay`
    TimeOfDay(civil::Time),
    /// `Edm.DateTimeOffset`, in UTC.
    DateTimeOffset(civil::DateTime),
    /// `Edm.Duration`
    Duration(SignedDuration),
    /// `Edm.Guid`
    Guid(Uuid),
    /// `Edm.Binary`
    Binary(Cow<'a, [u8]>),
    /// A value of an enumeration type: names of members with commas between, or a number.
    Enum(Cow<'a, str>),
}

impl Scalar<'_> {
    /// The same, on its own.
    pub fn into_owned(self) -> Scalar<'static> {
        match self {
            Self::LongDecimal(text) => Scalar::LongDecimal(Cow::Owned(text.into_owned())),
            Self::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
            Self::Binary(bytes) => Scalar::Binary(Cow::Owned(bytes.into_owned())),
            Self::Enum(text) => Scalar::Enum(Cow::Owned(text.into_owned())),
            Self::Null => Scalar::Null,
            Self::Boolean(it) => Scalar::Boolean(it),
            Self::Integer(it) => Scalar::Integer(it),
            Self::Int64(it) => Scalar::Int64(it),
            Self::Decimal(it) => Scalar::Decimal(it),
            Self::Single(it) => Scalar::Single(it),
            Self::Double(it) => Scalar::Double(it),
            Self::Date(it) => Scalar::Date(it),
            Self::TimeOfDay(it) => Scalar::TimeOfDay(it),
            Self::DateTimeOffset(it) => Scalar::DateTimeOffset(it),
            Self::Duration(it) => Scalar::Duration(it),
            Self::Guid(it) => Scalar::Guid(it),
        }
    }

    /// The column's value that it is; `None` where columns have no such value: infinities and decimals of more than 28
    /// digits. Whether it fits the column, `model` says.
    pub fn into_value(self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Boolean(it) => Value::Boolean(it),
            Self::Integer(it) => Value::Integer(it.into()),
            Self::Int64(it) => Value::Integer(it),
            Self::Decimal(it) => Value::Decimal(it),
            Self::Single(it) if it.is_finite() => Value::Double(it.into()),
            Self::Double(it) if it.is_finite() => Value::Double(it),
            Self::Text(it) | Self::Enum(it) => Value::Text(it.into_owned()),
            Self::Date(it) => Value::Date(it),
            Self::TimeOfDay(it) => Value::Time(it),
            Self::DateTimeOffset(it) => Value::DateTime(it),
            Self::Guid(it) => Value::Guid(it),
            Self::Duration(it) => Value::Duration(it),
            Self::Binary(it) => Value::Binary(it.into_owned()),
            Self::Single(_) | Self::Double(_) | Self::LongDecimal(_) => return None,
        })
    }

    /// Whether it is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// The text without quotes or escapes, as `/$value` answers it; nothing for null.
impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(content) | Self::Enum(content) => f.write_str(content),
            other => {
                let mut out = Vec::new();
                super::value::write(&mut out, other, false);
                f.write_str(String::from_utf8_lossy(&out).trim_matches('"'))
            }
        }
    }
}

/// The same on its own.
impl From<Value> for Scalar<'static> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Text(text) => Self::Text(Cow::Owned(text)),
            Value::Integer(integer) => Self::Int64(integer),
            Value::Decimal(decimal) => Self::Decimal(decimal),
            Value::Double(double) => Self::Double(double),
            Value::Boolean(boolean) => Self::Boolean(boolean),
            Value::Date(date) => Self::Date(date),
            Value::Time(time) => Self::TimeOfDay(time),
            Value::DateTime(moment) => Self::DateTimeOffset(moment),
            Value::Guid(guid) => Self::Guid(guid),
            Value::Duration(duration) => Self::Duration(duration),
            Value::Binary(bytes) => Self::Binary(Cow::Owned(bytes)),
        }
    }
}

/// A column's value; integers are `Edm.Int64` and date-times are UTC.
impl<'a> From<&'a Value> for Scalar<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Text(text) => Self::Text(Cow::Borrowed(text)),
            Value::Integer(integer) => Self::Int64(*integer),
            Value::Decimal(decimal) => Self::Decimal(*decimal),
            Value::Double(double) => Self::Double(*double),
            Value::Boolean(boolean) => Self::Boolean(*boolean),
            Value::Date(date) => Self::Date(*date),
            Value::Time(time) => Self::TimeOfDay(*time),
            Value::DateTime(moment) => Self::DateTimeOffset(*moment),
            Value::Guid(guid) => Self::Guid(*guid),
            Value::Duration(duration) => Self::Duration(*duration),
            Value::Binary(bytes) => Self::Binary(Cow::Borrowed(bytes)),
        }
    }
}
