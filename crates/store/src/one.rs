//! One row by what names it: its id, or the value of a column that an index knows. The statement is the same whatever the
//! value, so it is written once.
//!
//! **Architecture Invariant:** statements are kept with the layout they were written for and go with it. Where a column
//! turns out to have a value twice, the query is answered as any other: what is found here is what would be found there.

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
};

use gridkeep_model::{
    AppId, Query, TableSchema, Value,
    query::{Expr, Field, Operator, Page, Part, sort_key},
};

use crate::{
    Reader, StoreError,
    laid::Laid,
    layout::PhysicalColumn,
    shown::{Onlooker, Seen, Shown},
    sql::{Shape, order_key},
};

/// Steps of the database's machine that a look by an index takes at most, when one row has the value.
const STEPS: u64 = 400;
/// Statements kept for one table.
const KEPT: usize = 64;

/// What became of looking for one row.
pub(crate) enum Tried {
    /// It was shown, if it is there.
    Shown(Shown),
    /// There may be several. The onlooker was told of rows that mean nothing.
    InVain,
    /// The query does not name one.
    Not,
}

/// Statements for single rows of one layout.
#[derive(Debug, Default)]
pub(crate) struct Ones(Mutex<Vec<Arc<One>>>);

/// The statement for a row by its id or a column, with these columns of it.
#[derive(Debug)]
struct One {
    by: Option<u32>,
    columns: Option<Vec<String>>,
    sql: String,
    shape: Shape,
    schema: TableSchema,
}

/// What a query names a row by: a column, or else its id.
fn named(query: &Query) -> Option<(Option<&str>, &Value)> {
    let Query { table, filter, steps, columns, compute, order, page, count, sight } = query;
    let plain = steps.is_empty() && compute.is_empty() && order.is_empty() && !count;
    // Whoever does not see all of the table is asked about as by any other query.
    let seen = sight.sees_all_rows(table) && sight.sees_columns(table, columns.as_deref());
    if !plain || *page != Page::first(1) || !seen {
        return None;
    }
    let Some(Expr::Compare(Operator::Eq, side, value)) = filter else { return None };
    let (Expr::Field(Field { scope: 0, path, part }), Expr::Literal(value)) = (&**side, &**value) else {
        return None;
    };
    match (part, value) {
        _ if !path.is_empty() => None,
        (Part::Id, Value::Guid(_)) => Some((None, value)),
        (Part::Column(_), Value::Null) => None,
        (Part::Column(id), _) if !sight.sees_columns(table, Some(std::slice::from_ref(id))) => None,
        (Part::Column(id), value) => Some((Some(id), value)),
        _ => None,
    }
}

impl Reader<'_> {
    /// Shows the row that a query names, if it does so plainly.
    pub(crate) fn one(
        &mut self,
        app: AppId,
        query: &Query,
        onlooker: &mut dyn Onlooker,
    ) -> Result<Tried, StoreError> {
        let Some((by, value)) = named(query) else { return Ok(Tried::Not) };
        let laid = self.layout(app, &query.table)?;
        let by = match by {
            None => None,
            Some(id) => match laid.columns.active.iter().find(|column| column.id == id && column.indexed) {
                Some(column) => Some(column),
                None => return Ok(Tried::Not),
            },
        };
        let mut bound = Vec::with_capacity(2);
        match (by, value) {
            (None, Value::Guid(id)) => bound.push((*id).into()),
            (Some(column), value) => {
                // A number of another type is equal to some that this one is not.
                let Ok(equal) = column.bind(value) else { return Ok(Tried::Not) };
                if let Value::Text(text) = value {
                    bound.push(sort_key(text).into());
                }
                bound.push(equal);
            }
            (None, _) => return Ok(Tried::Not),
        }
        let Some(one) = laid.one(by, query.columns.as_ref()) else { return Ok(Tried::Not) };
        onlooker.begin(None, false);
        let (mut shown, mut more) = (false, false);
        let steps = by.map(|_| STEPS);
        let ended = self.link.query_within(steps, &one.sql, &bound, &mut |cells| {
            if shown {
                more = true;
                return Ok(ControlFlow::Break(()));
            }
            shown = true;
            onlooker.row(&Seen::new(&one.shape, cells))?;
            Ok(ControlFlow::Continue(()))
        })?;
        if !ended || more {
            onlooker.again();
            return Ok(Tried::InVain);
        }
        Ok(Tried::Shown(Shown { schema: one.schema.clone(), next: None }))
    }
}

impl Laid {
    /// The statement for rows with a value in this column, or with an id; `None` where a column is not there.
    fn one(&self, by: Option<&PhysicalColumn>, columns: Option<&Vec<String>>) -> Option<Arc<One>> {
        let number = by.map(|column| column.number);
        let kept = || self.ones.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is = |one: &&Arc<One>| one.by == number && one.columns.as_ref() == columns;
        if let Some(known) = kept().iter().find(is) {
            return Some(Arc::clone(known));
        }
        let made = Arc::new(self.write_one(by, columns)?);
        let mut kept = kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.push(Arc::clone(&made));
        Some(made)
    }

    fn write_one(&self, by: Option<&PhysicalColumn>, columns: Option<&Vec<String>>) -> Option<One> {
        let active = &self.columns.active;
        let places: Vec<usize> = match columns {
            None => (0..active.len()).collect(),
            Some(ids) => {
                let place = |id: &String| active.iter().position(|column| column.id == *id);
                ids.iter().map(place).collect::<Option<_>>()?
            }
        };
        let mut sql = "SELECT id, version".to_owned();
        for place in &places {
            sql.push_str(", ");
            sql.push_str(&active[*place].name());
        }
        let name = self.name();
        let condition = match by {
            None => format!(" FROM {name} WHERE id = $1"),
            // Equal texts have equal keys, and the index is on the key.
            Some(column) if column.folded().is_some() => {
                format!(" FROM {name} WHERE {} = $1 AND {} = $2 LIMIT 2", order_key(column), column.name())
            }
            Some(column) => format!(" FROM {name} WHERE {} = $1 LIMIT 2", column.name()),
        };
        sql.push_str(&condition);
        let values = places.iter().map(|place| active[*place].column_type).collect();
        let shown = places.iter().map(|place| self.schema.columns[*place].clone()).collect();
        Some(One {
            by: by.map(|column| column.number),
            columns: columns.cloned(),
            sql,
            shape: Shape { values, keys: Vec::new() },
            schema: TableSchema { id: self.table.clone(), columns: shown },
        })
    }
}
