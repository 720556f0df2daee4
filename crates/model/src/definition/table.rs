//! Published tables: rows that leave the workbook and live in the tenant's database.

use serde::{Deserialize, Serialize};

use super::{FieldKind, GateUse, Role, TableAccess, Validation};
use crate::data::{Column, ColumnType, TableSchema};

/// A table whose rows are kept in the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableDefinition {
    /// Unique within the app; a letter, then lower-case letters, digits and `_`, at most 40 characters.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Where its rows are in the workbook.
    pub source: TableSource,
    /// Columns, left to right.
    pub columns: Vec<ColumnDefinition>,
    /// Id of the column that names a row for people and finds it again on import; none when no column is unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Who may do what with its rows.
    #[serde(default)]
    pub access: TableAccess,
    /// Gates that ask before its rows are changed, by hand or by an action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateUse>,
}

/// Where a table's rows are in the workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", tag = "from", deny_unknown_fields)]
pub enum TableSource {
    /// A table (list object) of the workbook.
    Table {
        /// Its name.
        name: String,
    },
    /// A block of cells with headers.
    Range {
        /// The sheet's name.
        sheet: String,
        /// Headers and rows, in A1 notation, such as `A3:H253`; the first row holds the headers.
        range: String,
    },
}

/// A column of a published table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ColumnDefinition {
    /// Unique within the table; a letter, then lower-case letters, digits and `_`, at most 40 characters.
    pub id: String,
    /// Its header, as people read it.
    pub title: String,
    /// Offset within the source's range, from 0. Of no meaning for files, which have no place in a workbook.
    #[serde(default)]
    pub offset: u32,
    /// How values are kept.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// How values are entered and shown.
    pub kind: FieldKind,
    /// Unit behind the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Excel number format code used to show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What is accepted.
    #[serde(default, skip_serializing_if = "Validation::is_empty")]
    pub validation: Validation,
    /// The formula that fills the column, relative to the table's first data row, without `=`. Such a column is
    /// calculated by the executor and never entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// The row of another table, or of this one, that the value stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers: Option<Reference>,
    /// The executor fills it with the moment of a change, in UTC: a column of type `dateTime` that is never entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filled: Option<Filled>,
    /// Shown and never entered, whoever else may: so it stands in the definition that somebody with limited rights is given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
}

/// Which change a column tells the moment of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Filled {
    /// The row's first.
    Created,
    /// Its last.
    Changed,
}

/// What a column's values find: the row of a table that has the same value in a column of its own. A value that no row
/// has is not refused: it refers to nothing yet, as in a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    /// [`TableDefinition::id`] of the other table.
    pub table: String,
    /// [`ColumnDefinition::id`] of its column with the values that stand here: its key, or another whose values are
    /// unique; of the same type as the referring column.
    pub column: String,
}

impl ColumnDefinition {
    /// Whether people and programs give its values; others are calculated or filled by the executor.
    pub fn is_entered(&self) -> bool {
        self.formula.is_none() && self.filled.is_none() && !self.read_only
    }

    /// Whether it holds files: then it is kept as text, by which the server finds the content.
    pub fn is_file(&self) -> bool {
        self.kind == FieldKind::File
    }
}

impl TableDefinition {
    /// The column with this id.
    pub fn column(&self, id: &str) -> Option<&ColumnDefinition> {
        self.columns.iter().find(|column| column.id == id)
    }

    /// Whether this role may read its rows.
    pub fn may_see(&self, role: Role) -> bool {
        role == Role::Maker || self.access.see.contains(&role)
    }

    /// What the database needs to know of the table.
    pub fn schema(&self) -> TableSchema {
        let columns =
            self.columns.iter().map(|c| Column { id: c.id.clone(), column_type: c.column_type }).collect();
        TableSchema { id: self.id.clone(), columns }
    }
}
