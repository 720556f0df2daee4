//! A list of rows that somebody hands in for a table that is there already: records under the names of columns.
//!
//! **Architecture Invariant:** what a value means is decided by the column it is for, not by what stands around it: `007` is a
//! number for a column of numbers and a text for one of texts. What does not fit is handed on as it was written, so that whoever
//! judges it can say so; a formula is no more than the value that was last seen of it.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use gridkeep_engine::{
    Cancel, Locale,
    format::{Format, FormatKind},
    typed::{is_placeholder, plain_number, to_value},
};
use gridkeep_model::{
    CellValue, ColumnType, Workbook,
    workbook::{Cell, Formula, Sheet},
};
use serde_json::{Value as Json, json};

use super::{
    csv::{DateOrder, Grid, LONGEST, entered, exact},
    kind, xlsx,
};
use crate::{
    CSV_SHEET, Limits, WorkbookError,
    csv_out::unescape,
    error::{Fault, Position, presentable},
    reason::Reason,
};

/// Records that are looked at for the one that names the columns.
const HEADS: usize = 20;

/// What is wanted of a file.
pub struct Wanted<'a, F> {
    /// The sheet of this name; the one that has most of the names that are known over its columns otherwise.
    pub sheet: Option<&'a str>,
    /// Whether a name is that of a column that is looked for.
    pub is_known: F,
    /// How texts in the cells of a workbook write numbers; a text file says it itself.
    pub decimal_comma: bool,
    /// Rows that are of use: of what is more it is only said how many.
    pub rows: usize,
    /// Whether anybody still waits for it.
    pub cancel: &'a Cancel,
}

/// The records of one sheet of a file.
#[derive(Debug, Clone)]
pub struct List {
    /// Names of the sheets that hold anything.
    pub sheets: Vec<String>,
    /// Index of the one that is read.
    pub sheet: usize,
    /// The names that stand over the columns, by place.
    pub heads: Vec<(usize, String)>,
    /// The records, with that of the names.
    records: Vec<Record>,
    /// Index of the record behind that of the names.
    first: usize,
    /// Records behind those that were kept.
    more: usize,
    decimal_comma: bool,
    date_1904: bool,
}

/// What stands in one row of a sheet or one record of a text, which is not blank.
#[derive(Debug, Clone)]
pub struct Record {
    /// Row of the sheet or number of the record, from 1.
    pub line: u32,
    /// By place, in its order.
    entries: Vec<(u32, Entry)>,
}

#[derive(Debug, Clone)]
enum Entry {
    /// As it was written.
    Text(Arc<str>),
    /// Of a cell, and what its format makes of it.
    Cell(CellValue, FormatKind),
    /// Of a cell that was never calculated: what it would give is not known.
    Formula(Arc<str>),
}

/// How the values of one place of all records are to be understood.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    decimal_comma: bool,
    date_1904: bool,
    order: DateOrder,
}

/// Reads the records of a file; `None` where it has no such sheet, or nobody waits for it any more.
pub fn list<F: Fn(&str) -> bool>(
    name: &str,
    bytes: &[u8],
    wanted: &Wanted<'_, F>,
    limits: &Limits,
) -> Result<Option<List>, WorkbookError> {
    if bytes.is_empty() {
        return Err(WorkbookError::Empty { file: presentable(name) });
    }
    let read = || match kind::kind(bytes)? {
        kind::Kind::Package => of_workbook(&xlsx::read(bytes, limits)?, wanted, limits),
        kind::Kind::Text => {
            let grid = Grid::new(bytes, limits)?;
            let is_own = wanted.sheet.is_none_or(|sheet| sheet == CSV_SHEET);
            Ok(if is_own { of_text(&grid, wanted, limits) } else { None })
        }
    };
    read().map_err(|fault| fault.in_file(name))
}

fn of_text<F: Fn(&str) -> bool>(grid: &Grid, wanted: &Wanted<'_, F>, limits: &Limits) -> Option<List> {
    let (mut records, mut more) = (Vec::new(), 0);
    for index in 0..grid.len() {
        if wanted.cancel.is_cancelled() {
            return None;
        }
        let mut filled = (0..).zip(grid.record(index)).filter(|(_, text)| !text.trim().is_empty()).peekable();
        if filled.peek().is_none() {
            continue;
        }
        if wanted.is_enough(records.len()) {
            more += 1;
            continue;
        }
        let entries = filled.map(|(place, text)| (place, Entry::Text(unescape(text).into())));
        records.push(Record { line: index as u32 + 1, entries: entries.collect() });
    }
    let read = List {
        sheets: vec![CSV_SHEET.to_owned()],
        sheet: 0,
        heads: Vec::new(),
        records,
        first: 0,
        more,
        decimal_comma: grid.dialect.decimal_comma,
        date_1904: false,
    };
    Some(read.headed(&wanted.is_known, limits))
}

