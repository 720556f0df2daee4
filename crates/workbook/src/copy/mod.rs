//! What readers of an app get of its workbook: formulas, names, tables and whatever else they calculate with, and nothing
//! of the rows that moved into the database.
//!
//! **Architecture Invariant:** the copy is written anew from the workbook as read, never patched: what this room does not
//! know how to write (comments, pivot caches, drawings, texts that no cell uses any more) cannot travel by mistake.

mod derived;
mod reads;
mod withheld;
mod write;

use std::collections::HashSet;

use gridkeep_engine::rows::{NUMBERS_NAME, has_numbers, source_range};
use gridkeep_model::{
    AppDefinition, CellRef, CellValue, ColumnType, ImportReport, RangeAt, Workbook,
    workbook::{Cell, DefinedName, Sheet},
};

use self::{reads::Reads, withheld::Withheld};
use crate::{Limits, WorkbookError};

pub use self::withheld::{BlankCells, unpublished_cells};

/// The workbook without the rows of the definition's tables, as an .xlsx package that [`crate::read()`] reads.
///
/// Their cells are blank, whoever may see them: rows come from the row service, by rights. Of other cells the constants and
/// formulas stay. Results that a program cached beside formulas go; only those that the engine cannot calculate itself,
/// which `report` names, stay where they provably read no such row. An app without tables gets the original.
pub fn readers_copy(
    original: &[u8],
    workbook: &Workbook,
    definition: &AppDefinition,
    report: &ImportReport,
) -> Result<Vec<u8>, WorkbookError> {
    if definition.tables.is_empty() {
        return Ok(original.to_vec());
    }
    let limits = Limits::default();
    let mut withheld = Withheld::of(workbook, definition);
    let derived = derived::find(original, workbook, &limits).map_err(|fault| fault.in_file("workbook"))?;
    // What was derived from rows may itself have been derived from.
    loop {
        let mut reads = Reads::new(workbook, &withheld);
        let next = derived.iter().find(|found| {
            !withheld.covers(found.sheet, found.shown)
                && found.reads.iter().any(|range| !reads.is_clean(range))
        });
        match next {
            Some(found) => withheld.add(found.sheet, found.shown),
            None => break,
        }
    }
    let mut reads = Reads::new(workbook, &withheld);
    let listed: HashSet<CellRef> =
        report.findings.iter().filter_map(|finding| finding.place.parse().ok()).collect();
    let mut sheets = Vec::with_capacity(workbook.sheets.len());
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let arrays: Vec<RangeAt> =
            sheet.cells().iter().filter_map(|cell| cell.formula.as_ref()?.array_range()).collect();
        let cells = sheet.cells().iter().filter_map(|cell| {
            let mut cell = withheld.left(index, cell)?;
            if cell.formula.is_some() {
                let at = CellRef::new(sheet.name.clone(), cell.at);
                if !(listed.contains(&at) && reads.is_clean_formula(&at)) {
                    cell.value = CellValue::Blank;
                }
            } else if arrays.iter().any(|range| range.contains(cell.at)) {
                // What an array formula spilled here last.
                return None;
            }
            Some(cell)
        });
        let mut copy = Sheet::new(sheet.name.clone(), cells.collect::<Vec<Cell>>());
        copy.visibility = sheet.visibility;
        copy.merged.clone_from(&sheet.merged);
        copy.hidden_rows.clone_from(&sheet.hidden_rows);
        copy.hidden_columns.clone_from(&sheet.hidden_columns);
        sheets.push(copy);
    }
    let names = workbook.names.iter().cloned().chain(number_columns(workbook, definition)).collect();
    let copy = Workbook {
        sheets,
        names,
        tables: workbook.tables.clone(),
        formats: workbook.formats.clone(),
        date_1904: workbook.date_1904,
        iterative: workbook.iterative,
        ..Workbook::default()
    };
    write::package(&copy).map_err(|fault| fault.in_file("workbook"))
}

/// A hidden name for each column of words that holds numbers, too: with its cells blank nothing else tells how values go
/// back into it.
fn number_columns(workbook: &Workbook, definition: &AppDefinition) -> Vec<DefinedName> {
    let mut names = Vec::new();
    for table in &definition.tables {
        let Some(source) = source_range(workbook, &table.source) else { continue };
        for column in table.columns.iter().filter(|column| column.column_type == ColumnType::Text) {
            if has_numbers(workbook, &source, column.offset) {
                let mut range = source.clone();
                range.at.start.column += column.offset;
                range.at.end.column = range.at.start.column;
                let name = format!("{NUMBERS_NAME}{}", names.len() + 1);
                names.push(DefinedName { name, sheet: None, refers_to: range.to_string(), hidden: true });
            }
        }
    }
    names
}

#[cfg(test)]
mod tests;
