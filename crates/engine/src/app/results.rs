//! What formulas give over other rows than the file's, in the places where the file has them.

use std::collections::HashMap;

use gridkeep_model::{CellAt, CellRef, CellValue, RangeRef, Row};

use super::App;
use crate::{Cancel, EngineError, rows::source_range};

/// Cells beside their formulas that arrays fill, of one workbook; the rest is left to the next program.
const MOST_FILLED: u64 = 100_000;

impl App {
    /// Takes the rows of tables, all at once, calculates, and gives the results that differ from those over the file's own
    /// rows, or that the file does not have: by the cells they have in the workbook. A result that no row touches stays out,
    /// so that where our engine and the writing program disagree the file keeps what it has.
    pub fn results(
        &mut self,
        tables: Vec<(String, Vec<Row>)>,
        cancel: &Cancel,
    ) -> Result<Vec<(CellRef, CellValue)>, EngineError> {
        let cells = self.result_cells();
        let before: Vec<CellValue> = cells.iter().map(|cell| self.engine.value(cell)).collect();
        let mut grown: HashMap<String, u32> = HashMap::new();
        for (table, rows) in tables {
            let definition = self.definition.table(&table);
            let Some(definition) = definition else { return Err(EngineError::Unknown(table)) };
            if let Some(source) = source_range(&self.workbook, &definition.source) {
                let known = source.at.rows();
                let wanted = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                grown.insert(table.clone(), wanted.saturating_sub(known));
            }
            self.rows.insert(table.clone(), rows);
            self.write_rows(&table)?;
        }
        self.engine.recalculate(cancel)?;
        let blocks = self.definition.tables.iter().filter_map(|table| {
            Some((source_range(&self.workbook, &table.source)?, grown.get(&table.id).copied().unwrap_or(0)))
        });
        let blocks: Vec<(RangeRef, u32)> = blocks.collect();
        let mut results = Vec::new();
        for (cell, before) in cells.into_iter().zip(before) {
            let Some(now) = self.place(&cell, &blocks) else { continue };
            let value = self.engine.value(&now);
            let missing = self.original(&cell) == CellValue::Blank && value != CellValue::Blank;
            if value != before || missing {
                results.push((cell, value));
            }
        }
        Ok(results)
    }

    /// Where a cell of the workbook is now. New rows came before the last one of their block: in the file they will be
    /// behind it, so of a block that has grown the last row's own formulas are left to the next program.
    fn place(&self, cell: &CellRef, blocks: &[(RangeRef, u32)]) -> Option<CellRef> {
        let own = blocks.iter().find(|(range, _)| *range.sheet == *cell.sheet && range.at.contains(cell.at));
        let Some((range, grown)) = own else { return Some(self.moved_cell(cell)) };
        if *grown > 0 && cell.at.row == range.at.end.row {
            return None;
        }
        let start = self.moved_cell(&CellRef::new(range.sheet.clone(), range.at.start));
        let row = cell.at.row - range.at.start.row + start.at.row;
        Some(CellRef::new(cell.sheet.clone(), CellAt::new(row, cell.at.column)))
    }

    /// Cells that show a formula's result, those included that an array fills; not the columns that rows bring along.
    fn result_cells(&self) -> Vec<CellRef> {
        let columns: Vec<(RangeRef, &gridkeep_model::definition::TableDefinition)> = self
            .definition
            .tables
            .iter()
            .filter_map(|table| Some((source_range(&self.workbook, &table.source)?, table)))
            .collect();
        let comes_along = |sheet: &str, at: CellAt| {
            columns.iter().any(|(range, table)| {
                *range.sheet == *sheet
                    && range.at.contains(at)
                    && table.columns.iter().any(|own| range.at.start.column + own.offset == at.column)
            })
        };
        let (mut cells, mut filled_cells) = (Vec::new(), 0);
        for sheet in &self.workbook.sheets {
            for cell in sheet.cells() {
                let Some(formula) = &cell.formula else { continue };
                let filled = formula.array_range().filter(|range| filled_cells + range.len() <= MOST_FILLED);
                filled_cells += filled.map_or(0, |range| range.len());
                let filled = filled.map(|range| range.cells().collect());
                let filled: Vec<CellAt> = filled.unwrap_or_else(|| vec![cell.at]);
                let shown = filled.into_iter().filter(|at| !comes_along(&sheet.name, *at));
                cells.extend(shown.map(|at| CellRef::new(sheet.name.clone(), at)));
            }
        }
        cells
    }
}
