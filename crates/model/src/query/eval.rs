//! What a checked expression is, for rows in memory.

use std::cmp::Ordering;

use super::{
    Arithmetic, At, Function, Join, Joins, Node, Operator, Tables, Type, Typed,
    cast::{self, cast},
    moment, number, text,
};
use crate::{ColumnType, Row, Value};

/// Rows in reach, innermost last.
#[derive(Clone)]
pub(super) struct Scopes<'a> {
    tables: &'a Tables<'a>,
    rows: Vec<&'a Row>,
}

/// A constant instead of what only constants make.
pub(super) fn fold(typed: Typed) -> Typed {
    let constant = |typed: &Typed| typed.as_literal().is_some();
    let foldable = match &typed.node {
        Node::Negate(inner)
        | Node::Cast(inner)
        | Node::IsNull(inner)
        | Node::IsTrue(inner)
        | Node::Matches(inner, _) => constant(inner),
        Node::Compare(_, left, right) | Node::Arithmetic(_, left, right) => constant(left) && constant(right),
        Node::In(needle, values) => constant(needle) && values.iter().all(constant),
        Node::Call(_, arguments) => arguments.iter().all(constant),
        Node::Case(branches) => {
            branches.iter().all(|(condition, value)| constant(condition) && constant(value))
        }
        _ => false,
    };
    if !foldable {
        return typed;
    }
    let tables = Tables::default();
    let value = Scopes { tables: &tables, rows: Vec::new() }.value(&typed);
    Typed::literal(value, typed.ty)
}

impl<'a> Scopes<'a> {
    pub(super) fn new(tables: &'a Tables<'a>, row: &'a Row) -> Self {
        Self { tables, rows: vec![row] }
    }

    /// Whether a condition is true.
    pub(super) fn holds(&self, condition: &Typed) -> bool {
        self.truth(condition) == Some(true)
    }

    fn truth(&self, condition: &Typed) -> Option<bool> {
        match self.value(condition) {
            Value::Boolean(truth) => Some(truth),
            _ => None,
        }
    }

    /// The value of an expression.
    pub(super) fn value(&self, typed: &Typed) -> Value {
        let boolean = |truth: Option<bool>| truth.map_or(Value::Null, Value::Boolean);
        match &typed.node {
            Node::Literal(value) => value.clone(),
            Node::Field(scope, path, at) => self.field(*scope, path, *at),
            Node::Not(inner) => boolean(self.truth(inner).map(|truth| !truth)),
            Node::Negate(inner) => negate(&self.value(inner)),
            Node::And(all) => boolean(self.joined(all, true)),
            Node::Or(any) => boolean(self.joined(any, false)),
            Node::IsNull(inner) => Value::Boolean(self.value(inner).is_null()),
            Node::IsTrue(inner) => Value::Boolean(self.holds(inner)),
            Node::Compare(operator, left, right) => {
                Value::Boolean(self.value(left).compare(*operator, &self.value(right)))
            }
            Node::Arithmetic(operator, left, right) => {
                arithmetic(*operator, self.value(left), self.value(right), typed.ty)
            }
            Node::In(needle, values) => {
                let needle = self.value(needle);
                let same = |value: &Typed| needle.compare(Operator::Eq, &self.value(value));
                Value::Boolean(values.iter().any(same))
            }
            Node::Call(function, arguments) => {
                let arguments: Vec<Value> = arguments.iter().map(|argument| self.value(argument)).collect();
                call(*function, &arguments)
            }
            Node::Matches(inner, pattern) => match self.value(inner) {
                Value::Text(text) => Value::Boolean(pattern.is_match(&text)),
                _ => Value::Null,
            },
            Node::Case(branches) => {
                let branch = branches.iter().find(|(condition, _)| self.holds(condition));
                branch.map_or(Value::Null, |(_, value)| self.value(value))
            }
            Node::Cast(inner) => match typed.ty {
                Type::Column(to) => cast(self.value(inner), to),
                Type::Null => self.value(inner),
            },
            Node::Any(joins, condition) => Value::Boolean(self.related(joins, condition.as_deref(), 1) > 0),
            Node::Count(joins, condition) => {
                Value::Integer(self.related(joins, condition.as_deref(), usize::MAX) as i64)
            }
        }
    }

    fn joined(&self, parts: &[Typed], all: bool) -> Option<bool> {
        let mut known = true;
        for part in parts {
            match self.truth(part) {
                Some(truth) if truth != all => return Some(!all),
                Some(_) => {}
                None => known = false,
            }
        }
        known.then_some(all)
    }

