//! What a work that changes rows has learnt of its tables: layouts, and that new rows and new numbers are beyond all that are
//! there. Many new rows are looked for one by one only until the first was not found.
//!
//! **Architecture Invariant:** nobody else writes while a work runs, and it changes no table. What it says of rows is forgotten
//! with its own first change of them.

use std::sync::Arc;

use gridkeep_model::{AppId, ColumnType, Row, RowId, Value};
use uuid::Uuid;

use crate::{RowWork, StoreError, laid::Laid, layout::PhysicalColumn};

/// What is known within one work.
#[derive(Default)]
pub(crate) struct Learnt {
    layouts: Vec<(AppId, Arc<Laid>)>,
    /// By the table's number.
    rows: Vec<(i64, Beyond<Uuid>)>,
    /// By the numbers of table and column.
    keys: Vec<((i64, u32), Beyond<i64>)>,
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
        let known = self.learnt.as_ref().and_then(|learnt| find(&learnt.rows, &number));
        let greatest = match known {
            Some(Beyond::Missed) => {
                let sql = format!("SELECT id FROM {} ORDER BY id DESC LIMIT 1", laid.name());
                let greatest = self.link.first(&sql, &[], |cells| cells.get::<Uuid>(0))?;
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
