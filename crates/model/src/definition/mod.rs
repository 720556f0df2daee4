//! The app definition: what an app looks like and what it is bound to, apart from its data and its logic.
//!
//! **Architecture Invariant:** a definition holds no cell data. It names cells, tables and columns of a workbook; the
//! values stay there or, for published tables, in the tenant's database.

mod access;
mod action;
mod binding;
mod field;
mod gate;
mod screen;
mod table;

pub use access::{Access, Role, TableAccess};
pub use action::{ActionDefinition, ActionParameter, ActionStep, RowCondition, ValueSource};
pub use binding::{Binding, Comparison, Condition};
pub use field::{Choices, Field, FieldKind, FieldMode, MAX_FILE, PICTURES, Validation};
pub use gate::{GateUse, RowEvent};
pub use screen::{Aggregate, ChartView, Component, DataSeries, GridColumn, Screen, ScreenKind, Sort};
pub use table::{ColumnDefinition, Filled, Reference, TableDefinition, TableSource};

use serde::{Deserialize, Serialize};

use crate::data::ColumnType;

/// The version of the format itself; a reader refuses what is newer.
pub const SCHEMA_VERSION: u32 = 1;

/// An app, as its maker shaped it. Versioned JSON, published as a JSON Schema by `gridkeep schema`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppDefinition {
    /// [`SCHEMA_VERSION`] at the time of writing.
    pub schema_version: u32,
    /// What people see on their screen, at most 80 characters.
    pub name: String,
    /// One or two sentences; may be empty.
    #[serde(default)]
    pub description: String,
    /// Name of an icon of the client's set, such as `calculator`.
    pub icon: String,
    /// The accent colour as `#rrggbb`.
    pub accent: String,
    /// The language of the labels, as BCP 47 (`en`, `de`): the client's own words follow the person instead.
    pub language: String,
    /// Screens in the order of the navigation.
    pub screens: Vec<Screen>,
    /// Tables whose rows leave the workbook and are kept in the database.
    #[serde(default)]
    pub tables: Vec<TableDefinition>,
    /// What can be done beyond entering rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionDefinition>,
}

impl AppDefinition {
    /// The table with this id.
    pub fn table(&self, id: &str) -> Option<&TableDefinition> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// The action with this id.
    pub fn action(&self, id: &str) -> Option<&ActionDefinition> {
        self.actions.iter().find(|action| action.id == id)
    }

    /// Every column that refers to a table of the app, with its table.
    pub fn references(&self) -> impl Iterator<Item = (&TableDefinition, &ColumnDefinition, &Reference)> {
        self.tables.iter().flat_map(|table| {
            table.columns.iter().filter_map(move |column| Some((table, column, column.refers.as_ref()?)))
        })
    }

    /// Whether the rows of its tables depend on the workbook: by actions, by formulas, by choices that stand in cells, or by bounds of
    /// dates, which are numbers of its calendar.
    pub fn asks_workbook(&self) -> bool {
        let in_cells = |choices: &Choices| matches!(choices, Choices::Range { binding } if !matches!(binding, Binding::Column { .. }));
        !self.actions.is_empty()
            || self.tables.iter().flat_map(|table| &table.columns).any(|column| {
                let Validation { minimum, maximum, choices, .. } = &column.validation;
                let dates = matches!(column.column_type, ColumnType::Date | ColumnType::DateTime);
                column.formula.is_some()
                    || choices.as_ref().is_some_and(in_cells)
                    || (dates && (minimum.is_some() || maximum.is_some()))
            })
    }

    /// All bindings, with the path of the component or field that holds each (`screens/0/components/1/fields/2`).
    pub fn bindings(&self) -> Vec<(String, &Binding)> {
        let mut found = Vec::new();
        for (index, screen) in self.screens.iter().enumerate() {
            screen.collect_bindings(&format!("screens/{index}"), &mut found);
        }
        found
    }
}
