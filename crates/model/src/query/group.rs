//! Groups instead of rows: what OData's `groupby` and `aggregate` ask for.
//!
//! [`Step::Group`](super::Step::Group) makes one row of each group: the values it is grouped by, then the aggregates. Those
//! rows have neither an id nor a version; they are in the order of the values they are grouped by.

use std::{cmp::Ordering, collections::BTreeMap};

use rust_decimal::Decimal;

use super::{
    Computed, Expr, QUOTIENT_SCALE, QueryError, Type, Typed, check::Checker, eval::Scopes, number,
    stage::add, sum::Sum,
};
use crate::{ColumnType, Row, RowId, TableSchema, Value};

/// How rows become groups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// Values that are the same in all rows of a group, null like any other. Without them there is one group, of all rows
    /// or of none.
    pub by: Vec<Computed>,
    /// What is known of each group.
    pub aggregates: Vec<Aggregate>,
}

/// A value calculated for each group.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub measure: Measure,
}

/// How many values become one. Nulls are left out; of none there is no sum, average, smallest and largest: null.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// How many rows.
    Count,
    /// How many different values.
    CountDistinct(Expr),
    /// Of numbers; of doubles that of their first 15 significant digits, so that their order does not matter.
    Sum(Expr),
    /// Of numbers: a decimal of [`QUOTIENT_SCALE`] places or more, or a double.
    Average(Expr),
    /// Of numbers, texts, dates, times, durations and GUIDs.
    Min(Expr),
    /// Of numbers, texts, dates, times, durations and GUIDs.
    Max(Expr),
}

/// [`Group`], checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// Over the rows of the table.
    pub by: Vec<Typed>,
    /// What is done to which value, with a result of which type.
    pub aggregates: Vec<(Reduce, Option<Typed>, Type)>,
    /// What those look like.
    pub schema: TableSchema,
}

/// What a [`Measure`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reduce {
    /// [`Measure::Count`]
    Count,
    /// [`Measure::CountDistinct`]
    CountDistinct,
    /// [`Measure::Sum`]
    Sum,
    /// [`Measure::Average`]
    Average,
    /// [`Measure::Min`]
    Min,
    /// [`Measure::Max`]
    Max,
}

impl Measure {
    /// What it is of.
    pub(super) const fn expr(&self) -> Option<&Expr> {
        match self {
            Self::Count => None,
            Self::CountDistinct(expr)
            | Self::Sum(expr)
            | Self::Average(expr)
            | Self::Min(expr)
            | Self::Max(expr) => Some(expr),
        }
    }

    const fn reduce(&self) -> Reduce {
        match self {
            Self::Count => Reduce::Count,
            Self::CountDistinct(_) => Reduce::CountDistinct,
            Self::Sum(_) => Reduce::Sum,
            Self::Average(_) => Reduce::Average,
            Self::Min(_) => Reduce::Min,
            Self::Max(_) => Reduce::Max,
        }
    }
}

/// The type of a column with this value.
pub(super) fn column_type(ty: Type) -> ColumnType {
    match ty {
        Type::Column(column_type) => column_type,
        Type::Null => ColumnType::Text,
    }
}

impl Group {
    /// Shows all expressions in it.
    pub(super) fn expressions<'a>(&'a self, show: &mut dyn FnMut(&'a Expr)) {
        self.by.iter().for_each(|by| show(&by.expr));
        self.aggregates.iter().filter_map(|aggregate| aggregate.measure.expr()).for_each(show);
    }

    /// Checks it against what its rows look like.
    pub(super) fn check(
        &self,
        table: &TableSchema,
        checker: &mut Checker<'_, '_>,
    ) -> Result<Groups, QueryError> {
        let mut schema = TableSchema { id: table.id.clone(), columns: Vec::new() };
        let (mut by, mut aggregates) = (Vec::new(), Vec::new());
        for Computed { name, expr } in &self.by {
            let typed = checker.expr(expr)?;
            add(&mut schema, name, column_type(typed.ty))?;
            by.push(typed);
        }
        for Aggregate { name, measure } in &self.aggregates {
            let of = measure.expr().map(|expr| checker.expr(expr)).transpose()?;
            let reduce = measure.reduce();
            let ty = result(reduce, of.as_ref().map_or(Type::Null, |of| of.ty));
            let ty = ty.ok_or(QueryError::Type("an aggregate is of another type"))?;
            add(&mut schema, name, column_type(ty))?;
            aggregates.push((reduce, of, ty));
        }
        Ok(Groups { by, aggregates, schema })
    }
}

