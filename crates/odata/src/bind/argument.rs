//! Arguments of a function, and values it gives, by the types of the metadata.

use gridkeep_model::{ColumnType, Value};
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::Value as Json;

use super::{Kind, literal};
use crate::{
    Error, ErrorKind,
    edm::{TypeName, TypeRef},
    syntax::ast::{Alias, Expr, ExprKind, Path, Root},
};

/// The value of an argument, in the JSON form that calculators take: numbers as numbers, dates and times as ISO texts.
pub fn argument(kind: &TypeRef, written: &Expr, aliases: &[Alias]) -> Result<Json, Error> {
    let mut written = written;
    if let ExprKind::Path(Path { root: Root::Alias(name), segments, .. }) = &written.kind
        && segments.is_empty()
    {
        match aliases.iter().find(|alias| alias.name == *name) {
            Some(alias) => written = &alias.value,
            None => return Ok(Json::Null),
        }
    }
    let wrong = |message: String| {
        Error::new(ErrorKind::Malformed, "INVALID_ARGUMENT", message).at(written.at.0.start..written.at.0.end)
    };
    let ExprKind::Literal(given) = &written.kind else {
        return Err(wrong("an argument must be a literal or an alias of one".to_owned()));
    };
    let expected = kind_of(kind);
    let (value, found) = literal::value(given, expected, written.at)?;
    if expected.is_some_and(|expected| !expected.meets(found)) {
        let expected = expected.unwrap_or(Kind::Null);
        return Err(wrong(format!("{} was expected, not {}", expected.name(), found.name())));
    }
    let number = |number: f64| {
        serde_json::Number::from_f64(number)
            .map(Json::Number)
            .ok_or_else(|| wrong("this number is beyond what can be calculated with".to_owned()))
    };
    match value {
        // Exact where it can be: 25 years are no 25.0.
        Value::Decimal(decimal) => match decimal.to_i64().filter(|_| decimal.fract().is_zero()) {
            Some(integer) => Ok(integer.into()),
            None => number(decimal.to_f64().unwrap_or(f64::NAN)),
        },
        Value::Double(double) => number(double),
        other => Ok(other.to_json()),
    }
}

/// A calculated value as the metadata promises it; `None` when it is none of that type.
pub fn result(kind: &TypeRef, value: &Json) -> Option<Value> {
    let column = match kind_of(kind)? {
        Kind::Null | Kind::Guid => return None,
        Kind::Boolean => ColumnType::Boolean,
        Kind::Text => ColumnType::Text,
        Kind::Integer => ColumnType::Integer,
        Kind::Decimal => ColumnType::Decimal { scale: 0 },
        Kind::Double => ColumnType::Double,
        Kind::Date => ColumnType::Date,
        Kind::Time => ColumnType::Time,
        Kind::DateTime => ColumnType::DateTime,
    };
    match (column, value) {
        (ColumnType::Text, Json::Number(number)) => Some(Value::Text(number.to_string())),
        (ColumnType::Text, Json::Bool(truth)) => Some(Value::Text(truth.to_string())),
        _ => Value::from_json(column, value).ok(),
    }
}

fn kind_of(kind: &TypeRef) -> Option<Kind> {
    match &kind.name {
        TypeName::Primitive(primitive) => Kind::of_primitive(*primitive),
        TypeName::Named(_) => None,
    }
}
