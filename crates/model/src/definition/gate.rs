//! Where an app asks for a security checkpoint: actions and tables name gates of their tenant.

use serde::{Deserialize, Serialize};

/// A gate that asks before something is done. One that the tenant does not have, or that is not active, asks nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GateUse {
    /// The gate's id, such as `APPROVE_EXPENSE`.
    pub gate: String,
    /// Of a table: the changes that it asks before; every change when empty. Of no meaning for an action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<RowEvent>,
    /// For which rows it asks, in the syntax of `$filter` over the table's own columns (`Amount gt 5000`): those that
    /// fulfil it before the change, or after. All when left out. Of an action, the row it is called on.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// What may happen to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum RowEvent {
    /// It is added.
    Insert,
    /// It is changed.
    Update,
    /// It is removed.
    Delete,
}

impl GateUse {
    /// Whether it asks before this happens to rows of its table.
    pub fn concerns(&self, event: RowEvent) -> bool {
        self.on.is_empty() || self.on.contains(&event)
    }
}
