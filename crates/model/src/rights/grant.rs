//! Grants: what is given to a person, a group, to all whom an app names, or to guests.
//!
//! A grant narrows what the app's definition gives a role, and never widens it: only [`Level::Administer`] makes another role.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// How much may be done. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Nothing.
    None,
    /// Rows are read.
    View,
    /// Rows are added; of those that are there only one's own are read.
    Submit,
    /// Rows are read, added, changed and removed, as far as the definition lets the role do so.
    #[default]
    Edit,
    /// The app itself is changed: whoever may is its maker.
    Administer,
}

/// What is granted. The default is everything that the definition gives the role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Grant {
    /// For all tables of which nothing else is said.
    pub level: Level,
    /// By table id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, TableGrant>,
    /// Whether actions may be run, by their ids. Of others [`Level::Edit`] decides.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<String, bool>,
}

/// What is granted on a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TableGrant {
    /// That of the grant when absent; at most [`Level::Edit`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// On which rows.
    #[serde(skip_serializing_if = "RowsOf::is_all")]
    pub rows: RowsOf,
    /// Ids of columns that are as if they were not there.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub hidden: BTreeSet<String>,
    /// Ids of columns that are seen and not changed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub read_only: BTreeSet<String>,
}

/// Which rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", tag = "rows", deny_unknown_fields)]
pub enum RowsOf {
    /// All. With [`Level::Submit`] none: nothing says which are one's own.
    #[default]
    All,
    /// Those with the person's address in this column, which is filled with it when they add a row.
    Own {
        /// The column's id, of text.
        column: String,
    },
    /// Those that fulfil a condition.
    Where {
        /// In the syntax of OData's `$filter`, over the properties of the table's entity set, with `user.Email` and
        /// `user.Attribute` for what is known of the person. Nobody sees a row by what is not known of them.
        filter: String,
    },
}

impl RowsOf {
    /// Whether it is every row.
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

impl Grant {
    /// Of this level, with nothing else said.
    pub fn of(level: Level) -> Self {
        Self { level, ..Self::default() }
    }

    /// The level on a table.
    pub fn level_on(&self, table: &str) -> Level {
        let own = self.tables.get(table).and_then(|table| table.level);
        own.unwrap_or(self.level).min(Level::Edit)
    }

    /// Whether an action may be run.
    pub fn runs(&self, action: &str) -> bool {
        self.actions.get(action).copied().unwrap_or(self.level >= Level::Edit)
    }

    /// Whether it leaves everything as the definition says.
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }
}
