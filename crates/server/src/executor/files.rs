//! Files among the values of a transaction: what it names is made the reference that the row keeps, and which contents a row
//! holds is written down with its change.

use std::{borrow::Cow, collections::BTreeMap};

use gridkeep_model::{
    AppDefinition, AppId, Operation, RowChange, RowId, Transaction, Value,
    data::ValueError,
    definition::{ColumnDefinition, TableDefinition},
    transaction::{Problem, Reason},
};
use gridkeep_store::{RowWork, StoreError};
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::{error::ApiError, files::Stored};

/// Whether an app has any columns of files; most have none.
fn has_files(definition: &AppDefinition) -> bool {
    definition.tables.iter().any(|table| table.columns.iter().any(ColumnDefinition::is_file))
}

/// Whether an operation says anything of a column of files.
fn names_files(definition: &AppDefinition, operation: &Operation) -> bool {
    let (Operation::Insert { table, values, .. } | Operation::Update { table, values, .. }) = operation
    else {
        return false;
    };
    let mut columns = definition.table(table).into_iter().flat_map(|table| &table.columns);
    columns.any(|column| column.is_file() && values.contains_key(&column.id))
}

/// Makes references of the contents that operations name, by object or by the reference itself. A content that is not
/// stored for that very row and column is none.
pub(super) fn resolve<'a>(
    work: &mut RowWork<'_>,
    app: AppId,
    definition: &AppDefinition,
    transaction: &'a Transaction,
) -> Result<Result<Cow<'a, Transaction>, Vec<Problem>>, StoreError> {
    let mut transaction = Cow::Borrowed(transaction);
    let mut problems = Vec::new();
    if !has_files(definition) {
        return Ok(Ok(transaction));
    }
    if !transaction.operations.iter().any(|operation| names_files(definition, operation)) {
        return Ok(Ok(transaction));
    }
    for (index, operation) in transaction.to_mut().operations.iter_mut().enumerate() {
        let (Operation::Insert { table, id, values } | Operation::Update { table, id, values, .. }) =
            operation
        else {
            continue;
        };
        let Some(table) = definition.table(table) else { continue };
        for column in table.columns.iter().filter(|column| column.is_file()) {
            let Some(value) = values.get_mut(&column.id) else { continue };
            let Json::String(text) = &*value else { continue };
            if text.is_empty() {
                continue;
            }
            let named = serde_json::from_str::<Stored>(text).map(|stored| stored.object);
            let file = work.file(app, named.as_ref().unwrap_or(text))?;
            let own =
                file.filter(|file| file.row == *id && file.table == table.id && file.column == column.id);
            if let Some(file) = own {
                *value = Json::String(file.reference);
            } else {
                let reason = Reason::Value { error: ValueError::WrongType };
                problems.push(Problem::new(index, Some(&column.id), reason));
            }
        }
    }
    Ok(if problems.is_empty() { Ok(transaction) } else { Err(problems) })
}

/// Writes down which contents the changed rows hold. One that is not stored for its row, which an action may have brought
/// there, is refused.
pub(super) fn hold(
    work: &mut RowWork<'_>,
    app: AppId,
    definition: &AppDefinition,
    changes: &[RowChange],
    now: Timestamp,
) -> Result<(), ApiError> {
    if !has_files(definition) {
        return Ok(());
    }
    // Of a row that changes twice the last state counts.
    let mut last: BTreeMap<(&str, RowId), Vec<Stored>> = BTreeMap::new();
    for change in changes {
        let (table, row, values) = match change {
            RowChange::Insert { table, id, values } | RowChange::Update { table, id, values, .. } => {
                (table, *id, values.as_slice())
            }
            RowChange::Delete { table, id, .. } => (table, *id, [].as_slice()),
        };
        let Some(table) = definition.table(table) else { continue };
        if table.columns.iter().any(ColumnDefinition::is_file) {
            let contents = contents(table, values);
            // A new row without any holds nothing and lets nothing go.
            if !(contents.is_empty() && matches!(change, RowChange::Insert { .. })) {
                last.insert((&table.id, row), contents);
            }
        }
    }
    for ((table, row), stored) in last {
        let objects: Vec<&str> = stored.iter().flat_map(Stored::objects).collect();
        if !work.hold_files(app, table, row, &objects, now)? {
            return Err(ApiError::InvalidRequest("a file of another row".to_owned()));
        }
    }
    Ok(())
}

fn contents(table: &TableDefinition, values: &[Value]) -> Vec<Stored> {
    let columns = table.columns.iter().zip(values).filter(|(column, _)| column.is_file());
    columns.filter_map(|(_, value)| Stored::of(value)).collect()
}
