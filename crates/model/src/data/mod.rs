//! Rows of published tables: typed, exact, and the same in the browser, the server and both databases.

pub mod duration;
mod value;

pub use value::{ColumnType, MAX_BINARY, MAX_PLACES, NARROW_SCALE, Value, ValueError, holds};
pub(crate) use value::{base64url, guid};

use serde::{Deserialize, Serialize};

use crate::RowId;

/// What a database needs to know of a published table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TableSchema {
    /// [`crate::definition::TableDefinition::id`].
    pub id: String,
    /// Columns in order; [`Row::values`] follows it.
    pub columns: Vec<Column>,
}

impl TableSchema {
    /// Position and type of the column with this id.
    pub fn column(&self, id: &str) -> Option<(usize, &Column)> {
        self.columns.iter().enumerate().find(|(_, column)| column.id == id)
    }
}

/// One column of a [`TableSchema`]; every column may be null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// [`crate::definition::ColumnDefinition::id`].
    pub id: String,
    /// How values are kept.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
}

/// A row as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its identity; ordered by creation.
    pub id: RowId,
    /// Counts from 1 with every change; the base of optimistic locking.
    pub version: u64,
    /// One value a column, in the schema's order.
    pub values: Vec<Value>,
}
