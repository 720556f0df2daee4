//! The cells of a sheet grid, as people see them.

use gridkeep_engine::{Engine, LoadOptions, format};
use gridkeep_model::{CellAt, CellRef, CellValue, RangeAt, RangeRef, Workbook, workbook::Sheet};
use serde::Serialize;

/// A cell that holds something.
#[derive(Serialize)]
pub(crate) struct Shown {
    row: u32,
    column: u32,
    text: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    formula: Option<String>,
}

/// The cells of a rectangle that hold something, spilled results included.
pub(crate) fn shown(
    workbook: &Workbook,
    sheet: &Sheet,
    engine: &dyn Engine,
    range: RangeAt,
    options: &LoadOptions,
) -> Vec<Shown> {
    let values = engine.range(&RangeRef::new(sheet.name.clone(), range));
    let mut shown = Vec::new();
    for (row, values) in (range.start.row..).zip(values) {
        for (column, value) in (range.start.column..).zip(values) {
            let cell = CellRef::new(sheet.name.clone(), CellAt::new(row, column));
            let format = sheet.cell(cell.at).map_or("General", |cell| workbook.format(cell));
            let formula = engine.formula(&cell);
            if value != CellValue::Blank || formula.is_some() {
                let text = format::display(&value, format, options.locale, workbook.date_1904);
                shown.push(Shown { row, column, text, kind: kind(&value), formula });
            }
        }
    }
    shown
}

const fn kind(value: &CellValue) -> &'static str {
    match value {
        CellValue::Blank => "blank",
        CellValue::Number(_) => "number",
        CellValue::Text(_) => "text",
        CellValue::Boolean(_) => "boolean",
        CellValue::Error(_) => "error",
    }
}
