//! A workbook as read from a file: values, formulas and the structure around them, and no trace of the file format.
//!
//! It lives on the first floor because two rooms must agree on it that may not know each other: `workbook` fills it
//! from bytes and `engine` calculates with it (docs/adr/0001).

mod chart;
mod outline;
mod sheet;
mod structure;

pub use chart::{Chart, ChartKind, ChartSeries};
pub use outline::{Outline, OutlinePlace, SheetOutline};
pub use sheet::{Cell, Formula, Image, Link, Sheet, SheetVisibility};
pub use structure::{DataValidation, DefinedName, Table, TableColumn, ValidationKind, ValidationOperator};

use std::sync::Arc;

use crate::report::Finding;

/// A whole workbook, in memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Workbook {
    /// Sheets in the order of their tabs.
    pub sheets: Vec<Sheet>,
    /// Defined names, workbook-wide and sheet-wide.
    pub names: Vec<DefinedName>,
    /// Tables (list objects) of all sheets.
    pub tables: Vec<Table>,
    /// Number format codes by [`Cell::style`]; index 0 is `General`.
    pub formats: Vec<Arc<str>>,
    /// Dates count from 1904-01-01 instead of 1899-12-30.
    pub date_1904: bool,
    /// A macro project was in the package; it is never read, let alone run.
    pub has_macros: bool,
    /// Targets of external links, as the package names them; never followed.
    pub external_links: Vec<String>,
    /// The workbook asks for iterative calculation of circular references.
    pub iterative: bool,
    /// What else the reader met and left out: pivot tables, controls, what-if tables; place and detail for people.
    pub left_out: Vec<Finding>,
}

impl Workbook {
    /// The sheet of that name; Excel compares names without regard to case.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.is_named(name))
    }

    /// The table of that name, without regard to case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let name = name.to_lowercase();
        self.tables.iter().find(|table| table.name.to_lowercase() == name)
    }

    /// The number format code of a cell; `General` where it has none.
    pub fn format(&self, cell: &Cell) -> &str {
        self.formats.get(cell.style as usize).map_or("General", |format| format)
    }

    /// How many cells hold a formula.
    pub fn formula_count(&self) -> usize {
        self.sheets
            .iter()
            .map(|sheet| sheet.cells().iter().filter(|cell| cell.formula.is_some()).count())
            .sum()
    }
}
