//! What a transaction relies on of rows that it does not change itself, such as the other end of a link.
//!
//! **Architecture Invariant:** guards are checked on the writer, in the work that writes: what was read before may be gone.

use std::collections::HashSet;

use gridkeep_model::{
    AppDefinition, AppId, RowId, Transaction, Value,
    transaction::{Problem, Reason},
};
use gridkeep_store::{RowWork, StoreError};

/// A row that must still be as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// Index of the first operation that relies on it.
    pub operation: usize,
    /// The table's id.
    pub table: String,
    /// The row.
    pub row: RowId,
    /// A column and the value it must still have; without one the row need only be there.
    pub holds: Option<(String, Value)>,
}

/// What is no longer as it was read: rows that are gone, values that are others by now. What operations of the transaction
/// are about is checked by them.
pub(super) fn broken(
    work: &mut RowWork<'_>,
    app: AppId,
    definition: &AppDefinition,
    transaction: &Transaction,
    guards: &[Guard],
) -> Result<Vec<Problem>, StoreError> {
    let mut problems = Vec::new();
    if guards.is_empty() {
        return Ok(problems);
    }
    let own: HashSet<_> = transaction.operations.iter().map(|one| (one.table(), one.row())).collect();
    for Guard { operation, table, row: id, holds } in guards {
        if own.contains(&(Some(table), Some(*id))) {
            continue;
        }
        let Some(row) = work.row(app, table, *id)? else {
            problems.push(Problem::new(*operation, None, Reason::NotFound));
            continue;
        };
        let Some((column, value)) = holds else { continue };
        let place = definition
            .table(table)
            .and_then(|table| table.columns.iter().position(|known| known.id == *column));
        if place.and_then(|place| row.values.get(place)) != Some(value) {
            problems.push(Problem::new(*operation, None, Reason::Conflict { current: row.version }));
        }
    }
    Ok(problems)
}
