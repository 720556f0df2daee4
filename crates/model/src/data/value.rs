//! Typed values and their one JSON form.
//!
//! In JSON a value is plain: `null`, booleans, numbers for integers and doubles, and text for everything a double would
//! spoil: decimals (`"12.50"`), dates (`"2026-11-21"`), times (`"08:30:00"`, with at most six places), date-times
//! (`"2026-11-21T08:30:00"`), durations (`"P1DT2H"`), GUIDs, and bytes in base64url. The column's type says how to read it
//! back.

use std::{
    hash::{Hash, Hasher},
    mem::discriminant,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD_INDIFFERENT as BASE64};
use jiff::{SignedDuration, civil};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;
use uuid::Uuid;

/// How a column keeps its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", tag = "name")]
pub enum ColumnType {
    /// Unicode text.
    Text,
    /// A 64-bit integer; JSON carries at most ±2⁵³.
    Integer,
    /// An exact decimal with this many places: of 64 bits up to [`NARROW_SCALE`] places, which is money, and of 28 digits
    /// up to [`MAX_PLACES`].
    Decimal {
        /// Digits behind the point.
        scale: u8,
    },
    /// An IEEE 754 double, for measurements.
    Double,
    /// Yes or no.
    Boolean,
    /// A calendar date.
    Date,
    /// A time of day, to the microsecond.
    Time,
    /// Date and time without zone, to the microsecond.
    DateTime,
    /// A globally unique identifier, such as the id of a row of another table.
    Guid,
    /// A length of time, to the microsecond.
    Duration,
    /// Bytes, at most [`MAX_BINARY`] of them. They are equal or not; they have no order.
    Binary,
}

/// The most places of a decimal that has 64 bits.
pub const NARROW_SCALE: u8 = 9;
/// The most places of a decimal column.
pub const MAX_PLACES: u8 = 18;
/// The most bytes of a value.
pub const MAX_BINARY: usize = 1 << 20;

/// A value of a column, or null.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// [`ColumnType::Text`]
    Text(String),
    /// [`ColumnType::Integer`]
    Integer(i64),
    /// [`ColumnType::Decimal`], rounded to its scale.
    Decimal(Decimal),
    /// [`ColumnType::Double`], always finite.
    Double(f64),
    /// [`ColumnType::Boolean`]
    Boolean(bool),
    /// [`ColumnType::Date`]
    Date(civil::Date),
    /// [`ColumnType::Time`]
    Time(civil::Time),
    /// [`ColumnType::DateTime`]
    DateTime(civil::DateTime),
    /// [`ColumnType::Guid`], or the id of a row.
    Guid(Uuid),
    /// [`ColumnType::Duration`], in whole microseconds of 64 bits.
    Duration(SignedDuration),
    /// [`ColumnType::Binary`]
    Binary(Vec<u8>),
}

/// Doubles are finite, so that each value equals itself.
impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Text(text) => text.hash(state),
            Self::Integer(number) => number.hash(state),
            Self::Decimal(number) => number.hash(state),
            // Both zeros are equal.
            Self::Double(number) => (number + 0.0).to_bits().hash(state),
            Self::Boolean(boolean) => boolean.hash(state),
            Self::Date(date) => date.hash(state),
            Self::Time(time) => time.hash(state),
            Self::DateTime(moment) => moment.hash(state),
            Self::Guid(id) => id.hash(state),
            Self::Duration(time) => time.hash(state),
            Self::Binary(bytes) => bytes.hash(state),
        }
    }
}

/// Why a value does not fit its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ValueError {
    /// Another type was expected.
    #[error("not a value of this column's type")]
    WrongType,
    /// Beyond what the type can hold.
    #[error("beyond the range of this column")]
    OutOfRange,
    /// More digits behind the point than the column keeps.
    #[error("more decimal places than this column keeps")]
    TooPrecise,
}

/// Integers beyond this lose digits in JavaScript.
const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

