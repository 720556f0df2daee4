//! Values as another type: [`super::Expr::Cast`], and what numbers become beside others.

use jiff::civil;
use rust_decimal::Decimal;

use super::{Type, number};
use crate::{ColumnType, Value, data};

/// Whether a value of one type can become one of the other at all.
pub(super) fn possible(from: Type, to: ColumnType) -> bool {
    use ColumnType as C;
    match (from, to) {
        (Type::Null | Type::Column(C::Text), _) | (_, C::Text) => true,
        (from, to) if from.is_number() => Type::Column(to).is_number(),
        (Type::Column(C::Date), C::DateTime) | (Type::Column(C::DateTime), C::Date | C::Time) => true,
        (from, to) => from == Type::Column(to),
    }
}

/// The value as this type; null when that does not succeed.
pub fn cast(value: Value, to: ColumnType) -> Value {
    try_cast(value, to).unwrap_or(Value::Null)
}

fn try_cast(value: Value, to: ColumnType) -> Option<Value> {
    Some(match (value, to) {
        (Value::Null, _) => Value::Null,
        (value, ColumnType::Text) => Value::Text(text(value)),
        (Value::Integer(integer), ColumnType::Integer) => Value::Integer(integer),
        (Value::Integer(integer), ColumnType::Decimal { scale }) => {
            Value::Decimal(number::decimal(number::rescale(integer.into(), 0, scale)?, scale)?)
        }
        (Value::Integer(integer), ColumnType::Double) => Value::Double(integer as f64),
        (Value::Decimal(number), ColumnType::Decimal { scale }) => Value::Decimal(at_scale(number, scale)?),
        (Value::Decimal(number), ColumnType::Integer) => {
            Value::Integer(i64::try_from(at_scale(number, 0)?.mantissa()).ok()?)
        }
        (Value::Decimal(number), ColumnType::Double) => Value::Double(number::to_double(number)),
        (Value::Double(double), ColumnType::Double) => Value::Double(double),
        (Value::Double(double), ColumnType::Integer) => {
            let whole = number::round(double);
            // The first double beyond 64 bits.
            let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole);
            Value::Integer(fits.then_some(whole as i64)?)
        }
        (Value::Double(double), ColumnType::Decimal { scale }) => {
            Value::Decimal(parse_decimal(&number::digits(double), scale)?)
        }
        (Value::Boolean(boolean), ColumnType::Boolean) => Value::Boolean(boolean),
        (Value::Date(date), ColumnType::Date) => Value::Date(date),
        (Value::Date(date), ColumnType::DateTime) => Value::DateTime(date.at(0, 0, 0, 0)),
        (Value::DateTime(moment), ColumnType::DateTime) => Value::DateTime(moment),
        (Value::DateTime(moment), ColumnType::Date) => Value::Date(moment.date()),
        (Value::DateTime(moment), ColumnType::Time) => Value::Time(moment.time()),
        (Value::Time(time), ColumnType::Time) => Value::Time(time),
        (Value::Guid(id), ColumnType::Guid) => Value::Guid(id),
        (Value::Duration(duration), ColumnType::Duration) => Value::Duration(duration),
        (Value::Binary(bytes), ColumnType::Binary) => Value::Binary(bytes),
        (Value::Text(text), to) => from_text(&text, to)?,
        _ => return None,
    })
}

fn at_scale(number: Decimal, scale: u8) -> Option<Decimal> {
    number::decimal(number::rescale(number.mantissa(), number.scale() as u8, scale)?, scale)
}

/// As OData writes a literal: without quotes, numbers without an exponent.
fn text(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        Value::Null => String::new(),
        Value::Integer(integer) => integer.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Double(double) => number::digits(double),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::Guid(id) => id.to_string(),
        Value::Duration(duration) => data::duration::text(duration),
        Value::Binary(bytes) => data::base64url(&bytes),
    }
}

/// Text in exactly the form it would be written in; signs and leading zeros are allowed, spaces and exponents are not.
fn from_text(text: &str, to: ColumnType) -> Option<Value> {
    Some(match to {
        ColumnType::Text => Value::Text(text.to_owned()),
        ColumnType::Integer => Value::Integer(text.parse().ok()?),
        ColumnType::Decimal { scale } => Value::Decimal(parse_decimal(text, scale)?),
        ColumnType::Double => {
            let double: f64 = is_number(text).then(|| text.parse().ok())??;
            Value::Double(double.is_finite().then_some(double + 0.0)?)
        }
        ColumnType::Boolean => match text {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            _ => return None,
        },
        ColumnType::Date => Value::Date(shaped(text, "0000-00-00")?),
        ColumnType::Time => Value::Time(shaped(text, "00:00:00")?),
        ColumnType::DateTime => Value::DateTime(shaped(text, "0000-00-00T00:00:00")?),
        ColumnType::Guid => Value::Guid(data::guid(text)?),
        ColumnType::Duration => Value::Duration(data::duration::parse(text).ok()?),
        ColumnType::Binary => Value::binary((!text.contains('=')).then_some(text)?).ok()?,
    })
}

/// Whether it is `[+-]digits[.digits]`, at most 400 characters.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 400 && all_digits(whole) && all_digits(part)
}

fn parse_decimal(text: &str, scale: u8) -> Option<Decimal> {
    if !is_number(text) {
        return None;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut mantissa = 0_i128;
    let places = part.bytes().chain(std::iter::repeat(b'0')).take(scale.into());
    for digit in whole.bytes().chain(places) {
        mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    if part.as_bytes().get(usize::from(scale)).is_some_and(|digit| *digit >= b'5') {
        mantissa += 1;
    }
    number::decimal(if text.starts_with('-') { -mantissa } else { mantissa }, scale)
}

/// A date or time whose digits stand where those of the shape do; behind seconds a point and up to six digits.
fn shaped<T: std::str::FromStr>(text: &str, shape: &str) -> Option<T> {
    let (whole, places) = match text.split_once('.') {
        Some((whole, places)) if shape.ends_with(":00") => (whole, places),
        _ => (text, "0"),
    };
    let fits = |(own, shape): (u8, u8)| if shape == b'0' { own.is_ascii_digit() } else { own == shape };
    let same = whole.len() == shape.len() && whole.bytes().zip(shape.bytes()).all(fits);
    let exact = (1..=6).contains(&places.len()) && places.bytes().all(|digit| digit.is_ascii_digit());
    // There is no year 0, and no leap second to be had.
    let year_one = shape.len() < 10 || !whole.starts_with("0000");
    (same && exact && year_one && !whole.ends_with(":60")).then(|| text.parse().ok())?
}

/// The parts of a moment that [`super::Function::Year`] and the like want.
pub(super) fn date(value: &Value) -> Option<civil::Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(moment) => Some(moment.date()),
        _ => None,
    }
}

/// See [`date`].
pub(super) fn time(value: &Value) -> Option<civil::Time> {
    match value {
        Value::Time(time) => Some(*time),
        Value::DateTime(moment) => Some(moment.time()),
        _ => None,
    }
}
