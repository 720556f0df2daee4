//! The rows that a transaction has touched: as it found them, and as they stand after its operations so far.
//!
//! **Architecture Invariant:** whether one of them has a value costs the same however many they are: the values of a column are counted
//! from the first time that they are asked for, and nothing is counted for columns of which nobody asks.

use std::collections::HashMap;

use gridkeep_model::{Row, RowId, Value};

/// All of them, by table.
#[derive(Default)]
pub(super) struct Touched(HashMap<String, Table>);

/// A row as the transaction found it and as it stands now.
pub(super) struct Two {
    pub(super) before: Option<Row>,
    pub(super) now: Option<Row>,
}

/// Whether a touched row has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Has {
    /// One has it.
    Now,
    /// None has it any more; one had it before.
    Before,
    /// None has it or had it.
    Never,
}

#[derive(Default)]
struct Table {
    rows: HashMap<RowId, Two>,
    /// By position of the column.
    counted: HashMap<usize, HashMap<Value, Times>>,
}

/// How many rows have a value, and had it before.
#[derive(Clone, Copy, Default)]
struct Times {
    before: usize,
    now: usize,
}

impl Touched {
    /// A row, if it is touched.
    pub(super) fn get(&self, table: &str, id: RowId) -> Option<&Two> {
        self.0.get(table)?.rows.get(&id)
    }

    /// Those of a table.
    pub(super) fn of(&self, table: &str) -> impl Iterator<Item = (RowId, &Two)> {
        self.0.get(table).into_iter().flat_map(|own| own.rows.iter().map(|(id, two)| (*id, two)))
    }

    /// A row is touched, which was so before.
    pub(super) fn add(&mut self, table: &str, id: RowId, before: Option<Row>) {
        if !self.0.contains_key(table) {
            self.0.insert(table.to_owned(), Table::default());
        }
        let Some(own) = self.0.get_mut(table) else { return };
        for (column, counts) in &mut own.counted {
            if let Some(value) = value(before.as_ref(), *column) {
                let times = counts.entry(value.clone()).or_default();
                (times.before, times.now) = (times.before + 1, times.now + 1);
            }
        }
        own.rows.insert(id, Two { now: before.clone(), before });
    }

    /// A row that is touched stands so from now on, or is gone.
    pub(super) fn put(&mut self, table: &str, id: RowId, now: Option<Row>) {
        let Some(own) = self.0.get_mut(table) else { return };
        let Some(two) = own.rows.get_mut(&id) else { return };
        for (column, counts) in &mut own.counted {
            let (old, new) = (value(two.now.as_ref(), *column), value(now.as_ref(), *column));
            if old == new {
                continue;
            }
            if let Some(times) = old.and_then(|old| counts.get_mut(old)) {
                times.now -= 1;
            }
            if let Some(new) = new {
                counts.entry(new.clone()).or_default().now += 1;
            }
        }
        two.now = now;
    }

    /// Whether a row of a table other than `except` has this value in the column at this position.
    pub(super) fn has(&mut self, table: &str, column: usize, value: &Value, except: RowId) -> Has {
        let Some(own) = self.0.get_mut(table) else { return Has::Never };
        let Times { mut before, mut now } = own.times(column, value);
        if let Some(two) = own.rows.get(&except) {
            let is = |row: &Option<Row>| usize::from(self::value(row.as_ref(), column) == Some(value));
            (before, now) = (before - is(&two.before), now - is(&two.now));
        }
        match (now, before) {
            (1.., _) => Has::Now,
            (0, 1..) => Has::Before,
            (0, 0) => Has::Never,
        }
    }
}

impl Table {
    fn times(&mut self, column: usize, value: &Value) -> Times {
        let Self { rows, counted } = self;
        let counts = counted.entry(column).or_insert_with(|| {
            let mut counts: HashMap<Value, Times> = HashMap::new();
            for Two { before, now } in rows.values() {
                if let Some(value) = self::value(before.as_ref(), column) {
                    counts.entry(value.clone()).or_default().before += 1;
                }
                if let Some(value) = self::value(now.as_ref(), column) {
                    counts.entry(value.clone()).or_default().now += 1;
                }
            }
            counts
        });
        counts.get(value).copied().unwrap_or_default()
    }
}

fn value(row: Option<&Row>, column: usize) -> Option<&Value> {
    row?.values.get(column)
}

#[cfg(test)]
mod tests;
