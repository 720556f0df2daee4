//! Rows shown as they are found: an onlooker takes what it wants of each, and nothing else is made of them.
//!
//! **Architecture Invariant:** what is borrowed of a row is the database's, and gone with the next row.

use gridkeep_model::{ColumnType, Row, RowId, TableSchema, Value};

use crate::{
    StoreError,
    dialect::Cells,
    sql::{Key, Shape},
};

/// A value as the database holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Held<'a> {
    /// A text.
    Text(&'a str),
    /// A date or a time of day, as ISO 8601 writes it, without zeros at the end of a second's fraction.
    Iso(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
    /// Any other value, or null.
    Value(Value),
}

/// A row that was found, for as long as it is looked at.
pub struct Seen<'a> {
    shape: &'a Shape,
    cells: &'a dyn Cells,
}

/// Who takes the rows of a query.
pub trait Onlooker {
    /// Before the first row: how many the filter keeps, when the query asks for it, and whether rows come once only.
    /// When they do not, [`Onlooker::again`] may be called.
    fn begin(&mut self, total: Option<u64>, once: bool);
    /// The rows come from the first one on, another way: those that came so far mean nothing.
    fn again(&mut self);
    /// A row. An error ends the read with it.
    fn row(&mut self, row: &Seen<'_>) -> Result<(), StoreError>;
}

/// What is known of a query once its rows were shown.
#[derive(Debug)]
pub struct Shown {
    /// The columns of the rows.
    pub schema: TableSchema,
    /// The keys of the last row, when there are more behind it.
    pub next: Option<Vec<Value>>,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(shape: &'a Shape, cells: &'a dyn Cells) -> Self {
        Self { shape, cells }
    }

    /// Its id.
    pub fn id(&self) -> Result<RowId, StoreError> {
        Ok(RowId::from_uuid(self.cells.get(0)?))
    }

    /// Its version.
    pub fn version(&self) -> Result<u64, StoreError> {
        self.cells.count(1)
    }

    /// The value of this column of the query, those that are computed behind the others; null where there is none.
    pub fn held(&self, column: usize) -> Result<Held<'a>, StoreError> {
        match self.shape.values.get(column) {
            Some(ty) => self.cells.held(column + 2, *ty),
            None => Ok(Held::Value(Value::Null)),
        }
    }

    /// The same on its own.
    pub fn value(&self, column: usize) -> Result<Value, StoreError> {
        match self.shape.values.get(column) {
            Some(ty) => self.cells.value(column + 2, *ty),
            None => Ok(Value::Null),
        }
    }

    /// All of it, on its own.
    pub(crate) fn row(&self) -> Result<Row, StoreError> {
        read_row(self.shape.values.iter().copied(), self.cells)
    }

    /// The keys it is ordered by, its id behind them.
    pub(crate) fn keys(&self) -> Result<Vec<Value>, StoreError> {
        let mut keys = Vec::with_capacity(self.shape.keys.len() + 1);
        let id = self.id()?;
        for key in &self.shape.keys {
            keys.push(match *key {
                Key::Id => Value::Guid(id.uuid()),
                Key::Version => Value::Integer(self.version()? as i64),
                Key::Value(index) => self.cells.value(index + 2, self.shape.values[index])?,
                Key::Cell(index, ty) => self.cells.typed(index, ty)?,
            });
        }
        keys.push(Value::Guid(id.uuid()));
        Ok(keys)
    }
}

/// A row with values of these types.
pub(crate) fn read_row(
    types: impl ExactSizeIterator<Item = ColumnType>,
    cells: &dyn Cells,
) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(types.len());
    for (index, column_type) in types.enumerate() {
        values.push(cells.value(index + 2, column_type)?);
    }
    Ok(Row { id: RowId::from_uuid(cells.get(0)?), version: cells.count(1)?, values })
}

/// Rows on their own.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) total: Option<u64>,
}

impl Onlooker for Rows {
    fn begin(&mut self, total: Option<u64>, _: bool) {
        self.total = total;
    }

    fn again(&mut self) {
        self.rows.clear();
    }

    fn row(&mut self, row: &Seen<'_>) -> Result<(), StoreError> {
        self.rows.push(row.row()?);
        Ok(())
    }
}