impl Value {
    /// Reads a value of this type from its JSON form. Numbers are accepted for decimals as well as text, since forms send them.
    pub fn from_json(column_type: ColumnType, json: &Json) -> Result<Self, ValueError> {
        let text = || json.as_str().ok_or(ValueError::WrongType);
        Ok(match (column_type, json) {
            (_, Json::Null) => Self::Null,
            (ColumnType::Text, _) => {
                let text = text()?;
                if text.contains('\0') {
                    return Err(ValueError::OutOfRange);
                }
                Self::Text(text.to_owned())
            }
            (ColumnType::Integer, Json::Number(number)) => {
                let whole = |float: f64| (float.fract() == 0.0).then_some(float as i64);
                let integer = number
                    .as_i64()
                    .or_else(|| number.as_f64().and_then(whole))
                    .ok_or(ValueError::WrongType)?;
                if !(-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&integer) {
                    return Err(ValueError::OutOfRange);
                }
                Self::Integer(integer)
            }
            (ColumnType::Decimal { scale }, Json::Number(number)) => {
                Self::decimal(&number.to_string(), scale)?
            }
            (ColumnType::Decimal { scale }, _) => Self::decimal(text()?, scale)?,
            (ColumnType::Double, Json::Number(number)) => {
                Self::Double(number.as_f64().filter(|float| float.is_finite()).ok_or(ValueError::OutOfRange)?)
            }
            (ColumnType::Boolean, Json::Bool(boolean)) => Self::Boolean(*boolean),
            (ColumnType::Date, _) => {
                Self::Date(common_era(text()?.parse().map_err(|_| ValueError::WrongType)?)?)
            }
            (ColumnType::Time, _) => {
                Self::Time(whole_micros(text()?.parse().map_err(|_| ValueError::WrongType)?)?)
            }
            (ColumnType::DateTime, _) => {
                let moment: civil::DateTime = text()?.parse().map_err(|_| ValueError::WrongType)?;
                common_era(moment.date())?;
                whole_micros(moment.time())?;
                Self::DateTime(moment)
            }
            (ColumnType::Guid, _) => Self::Guid(guid(text()?).ok_or(ValueError::WrongType)?),
            (ColumnType::Duration, _) => Self::Duration(super::duration::parse(text()?)?),
            (ColumnType::Binary, _) => Self::binary(text()?)?,
            _ => return Err(ValueError::WrongType),
        })
    }

    /// A decimal of this scale from its text, in plain or scientific notation.
    pub fn decimal(text: &str, scale: u8) -> Result<Self, ValueError> {
        let number = Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map_err(|_| not_a_decimal(text))?
            .normalize();
        if number.scale() > u32::from(scale) {
            return Err(ValueError::TooPrecise);
        }
        Self::scaled(number, scale)
    }

    /// A decimal rounded half away from zero to this scale, as Excel's ROUND does; for calculated values.
    pub fn rounded(number: Decimal, scale: u8) -> Result<Self, ValueError> {
        let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        Self::scaled(number.round_dp_with_strategy(u32::from(scale), strategy), scale)
    }

    fn scaled(mut number: Decimal, scale: u8) -> Result<Self, ValueError> {
        number.rescale(u32::from(scale));
        // `rescale` gives up silently when it runs out of digits.
        if number.scale() != u32::from(scale) || !holds(scale, number.mantissa()) {
            return Err(ValueError::OutOfRange);
        }
        Ok(Self::Decimal(number))
    }

    /// Bytes from base64url, with or without padding.
    pub(crate) fn binary(text: &str) -> Result<Self, ValueError> {
        // What is far too long is not decoded first.
        if text.len() / 4 * 3 > MAX_BINARY + 3 {
            return Err(ValueError::OutOfRange);
        }
        let bytes = BASE64.decode(text).map_err(|_| ValueError::WrongType)?;
        if bytes.len() > MAX_BINARY { Err(ValueError::OutOfRange) } else { Ok(Self::Binary(bytes)) }
    }

    /// The JSON form; see the head of this file.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or(Json::Null)
    }

    /// Whether it is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// ISO dates before the year 1 have no order as text.
fn common_era(date: civil::Date) -> Result<civil::Date, ValueError> {
    if date.year() < 1 { Err(ValueError::OutOfRange) } else { Ok(date) }
}

fn whole_micros(time: civil::Time) -> Result<civil::Time, ValueError> {
    if time.subsec_nanosecond() % 1_000 == 0 { Ok(time) } else { Err(ValueError::TooPrecise) }
}

/// Whether a decimal column of this scale can hold the number with this mantissa.
pub fn holds(scale: u8, mantissa: i128) -> bool {
    if scale <= NARROW_SCALE {
        i64::try_from(mantissa).is_ok()
    } else {
        mantissa.unsigned_abs() < 10_u128.pow(28)
    }
}

/// A GUID in its usual form, eight digits, three times four, and twelve.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok())?
}

