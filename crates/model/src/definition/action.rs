//! Named actions: what a person or a program does to rows in one transaction, such as `approve_expense`.
//!
//! **Architecture Invariant:** an action may do what its maker put into it, whatever the person could do to the tables by
//! hand: who may run it is said here alone. Validations, computed columns and keys of the tables hold for its steps too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Comparison, FieldKind, GateUse, Role, Validation};
use crate::ColumnType;

/// Something that can be done, to a row of a table or to none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActionDefinition {
    /// Unique among actions; a letter, then lower-case letters, digits and `_`, at most 40 characters.
    pub id: String,
    /// What people read on its button.
    pub title: String,
    /// One or two sentences; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The table whose rows it is called on; none when it is called on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// What it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ActionParameter>,
    /// A formula that must be TRUE for it to run; see [`ValueSource::Formula`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What to tell whoever calls it while `when` is not TRUE, in the maker's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// What to ask before it runs, in the maker's words; without it, it runs at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
    /// What it does, in order; each step sees what the ones before have done.
    pub steps: Vec<ActionStep>,
    /// Roles that may run it, who must see the table's rows as well. A maker always may.
    #[serde(default = "members")]
    pub access: Vec<Role>,
    /// Gates that ask before it is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateUse>,
}

/// A value that an action asks for. Without [`Validation::required`] it may be left out and is null then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActionParameter {
    /// What formulas call it: unique within the action, a letter, then lower-case letters, digits and `_`, at most 40
    /// characters, and not like the address of a cell.
    pub id: String,
    /// What people read beside it.
    pub title: String,
    /// How its value is kept.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// How it is entered.
    pub kind: FieldKind,
    /// Unit behind the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// A sentence of help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What is accepted.
    #[serde(default, skip_serializing_if = "Validation::is_empty")]
    pub validation: Validation,
}

/// One thing an action does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", tag = "do", deny_unknown_fields)]
pub enum ActionStep {
    /// Changes columns of the row the action is called on.
    Set {
        /// By column id.
        values: BTreeMap<String, ValueSource>,
    },
    /// Adds a row.
    Insert {
        /// The table's id.
        table: String,
        /// By column id; the others are null.
        values: BTreeMap<String, ValueSource>,
    },
    /// Changes columns of the rows that fulfil all conditions.
    Update {
        /// The table's id.
        table: String,
        /// All rows when empty.
        #[serde(rename = "where", default, skip_serializing_if = "Vec::is_empty")]
        conditions: Vec<RowCondition>,
        /// By column id. In their formulas `[@Column]` is of the row that changes.
        values: BTreeMap<String, ValueSource>,
    },
    /// Removes the rows that fulfil all conditions.
    Delete {
        /// The table's id.
        table: String,
        /// At least one.
        #[serde(rename = "where")]
        conditions: Vec<RowCondition>,
    },
}

/// What a row must fulfil. Texts are compared exactly, `filled` and `empty` ask whether there is a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowCondition {
    /// The column's id.
    pub column: String,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what; of no meaning for `filled` and `empty`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueSource>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum ValueSource {
    /// Always this, in the JSON form of the column's values.
    Value(serde_json::Value),
    /// Calculated by a formula of the workbook's language, without `=`: its cells and names as they were published, rows of
    /// the app's tables as they are now, `[@Column]` for a value of the row (a column's title or id), parameters by their ids. `Table[@Column]` with the name
    /// of the action's own table is always of the row it is called on.
    Formula(String),
}

impl ActionDefinition {
    /// Whether this role may run it.
    pub fn may_run(&self, role: Role) -> bool {
        role == Role::Maker || self.access.contains(&role)
    }

    /// The parameter with this id.
    pub fn parameter(&self, id: &str) -> Option<&ActionParameter> {
        self.parameters.iter().find(|parameter| parameter.id == id)
    }
}

impl ActionStep {
    /// The table it changes, when that is not the one the action is called on.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Set { .. } => None,
            Self::Insert { table, .. } | Self::Update { table, .. } | Self::Delete { table, .. } => {
                Some(table)
            }
        }
    }

    /// What it gives to columns.
    pub fn values(&self) -> impl Iterator<Item = (&str, &ValueSource)> {
        let values = match self {
            Self::Set { values } | Self::Insert { values, .. } | Self::Update { values, .. } => Some(values),
            Self::Delete { .. } => None,
        };
        values.into_iter().flatten().map(|(column, source)| (column.as_str(), source))
    }

    /// Which rows it is about.
    pub fn conditions(&self) -> &[RowCondition] {
        match self {
            Self::Update { conditions, .. } | Self::Delete { conditions, .. } => conditions,
            Self::Set { .. } | Self::Insert { .. } => &[],
        }
    }
}

fn members() -> Vec<Role> {
    vec![Role::Member]
}
