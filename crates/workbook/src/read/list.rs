//! A list of rows that somebody hands in for a table that is there already: records under the names of columns.
//!
//! **Architecture Invariant:** what a value means is decided by the column it is for, not by what stands around it: `007` is a
//! number for a column of numbers and a text for one of texts. What does not fit is handed on as it was written, so that whoever
//! judges it can say so; a formula is no more than the value that was last seen of it.

use std::{collections::BTreeMap, sync::Arc};

use gridkeep_engine::{
    Locale,
    format::{Format, FormatKind},
    typed::{is_placeholder, plain_number, to_value},
};
use gridkeep_model::{
    CellValue, ColumnType, Workbook,
    workbook::{Cell, Formula, Sheet},
};
use serde_json::{Value as Json, json};

use super::{
    csv::{DateOrder, Grid, entered, exact},
    kind, xlsx,
};
use crate::{CSV_SHEET, Limits, WorkbookError, csv_out::unescape, error::presentable};

/// Records that are looked at for the one that names the columns.
const HEADS: usize = 20;

/// The records of one sheet of a file.
#[derive(Debug, Clone)]
pub struct List {
    /// Names of the sheets that hold anything.
    pub sheets: Vec<String>,
    /// Index of the one that is read.
    pub sheet: usize,
    records: Vec<Record>,
    decimal_comma: bool,
    date_1904: bool,
}

/// What stands in one row of a sheet or one record of a text, which is not blank.
#[derive(Debug, Clone)]
pub struct Record {
    /// Row of the sheet or number of the record, from 1.
    pub line: u32,
    entries: BTreeMap<usize, Entry>,
}

#[derive(Debug, Clone)]
enum Entry {
    /// As it was written.
    Text(Arc<str>),
    /// Of a cell, and what its format makes of it.
    Cell(CellValue, FormatKind),
    /// Of a cell that was never calculated: what it would give is not known.
    Formula(String),
}

/// How the values of one place of all records are to be understood.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    decimal_comma: bool,
    date_1904: bool,
    order: DateOrder,
}

/// Reads the records of a file: of this sheet, or of the one that has most of the names that are known over its columns; `None`
/// where there is no such sheet. `decimal_comma` says how texts in the cells of a workbook write numbers; a text file says it itself.
pub fn list(
    name: &str,
    bytes: &[u8],
    (sheet, is_known): (Option<&str>, impl Fn(&str) -> bool),
    decimal_comma: bool,
    limits: &Limits,
) -> Result<Option<List>, WorkbookError> {
    if bytes.is_empty() {
        return Err(WorkbookError::Empty { file: presentable(name) });
    }
    match kind::kind(bytes).map_err(|fault| fault.in_file(name))? {
        kind::Kind::Package => {
            let workbook = xlsx::read(bytes, limits).map_err(|fault| fault.in_file(name))?;
            Ok(List::of_workbook(&workbook, (sheet, is_known), decimal_comma))
        }
        kind::Kind::Text => {
            let grid = Grid::new(bytes, limits).map_err(|fault| fault.in_file(name))?;
            Ok(sheet.is_none_or(|sheet| sheet == CSV_SHEET).then(|| List::of_text(&grid)))
        }
    }
}

impl List {
    fn of_text(grid: &Grid) -> Self {
        let record = |index: usize| {
            let filled = grid.record(index).enumerate().filter(|(_, text)| !text.trim().is_empty());
            let entries: BTreeMap<_, _> =
                filled.map(|(at, text)| (at, Entry::Text(unescape(text).into()))).collect();
            (!entries.is_empty()).then(|| Record { line: index as u32 + 1, entries })
        };
        Self {
            sheets: vec![CSV_SHEET.to_owned()],
            sheet: 0,
            records: (0..grid.len()).filter_map(record).collect(),
            decimal_comma: grid.dialect.decimal_comma,
            date_1904: false,
        }
    }

    fn of_workbook(
        workbook: &Workbook,
        (sheet, is_known): (Option<&str>, impl Fn(&str) -> bool),
        decimal_comma: bool,
    ) -> Option<Self> {
        let filled: Vec<&Sheet> = workbook
            .sheets
            .iter()
            .filter(|sheet| sheet.cells().iter().any(|cell| !cell.value.is_blank()))
            .collect();
        let index = if let Some(name) = sheet {
            filled.iter().position(|sheet| sheet.is_named(name))?
        } else {
            let most = |(index, sheet): (usize, &&Sheet)| (known(sheet, &is_known), std::cmp::Reverse(index));
            filled.iter().enumerate().map(most).max()?.1.0
        };
        let mut kinds: BTreeMap<u32, FormatKind> = BTreeMap::new();
        let mut records: Vec<Record> = Vec::new();
        let says = |cell: &&Cell| {
            !cell.value.is_blank() || (cell.value == CellValue::Blank && cell.formula.is_some())
        };
        for cell in filled.get(index)?.cells().iter().filter(says) {
            let kind = *kinds.entry(cell.style).or_insert_with(|| Format::new(workbook.format(cell)).kind());
            if records.last().is_none_or(|record| record.line != cell.at.row) {
                records.push(Record { line: cell.at.row, entries: BTreeMap::new() });
            }
            let entry = match &cell.value {
                CellValue::Text(text) => Entry::Text(Arc::clone(text)),
                CellValue::Blank => {
                    Entry::Formula(cell.formula.as_ref().map(Formula::text).unwrap_or_default().to_owned())
                }
                value => Entry::Cell(value.clone(), kind),
            };
            if let Some(record) = records.last_mut() {
                record.entries.insert(cell.at.column as usize - 1, entry);
            }
        }
        Some(Self {
            sheets: filled.iter().map(|sheet| sheet.name.to_string()).collect(),
            sheet: index,
            records,
            decimal_comma,
            date_1904: workbook.date_1904,
        })
    }

