//! What whoever begins a transaction reads of a row, for what a gate would tell them.
//!
//! **Architecture Invariant:** a value is read where its table, its row in all states that are told of and its column are seen, or
//! where they wrote it themselves in a row that is new.

use std::collections::BTreeMap;

use gridkeep_model::{
    Rights, Row, RowId, Value,
    definition::{Role, TableDefinition},
};

use crate::places::{BEFORE, EVERYWHERE};

/// Stands for what somebody may not read; also where there is nothing.
pub(super) const WITHHELD: &str = "•••";

/// What somebody reads of the rows of a table.
pub(super) struct Eyes<'a> {
    rights: &'a Rights,
    table: Option<&'a TableDefinition>,
    /// What they wrote in this row.
    named: Option<&'a BTreeMap<String, serde_json::Value>>,
}

impl<'a> Eyes<'a> {
    pub(super) fn of(
        rights: &'a Rights,
        table: Option<&'a TableDefinition>,
        named: Option<&'a BTreeMap<String, serde_json::Value>>,
    ) -> Self {
        Self { rights, table, named }
    }

    /// Whether they read a column of a row in these states.
    pub(super) fn read<'v>(&self, column: &str, states: impl Iterator<Item = &'v Vec<Value>>) -> bool {
        let Some(table) = self.table.filter(|_| self.rights.role != Role::Maker) else { return true };
        let states: Vec<_> = states.collect();
        self.wrote(column, states.len()) || self.sees(table, column, &states)
    }

    /// Of these columns the names of the parameters that they may not read.
    pub(super) fn withhold<'v>(
        &self,
        table: &TableDefinition,
        columns: &[String],
        states: impl Iterator<Item = &'v Vec<Value>>,
    ) -> Vec<String> {
        if self.rights.role == Role::Maker {
            return Vec::new();
        }
        let states: Vec<_> = states.collect();
        let mut names = Vec::new();
        for column in columns.iter().filter(|column| !self.sees(table, column, &states)) {
            let name = column.to_ascii_uppercase();
            names.push(format!("{BEFORE}{name}"));
            let wrote = self.named.is_some_and(|named| named.contains_key(column));
            if !wrote && !EVERYWHERE.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Of a row that is new what they wrote is what there is of it.
    fn wrote(&self, column: &str, states: usize) -> bool {
        states == 1 && self.named.is_some_and(|named| named.contains_key(column))
    }

    fn sees(&self, table: &TableDefinition, column: &str, states: &[&Vec<Value>]) -> bool {
        if !self.rights.sight().sees(&table.id) {
            return false;
        }
        let Some(limits) = &self.rights.limits else { return true };
        let Some(rights) = limits.tables.get(&table.id) else { return false };
        !rights.hidden.contains(column) && states.iter().all(|values| rights.see.has(table, &row_of(values)))
    }
}

/// A row for conditions over its columns.
pub(super) fn row_of(values: &[Value]) -> Row {
    Row { id: RowId::from_uuid(uuid::Uuid::nil()), version: 1, values: values.to_vec() }
}
