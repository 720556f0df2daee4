//! From the cells of a workbook to typed rows.

use gridkeep_model::{
    CellAt, CellRef, RangeRef, Value, Workbook,
    definition::{TableDefinition, TableSource},
};

use crate::{
    Engine,
    typed::{Misfit, to_value},
};

/// What a table of the workbook gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Extracted {
    /// One value a column, in the schema's order; rows without any entered value are left out.
    pub rows: Vec<Vec<Value>>,
    /// Cells whose value does not fit their column; they became null.
    pub problems: Vec<CellProblem>,
}

/// A cell whose value does not fit its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellProblem {
    /// The cell.
    pub cell: CellRef,
    /// The column's id.
    pub column: String,
    /// Why.
    pub misfit: Misfit,
}

/// The rows of a table as the engine calculates them, computed columns included.
pub fn extract(workbook: &Workbook, engine: &dyn Engine, table: &TableDefinition) -> Extracted {
    let mut extracted = Extracted::default();
    let Some(source) = source_range(workbook, &table.source) else { return extracted };
    for (offset, cells) in engine.range(&source).into_iter().enumerate() {
        let entered = |cell: &gridkeep_model::definition::ColumnDefinition| {
            cell.formula.is_none()
                && !cell.is_file()
                && cells.get(cell.offset as usize).is_some_and(|cell| !cell.is_blank())
        };
        if !table.columns.iter().any(entered) {
            continue;
        }
        let mut row = Vec::with_capacity(table.columns.len());
        for column in &table.columns {
            let Some(cell) = cells.get(column.offset as usize).filter(|_| !column.is_file()) else {
                row.push(Value::Null);
                continue;
            };
            row.push(to_value(cell, column.column_type, workbook.date_1904).unwrap_or_else(|misfit| {
                let start = source.at.start;
                let at = CellAt::new(start.row + offset as u32, start.column + column.offset);
                let cell = CellRef::new(source.sheet.clone(), at);
                extracted.problems.push(CellProblem { cell, column: column.id.clone(), misfit });
                Value::Null
            }));
        }
        extracted.rows.push(row);
    }
    extracted
}

/// Where a table's data rows are, headers and totals left out; `None` when the workbook has no such table or no row in it.
pub fn source_range(workbook: &Workbook, source: &TableSource) -> Option<RangeRef> {
    match source {
        TableSource::Table { name } => {
            let table = workbook.table(name)?;
            Some(RangeRef::new(workbook.sheets.get(table.sheet)?.name.clone(), table.data_range()?))
        }
        TableSource::Range { sheet, range } => {
            let sheet = workbook.sheet(sheet)?;
            let mut at: gridkeep_model::RangeAt = range.parse().ok()?;
            at.start.row += 1;
            (at.start.row <= at.end.row).then(|| RangeRef::new(sheet.name.clone(), at))
        }
    }
}
