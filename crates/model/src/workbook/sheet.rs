//! A worksheet: its cells, sparse and sorted, and what is drawn on it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Chart, DataValidation};
use crate::{CellAt, CellValue, RangeAt};

/// One worksheet. Cells are kept sorted row by row, so that a lookup is a binary search and a scan is a slice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// Its name, at most 31 characters in Excel.
    pub name: Arc<str>,
    /// Whether its tab is shown.
    pub visibility: SheetVisibility,
    cells: Vec<Cell>,
    /// Merged ranges; the value is in the first cell.
    pub merged: Vec<RangeAt>,
    /// Hidden rows, as ranges of row numbers, ends included.
    pub hidden_rows: Vec<(u32, u32)>,
    /// Hidden columns, as ranges of column numbers, ends included.
    pub hidden_columns: Vec<(u32, u32)>,
    /// Data validations.
    pub validations: Vec<DataValidation>,
    /// Charts drawn on the sheet.
    pub charts: Vec<Chart>,
    /// Pictures drawn on the sheet.
    pub images: Vec<Image>,
    /// Hyperlinks.
    pub links: Vec<Link>,
}

/// Whether a sheet's tab is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum SheetVisibility {
    /// Shown.
    #[default]
    Visible,
    /// Hidden; the user can show it.
    Hidden,
    /// Hidden so that only a macro can show it.
    VeryHidden,
}

/// One cell that holds something.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Where it is.
    pub at: CellAt,
    /// The constant, or the value that the writing program cached beside the formula.
    pub value: CellValue,
    /// The formula, when it has one.
    pub formula: Option<Formula>,
    /// Index into [`super::Workbook::formats`].
    pub style: u32,
}

/// A formula's text, without the leading `=`, in English function names and A1 references.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// An ordinary formula; shared formulas are expanded into these by the reader.
    Plain(Arc<str>),
    /// An array formula entered with Ctrl+Shift+Enter; its results fill exactly this range.
    Array(Arc<str>, RangeAt),
    /// A dynamic array formula; the range is the one its cached results last spilled into.
    Spill(Arc<str>, RangeAt),
}

impl Formula {
    /// The text, without `=`.
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Array(text, _) | Self::Spill(text, _) => text,
        }
    }

    /// The range that array results fill, the formula's own cell included; `None` for an ordinary formula.
    pub fn array_range(&self) -> Option<RangeAt> {
        match self {
            Self::Plain(_) => None,
            Self::Array(_, range) | Self::Spill(_, range) => Some(*range),
        }
    }
}

/// A picture: where it is and what kind of file, not its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The cell under its top left corner.
    pub at: CellAt,
    /// Name of the part within the package.
    pub part: String,
    /// Alternative text; may be empty.
    pub description: String,
}

/// A hyperlink. Never followed by the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The cells that carry it.
    pub range: RangeAt,
    /// An address, or a place in this workbook.
    pub target: String,
}

impl Sheet {
    /// A sheet with these cells, in any order; of two at one place the later wins.
    pub fn new(name: impl Into<Arc<str>>, mut cells: Vec<Cell>) -> Self {
        // Files are nearly always in order; a sort would take half as much memory again.
        if !cells.is_sorted_by(|a, b| a.at < b.at) {
            cells.reverse();
            cells.sort_by_key(|cell| cell.at);
            cells.dedup_by_key(|cell| cell.at);
        }
        Self { name: name.into(), cells, ..Self::default() }
    }

    /// Whether the name means this sheet; Excel compares without regard to case.
    pub fn is_named(&self, name: &str) -> bool {
        *self.name == *name || self.name.to_lowercase() == name.to_lowercase()
    }

    /// All cells that hold something, row by row.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell at a position, when it holds something.
    pub fn cell(&self, at: CellAt) -> Option<&Cell> {
        self.cells.binary_search_by_key(&at, |cell| cell.at).ok().map(|index| &self.cells[index])
    }

    /// The value at a position; blank where there is none.
    pub fn value(&self, at: CellAt) -> &CellValue {
        self.cell(at).map_or(&CellValue::Blank, |cell| &cell.value)
    }

    /// The cells of one row, left to right.
    pub fn row(&self, row: u32) -> &[Cell] {
        let start = self.cells.partition_point(|cell| cell.at.row < row);
        let end = start + self.cells[start..].partition_point(|cell| cell.at.row == row);
        &self.cells[start..end]
    }

    /// The cells within a range, row by row.
    pub fn range(&self, range: RangeAt) -> impl Iterator<Item = &Cell> {
        let start = self.cells.partition_point(|cell| cell.at.row < range.start.row);
        self.cells[start..]
            .iter()
            .take_while(move |cell| cell.at.row <= range.end.row)
            .filter(move |cell| range.contains(cell.at))
    }

    /// Puts a cell in place of the one at its position, or adds it.
    pub fn put(&mut self, cell: Cell) {
        match self.cells.binary_search_by_key(&cell.at, |cell| cell.at) {
            Ok(index) => self.cells[index] = cell,
            Err(index) => self.cells.insert(index, cell),
        }
    }

    /// Keeps only the cells for which the test holds.
    pub fn retain(&mut self, keep: impl FnMut(&Cell) -> bool) {
        self.cells.retain(keep);
    }

    /// Adds cells or replaces those at the same places; one sort, whatever their number.
    pub fn extend(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut all = std::mem::take(&mut self.cells);
        all.extend(cells);
        self.cells = Self::new("", all).cells;
    }

    /// The smallest range that holds every cell; `None` for an empty sheet.
    pub fn used_range(&self) -> Option<RangeAt> {
        let (first, last) = (self.cells.first()?, self.cells.last()?);
        let columns = self.cells.iter().map(|cell| cell.at.column);
        let (left, right) = (columns.clone().min()?, columns.max()?);
        Some(RangeAt::new(CellAt::new(first.at.row, left), CellAt::new(last.at.row, right)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(address: &str, number: f64) -> Cell {
        let at = address.parse().expect("a valid address");
        Cell { at, value: CellValue::Number(number), formula: None, style: 0 }
    }

    #[test]
    fn cells_are_found_whatever_order_they_came_in() {
        let mut sheet =
            Sheet::new("S", vec![cell("C2", 1.0), cell("A1", 2.0), cell("C2", 3.0), cell("B2", 4.0)]);
        let value = |sheet: &Sheet, a: &str| sheet.value(a.parse().expect("a valid address")).as_number();
        assert_eq!(value(&sheet, "C2"), Some(3.0), "the later of two wins");
        assert_eq!(sheet.row(2).len(), 2);
        assert_eq!(sheet.used_range().map(|r| r.to_string()).as_deref(), Some("A1:C2"));
        sheet.put(cell("B1", 5.0));
        sheet.extend([cell("A9", 6.0), cell("A1", 7.0)]);
        assert_eq!(
            (value(&sheet, "B1"), value(&sheet, "A9"), value(&sheet, "A1")),
            (Some(5.0), Some(6.0), Some(7.0))
        );
        assert_eq!(sheet.range("A1:B1".parse().expect("a range")).count(), 2);
    }
}
