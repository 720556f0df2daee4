//! What a work that changes rows has learnt of its tables: layouts, and that new rows and new numbers are beyond all that are
//! there. Many new rows are looked for one by one only until the first was not found; what whoever changes many tells before is looked
//! for all at once.
//!
//! **Architecture Invariant:** nobody else writes while a work runs, and it changes no table. What it says of rows is forgotten
//! with its own first change of them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use gridkeep_model::{
    AppId, ColumnType, Query, Row, RowId, Value,
    query::{Expr, Page},
};
use uuid::Uuid;

use crate::{RowWork, StoreError, laid::Laid, layout::PhysicalColumn, shown::read_row};

/// Rows or values that one statement looks for.
const AT_ONCE: usize = 500;

/// What is known within one work.
#[derive(Default)]
pub(crate) struct Learnt {
    layouts: Vec<(AppId, Arc<Laid>)>,
    /// By the table's number.
    rows: Vec<(i64, Beyond<Uuid>)>,
    /// By the numbers of table and column.
    keys: Vec<((i64, u32), Beyond<i64>)>,
    /// Rows that were looked for, by the table's number; what is not there is among them.
    looked: HashMap<i64, HashMap<RowId, Option<Row>>>,
    /// Which rows have the values that were looked for, by the numbers of table and column.
    holders: HashMap<(i64, u32), HashMap<Value, Vec<RowId>>>,
    /// Whether any row has a value.
    had: HashMap<(i64, u32), HashMap<Value, bool>>,
}

/// What is greater than all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beyond<T> {
    /// One was looked for in vain: more of them may be new.
    Missed,
    /// The greatest, if there is any.
    Greatest(Option<T>),
}

impl Learnt {
    pub(crate) fn layout(&self, app: AppId, table: &str) -> Option<Arc<Laid>> {
        let known = self.layouts.iter().find(|(of, laid)| *of == app && laid.table == table);
        known.map(|(_, laid)| Arc::clone(laid))
    }

    pub(crate) fn keep_layout(&mut self, app: AppId, laid: &Arc<Laid>) {
        self.layouts.push((app, Arc::clone(laid)));
    }

    /// Rows are about to change.
    pub(crate) fn forget_rows(&mut self) {
        self.rows.clear();
        self.keys.clear();
        self.looked.clear();
        self.holders.clear();
        self.had.clear();
    }
}

fn find<K: PartialEq, T: Copy>(known: &[(K, Beyond<T>)], key: &K) -> Option<Beyond<T>> {
    known.iter().find(|(of, _)| of == key).map(|(_, beyond)| *beyond)
}

fn put<K: PartialEq, T>(known: &mut Vec<(K, Beyond<T>)>, key: K, beyond: Beyond<T>) {
    known.retain(|(of, _)| *of != key);
    known.push((key, beyond));
}

