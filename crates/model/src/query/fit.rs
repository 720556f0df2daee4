//! Constants brought to the type of the column they are compared with, so that an index answers, and exactly.

use jiff::civil;

use super::{Node, Operator, QueryError, Type, Typed, number};
use crate::{ColumnType, Value, data};

/// A constant that every database can hold.
pub(super) fn literal(value: &Value) -> Result<Typed, QueryError> {
    let value = match value {
        Value::Double(double) if !double.is_finite() => {
            return Err(QueryError::Literal("is not finite"));
        }
        // There is no negative zero.
        Value::Double(double) => Value::Double(double + 0.0),
        Value::Decimal(number) => {
            let held = number::decimal(number.mantissa(), number.scale() as u8);
            Value::Decimal(held.ok_or(QueryError::Literal("has more than 28 digits"))?)
        }
        Value::Text(text) if text.contains('\0') => {
            return Err(QueryError::Literal("contains a zero character"));
        }
        Value::Date(date) => {
            year(*date)?;
            value.clone()
        }
        Value::DateTime(moment) => {
            year(moment.date())?;
            micros(moment.time())?;
            value.clone()
        }
        Value::Time(time) => {
            micros(*time)?;
            value.clone()
        }
        Value::Duration(duration) => {
            let held = data::duration::micros(*duration);
            held.ok_or(QueryError::Literal("is no duration in microseconds of 64 bits"))?;
            value.clone()
        }
        Value::Binary(bytes) if bytes.len() > data::MAX_BINARY => {
            return Err(QueryError::Literal("has too many bytes"));
        }
        value => value.clone(),
    };
    let ty = Type::of(&value);
    Ok(Typed::literal(value, ty))
}

fn year(date: civil::Date) -> Result<(), QueryError> {
    if date.year() < 1 { Err(QueryError::Literal("is before the year 1")) } else { Ok(()) }
}

fn micros(time: civil::Time) -> Result<(), QueryError> {
    let exact = time.subsec_nanosecond() % 1_000 == 0;
    if exact { Ok(()) } else { Err(QueryError::Literal("is more precise than a microsecond")) }
}

/// A comparison; of a column with a constant number, which gets the column's type.
pub(super) fn comparison(operator: Operator, left: Typed, right: Typed, stored: bool) -> Typed {
    let plain = |left: Typed, operator, right| {
        Typed::condition(Node::Compare(operator, Box::new(left), Box::new(right)))
    };
    let Some((column, number)) = column_and_number(&left, &right).filter(|_| stored) else {
        return super::eval::fold(plain(left, operator, right));
    };
    let not_null = |left: Typed| {
        if left.nullable {
            Typed::condition(Node::IsNull(Box::new(left))).negated()
        } else {
            Typed::truth(true)
        }
    };
    let scale = left.ty.scale().unwrap_or(0);
    let lowest = number::floor(number, scale);
    let inside = lowest.filter(|(floor, _)| holds(column, *floor));
    let Some((floor, exact)) = inside else {
        // Beyond what the column can hold, above or below.
        let above = number.mantissa() > 0;
        return match operator {
            Operator::Ne => Typed::truth(true),
            Operator::Lt | Operator::Le if above => not_null(left),
            Operator::Gt | Operator::Ge if !above => not_null(left),
            _ => Typed::truth(false),
        };
    };
    let operator = match operator {
        Operator::Eq if !exact => return Typed::truth(false),
        Operator::Ne if !exact => return Typed::truth(true),
        Operator::Ge if !exact => Operator::Gt,
        Operator::Lt if !exact => Operator::Le,
        operator => operator,
    };
    let value = held(column, floor);
    plain(left, operator, Typed::literal(value, Type::Column(column)))
}

/// The value as the column would hold it, for `in`; `None` when no row can have it.
pub(super) fn equal(needle: &Typed, value: Typed, stored: bool) -> Option<Typed> {
    let Some((column, number)) = column_and_number(needle, &value).filter(|_| stored) else {
        return Some(value);
    };
    let (floor, exact) = number::floor(number, needle.ty.scale().unwrap_or(0))?;
    if !exact || !holds(column, floor) {
        return None;
    }
    Some(Typed::literal(held(column, floor), Type::Column(column)))
}

fn column_and_number(left: &Typed, right: &Typed) -> Option<(ColumnType, rust_decimal::Decimal)> {
    let (Node::Field(..), Type::Column(column)) = (&left.node, left.ty) else { return None };
    left.ty.scale()?;
    match right.as_literal()? {
        Value::Integer(integer) => Some((column, (*integer).into())),
        Value::Decimal(number) => Some((column, *number)),
        _ => None,
    }
}

fn holds(column: ColumnType, mantissa: i128) -> bool {
    match column {
        ColumnType::Decimal { scale } => data::holds(scale, mantissa),
        _ => i64::try_from(mantissa).is_ok(),
    }
}

/// The value with this mantissa, which the column can hold.
fn held(column: ColumnType, mantissa: i128) -> Value {
    match column {
        ColumnType::Decimal { scale } => {
            Value::Decimal(rust_decimal::Decimal::from_i128_with_scale(mantissa, u32::from(scale)))
        }
        _ => Value::Integer(mantissa as i64),
    }
}
