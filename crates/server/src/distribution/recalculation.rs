//! Rows that stay when a version changes: their calculated columns follow the new version's formulas and workbook.

use std::collections::BTreeSet;

use gridkeep_engine::apply::RowFormulas;
use gridkeep_model::{AppDefinition, AppId, Query, Row, RowChange, definition::TableDefinition, query::Page};
use gridkeep_store::Work;

use crate::{current::Current, error::ApiError};

/// Rows looked at together.
const CHUNK: u32 = 1_000;

/// Calculates the rows of all tables that have calculated columns; `version` is the one that has just become current. What
/// reads rows that became others by that is calculated once more.
pub(super) fn recalculate(
    work: &mut Work<'_>,
    app: AppId,
    version: u32,
    definition: &AppDefinition,
    formulas: RowFormulas,
) -> Result<(), ApiError> {
    let mut current = Current::new(formulas);
    let formulas = current.formulas(work, app, 0)?;
    let calculated =
        definition.tables.iter().filter(|table| table.columns.iter().any(|column| column.formula.is_some()));
    let mut due: Vec<&TableDefinition> = calculated.clone().collect();
    for _ in 0..=definition.tables.len() {
        for table in due {
            calculate(work, app, version, table, formulas)?;
        }
        let changed: BTreeSet<String> = formulas.take_changed();
        due = calculated.clone().filter(|table| formulas.follows(&table.id, &changed)).collect();
    }
    Ok(())
}

fn calculate(
    work: &mut Work<'_>,
    app: AppId,
    version: u32,
    table: &TableDefinition,
    formulas: &mut RowFormulas,
) -> Result<(), ApiError> {
    let mut after = None;
    loop {
        // By age, which a change of values leaves alone.
        let page = Page { limit: CHUNK, offset: 0, after };
        let found = work.rows(app, &Query { table: table.id.clone(), page, ..Query::unlimited() })?;
        let changes: Vec<_> = found.rows.iter().filter_map(|row| changed(table, row, formulas)).collect();
        if !changes.is_empty() {
            work.apply(app, version, &changes)?;
        }
        after = found.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// The row with its calculated columns as they are now; `None` when they are that already. What cannot be calculated
/// becomes null, as it does when rows are taken over from a workbook.
fn changed(table: &TableDefinition, row: &Row, formulas: &mut RowFormulas) -> Option<RowChange> {
    let mut values = row.values.clone();
    for (index, value) in formulas.evaluate(table, row.id, &row.values) {
        if let Some(own) = values.get_mut(index) {
            *own = value.unwrap_or(gridkeep_model::Value::Null);
        }
    }
    if values == row.values {
        return None;
    }
    formulas.put(&table.id, row.id, Some(&values));
    Some(RowChange::Update { table: table.id.clone(), id: row.id, base_version: row.version, values })
}