fn of_workbook<F: Fn(&str) -> bool>(
    workbook: &Workbook,
    wanted: &Wanted<'_, F>,
    limits: &Limits,
) -> Result<Option<List>, Fault> {
    let filled: Vec<&Sheet> = workbook
        .sheets
        .iter()
        .filter(|sheet| sheet.cells().iter().any(|cell| !cell.value.is_blank()))
        .collect();
    let index = if let Some(name) = wanted.sheet {
        filled.iter().position(|sheet| sheet.is_named(name))
    } else {
        let most =
            |(index, sheet): (usize, &&Sheet)| (known(sheet, wanted, limits), std::cmp::Reverse(index));
        filled.iter().enumerate().map(most).max().map(|(_, std::cmp::Reverse(index))| index)
    };
    let Some((index, sheet)) = index.and_then(|index| Some((index, filled.get(index)?))) else {
        return Ok(None);
    };
    let mut kinds: BTreeMap<u32, FormatKind> = BTreeMap::new();
    let (mut records, mut more, mut text) = (Vec::new(), 0, 0);
    let says =
        |cell: &&Cell| !cell.value.is_blank() || (cell.value == CellValue::Blank && cell.formula.is_some());
    for row in sheet.cells().chunk_by(|a, b| a.at.row == b.at.row) {
        if wanted.cancel.is_cancelled() {
            return Ok(None);
        }
        let (Some(Cell { at, .. }), values) = (row.iter().find(says), row.iter().filter(says).count()) else {
            continue;
        };
        if wanted.is_enough(records.len()) {
            more += 1;
            continue;
        }
        if values > limits.columns {
            let reason = Reason::TooManyColumns { values, most: limits.columns };
            return Err(Fault::too_large_sheet(&sheet.name, reason).at(Position::Row(at.row)));
        }
        let mut entries = Vec::with_capacity(values);
        for cell in row.iter().filter(says) {
            let kind = *kinds.entry(cell.style).or_insert_with(|| Format::new(workbook.format(cell)).kind());
            let entry = match &cell.value {
                CellValue::Text(own) => Entry::Text(Arc::clone(own)),
                CellValue::Blank => {
                    Entry::Formula(cell.formula.as_ref().map(Formula::text).unwrap_or_default().into())
                }
                value => Entry::Cell(value.clone(), kind),
            };
            if let Entry::Text(own) | Entry::Formula(own) = &entry {
                take(&mut text, own, limits).map_err(|reason| {
                    Fault::too_large_sheet(&sheet.name, reason).at(Position::Cell(cell.at))
                })?;
            }
            entries.push((cell.at.column - 1, entry));
        }
        records.push(Record { line: at.row, entries });
    }
    let read = List {
        sheets: filled.iter().map(|sheet| sheet.name.to_string()).collect(),
        sheet: index,
        heads: Vec::new(),
        records,
        first: 0,
        more,
        decimal_comma: wanted.decimal_comma,
        date_1904: workbook.date_1904,
    };
    Ok(Some(read.headed(&wanted.is_known, limits)))
}

/// One more text: one that the file holds once and refers to often counts each time, since each becomes a value.
fn take(taken: &mut usize, text: &str, limits: &Limits) -> Result<(), Reason> {
    *taken = taken.saturating_add(text.len());
    if *taken > limits.text_bytes {
        return Err(Reason::TooMuchText { megabytes: limits.text_bytes >> 20 });
    }
    if text.len() > LONGEST && text.chars().count() > LONGEST {
        return Err(Reason::CellTextTooLong { most: LONGEST });
    }
    Ok(())
}

/// Whether a text can be the name of a column. It may be any text of the file, so its length is asked before anything is done with it.
fn is_name<F: Fn(&str) -> bool>(text: &str, is_known: &F, limits: &Limits) -> bool {
    text.len() <= limits.name_characters * 4 && is_known(text.trim())
}

