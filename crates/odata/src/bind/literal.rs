//! Literals as values. A text stands for whatever it is compared with (OData-URL 4.01, section 5.1.1.14.1).

use gridkeep_model::{ColumnType, Value};
use jiff::civil;
use rust_decimal::Decimal;

use super::Kind;
use crate::{
    Error, ErrorKind,
    syntax::ast::{At, Literal},
};

/// The value of a literal, where a value of this kind is expected; without one, of the kind it says.
pub(super) fn value(literal: &Literal, expected: Option<Kind>, at: At) -> Result<(Value, Kind), Error> {
    let wrong =
        |code, message: String| Error::new(ErrorKind::Malformed, code, message).at(at.0.start..at.0.end);
    let range = |text: &str| wrong("OUT_OF_RANGE", format!("{text} is beyond what numbers here can hold"));
    let unsupported = |what: &str| {
        Error::new(ErrorKind::Unsupported, "UNSUPPORTED_LITERAL", format!("{what} are not offered here"))
            .at(at.0.start..at.0.end)
    };
    Ok(match literal {
        Literal::Null => (Value::Null, Kind::Null),
        Literal::Boolean(boolean) => (Value::Boolean(*boolean), Kind::Boolean),
        Literal::Integer(text) => match text.parse() {
            Ok(integer) => (Value::Integer(integer), Kind::Integer),
            Err(_) => (Value::Decimal(decimal(text).ok_or_else(|| range(text))?), Kind::Decimal),
        },
        Literal::Decimal(text) => (Value::Decimal(decimal(text).ok_or_else(|| range(text))?), Kind::Decimal),
        Literal::Double(text) => {
            if let Some(number) = decimal(text).filter(|_| expected != Some(Kind::Double)) {
                return Ok((Value::Decimal(number), Kind::Decimal));
            }
            let number: f64 = text.parse().map_err(|_| range(text))?;
            if !number.is_finite() {
                let written = text.contains(['I', 'N']);
                return Err(if written { unsupported("INF and NaN") } else { range(text) });
            }
            (Value::Double(number), Kind::Double)
        }
        Literal::Guid(text) => (guid(text).ok_or_else(|| no_value(text, Kind::Guid, at))?, Kind::Guid),
        Literal::Date(text) => (date(text).ok_or_else(|| no_value(text, Kind::Date, at))?, Kind::Date),
        Literal::TimeOfDay(text) => (time(text).ok_or_else(|| no_value(text, Kind::Time, at))?, Kind::Time),
        Literal::DateTimeOffset(text) => {
            (moment(text).ok_or_else(|| no_value(text, Kind::DateTime, at))?, Kind::DateTime)
        }
        Literal::String(text) => {
            let kind = expected.unwrap_or(Kind::Text);
            let read = match kind {
                Kind::Text | Kind::Null => return Ok((Value::Text(text.clone()), Kind::Text)),
                Kind::Boolean => text.parse().ok().map(Value::Boolean),
                Kind::Integer | Kind::Enumeration(_) => text.parse().ok().map(Value::Integer),
                Kind::Decimal => decimal(text).map(Value::Decimal),
                Kind::Double => {
                    text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Double)
                }
                Kind::Guid => guid(text),
                Kind::Date => date(text),
                Kind::Time => time(text),
                Kind::DateTime => moment(text),
                Kind::Duration => duration(text),
                Kind::Binary => binary(text),
            };
            (read.ok_or_else(|| no_value(text, kind, at))?, kind)
        }
        Literal::Enum { kind, .. } => {
            return Err(wrong("UNKNOWN_TYPE", format!("there is no enumeration type {kind}")));
        }
        Literal::Duration(text) => {
            (duration(text).ok_or_else(|| no_value(text, Kind::Duration, at))?, Kind::Duration)
        }
        Literal::Binary(bytes) => (Value::Binary(bytes.clone()), Kind::Binary),
    })
}

fn no_value(text: &str, kind: Kind, at: At) -> Error {
    let shown: String = text.chars().take(40).collect();
    Error::new(ErrorKind::Malformed, "INVALID_VALUE", format!("'{shown}' is no {} value", kind.name()))
        .at(at.0.start..at.0.end)
}

pub(super) fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

pub(super) fn guid(text: &str) -> Option<Value> {
    uuid::Uuid::try_parse(text).ok().map(Value::Guid)
}

pub(super) fn date(text: &str) -> Option<Value> {
    text.parse::<civil::Date>().ok().map(Value::Date)
}

pub(super) fn time(text: &str) -> Option<Value> {
    text.parse::<civil::Time>().ok().map(Value::Time)
}

pub(super) fn duration(text: &str) -> Option<Value> {
    gridkeep_model::data::duration::parse(text).ok().map(Value::Duration)
}

pub(super) fn binary(text: &str) -> Option<Value> {
    Value::from_json(ColumnType::Binary, &text.into()).ok()
}

/// Moments are kept in UTC. Without an offset the text says it in UTC.
pub(super) fn moment(text: &str) -> Option<Value> {
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(Value::DateTime(jiff::tz::Offset::UTC.to_datetime(timestamp)));
    }
    text.parse::<civil::DateTime>().ok().map(Value::DateTime)
}
