//! What a person or device asks the executor to do, and what came of it.
//!
//! **Architecture Invariant:** rows change only through a [`Transaction`]; a form, an import and, later, an OData PATCH
//! are each one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{RowId, TransactionId, Value, data::ValueError};

/// Rows that the actions of one transaction may change.
pub const MOST_CHANGES: usize = 1_000;

/// All or nothing: every operation takes effect, or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Transaction {
    /// Chosen by who asks; the same id with the same content gives the stored answer again.
    pub id: TransactionId,
    /// What to do, in order.
    pub operations: Vec<Operation>,
}

/// One step. Values are given by column id in the JSON form of [`Value`] and become typed when applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "type", deny_unknown_fields)]
pub enum Operation {
    /// A new row. Columns not named are null.
    Insert {
        /// The table's id.
        table: String,
        /// Chosen by who asks, as UUIDv7.
        id: RowId,
        /// Values by column id.
        values: BTreeMap<String, serde_json::Value>,
    },
    /// Changes named columns of a row.
    Update {
        /// The table's id.
        table: String,
        /// The row.
        id: RowId,
        /// The version the change is based on; another one is a conflict.
        base_version: u64,
        /// Values by column id.
        values: BTreeMap<String, serde_json::Value>,
    },
    /// Removes a row.
    Delete {
        /// The table's id.
        table: String,
        /// The row.
        id: RowId,
        /// The version the wish is based on; another one is a conflict.
        base_version: u64,
    },
    /// Runs an action of the app.
    Call {
        /// The action's id.
        action: String,
        /// The row it is called on; none for an action that is called on its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        row: Option<RowId>,
        /// The row's version the wish is based on; another one is a conflict. None takes any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base_version: Option<u64>,
        /// Arguments by parameter id.
        #[serde(default)]
        arguments: BTreeMap<String, serde_json::Value>,
    },
}

impl Operation {
    /// The table it concerns; an action says it in the definition.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Insert { table, .. } | Self::Update { table, .. } | Self::Delete { table, .. } => {
                Some(table)
            }
            Self::Call { .. } => None,
        }
    }

    /// The row it concerns.
    pub const fn row(&self) -> Option<RowId> {
        match self {
            Self::Insert { id, .. } | Self::Update { id, .. } | Self::Delete { id, .. } => Some(*id),
            Self::Call { row, .. } => *row,
        }
    }
}

/// A row's change, typed and complete: what `engine::apply` makes of an operation and `store` writes.
#[derive(Debug, Clone, PartialEq)]
pub enum RowChange {
    /// A new row at version 1.
    Insert {
        /// The table's id.
        table: String,
        /// The row.
        id: RowId,
        /// One value a column, in the schema's order.
        values: Vec<Value>,
    },
    /// A row's new content; its version becomes `base_version + 1`.
    Update {
        /// The table's id.
        table: String,
        /// The row.
        id: RowId,
        /// The version it replaces.
        base_version: u64,
        /// One value a column, in the schema's order.
        values: Vec<Value>,
    },
    /// A row's end.
    Delete {
        /// The table's id.
        table: String,
        /// The row.
        id: RowId,
        /// The version it ends.
        base_version: u64,
    },
}

/// What came of a transaction. A refusal is a value, not an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "outcome")]
pub enum Outcome {
    /// All operations took effect.
    Applied {
        /// The app's change number after it.
        sequence: u64,
        /// The rows as they are now, in the order of the operations: one for each, but for a call as many as its steps
        /// have changed.
        rows: Vec<AppliedRow>,
    },
    /// None took effect.
    Refused {
        /// Why.
        problems: Vec<Problem>,
    },
}

/// A row after an applied operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppliedRow {
    /// Index of the operation.
    #[serde(default)]
    pub operation: usize,
    /// The table's id.
    pub table: String,
    /// The row.
    pub id: RowId,
    /// Its version; `None` when it was deleted.
    pub version: Option<u64>,
    /// Values in the schema's order; empty when it was deleted.
    pub values: Vec<serde_json::Value>,
}

/// One reason for a refusal, with where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Index of the operation.
    pub operation: usize,
    /// Id of the column; `None` when the row as a whole is meant.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: Reason,
    /// Where in an action, when the operation calls one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Box<Within>>,
}

/// A place in an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Within {
    /// The action's id.
    pub action: String,
    /// Index of the step; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// The parameter's id, when an argument is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
}

impl Problem {
    /// Of an operation that calls no action.
    pub fn new(operation: usize, column: Option<&str>, reason: Reason) -> Self {
        Self { operation, column: column.map(ToOwned::to_owned), reason, within: None }
    }
}

/// What is wrong with an operation. Faces turn it into words of the person's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "code")]
pub enum Reason {
    /// No such table.
    UnknownTable,
    /// No such column.
    UnknownColumn,
    /// The column is calculated.
    ReadOnly,
    /// The value does not fit the column.
    Value {
        /// How.
        error: ValueError,
    },
    /// Blank where something is required.
    Required,
    /// Below the smallest value accepted.
    TooSmall {
        /// The smallest value accepted.
        minimum: String,
    },
    /// Above the largest value accepted.
    TooLarge {
        /// The largest value accepted.
        maximum: String,
    },
    /// Longer than accepted.
    TooLong {
        /// The longest length accepted.
        maximum: u32,
    },
    /// None of the values to choose from.
    NotAChoice,
    /// Another row has this key already.
    Duplicate,
    /// No such row; perhaps deleted meanwhile.
    NotFound,
    /// The row has changed since.
    Conflict {
        /// Its version now.
        current: u64,
    },
    /// The person may not do this.
    Forbidden,
    /// The row's id is taken.
    IdTaken,
    /// A calculated column or an action's formula could not be calculated.
    Calculation {
        /// The error it gave, such as `#N/A`.
        error: String,
    },
    /// No such action.
    UnknownAction,
    /// The action has no such parameter.
    UnknownParameter,
    /// The action is called on a row, and none is named; or it is called on none, and one is.
    WrongRow,
    /// The condition that the action may run under does not hold.
    NotNow {
        /// What its maker says about it.
        message: Option<String>,
    },
    /// More rows than one transaction may change.
    TooManyRows {
        /// The most.
        maximum: usize,
    },
    /// Formulas read a table that has more rows than they may.
    TooManyToRead {
        /// The table's id.
        table: String,
        /// The most.
        maximum: usize,
    },
}
