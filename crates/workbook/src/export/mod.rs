//! Edits back into the original file: what was changed is patched in, everything else stays as it was.
//!
//! Rows that no longer fit move what lies below them down, as inserting rows in a spreadsheet program does: formulas,
//! names, charts, validations and drawings follow, and a range that covers the whole block grows with it. What cannot
//! follow (an array formula or a block at the sheet's last row in the way) is refused with
//! [`WorkbookError::CannotWrite`] and nothing is written. Rows that are gone leave their cells blank; nothing moves up.
//! Texts that no cell shows any more are not in the new file: what was deleted is gone.

mod adjust;
pub(crate) mod cells;
mod csv;
pub(crate) mod markup;
mod package;
mod patch;
mod published;
mod rows;
mod texts;

use std::{collections::BTreeMap, sync::Arc};

use gridkeep_model::{CellAt, CellRef, CellValue, RangeAt, Workbook, workbook::Formula};

use self::{
    cells::{Change, Content, each_cell, expand_shared},
    package::Edited,
    patch::patch,
};
use crate::reason::Reason;
use crate::{
    Limits, WorkbookError,
    error::{Fault, Part, Place, Position, presentable},
    read::{kind, xlsx},
};

/// What changed, in places of the original workbook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits {
    /// Cells with a new value; a formula there is replaced.
    pub cells: Vec<(CellRef, CellValue)>,
    /// Blocks of rows with their new content.
    pub tables: Vec<TableRows>,
    /// Results as our engine calculated them, written beside the formulas for programs that do not calculate.
    pub calculated: Vec<(CellRef, CellValue)>,
}

/// The rows of a table or of a plain block of cells.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRows {
    /// The sheet's name.
    pub sheet: Arc<str>,
    /// Headers, if any, and data as they are in the original; without totals.
    pub range: RangeAt,
    /// The first row of the range holds headers.
    pub has_headers: bool,
    /// Which column of the block each value of a row belongs to. A column that is not listed keeps what it holds; in new
    /// rows it gets the formula of the last row, if it has one.
    pub columns: Vec<TableColumnAt>,
    /// All rows, in order.
    pub rows: Vec<Vec<CellValue>>,
}

/// A column of [`TableRows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableColumnAt {
    /// Counted from the block's first column, which is 0.
    pub offset: u32,
    /// Its cells keep their formula, and the value is written as its result.
    pub computed: bool,
}

/// Writes edits into the original file and returns the new one, of the same kind: macros stay in an .xlsm, separated
/// values stay separated as they were.
pub fn export(original: &[u8], edits: &Edits) -> Result<Vec<u8>, WorkbookError> {
    if edits == &Edits::default() {
        return Ok(original.to_vec());
    }
    let limits = Limits::default();
    let in_file = |fault: Fault| fault.in_file("workbook");
    match kind::kind(original).map_err(in_file)? {
        kind::Kind::Text => csv::export(original, edits, &limits),
        kind::Kind::Package => {
            let workbook = xlsx::read(original, &limits).map_err(in_file)?;
            let mut edited = Edited::open(original, &limits).map_err(in_file)?;
            write_cells(&mut edited, &workbook, edits)?;
            rows::write(&mut edited, &workbook, &edits.tables)?;
            edited.ask_for_calculation().map_err(in_file)?;
            texts::forget_unused(&mut edited).map_err(in_file)?;
            edited.write().map_err(in_file)
        }
    }
}

fn write_cells(edited: &mut Edited<'_>, workbook: &Workbook, edits: &Edits) -> Result<(), WorkbookError> {
    check_arrays(workbook, &edits.cells)?;
    check_headers(workbook, &edits.cells)?;
    let mut by_sheet: BTreeMap<String, BTreeMap<(u32, u32), Change>> = BTreeMap::new();
    let calculated = edits.calculated.iter().map(|(cell, value)| (cell, Content::Calculated(value.clone())));
    let values = edits.cells.iter().map(|(cell, value)| (cell, Content::Value(value.clone())));
    for (cell, content) in calculated.chain(values) {
        check_value(&cell.to_string(), &content)?;
        let part = sheet_part(edited, &cell.sheet)?;
        let change = Change { content, style: None };
        by_sheet.entry(part).or_default().insert((cell.at.row, cell.at.column), change);
    }
    for (part, changes) in by_sheet {
        edited
            .change(&part, |xml| patch_sheet(&part, xml, &changes))
            .map_err(|fault| fault.in_file("workbook"))?;
    }
    Ok(())
}