    /// The names that stand over the columns, by place, and the records below: of the first records the one that holds most of
    /// the names that are known, for a workbook may begin with a title.
    pub fn under(&self, is_known: impl Fn(&str) -> bool) -> (Vec<(usize, String)>, &[Record]) {
        let known = |record: &Record| {
            record.entries.values().filter(|entry| is_known(entry.shown(self.date_1904).trim())).count()
        };
        let first = self.records.iter().take(HEADS).enumerate();
        let most = first.map(|(index, record)| (known(record), std::cmp::Reverse(index))).max();
        let Some((_, std::cmp::Reverse(at))) = most else { return (Vec::new(), &[]) };
        let Some((head, rows)) = self.records[at..].split_first() else { return (Vec::new(), &[]) };
        let name = |(place, entry): (&usize, &Entry)| (*place, entry.shown(self.date_1904).trim().to_owned());
        (head.entries.iter().map(name).collect(), rows)
    }

    /// How the values of this place are to be understood.
    pub fn manner(&self, rows: &[Record], place: usize) -> Manner {
        let texts = rows.iter().filter_map(|record| match record.entries.get(&place) {
            Some(Entry::Text(text)) => Some(text.trim()),
            _ => None,
        });
        let order = DateOrder::of(&texts, self.decimal_comma);
        Manner { decimal_comma: self.decimal_comma, date_1904: self.date_1904, order }
    }

    /// What stands in a place of a record, as a person reads it.
    pub fn shown(&self, record: &Record, place: usize) -> String {
        record.entries.get(&place).map(|entry| entry.shown(self.date_1904)).unwrap_or_default()
    }
}

impl Record {
    /// What a place says to a column of this type, in the JSON form of its values: null for a blank, and what does not fit in
    /// a form that does not fit either.
    pub fn value(&self, place: usize, column: ColumnType, manner: Manner) -> Json {
        match self.entries.get(&place) {
            None => Json::Null,
            Some(Entry::Text(text)) => text_value(text, column, manner),
            Some(Entry::Cell(CellValue::Error(error), _)) => json!({ "error": error.to_string() }),
            Some(Entry::Formula(formula)) => json!({ "formula": formula }),
            Some(entry @ Entry::Cell(..)) if column == ColumnType::Text => {
                entry.shown(manner.date_1904).into()
            }
            Some(Entry::Cell(value, _)) => to_value(value, column, manner.date_1904)
                .map_or_else(|_| misfit(value), |value| value.to_json()),
        }
    }
}

impl Entry {
    fn shown(&self, date_1904: bool) -> String {
        let iso = |value, code| gridkeep_engine::format::display(value, code, Locale::En, date_1904);
        match self {
            Self::Text(text) | Self::Cell(CellValue::Text(text), _) => text.to_string(),
            Self::Cell(value @ CellValue::Number(_), FormatKind::Date) => iso(value, "yyyy-mm-dd"),
            Self::Cell(value @ CellValue::Number(_), FormatKind::DateTime) => {
                iso(value, "yyyy-mm-dd hh:mm:ss")
            }
            Self::Cell(value @ CellValue::Number(_), FormatKind::Time) => iso(value, "hh:mm:ss"),
            Self::Cell(CellValue::Number(number), _) => plain_number(*number),
            Self::Cell(CellValue::Boolean(boolean), _) => boolean.to_string().to_uppercase(),
            Self::Cell(CellValue::Error(error), _) => error.to_string(),
            Self::Cell(CellValue::Blank, _) => String::new(),
            Self::Formula(formula) => format!("={formula}"),
        }
    }
}

/// How many names of one of a sheet's first rows are known.
fn known(sheet: &Sheet, is_known: impl Fn(&str) -> bool) -> usize {
    let mut rows: BTreeMap<u32, usize> = BTreeMap::new();
    for cell in sheet.cells() {
        let own = rows.len();
        let count = rows.entry(cell.at.row).or_default();
        if let CellValue::Text(text) = &cell.value
            && is_known(text.trim())
        {
            *count += 1;
        }
        if own > HEADS {
            break;
        }
    }
    rows.into_values().max().unwrap_or_default()
}

/// A number that the column does not take, as JSON that it does not take either.
fn misfit(value: &CellValue) -> Json {
    match value {
        CellValue::Number(number) => json!(number),
        CellValue::Boolean(boolean) => json!(boolean),
        _ => json!({}),
    }
}

fn text_value(text: &Arc<str>, column: ColumnType, manner: Manner) -> Json {
    let trimmed = text.trim();
    let typed = |value: &CellValue| to_value(value, column, false).ok().map(|value| value.to_json());
    let value = match column {
        // Whatever a text holds is text, the signs that a spreadsheet would calculate too.
        ColumnType::Text | ColumnType::Binary => return Json::String(text.to_string()),
        _ if trimmed.is_empty() || is_placeholder(trimmed) => return Json::Null,
        ColumnType::Integer => {
            exact(trimmed, manner.decimal_comma).and_then(|number| number.parse::<i64>().ok()).map(Json::from)
        }
        ColumnType::Decimal { .. } => exact(trimmed, manner.decimal_comma).map(Json::String),
        ColumnType::Double => {
            exact(trimmed, manner.decimal_comma).and_then(|number| number.parse::<f64>().ok()).map(Json::from)
        }
        ColumnType::Guid | ColumnType::Duration => None,
        _ => entered(trimmed, column, manner.order).and_then(|value| typed(&value)),
    };
    value.unwrap_or_else(|| Json::String(trimmed.to_owned()))
}

#[cfg(test)]
mod tests;