fn result(reduce: Reduce, of: Type) -> Option<Type> {
    use ColumnType as C;
    match (reduce, of) {
        (Reduce::Count | Reduce::CountDistinct, _) | (_, Type::Null) => Some(Type::INTEGER),
        (Reduce::Average, Type::DOUBLE) => Some(Type::DOUBLE),
        (Reduce::Average, ty) => {
            let scale = ty.scale()?.max(QUOTIENT_SCALE);
            Some(Type::Column(C::Decimal { scale }))
        }
        (_, ty) if ty.is_number() => Some(ty),
        (
            Reduce::Min | Reduce::Max,
            Type::Column(C::Text | C::Date | C::Time | C::DateTime | C::Duration | C::Guid),
        ) => Some(of),
        _ => None,
    }
}

/// Everything apart, texts too that are in one place of an order.
pub(super) struct Exact(pub(super) Vec<Value>);

impl Exact {
    fn order(left: &Value, right: &Value) -> Ordering {
        let exact = || match (left, right) {
            (Value::Text(left), Value::Text(right)) => left.cmp(right),
            _ => Ordering::Equal,
        };
        left.order(right).then_with(exact)
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let orders = self.0.iter().zip(&other.0).map(|(left, right)| Self::order(left, right));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Exact {}

impl Groups {
    /// The groups of these rows, in the order of what they are grouped by.
    pub(super) fn rows<'a>(&self, rows: impl Iterator<Item = Scopes<'a>>) -> Vec<Row> {
        let mut groups: BTreeMap<Exact, Vec<Vec<Value>>> = BTreeMap::new();
        if self.by.is_empty() {
            groups.insert(Exact(Vec::new()), vec![]);
        }
        for row in rows {
            let by = self.by.iter().map(|by| row.value(by)).collect();
            let of = |(_, of, _): &(Reduce, Option<Typed>, Type)| {
                of.as_ref().map_or(Value::Null, |of| row.value(of))
            };
            groups.entry(Exact(by)).or_default().push(self.aggregates.iter().map(of).collect());
        }
        let row = |(Exact(mut values), rows): (Exact, Vec<Vec<Value>>)| {
            for (index, (reduce_by, _, ty)) in self.aggregates.iter().enumerate() {
                values.push(reduce(*reduce_by, *ty, rows.iter().map(|row| &row[index])));
            }
            Row { id: RowId::from_uuid(uuid::Uuid::nil()), version: 0, values }
        };
        groups.into_iter().map(row).collect()
    }
}

fn reduce<'a>(reduce: Reduce, ty: Type, values: impl Iterator<Item = &'a Value>) -> Value {
    if reduce == Reduce::Count {
        return Value::Integer(values.count() as i64);
    }
    let mut values = values.filter(|value| !value.is_null());
    match reduce {
        Reduce::Count => Value::Null,
        Reduce::CountDistinct => {
            let distinct: std::collections::BTreeSet<Exact> =
                values.map(|value| Exact(vec![value.clone()])).collect();
            Value::Integer(distinct.len() as i64)
        }
        Reduce::Min => values.min_by(|left, right| Exact::order(left, right)).cloned().unwrap_or(Value::Null),
        Reduce::Max => values.max_by(|left, right| Exact::order(left, right)).cloned().unwrap_or(Value::Null),
        Reduce::Sum | Reduce::Average => {
            let mut sum = Sum::default();
            values.by_ref().for_each(|value| sum.add(value));
            sum.result(reduce == Reduce::Average, ty)
        }
    }
}

/// How a sum becomes what was asked for; see [`Sum`].
pub(super) fn summed(mantissa: i128, count: i64, average: bool, from: u8, ty: Type) -> Value {
    let Some(to) = ty.scale() else { return Value::Null };
    let mantissa = if average {
        number::quotient(mantissa, count.into(), u32::from(to.saturating_sub(from)))
    } else {
        Some(mantissa)
    };
    if ty == Type::INTEGER {
        return mantissa.and_then(|sum| i64::try_from(sum).ok()).map_or(Value::Null, Value::Integer);
    }
    let sum: Option<Decimal> = mantissa.and_then(|sum| number::decimal(sum, to));
    sum.map_or(Value::Null, Value::Decimal)
}