/// Patches a sheet; if a cell goes whose shared formula others use, each of them gets its own first.
fn patch_sheet(part: &str, xml: &str, changes: &BTreeMap<(u32, u32), Change>) -> Result<String, Fault> {
    let mut orphans = false;
    each_cell(part, xml, |at, _, found| {
        let change = changes.get(&(at.row, at.column));
        orphans |=
            found.is_master && change.is_some_and(|change| !matches!(change.content, Content::Calculated(_)));
        Ok(())
    })?;
    if orphans { patch(part, &expand_shared(part, xml)?, changes) } else { patch(part, xml, changes) }
}

/// The part of a sheet, by its name.
fn sheet_part(edited: &Edited<'_>, name: &str) -> Result<String, WorkbookError> {
    let wanted = name.to_lowercase();
    let found = edited.sheets.iter().find(|sheet| sheet.name.to_lowercase() == wanted);
    let part = found.and_then(|sheet| sheet.part.clone());
    part.ok_or_else(|| cannot_write(name, Position::Whole, Reason::NoSuchSheet))
}

/// Refuses to change a part of an array formula, as Excel does.
fn check_arrays(workbook: &Workbook, cells: &[(CellRef, CellValue)]) -> Result<(), WorkbookError> {
    for sheet in &workbook.sheets {
        let mut arrays = sheet.cells().iter().filter_map(|cell| match &cell.formula {
            Some(Formula::Array(_, range)) if range.len() > 1 => Some(*range),
            _ => None,
        });
        let hit = arrays.find_map(|range| {
            let cell =
                cells.iter().find(|(cell, _)| sheet.is_named(&cell.sheet) && range.contains(cell.at))?;
            Some((range, &cell.0))
        });
        if let Some((range, cell)) = hit {
            return Err(cannot_write(
                &cell.to_string(),
                Position::Whole,
                Reason::PartOfArray { range: range.to_string() },
            ));
        }
    }
    Ok(())
}

/// Refuses to change the header of a table, which the table's own part must repeat letter by letter.
fn check_headers(workbook: &Workbook, cells: &[(CellRef, CellValue)]) -> Result<(), WorkbookError> {
    for table in workbook.tables.iter().filter(|table| table.has_headers) {
        let Some(sheet) = workbook.sheets.get(table.sheet) else { continue };
        let headers =
            RangeAt::new(table.range.start, CellAt::new(table.range.start.row, table.range.end.column));
        let hit = cells.iter().find(|(cell, value)| {
            sheet.is_named(&cell.sheet) && headers.contains(cell.at) && sheet.value(cell.at) != value
        });
        if let Some((cell, _)) = hit {
            let reason = Reason::TableHeader { table: presentable(&table.name) };
            return Err(cannot_write(&cell.to_string(), Position::Whole, reason));
        }
    }
    Ok(())
}

/// Refuses what Excel could not open again.
fn check_value(place: &str, content: &Content) -> Result<(), WorkbookError> {
    const LONGEST: usize = 32_767;
    match content {
        Content::Value(CellValue::Text(text)) if text.encode_utf16().count() > LONGEST => {
            Err(cannot_write(place, Position::Whole, Reason::CellTextTooLong { most: LONGEST }))
        }
        Content::Value(CellValue::Number(number)) if !number.is_finite() => {
            Err(cannot_write(place, Position::Whole, Reason::InfiniteNumber))
        }
        _ => Ok(()),
    }
}

fn cannot_write(part: &str, position: Position, reason: Reason) -> WorkbookError {
    let place = Box::new(Place { part: Part::Named(presentable(part)), position });
    WorkbookError::CannotWrite { place, reason }
}

#[cfg(test)]
mod tests;
