//! What a component or field is bound to, in a way that survives a replaced workbook.

use serde::{Deserialize, Serialize};

/// A place in the workbook. Bindings keep what is needed to find the place again in a new version of the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum Binding {
    /// A defined name.
    Name {
        /// The name.
        name: String,
    },
    /// One cell.
    Cell {
        /// The sheet's name.
        sheet: String,
        /// The address in A1 notation, such as `B3`.
        cell: String,
        /// The label beside it, by which it is found again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    /// A rectangle.
    Range {
        /// The sheet's name.
        sheet: String,
        /// The address in A1 notation, such as `B3:B14`.
        range: String,
        /// The header or label beside it, by which it is found again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    /// A column of one of the definition's tables.
    Column {
        /// [`super::TableDefinition::id`].
        table: String,
        /// [`super::ColumnDefinition::id`].
        column: String,
    },
}

/// Shows or hides by the value of a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Condition {
    /// The cell that decides.
    pub binding: Binding,
    /// How it is compared.
    pub comparison: Comparison,
    /// What it is compared with: text, number or boolean; of no meaning for `filled` and `empty`.
    #[serde(default)]
    pub value: serde_json::Value,
}

/// How a [`Condition`] compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Comparison {
    /// Equal; text without regard to case.
    Equals,
    /// Not equal.
    NotEquals,
    /// A number above.
    GreaterThan,
    /// A number below.
    LessThan,
    /// Anything but blank, zero and FALSE.
    Filled,
    /// Blank, zero or FALSE.
    Empty,
}
