//! What a [`Query`] means, in memory: the preview's answer, and the judge of both databases.
//!
//! **Architecture Invariant:** `store` gives the same rows in the same order on every database; its tests compare it
//! with [`Query::select`].

use std::{cmp::Ordering, collections::HashMap};

use super::{Found, Plan, Query, QueryError, eval::Scopes, run::Run, sight::View};
use crate::{Row, TableSchema, Value};

/// Tables in memory.
#[derive(Debug, Clone, Default)]
pub struct Tables<'a> {
    tables: HashMap<String, (TableSchema, &'a [Row])>,
}

impl<'a> Tables<'a> {
    /// One table.
    pub fn of(schema: TableSchema, rows: &'a [Row]) -> Self {
        Self::default().with(schema, rows)
    }

    /// And another one, that relations lead to.
    pub fn with(mut self, schema: TableSchema, rows: &'a [Row]) -> Self {
        self.tables.insert(schema.id.clone(), (schema, rows));
        self
    }

    pub(super) fn rows(&self, table: &str) -> &'a [Row] {
        self.tables.get(table).map(|(_, rows)| *rows).unwrap_or_default()
    }
}

/// A row and its keys, with the id behind them.
type Keyed<'a> = (&'a Row, Vec<Value>);

impl Query {
    /// The rows it asks for, and how many the filter keeps in all when it asks for the count.
    pub fn select(&self, tables: &Tables<'_>) -> Result<Found, QueryError> {
        let schemas = &|table: &str| tables.tables.get(table).map(|(schema, _)| schema);
        self.viewed(schemas, |view| self.found(tables, view))
    }

    fn found(&self, tables: &Tables<'_>, view: View<'_>) -> Result<Found, QueryError> {
        let plan = self.planned(view)?;
        let keeps =
            |row: &&Row| plan.filter.as_ref().is_none_or(|filter| Scopes::new(tables, row).holds(filter));
        let filtered = tables.rows(&self.table).iter().filter(keeps);
        let made: Vec<Row>;
        let rows: Vec<&Row> = if self.steps.is_empty() {
            filtered.collect()
        } else {
            let mut rows: Vec<Row> = filtered.cloned().collect();
            rows.sort_by_key(|row| row.id);
            let schema = (view.seen)(&self.table);
            let schema = schema.ok_or_else(|| QueryError::UnknownTable(self.table.clone()))?.clone();
            made = Run { tables, view }.all(schema, rows, &self.steps)?.rows;
            made.iter().collect()
        };
        let mut kept = Vec::new();
        for row in rows {
            let mut keys: Vec<Value> =
                plan.order.iter().map(|(key, _)| Scopes::new(tables, row).value(key)).collect();
            if self.steps.is_empty() {
                keys.push(Value::Guid(row.id.uuid()));
            }
            kept.push((row, keys));
        }
        let total = self.count.then_some(kept.len() as u64);
        // What steps made is in an order already, and stays so where the keys are the same.
        kept.sort_by(|(_, left), (_, right)| plan.compare(left, right));
        if let Some(after) = &plan.after {
            kept.retain(|(_, keys)| plan.compare(keys, after).is_gt());
        }
        let skip = usize::try_from(self.page.offset).unwrap_or(usize::MAX);
        let limit = self.page.limit as usize;
        let more = kept.len() > skip.saturating_add(limit);
        let page: Vec<Keyed<'_>> = kept.into_iter().skip(skip).take(limit).collect();
        let next = if self.steps.is_empty() {
            page.last().filter(|_| more).map(|(_, keys)| keys.clone())
        } else {
            self.page.behind().filter(|_| more)
        };
        let show = |(row, _): &Keyed<'_>| {
            let mut values: Vec<Value> =
                plan.columns.iter().map(|index| row.values[*index].clone()).collect();
            values.extend(plan.computed.iter().map(|computed| Scopes::new(tables, row).value(computed)));
            Row { id: row.id, version: row.version, values }
        };
        Ok(Found { rows: page.iter().map(show).collect(), total, schema: plan.schema, next })
    }
}

impl Plan {
    /// The order of two rows by their keys, the id being the last.
    fn compare(&self, left: &[Value], right: &[Value]) -> Ordering {
        let directions = self.order.iter().map(|(_, descending)| *descending).chain([self.descends()]);
        for ((left, right), descending) in left.iter().zip(right).zip(directions) {
            let order = left.order(right);
            if order.is_ne() {
                return if descending { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    }
}
