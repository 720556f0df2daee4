//! Constants, sheet by sheet. Cells that a formula fills, its own spill range included, stay free.

use std::collections::HashSet;

use formualizer::{
    common::LiteralValue,
    eval::{
        arrow_store::{ArrowSheet, IngestBuilder, OverlayValue},
        engine::Engine as Inner,
    },
};
use gridkeep_model::{
    CellAt, CellValue,
    workbook::{Cell, Formula, Sheet},
};

use crate::{LoadOptions, provider::Provider, value::to_literal};

const CHUNK_ROWS: usize = 32 * 1024;
/// Each filled spot of a sparse sheet costs one chunk of one column: small chunks, but not so small that a sum over everything
/// has too many to look at.
const SPARSE_CHUNK_ROWS: usize = 4 * 1024;
/// A rectangle this much larger than its filled cells is kept sparse.
const SPARSE_RATIO: u64 = 32;
const SPARSE_FROM: u64 = 250_000;

pub(super) fn ingest(inner: &mut Inner<Provider>, sheet: &Sheet, options: &LoadOptions) {
    let Some(used) = sheet.used_range() else { return };
    let spilled = spilled_cells(sheet);
    let (rows, columns) = (used.end.row as usize, used.end.column as usize);
    let constants = || {
        sheet
            .cells()
            .iter()
            .filter(|cell| cell.formula.is_none() && !spilled.contains(&cell.at))
            .filter(|cell| cell.value != CellValue::Blank)
    };
    let date_system = inner.config.date_system;
    let area = rows as u64 * columns as u64;
    let filled = sheet.cells().len() as u64;
    let arrow = if area >= SPARSE_FROM && area / SPARSE_RATIO > filled {
        let chunk = SPARSE_CHUNK_ROWS;
        let mut arrow =
            ArrowSheet::new_sparse_with_date_system(&sheet.name, columns, rows, chunk, date_system);
        for cell in constants() {
            let value = literal(cell, options);
            arrow.set_sparse_overlay_value(
                cell.at.row as usize - 1,
                cell.at.column as usize - 1,
                OverlayValue::from_literal_value(&value, date_system),
            );
        }
        arrow
    } else {
        let mut builder = IngestBuilder::new(&sheet.name, columns, CHUNK_ROWS, date_system);
        let mut cells = constants().peekable();
        let mut values = vec![LiteralValue::Empty; columns];
        for row in 1..=used.end.row {
            values.fill(LiteralValue::Empty);
            while let Some(cell) = cells.next_if(|cell| cell.at.row == row) {
                values[cell.at.column as usize - 1] = literal(cell, options);
            }
            // The only error is a row of another width.
            let _ = builder.append_row(&values);
        }
        builder.finish()
    };
    let store = inner.sheet_store_mut();
    match store.sheets.iter().position(|known| *known.name == *sheet.name) {
        Some(position) => store.sheets[position] = arrow,
        None => store.sheets.push(arrow),
    }
}

/// Cells that array formulas fill, without those that hold the formula.
pub(super) fn spilled_cells(sheet: &Sheet) -> HashSet<CellAt> {
    let mut spilled = HashSet::new();
    for cell in sheet.cells() {
        if let Some(range) = cell.formula.as_ref().and_then(Formula::array_range) {
            spilled.extend(sheet.range(range).map(|cell| cell.at).filter(|at| *at != cell.at));
        }
    }
    spilled
}

fn literal(cell: &Cell, options: &LoadOptions) -> LiteralValue {
    match &cell.value {
        CellValue::Text(text) if text.len() > options.limits.text_length => {
            LiteralValue::Text(text.chars().take(options.limits.text_length).collect())
        }
        value => to_literal(value),
    }
}
