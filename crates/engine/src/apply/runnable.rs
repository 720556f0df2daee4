//! Which actions can be run now, found out without running any.
//!
//! **Architecture Invariant:** this only spares people buttons that would be refused; a call is checked again when it is
//! applied.

use gridkeep_model::{
    AppDefinition, Value,
    definition::{ActionDefinition, Role, TableDefinition},
};

use super::RowFormulas;
use crate::refs::scan;

/// The actions that this role may call on rows of a table, or on none, whether their conditions hold or not.
pub fn offered<'d>(
    definition: &'d AppDefinition,
    role: Role,
    table: Option<&TableDefinition>,
) -> impl Iterator<Item = &'d ActionDefinition> {
    let on = table.map(|table| table.id.clone());
    let sees = table.is_none_or(|table| table.may_see(role));
    definition.actions.iter().filter(move |action| sees && action.table == on && action.may_run(role))
}

/// Whether the row alone decides if the action may run: no argument has a say in its condition.
pub fn row_decides(action: &ActionDefinition) -> bool {
    let given = |name: &String| action.parameter(&name.to_lowercase()).is_some();
    action.when.as_ref().is_some_and(|when| !scan(when, "").names.iter().any(given))
}

impl RowFormulas {
    /// Ids of the actions that this role can run now on a row with these values, or on none: those whose condition holds, or
    /// hangs on arguments.
    pub fn runnable(
        &mut self,
        definition: &AppDefinition,
        role: Role,
        called_on: Option<(&TableDefinition, &[Value])>,
    ) -> Vec<String> {
        let (table, values) = called_on.unzip();
        offered(definition, role, table)
            .filter(|action| !row_decides(action) || self.holds(&action.id, values))
            .map(|action| action.id.clone())
            .collect()
    }
}
