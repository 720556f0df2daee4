//! Understands a workbook: blocks of cells with headers, columns with their types, inputs, outputs, labels and sections.
//!
//! **Architecture Invariant:** what is found depends on the content alone, never on the file's name, and every step is
//! linear in the number of cells but for sorting. The analysis holds headers, labels and counts; of the cells' own
//! values only what a validation lists.

pub(crate) mod blocks;
mod book;
mod choices;
mod columns;
mod fields;
pub(crate) mod formula;
mod header;
pub(crate) mod headings;
pub(crate) mod labels;
mod number_format;
mod reads;
mod references;
mod regions;
mod report;
mod structured;
mod values;
pub(crate) mod words;

pub(crate) use book::Book;
pub use references::{BlockReference, ColumnPlace, Evidence};
pub use report::{
    Analysis, Block, BlockColumn, BlockKind, ColumnFormula, Input, LabelledCell, Output, ReasonText, Section,
    SheetAnalysis,
};

use gridkeep_engine::Engine;
use gridkeep_model::{CellRef, CellValue, Workbook, workbook::SheetVisibility};

/// Analyses a workbook; the engine gives the values of cells that formulas fill.
pub fn analyse(workbook: &Workbook, engine: &dyn Engine) -> Analysis {
    analyse_with(workbook, &|cell| engine.value(cell))
}

/// Analyses a workbook with any source of calculated values.
pub(crate) fn analyse_with(workbook: &Workbook, calculate: &dyn Fn(&CellRef) -> CellValue) -> Analysis {
    let book = Book::new(workbook, calculate);
    let sheets: Vec<SheetAnalysis> = (0..workbook.sheets.len()).map(|index| sheet(&book, index)).collect();
    let mut inputs = fields::inputs(&book, &sheets);
    let fed = fields::fed(&book, &inputs);
    fields::distinct_titles(&mut inputs);
    let outputs = fields::outputs(&book, &sheets);
    let language = language(&sheets, &inputs, &outputs);
    let references = references::references(&book, &sheets);
    Analysis { language, formulas: book.formulas, sheets, references, inputs, fed, outputs }
}

fn sheet(book: &Book<'_>, index: usize) -> SheetAnalysis {
    let surface = &book.surfaces[index];
    let blocks = blocks::blocks(book, index);
    let sections = headings::headings(surface);
    let header_rows: Vec<u32> = blocks.iter().filter_map(|block| block.header_row).collect();
    SheetAnalysis {
        name: surface.sheet.name.to_string(),
        visible: surface.sheet.visibility == SheetVisibility::Visible,
        title: headings::title(surface, &sections, &header_rows),
        sections,
        blocks,
    }
}

fn language(sheets: &[SheetAnalysis], inputs: &[Input], outputs: &[Output]) -> String {
    let headers = sheets.iter().flat_map(|sheet| sheet.blocks.iter().flat_map(|block| block.columns.iter()));
    let mut texts: Vec<&str> = headers.map(|column| column.header.as_str()).collect();
    texts.extend(inputs.iter().map(|input| input.value.title.as_str()));
    texts.extend(outputs.iter().map(|output| output.value.title.as_str()));
    texts.extend(sheets.iter().map(|sheet| sheet.name.as_str()));
    texts.extend(sheets.iter().flat_map(|sheet| sheet.sections.iter().map(|section| section.title.as_str())));
    words::language(texts).to_owned()
}

#[cfg(test)]
pub(crate) mod tests;
