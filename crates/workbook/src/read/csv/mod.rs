//! Separated values: a text file as a workbook with one sheet.

mod dialect;
mod encoding;
mod entered;
mod typing;

use gridkeep_model::{
    CellAt, CellValue, Workbook,
    address::MAX_ROW,
    workbook::{Cell, Sheet},
};

pub(crate) use dialect::{Dialect, body};
pub(crate) use encoding::{Decoded, decode, unmarked_utf16};
pub(crate) use entered::{entered, exact};
pub(crate) use typing::{Column, ColumnKind, DateOrder, is_number};

use super::{budget::Budget, styles::Formats};
use crate::reason::Reason;
use crate::{
    Limits,
    error::{Fault, Position},
};

/// The name of the only sheet; the same whatever the file is called, so that an app keeps its bindings.
pub const CSV_SHEET: &str = "Data";

/// What messages call the content of a text file.
const TEXT: &str = "text";

/// Characters that a cell can hold.
pub(crate) const LONGEST: usize = 32_767;

/// A text file taken apart.
pub(crate) struct Grid {
    pub(crate) decoded: Decoded,
    pub(crate) dialect: Dialect,
    /// All values, one after the other, without quotes.
    values: String,
    /// Where each value ends in `values`, and where each record ends in `ends`.
    ends: Vec<u32>,
    rows: Vec<u32>,
    /// Where each record begins in the text behind a `sep=` line.
    pub(crate) starts: Vec<usize>,
    pub(crate) columns: Vec<Column>,
    /// The first record holds headers.
    pub(crate) has_headers: bool,
}

impl Grid {
    /// Takes a text file apart.
    pub(crate) fn new(bytes: &[u8], limits: &Limits) -> Result<Self, Fault> {
        let decoded = decode(bytes, limits)?;
        let dialect = Dialect::find(&decoded.text);
        let mut grid = Self {
            decoded,
            dialect,
            values: String::new(),
            ends: Vec::new(),
            rows: Vec::new(),
            starts: Vec::new(),
            columns: Vec::new(),
            has_headers: false,
        };
        grid.split(limits)?;
        grid.find_columns();
        Ok(grid)
    }

