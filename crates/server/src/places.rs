//! Where apps name gates, and which values of a transaction there are to show in each place.
//!
//! **Architecture Invariant:** a message's parameters are the server's own values by the names of columns and parameters in capital
//! letters; an argument never stands in place of a column.

use std::collections::BTreeSet;

use gridkeep_model::{
    AppDefinition,
    definition::{ActionDefinition, GateUse, TableDefinition},
};

/// What there is to show at every gate.
pub(crate) const EVERYWHERE: [&str; 8] = ["ACTION", "APP", "COUNT", "DATE", "EVENT", "TABLE", "TIME", "USER"];
/// Before a column's name: its value before the change.
pub(crate) const BEFORE: &str = "OLD_";

/// A place in a definition that names a gate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The gate and when it asks.
    pub(crate) gate: &'a GateUse,
    /// The table whose rows it is about; the one an action is called on.
    pub(crate) table: Option<&'a TableDefinition>,
    /// The action that names it.
    pub(crate) action: Option<&'a ActionDefinition>,
    /// Index of the action or else the table, and of the gate there.
    index: (usize, usize),
}

impl Place<'_> {
    /// Where in the definition, as problems say it.
    pub(crate) fn path(&self) -> String {
        let (part, index) = self.index;
        let whole = if self.action.is_some() { "actions" } else { "tables" };
        format!("{whole}/{part}/gates/{index}")
    }

    /// Names of the values that can be shown here.
    pub(crate) fn parameters(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = EVERYWHERE.map(str::to_owned).into();
        for column in self.table.into_iter().flat_map(|table| &table.columns) {
            let name = column.id.to_ascii_uppercase();
            names.insert(format!("{BEFORE}{name}"));
            names.insert(name);
        }
        for parameter in self.action.into_iter().flat_map(|action| &action.parameters) {
            names.insert(parameter.id.to_ascii_uppercase());
        }
        names
    }
}

/// Every place of a definition that names a gate.
pub(crate) fn places(definition: &AppDefinition) -> impl Iterator<Item = Place<'_>> {
    let tables = definition.tables.iter().enumerate().flat_map(|(part, table)| {
        let gates = table.gates.iter().enumerate();
        gates.map(move |(index, gate)| Place { gate, table: Some(table), action: None, index: (part, index) })
    });
    let actions = definition.actions.iter().enumerate().flat_map(move |(part, action)| {
        let table = action.table.as_deref().and_then(|table| definition.table(table));
        let gates = action.gates.iter().enumerate();
        gates.map(move |(index, gate)| Place { gate, table, action: Some(action), index: (part, index) })
    });
    tables.chain(actions)
}