/// Bytes in base64url, without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// A number too long for 28 digits is out of range; anything else is no number.
fn not_a_decimal(text: &str) -> ValueError {
    if text.parse::<f64>().is_ok_and(f64::is_finite) { ValueError::OutOfRange } else { ValueError::WrongType }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(integer) => serializer.serialize_i64(*integer),
            Self::Decimal(decimal) => serializer.collect_str(decimal),
            Self::Double(double) => serializer.serialize_f64(*double),
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Self::Date(date) => serializer.collect_str(date),
            Self::Time(time) => serializer.collect_str(time),
            Self::DateTime(moment) => serializer.collect_str(moment),
            Self::Guid(id) => serializer.collect_str(id),
            Self::Duration(duration) => serializer.serialize_str(&super::duration::text(*duration)),
            Self::Binary(bytes) => serializer.serialize_str(&base64url(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_by_the_columns_type() {
        let check = |column_type: ColumnType, input: Json, expect: Result<Json, ValueError>| {
            assert_eq!(
                Value::from_json(column_type, &input).map(|value| value.to_json()),
                expect,
                "{column_type:?} {input}"
            );
        };
        let money = ColumnType::Decimal { scale: 2 };
        check(money, json!("12.5"), Ok(json!("12.50")));
        check(money, json!(12.5), Ok(json!("12.50")));
        check(money, json!(0.1), Ok(json!("0.10")));
        check(money, json!(1e3), Ok(json!("1000.00")));
        check(money, json!("12.505"), Err(ValueError::TooPrecise));
        check(money, json!("1e30"), Err(ValueError::OutOfRange));
        check(money, json!("92233720368547758.08"), Err(ValueError::OutOfRange));
        check(money, json!("NaN"), Err(ValueError::WrongType));
        check(money, json!(true), Err(ValueError::WrongType));
        check(ColumnType::Integer, json!(3.0), Ok(json!(3)));
        check(ColumnType::Integer, json!(3.5), Err(ValueError::WrongType));
        check(ColumnType::Integer, json!(9_007_199_254_740_992_i64), Err(ValueError::OutOfRange));
        check(ColumnType::Integer, json!(i64::MIN), Err(ValueError::OutOfRange));
        check(ColumnType::Text, json!("007"), Ok(json!("007")));
        check(ColumnType::Text, json!("a\0b"), Err(ValueError::OutOfRange));
        check(ColumnType::Text, json!(7), Err(ValueError::WrongType));
        check(ColumnType::Date, json!("2026-02-29"), Err(ValueError::WrongType));
        check(ColumnType::Date, json!("2026-02-28"), Ok(json!("2026-02-28")));
        check(ColumnType::Time, json!("08:30"), Ok(json!("08:30:00")));
        check(ColumnType::DateTime, json!("2026-11-21T08:30"), Ok(json!("2026-11-21T08:30:00")));
        check(ColumnType::Time, json!("08:30:00.50"), Ok(json!("08:30:00.5")));
        check(ColumnType::Time, json!("08:30:00.0000001"), Err(ValueError::TooPrecise));
        check(
            ColumnType::DateTime,
            json!("2026-11-21T08:30:00.000001"),
            Ok(json!("2026-11-21T08:30:00.000001")),
        );
        check(ColumnType::DateTime, json!("2026-11-21T08:30:00.1234567"), Err(ValueError::TooPrecise));
        let long = ColumnType::Decimal { scale: 18 };
        check(long, json!("123.45"), Ok(json!("123.450000000000000000")));
        check(long, json!("-9999999999.999999999999999999"), Ok(json!("-9999999999.999999999999999999")));
        check(long, json!("10000000000"), Err(ValueError::OutOfRange));
        check(long, json!("0.0000000000000000001"), Err(ValueError::TooPrecise));
        let id = "01234567-89ab-cdef-0123-456789abcdef";
        check(ColumnType::Guid, json!(id.to_uppercase()), Ok(json!(id)));
        check(ColumnType::Guid, json!(id.replace('-', "")), Err(ValueError::WrongType));
        check(ColumnType::Guid, json!(7), Err(ValueError::WrongType));
        check(ColumnType::Duration, json!("PT90M"), Ok(json!("PT1H30M")));
        check(ColumnType::Duration, json!("90 minutes"), Err(ValueError::WrongType));
        check(ColumnType::Binary, json!("__4="), Ok(json!("__4")));
        check(ColumnType::Binary, json!(""), Ok(json!("")));
        check(ColumnType::Binary, json!("/+4"), Err(ValueError::WrongType));
        check(ColumnType::Binary, json!("A"), Err(ValueError::WrongType));
        let most = base64url(&vec![7; MAX_BINARY]);
        check(ColumnType::Binary, json!(most), Ok(json!(most)));
        check(ColumnType::Binary, json!(base64url(&vec![7; MAX_BINARY + 1])), Err(ValueError::OutOfRange));
        check(ColumnType::Date, json!("-000044-03-15"), Err(ValueError::OutOfRange));
        check(ColumnType::Boolean, json!(null), Ok(json!(null)));
        check(ColumnType::Boolean, json!("yes"), Err(ValueError::WrongType));
    }
}
