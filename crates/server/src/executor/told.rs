//! What is told of a transaction to somebody whose rights are limited: what they see of the rows it changed, and what is
//! wrong without what they do not see.

use gridkeep_model::{
    AppDefinition, Operation, Rights, Row, Transaction,
    definition::TableDefinition,
    rights::Reach,
    transaction::{Problem, Reason},
};

use super::Written;

/// The rows as they are told. Those that an action changed and that are not seen are left out; one that an operation is
/// about itself stays, without values.
pub(super) fn rows(
    definition: &AppDefinition,
    rights: &Rights,
    transaction: &Transaction,
    mut rows: Vec<Written>,
) -> Vec<Written> {
    let Some(limits) = &rights.limits else { return rows };
    rows.retain_mut(|written| {
        let own = transaction.operations.get(written.operation);
        let own = own.is_some_and(|operation| !matches!(operation, Operation::Call { .. }));
        let table = definition.table(&written.table);
        let Some((table, rights)) = table.zip(limits.tables.get(&written.table)) else {
            written.values.clear();
            return own;
        };
        if written.version.is_none() {
            // Of a row that is gone nothing tells whether it was seen.
            return own || rights.see == Reach::All;
        }
        let values = std::mem::take(&mut written.values);
        let row = Row { id: written.id, version: 1, values };
        if !rights.see.has(table, &row) {
            return own;
        }
        let seen = |column: &str| !rights.hidden.contains(column);
        let values = row.values.into_iter().zip(&table.columns).filter(|(_, column)| seen(&column.id));
        written.values = values.map(|(value, _)| value).collect();
        true
    });
    rows
}

/// Problems as they are told: columns that are not seen are not named, unless whoever asked named them.
pub(super) fn problems(
    definition: &AppDefinition,
    rights: &Rights,
    transaction: &Transaction,
    mut problems: Vec<Problem>,
) -> Vec<Problem> {
    let Some(limits) = &rights.limits else { return problems };
    for problem in &mut problems {
        let Some(operation) = transaction.operations.get(problem.operation) else { continue };
        let Some(column) = &problem.column else { continue };
        let table: Option<&TableDefinition> = match (&problem.within, operation) {
            (None, Operation::Call { .. }) => None,
            (None, operation) => operation.table().and_then(|table| definition.table(table)),
            (Some(within), _) => definition.action(&within.action).and_then(|action| {
                let step = within.step.and_then(|step| action.steps.get(step));
                let table = step.and_then(|step| step.table()).or(action.table.as_deref());
                table.and_then(|table| definition.table(table))
            }),
        };
        let named = match operation {
            Operation::Insert { values, .. } | Operation::Update { values, .. } => {
                values.contains_key(column)
            }
            Operation::Delete { .. } | Operation::Call { .. } => false,
        };
        let seen = table
            .and_then(|table| limits.tables.get(&table.id))
            .is_some_and(|rights| !rights.hidden.contains(column));
        if !seen && !named {
            problem.column = None;
            problem.reason = Reason::Forbidden;
        }
    }
    // What was wrong with several columns is said once.
    problems.dedup();
    problems
}