    fn split(&mut self, limits: &Limits) -> Result<(), Fault> {
        let text = body(&self.decoded.text);
        let mut records = self.dialect.records(text);
        let mut record = csv::StringRecord::new();
        self.values.reserve(text.len());
        loop {
            let start = records.position().byte() as usize;
            let line = records.position().line();
            let more = records.read_record(&mut record);
            if !more.map_err(|error| Fault::unreadable(TEXT, &error).at(Position::Line(line)))? {
                return Ok(());
            }
            // The csv reader leaves out empty lines; they are empty rows.
            let blank = blank_lines(text, start);
            for _ in 0..blank {
                self.rows.push(self.ends.len() as u32);
                self.starts.push(start);
            }
            if record.len() > limits.columns {
                let reason = Reason::TooManyColumns { values: record.len(), most: limits.columns };
                return Err(Fault::too_large(TEXT, reason).at(Position::Line(line)));
            }
            for value in &record {
                if value.len() > LONGEST && value.chars().count() > LONGEST {
                    let reason = Reason::OpenQuote { most: LONGEST };
                    return Err(Fault::damaged(TEXT, reason).at(Position::Line(line)));
                }
                self.values.push_str(value);
                self.ends.push(self.values.len() as u32);
            }
            self.rows.push(self.ends.len() as u32);
            self.starts.push(start);
            if self.rows.len() > MAX_ROW as usize {
                return Err(Fault::too_large(TEXT, Reason::TooManyLines { most: MAX_ROW }));
            }
            if self.ends.len() > limits.cells * 2 {
                return Err(Fault::too_large(TEXT, Reason::TooManyValues { most: limits.cells * 2 }));
            }
        }
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// A record as the file has it, without its line end.
    pub(crate) fn raw(&self, row: usize) -> &str {
        let text = body(&self.decoded.text);
        if self.record(row).next().is_none() {
            return "";
        }
        let end = self.starts.get(row + 1).copied().unwrap_or(text.len());
        text[self.starts[row]..end].trim_matches(['\r', '\n'])
    }

    /// The values of a record, counted from 0.
    pub(crate) fn record(&self, row: usize) -> impl Iterator<Item = &str> + Clone {
        let bounds = |list: &[u32], index: usize| {
            let start = if index == 0 { 0 } else { list[index - 1] as usize };
            (start, list[index] as usize)
        };
        let (first, last) = if row < self.rows.len() { bounds(&self.rows, row) } else { (0, 0) };
        (first..last).map(move |index| {
            let (start, end) = bounds(&self.ends, index);
            &self.values[start..end]
        })
    }

    fn find_columns(&mut self) {
        let width = (0..self.len()).map(|row| self.record(row).clone().count()).max().unwrap_or(0);
        let comma = self.dialect.decimal_comma;
        // Column by column over records laid out row by row: one pass to sort the values by column.
        let mut by_column: Vec<Vec<(u32, u32)>> = vec![Vec::new(); width];
        for row in 1..self.len() {
            let first = self.rows[row - 1] as usize;
            for (column, index) in (first..self.rows[row] as usize).enumerate() {
                let start = if index == 0 { 0 } else { self.ends[index - 1] };
                by_column[column].push((start, self.ends[index]));
            }
        }
        let columns: Vec<Column> = by_column
            .iter()
            .enumerate()
            .map(|(column, places)| {
                let below = places.iter().map(|&(start, end)| &self.values[start as usize..end as usize]);
                if below.clone().any(|value| !value.trim().is_empty()) {
                    Column::of(below, comma)
                } else {
                    Column::of(self.record(0).skip(column).take(1), comma)
                }
            })
            .collect();
        self.has_headers = self.len() > 1
            && self.record(0).zip(&columns).any(|(value, column)| {
                !value.trim().is_empty()
                    && column.kind != ColumnKind::Text
                    && column.value(value, comma).is_none()
            });
        self.columns = columns;
    }
}

/// How many empty lines begin at a position, which may lie within a line end.
fn blank_lines(text: &str, start: usize) -> usize {
    let within = text[..start].ends_with('\r') && text[start..].starts_with('\n');
    let rest = &text.as_bytes()[start + usize::from(within)..];
    let ends = rest.iter().take_while(|b| matches!(b, b'\n' | b'\r')).filter(|&&b| b == b'\n');
    ends.count()
}

/// Reads a text file.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, Fault> {
    let mut grid = Grid::new(bytes, limits)?;
    // The values have been copied out of it; large files need the room.
    grid.decoded.text = String::new();
    let mut budget = Budget::new(limits);
    let mut formats = Formats::new();
    let styles: Vec<u32> = grid.columns.iter().map(|column| formats.intern(&column.format)).collect();
    let text_style = formats.intern("General");
    let mut cells = Vec::new();
    for row in 0..grid.len() {
        let is_header = row == 0 && grid.has_headers;
        for (column, text) in grid.record(row).enumerate() {
            let typed = &grid.columns[column];
            if text.trim().is_empty() {
                continue;
            }
            let at = CellAt::new(row as u32 + 1, column as u32 + 1);
            let fault = |fault: Fault| fault.at(Position::Line(at.row.into()));
            let value = if is_header { None } else { typed.value(text, grid.dialect.decimal_comma) };
            let (value, style) = if let Some(value) = value {
                (value, styles[column])
            } else {
                let style =
                    if typed.kind == ColumnKind::Text && !is_header { styles[column] } else { text_style };
                (CellValue::Text(budget.keep(TEXT, crate::csv_out::unescape(text)).map_err(fault)?), style)
            };
            budget.cell(TEXT).map_err(fault)?;
            cells.push(Cell { at, value, formula: None, style });
        }
    }
    if cells.is_empty() {
        return Err(Fault::damaged(TEXT, Reason::NothingButBlanks));
    }
    let sheets = vec![Sheet::new(CSV_SHEET, cells)];
    Ok(Workbook { sheets, formats: formats.codes, left_out: budget.left_out, ..Workbook::default() })
}