impl RowWork<'_> {
    /// One row, if it is there.
    pub fn row(&mut self, app: AppId, table: &str, id: RowId) -> Result<Option<Row>, StoreError> {
        let laid = self.layout(app, table)?;
        let number = laid.number;
        let looked = self.learnt.as_ref().and_then(|learnt| learnt.looked.get(&number)?.get(&id));
        if let Some(looked) = looked {
            return Ok(looked.clone());
        }
        let known = self.learnt.as_ref().and_then(|learnt| find(&learnt.rows, &number));
        let greatest = match known {
            Some(Beyond::Missed) => {
                let greatest = self.greatest_row(&laid)?;
                self.learn(|learnt| put(&mut learnt.rows, number, Beyond::Greatest(greatest)));
                Some(greatest)
            }
            Some(Beyond::Greatest(greatest)) => Some(greatest),
            None => None,
        };
        if greatest.is_some_and(|greatest| greatest.is_none_or(|greatest| id.uuid() > greatest)) {
            return Ok(None);
        }
        let found = (**self).row(app, table, id)?;
        if found.is_none() && known.is_none() {
            self.learn(|learnt| put(&mut learnt.rows, number, Beyond::Missed));
        }
        Ok(found)
    }

    /// Whether another row than `except` has this value in this column; null is never taken.
    pub fn key_taken(
        &mut self,
        app: AppId,
        table: &str,
        column: &str,
        value: &Value,
        except: RowId,
    ) -> Result<bool, StoreError> {
        let laid = self.layout(app, table)?;
        let physical = laid.column(column)?;
        let place = (laid.number, physical.number);
        let holders = self.learnt.as_ref().and_then(|learnt| learnt.holders.get(&place)?.get(value));
        if let Some(holders) = holders {
            return Ok(holders.iter().any(|holder| *holder != except));
        }
        if except.uuid().is_nil() {
            let had = self.learnt.as_ref().and_then(|learnt| learnt.had.get(&place)?.get(value));
            if let Some(had) = had {
                return Ok(*had);
            }
            let had = (**self).key_taken(app, table, column, value, except)?;
            self.learn(|learnt| {
                learnt.had.entry(place).or_default().insert(value.clone(), had);
            });
            return Ok(had);
        }
        let Some((key, number)) = whole(laid.number, physical, value) else {
            return (**self).key_taken(app, table, column, value, except);
        };
        let known = self.learnt.as_ref().and_then(|learnt| find(&learnt.keys, &key));
        let greatest = match known {
            Some(Beyond::Missed) => {
                let (table, column) = (laid.name(), physical.name());
                let sql = format!("SELECT {column} FROM {table} ORDER BY {column} DESC NULLS LAST LIMIT 1");
                let greatest = self.link.first(&sql, &[], |cells| cells.maybe::<i64>(0))?.flatten();
                self.learn(|learnt| put(&mut learnt.keys, key, Beyond::Greatest(greatest)));
                Some(greatest)
            }
            Some(Beyond::Greatest(greatest)) => Some(greatest),
            None => None,
        };
        if greatest.is_some_and(|greatest| greatest.is_none_or(|greatest| number > greatest)) {
            return Ok(false);
        }
        let taken = (**self).key_taken(app, table, column, value, except)?;
        if !taken && known.is_none() {
            self.learn(|learnt| put(&mut learnt.keys, key, Beyond::Missed));
        }
        Ok(taken)
    }

    /// Looks for rows that will be asked for one by one.
    pub fn look_for_rows(
        &mut self,
        app: AppId,
        table: &str,
        rows: &BTreeSet<RowId>,
    ) -> Result<(), StoreError> {
        let laid = self.layout(app, table)?;
        let (greatest, number) = (self.greatest_row(&laid)?, laid.number);
        self.learn(|learnt| put(&mut learnt.rows, number, Beyond::Greatest(greatest)));
        let types: Vec<ColumnType> = laid.columns.active.iter().map(|column| column.column_type).collect();
        let within = |row: &&RowId| greatest.is_some_and(|greatest| row.uuid() <= greatest);
        let rows: Vec<RowId> = rows.iter().take_while(within).copied().collect();
        for some in rows.chunks(AT_ONCE) {
            let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
            let sql = format!("{}({})", laid.by_ids, places.join(", "));
            let ids: Vec<_> = some.iter().map(|id| id.uuid().into()).collect();
            let found = self.link.all(&sql, &ids, |cells| read_row(types.iter().copied(), cells))?;
            self.learn(|learnt| {
                let looked = learnt.looked.entry(laid.number).or_default();
                looked.extend(some.iter().map(|id| (*id, None)));
                looked.extend(found.into_iter().map(|row| (row.id, Some(row))));
            });
        }
        Ok(())
    }

    /// Looks for the rows that have one of these values, of which each is had by one row at most, in a column of the same type.
    pub fn look_for_keys(
        &mut self,
        app: AppId,
        table: &str,
        column: &str,
        values: &[Value],
    ) -> Result<(), StoreError> {
        let laid = self.layout(app, table)?;
        let place = (laid.number, laid.column(column)?.number);
        for some in values.chunks(AT_ONCE) {
            let query = Query {
                table: table.to_owned(),
                filter: Some(Expr::column(column).one_of(some.iter().cloned())),
                columns: Some(vec![column.to_owned()]),
                page: Page::first(u32::MAX),
                ..Query::unlimited()
            };
            let found = self.rows(app, &query)?.rows;
            self.learn(|learnt| {
                let holders = learnt.holders.entry(place).or_default();
                for value in some {
                    holders.entry(value.clone()).or_default();
                }
                for mut row in found {
                    if let Some(value) = row.values.pop() {
                        holders.entry(value).or_default().push(row.id);
                    }
                }
            });
        }
        Ok(())
    }

    fn greatest_row(&mut self, laid: &Laid) -> Result<Option<Uuid>, StoreError> {
        let sql = format!("SELECT id FROM {} ORDER BY id DESC LIMIT 1", laid.name());
        self.link.first(&sql, &[], |cells| cells.get::<Uuid>(0))
    }

    fn learn(&mut self, what: impl FnOnce(&mut Learnt)) {
        if let Some(learnt) = &mut self.learnt {
            what(learnt);
        }
    }
}

/// A whole number in a column of such that has an index, by which the greatest is found at once.
fn whole(table: i64, column: &PhysicalColumn, value: &Value) -> Option<((i64, u32), i64)> {
    match (column.column_type, value) {
        (ColumnType::Integer, Value::Integer(number)) if column.indexed => {
            Some(((table, column.number), *number))
        }
        _ => None,
    }
}