    fn row(&self, scope: usize) -> Option<&'a Row> {
        let at = self.rows.len().checked_sub(scope + 1)?;
        self.rows.get(at).copied()
    }

    fn field(&self, scope: usize, path: &[Join], at: At) -> Value {
        let mut reached: Vec<&Row> = self.row(scope).into_iter().collect();
        for join in path {
            reached = reached.into_iter().flat_map(|row| self.joined_rows(row, join)).collect();
        }
        reached.first().map_or(Value::Null, |row| part(row, at))
    }

    /// The rows a join leads to, by their ids.
    fn joined_rows(&self, row: &'a Row, join: &Join) -> Vec<&'a Row> {
        let keys: Vec<(Value, At)> =
            join.on.iter().map(|(here, there, _)| (part(row, *here), *there)).collect();
        let same =
            |other: &Row| keys.iter().all(|(key, there)| !key.is_null() && *key == part(other, *there));
        let only = |other: &'a Row| {
            let scopes = || Scopes { tables: self.tables, rows: vec![row, other] };
            join.only.as_deref().is_none_or(|only| scopes().holds(only))
        };
        let rows = self.tables.rows(&join.table).iter();
        let mut rows: Vec<&Row> = rows.filter(|other| same(other) && only(other)).collect();
        rows.sort_by_key(|row| row.id);
        rows
    }

    /// How many related rows a condition is true for, counted no further than `most`.
    fn related(&self, joins: &Joins, condition: Option<&Typed>, most: usize) -> usize {
        let Some(row) = self.row(joins.scope) else { return 0 };
        let mut reached = vec![row];
        for join in &joins.path {
            reached = reached.into_iter().flat_map(|row| self.joined_rows(row, join)).collect();
        }
        let holds = |row: &&'a Row| {
            let Some(condition) = condition else { return true };
            let mut inner = self.clone();
            inner.rows.push(row);
            inner.holds(condition)
        };
        reached.iter().filter(|row| holds(row)).take(most).count()
    }
}

fn part(row: &Row, at: At) -> Value {
    match at {
        At::Id => Value::Guid(row.id.uuid()),
        At::Version => Value::Integer(row.version as i64),
        At::Column(index) => row.values.get(index).cloned().unwrap_or(Value::Null),
    }
}

impl Value {
    /// The order of two values of one type: null first, text by [`super::sort_key`], everything else by size.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            (Self::Text(left), Self::Text(right)) => text::sort_key(left).cmp(&text::sort_key(right)),
            (Self::Integer(left), Self::Integer(right)) => left.cmp(right),
            (Self::Decimal(left), Self::Decimal(right)) => number::order(*left, *right),
            (Self::Integer(left), Self::Decimal(right)) => number::order((*left).into(), *right),
            (Self::Decimal(left), Self::Integer(right)) => number::order(*left, (*right).into()),
            (Self::Double(left), Self::Double(right)) => left.partial_cmp(right).unwrap_or(Ordering::Equal),
            (Self::Boolean(left), Self::Boolean(right)) => left.cmp(right),
            (Self::Date(left), Self::Date(right)) => left.cmp(right),
            (Self::Time(left), Self::Time(right)) => left.cmp(right),
            (Self::DateTime(left), Self::DateTime(right)) => left.cmp(right),
            (Self::Guid(left), Self::Guid(right)) => left.cmp(right),
            (Self::Duration(left), Self::Duration(right)) => left.cmp(right),
            (Self::Binary(left), Self::Binary(right)) => left.cmp(right),
            _ => Ordering::Equal,
        }
    }

    /// Whether a comparison with another value of its type holds, as [`super::Expr::Compare`] means it.
    pub fn compare(&self, operator: Operator, other: &Self) -> bool {
        let equal = || match (self, other) {
            (Self::Text(left), Self::Text(right)) => left == right,
            _ => self.order(other).is_eq(),
        };
        match operator {
            Operator::Eq => equal(),
            Operator::Ne => !equal(),
            _ if self.is_null() || other.is_null() => false,
            Operator::Gt => self.order(other).is_gt(),
            Operator::Ge => self.order(other).is_ge(),
            Operator::Lt => self.order(other).is_lt(),
            Operator::Le => self.order(other).is_le(),
        }
    }
}

