//! What SQLite keeps, read back by the type of its column.

use gridkeep_model::{ColumnType, Value, data::duration};
use rusqlite::{Row, types::ValueRef};
use uuid::Uuid;

use super::{Cells, sqlite_functions};
use crate::{StoreError, shown::Held};

/// A row of SQLite's.
pub(super) struct SqliteRow<'a>(pub(super) &'a Row<'a>);

impl Cells for SqliteRow<'_> {
    fn integer(&self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get_ref(index)? {
            ValueRef::Integer(integer) => Ok(Some(integer)),
            _ => Ok(self.0.get(index)?),
        }
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
        if let ValueRef::Blob(bytes) = self.0.get_ref(index)?
            && let Ok(id) = Uuid::from_slice(bytes)
        {
            return Ok(Some(id));
        }
        let bytes: Option<[u8; 16]> = self.0.get(index)?;
        Ok(bytes.map(Uuid::from_bytes))
    }

    fn value(&self, index: usize, column_type: ColumnType) -> Result<Value, StoreError> {
        Ok(match self.held(index, column_type)? {
            Held::Text(text) => Value::Text(text.to_owned()),
            Held::Binary(bytes) => Value::Binary(bytes.to_vec()),
            Held::Value(value) => value,
            Held::Iso(text) if column_type == ColumnType::Time => Value::Time(civil(text)?),
            Held::Iso(text) => Value::Date(civil(text)?),
        })
    }

    fn held(&self, index: usize, column_type: ColumnType) -> Result<Held<'_>, StoreError> {
        let kept = self.0.get_ref(index)?;
        let text = || kept.as_str().map_err(|error| StoreError::corrupt("text", error));
        Ok(Held::Value(match (column_type, kept) {
            (_, ValueRef::Null) => Value::Null,
            (ColumnType::Text, _) => return text().map(Held::Text),
            (ColumnType::Date | ColumnType::Time, ValueRef::Text(bytes)) if is_plain(bytes) => {
                return text().map(Held::Iso);
            }
            (ColumnType::Integer, ValueRef::Integer(integer)) => Value::Integer(integer),
            (ColumnType::Decimal { scale }, kept) => {
                let number = sqlite_functions::decimal(kept, scale);
                Value::Decimal(number.ok_or_else(|| StoreError::corrupt("decimal", "another type"))?)
            }
            (ColumnType::Integer, _) => Value::Integer(self.0.get(index)?),
            (ColumnType::Double, _) => Value::Double(self.0.get(index)?),
            (ColumnType::Boolean, _) => Value::Boolean(self.0.get(index)?),
            (ColumnType::Date, _) => Value::Date(civil(text()?)?),
            (ColumnType::Time, _) => Value::Time(civil(text()?)?),
            (ColumnType::DateTime, _) => Value::DateTime(civil(text()?)?),
            (ColumnType::Guid, _) => Value::Guid(Uuid::from_bytes(self.0.get(index)?)),
            (ColumnType::Duration, _) => Value::Duration(duration::from_micros(self.0.get(index)?)),
            (ColumnType::Binary, ValueRef::Blob(bytes)) => return Ok(Held::Binary(bytes)),
            (ColumnType::Binary, _) => Value::Binary(self.0.get(index)?),
        }))
    }
}

fn civil<T: std::str::FromStr<Err = jiff::Error>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error| StoreError::corrupt("date", error))
}

/// Whether it looks like a date (`2026-11-22`) or a time of whole seconds (`08:15:00`): what we have written does, other than
/// fractions of seconds.
fn is_plain(text: &[u8]) -> bool {
    let two = |at: usize| text[at].is_ascii_digit() && text[at + 1].is_ascii_digit();
    match text.len() {
        8 => text[2] == b':' && text[5] == b':' && two(0) && two(3) && two(6),
        10 => text[4] == b'-' && text[7] == b'-' && two(0) && two(2) && two(5) && two(8),
        _ => false,
    }
}