impl<F: Fn(&str) -> bool> Wanted<'_, F> {
    /// Whether so many records are all that can be of use.
    const fn is_enough(&self, records: usize) -> bool {
        records > self.rows.saturating_add(HEADS)
    }
}

impl List {
    /// With the names over its columns: of the first records the one that holds most of the names that are known, for a workbook
    /// may begin with a title.
    fn headed<F: Fn(&str) -> bool>(mut self, is_known: &F, limits: &Limits) -> Self {
        let known = |record: &Record| {
            let names = record.entries.iter().map(|(_, entry)| entry.shown(self.date_1904));
            names.filter(|text| is_name(text, is_known, limits)).count()
        };
        let first = self.records.iter().take(HEADS).enumerate();
        let most = first.map(|(index, record)| (known(record), std::cmp::Reverse(index))).max();
        if let Some((_, std::cmp::Reverse(at))) = most {
            let name = |(place, entry): &(u32, Entry)| {
                let text = entry.shown(self.date_1904);
                (*place as usize, text.trim().chars().take(limits.name_characters).collect())
            };
            self.heads = self.records[at].entries.iter().map(name).collect();
            self.first = at + 1;
        }
        self
    }

    /// The records below the names.
    pub fn rows(&self) -> &[Record] {
        self.records.get(self.first..).unwrap_or_default()
    }

    /// How many there are, with those that are of no use.
    pub fn count(&self) -> usize {
        self.rows().len() + self.more
    }

    /// How the values of this place are to be understood.
    pub fn manner(&self, place: usize) -> Manner {
        let texts = self.rows().iter().filter_map(|record| match record.entry(place) {
            Some(Entry::Text(text)) => Some(text.trim()),
            _ => None,
        });
        let order = DateOrder::of(&texts, self.decimal_comma);
        Manner { decimal_comma: self.decimal_comma, date_1904: self.date_1904, order }
    }

    /// What stands in a place of a record, as a person reads it; so many characters at most.
    pub fn shown(&self, record: &Record, place: usize, most: usize) -> String {
        let cut = |entry: &Entry| entry.shown(self.date_1904).chars().take(most).collect();
        record.entry(place).map(cut).unwrap_or_default()
    }
}

impl Record {
    fn entry(&self, place: usize) -> Option<&Entry> {
        let index = self.entries.binary_search_by_key(&place, |(place, _)| *place as usize).ok()?;
        Some(&self.entries[index].1)
    }

    /// What a place says to a column of this type, in the JSON form of its values: null for a blank, and what does not fit in
    /// a form that does not fit either.
    pub fn value(&self, place: usize, column: ColumnType, manner: Manner) -> Json {
        match self.entry(place) {
            None => Json::Null,
            Some(Entry::Text(text)) => text_value(text, column, manner),
            Some(Entry::Cell(CellValue::Error(error), _)) => json!({ "error": error.to_string() }),
            Some(Entry::Formula(formula)) => json!({ "formula": &**formula }),
            Some(entry @ Entry::Cell(..)) if column == ColumnType::Text => {
                entry.shown(manner.date_1904).into_owned().into()
            }
            Some(Entry::Cell(value, _)) => to_value(value, column, manner.date_1904)
                .map_or_else(|_| misfit(value), |value| value.to_json()),
        }
    }
}

impl Entry {
    fn shown(&self, date_1904: bool) -> Cow<'_, str> {
        let iso = |value, code| gridkeep_engine::format::display(value, code, Locale::En, date_1904);
        Cow::Owned(match self {
            Self::Text(text) | Self::Cell(CellValue::Text(text), _) => return Cow::Borrowed(text),
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
        })
    }
}

/// How many names of one of a sheet's first rows are known.
fn known<F: Fn(&str) -> bool>(sheet: &Sheet, wanted: &Wanted<'_, F>, limits: &Limits) -> usize {
    let is_known = |cell: &&Cell| matches!(&cell.value, CellValue::Text(text) if is_name(text, &wanted.is_known, limits));
    let rows = sheet.cells().chunk_by(|a, b| a.at.row == b.at.row).take(HEADS);
    let waits = rows.take_while(|_| !wanted.cancel.is_cancelled());
    // What is wider is refused where it is the sheet that is read.
    waits.map(|row| row.iter().take(limits.columns).filter(is_known).count()).max().unwrap_or_default()
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