/// [`super::Expr::Negate`]
pub fn negate(value: &Value) -> Value {
    match value {
        Value::Integer(integer) => integer.checked_neg().map_or(Value::Null, Value::Integer),
        // Zero has no sign: databases know none, and its text must not show one.
        Value::Decimal(number) if number.is_zero() => Value::Decimal(number.abs()),
        Value::Decimal(number) => Value::Decimal(-*number),
        Value::Double(double) => Value::Double(0.0 - double),
        Value::Duration(duration) => moment::negate(*duration).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// [`super::Expr::Arithmetic`], with a result of this type.
pub fn arithmetic(operator: Arithmetic, left: Value, right: Value, ty: Type) -> Value {
    match (left, right, ty) {
        (Value::Integer(left), Value::Integer(right), Type::INTEGER) => {
            number::integers(operator, left, right).map_or(Value::Null, Value::Integer)
        }
        (Value::Double(left), Value::Double(right), _) => {
            number::doubles(operator, left, right).map_or(Value::Null, Value::Double)
        }
        (left, right, _) => {
            let (Some(left), Some(right)) = (exact(&left), exact(&right)) else {
                return moment::arithmetic(operator, &left, &right).unwrap_or(Value::Null);
            };
            number::decimals(operator, left, right).map_or(Value::Null, Value::Decimal)
        }
    }
}

fn exact(value: &Value) -> Option<rust_decimal::Decimal> {
    match value {
        Value::Integer(integer) => Some((*integer).into()),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// [`super::Expr::Call`]; null when an argument is or is of another type than the function takes.
pub fn call(function: Function, arguments: &[Value]) -> Value {
    use Function as F;
    match (function, arguments) {
        (_, [Value::Text(first), Value::Text(second)]) => match function {
            F::Contains => Value::Boolean(first.contains(second.as_str())),
            F::StartsWith => Value::Boolean(first.starts_with(second.as_str())),
            F::EndsWith => Value::Boolean(first.ends_with(second.as_str())),
            F::Finds => Value::Boolean(text::fold(first).contains(&text::fold(second))),
            F::Begins => Value::Boolean(text::fold(first).starts_with(&text::fold(second))),
            F::IndexOf => Value::Integer(text::index_of(first, second)),
            F::Concat => Value::Text(format!("{first}{second}")),
            _ => Value::Null,
        },
        (_, [Value::Text(text)]) => match function {
            F::Length => Value::Integer(text.chars().count() as i64),
            F::ToLower => Value::Text(text::lower(text)),
            F::ToUpper => Value::Text(text::upper(text)),
            F::Trim => Value::Text(text.trim().to_owned()),
            _ => Value::Null,
        },
        (F::Substring, [Value::Text(text), Value::Integer(start)]) => {
            Value::Text(text::substring(text, *start, None))
        }
        (F::Substring, [Value::Text(text), Value::Integer(start), Value::Integer(length)]) => {
            Value::Text(text::substring(text, *start, Some(*length)))
        }
        (F::Has, [Value::Integer(left), Value::Integer(right)]) => Value::Boolean(left & right == *right),
        (F::Within, [Value::Integer(number), Value::Integer(low), Value::Integer(high)]) => {
            if (low..=high).contains(&number) { Value::Integer(*number) } else { Value::Null }
        }
        (F::Round | F::Floor | F::Ceiling, [number]) => whole(function, number),
        (F::Single, [Value::Double(double)]) => number::single(*double).map_or(Value::Null, Value::Double),
        (F::TotalSeconds, [Value::Duration(duration)]) => {
            moment::total_seconds(*duration).unwrap_or(Value::Null)
        }
        (_, [moment]) => of_moment(function, moment).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

fn whole(function: Function, number: &Value) -> Value {
    match (number, function) {
        (Value::Integer(integer), _) => Value::Integer(*integer),
        (Value::Decimal(number), _) => number::whole(*number, function).map_or(Value::Null, Value::Decimal),
        (Value::Double(double), Function::Floor) => Value::Double(double.floor() + 0.0),
        (Value::Double(double), Function::Ceiling) => Value::Double(double.ceil() + 0.0),
        (Value::Double(double), _) => Value::Double(number::round(*double)),
        _ => Value::Null,
    }
}

fn of_moment(function: Function, moment: &Value) -> Option<Value> {
    use Function as F;
    let integer = |number: i8| Value::Integer(number.into());
    Some(match function {
        F::Year => Value::Integer(cast::date(moment)?.year().into()),
        F::Month => integer(cast::date(moment)?.month()),
        F::Day => integer(cast::date(moment)?.day()),
        F::Hour => integer(cast::time(moment)?.hour()),
        F::Minute => integer(cast::time(moment)?.minute()),
        F::Second => integer(cast::time(moment)?.second()),
        F::FractionalSeconds => {
            let micros = cast::time(moment)?.subsec_nanosecond() / 1_000;
            Value::Decimal(rust_decimal::Decimal::new(micros.into(), 6))
        }
        F::Date => cast(moment.clone(), ColumnType::Date),
        F::Time => cast(moment.clone(), ColumnType::Time),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_negated_keeps_its_scale_and_zero_has_no_sign() {
        let check = |number: &str, expect: &str| match negate(&Value::Decimal(number.parse().unwrap())) {
            Value::Decimal(found) => assert_eq!(found.to_string(), expect, "{number}"),
            other => panic!("{other:?}"),
        };
        check("1.50", "-1.50");
        check("-1.50", "1.50");
        check("0.00", "0.00");
        check("-0.00", "0.00");
        assert_eq!(negate(&Value::Integer(i64::MIN)), Value::Null);
        assert!(matches!(negate(&Value::Double(0.0)), Value::Double(zero) if zero.is_sign_positive()));
    }
}
