//! What SQLite keeps, read back by the type of its column.

use gridkeep_model::{ColumnType, Value, data::duration};
use rusqlite::{Row, types::ValueRef};
use uuid::Uuid;

use super::{Cells, sqlite_functions};
use crate::StoreError;

/// A row of SQLite's.
pub(super) struct SqliteRow<'a>(pub(super) &'a Row<'a>);

impl SqliteRow<'_> {
    fn civil<T: std::str::FromStr<Err = jiff::Error>>(&self, index: usize) -> Result<T, StoreError> {
        let text = self.0.get_ref(index)?.as_str().map_err(|error| StoreError::corrupt("date", error))?;
        text.parse().map_err(|error| StoreError::corrupt("date", error))
    }
}

impl Cells for SqliteRow<'_> {
    fn integer(&self, index: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.0.get(index)?)
    }

    fn text(&self, index: usize) -> Result<Option<String>, StoreError> {
        Ok(self.0.get(index)?)
    }

    fn bytes(&self, index: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(index)?)
    }

    fn boolean(&self, index: usize) -> Result<Option<bool>, StoreError> {
        Ok(self.0.get(index)?)
    }

    fn uuid(&self, index: usize) -> Result<Option<Uuid>, StoreError> {
        let bytes: Option<[u8; 16]> = self.0.get(index)?;
        Ok(bytes.map(Uuid::from_bytes))
    }

    fn value(&self, index: usize, column_type: ColumnType) -> Result<Value, StoreError> {
        if self.0.get_ref(index)? == ValueRef::Null {
            return Ok(Value::Null);
        }
        Ok(match column_type {
            ColumnType::Text => Value::Text(self.0.get(index)?),
            ColumnType::Integer => Value::Integer(self.0.get(index)?),
            ColumnType::Decimal { scale } => {
                let number = sqlite_functions::decimal(self.0.get_ref(index)?, scale);
                Value::Decimal(number.ok_or_else(|| StoreError::corrupt("decimal", "another type"))?)
            }
            ColumnType::Double => Value::Double(self.0.get(index)?),
            ColumnType::Boolean => Value::Boolean(self.0.get(index)?),
            ColumnType::Date => Value::Date(self.civil(index)?),
            ColumnType::Time => Value::Time(self.civil(index)?),
            ColumnType::DateTime => Value::DateTime(self.civil(index)?),
            ColumnType::Guid => Value::Guid(Uuid::from_bytes(self.0.get(index)?)),
            ColumnType::Duration => Value::Duration(duration::from_micros(self.0.get(index)?)),
            ColumnType::Binary => Value::Binary(self.0.get(index)?),
        })
    }
}
