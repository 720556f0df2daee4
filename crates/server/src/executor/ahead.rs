//! What a transaction of many operations will ask of the rows that are there, asked at once: one by one it is a statement, and on some
//! databases a way there and back, for each, while everybody else waits.
//!
//! **Architecture Invariant:** it changes nothing of what comes of the transaction. What is not looked for here is looked for when it is asked.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use gridkeep_model::{
    AppDefinition, AppId, Operation, RowId, Transaction, Value,
    definition::{Binding, Choices, ColumnDefinition, TableDefinition},
};
use gridkeep_store::{RowWork, StoreError};

/// Operations from which on it is worth the while.
const MANY: usize = 200;

/// A column in which no two rows have the same value, and in which the values of another are looked for.
struct Looked<'a> {
    /// Where the values come from.
    from: &'a ColumnDefinition,
    table: &'a TableDefinition,
    column: &'a ColumnDefinition,
}

/// Looks for the rows that operations change and for whoever has their keys.
pub(super) fn look(
    work: &mut RowWork<'_>,
    app: AppId,
    definition: &AppDefinition,
    transaction: &Transaction,
) -> Result<(), StoreError> {
    if transaction.operations.len() < MANY {
        return Ok(());
    }
    let mut looked: BTreeMap<&str, Vec<Looked<'_>>> = BTreeMap::new();
    let mut rows: BTreeMap<&str, BTreeSet<RowId>> = BTreeMap::new();
    let mut keys: BTreeMap<(&str, &str), HashSet<Value>> = BTreeMap::new();
    for operation in &transaction.operations {
        let Some(table) = operation.table().and_then(|table| definition.table(table)) else { continue };
        if let Some(row) = operation.row() {
            rows.entry(&table.id).or_default().insert(row);
        }
        let (Operation::Insert { values, .. } | Operation::Update { values, .. }) = operation else {
            continue;
        };
        for Looked { from, table, column } in
            looked.entry(&table.id).or_insert_with(|| looked_for(definition, table))
        {
            // What is wrong with a value is said by whoever applies it.
            let value = values.get(&from.id).and_then(|json| Value::from_json(from.column_type, json).ok());
            if let Some(value) = value.filter(|value| !value.is_null()) {
                keys.entry((&table.id, &column.id)).or_default().insert(value);
            }
        }
    }
    for (table, rows) in rows {
        work.look_for_rows(app, table, &rows)?;
    }
    for ((table, column), values) in keys {
        work.look_for_keys(app, table, column, &values.into_iter().collect::<Vec<_>>())?;
    }
    Ok(())
}

/// What is looked for with the values of a table's rows.
fn looked_for<'a>(definition: &'a AppDefinition, table: &'a TableDefinition) -> Vec<Looked<'a>> {
    let mut all = Vec::new();
    for from in &table.columns {
        if is_unique(definition, table, from) {
            all.push(Looked { from, table, column: from });
        }
        if let Some(Choices::Range { binding: Binding::Column { table, column } }) = &from.validation.choices
            && let Some(table) = definition.table(table)
            && let Some(column) = table.column(column)
            && column.column_type == from.column_type
            && is_unique(definition, table, column)
        {
            all.push(Looked { from, table, column });
        }
    }
    all
}

fn is_unique(definition: &AppDefinition, table: &TableDefinition, column: &ColumnDefinition) -> bool {
    table.key.as_ref() == Some(&column.id)
        || definition
            .references()
            .any(|(_, _, refers)| refers.table == table.id && refers.column == column.id)
}
