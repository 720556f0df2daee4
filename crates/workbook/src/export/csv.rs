//! Edits back into separated values: changed records are written anew, the others are copied as they were, unless a
//! spreadsheet program would take one of their texts for a formula.

use std::collections::BTreeMap;

use gridkeep_model::CellValue;
use jiff::{ToSpan, civil::Date};

use super::{Edits, cannot_write};
use crate::{
    Limits, WorkbookError,
    csv_out::{self, Field},
    read::csv::{ColumnKind, DateOrder, Grid, body, is_number},
};
use crate::{error::Position, reason::Reason};

/// A record of the new file.
enum Record {
    /// As in the original.
    Same(usize),
    /// With other values; `true` marks text.
    New(Vec<(String, bool)>),
}

/// Writes edits into a text file, in its own encoding where that can hold them.
pub(crate) fn export(original: &[u8], edits: &Edits, limits: &Limits) -> Result<Vec<u8>, WorkbookError> {
    let grid = Grid::new(original, limits).map_err(|fault| fault.in_file("workbook"))?;
    let mut cells: BTreeMap<(u32, u32), &CellValue> = BTreeMap::new();
    for (cell, value) in &edits.cells {
        cells.insert((cell.at.row, cell.at.column), value);
    }
    let mut removed: Vec<std::ops::Range<u32>> = Vec::new();
    // Rows that go behind a row of the original.
    let mut added: BTreeMap<u32, Vec<Vec<(String, bool)>>> = BTreeMap::new();
    for table in &edits.tables {
        if table.rows.iter().any(|row| row.len() != table.columns.len()) {
            return Err(cannot_write(&table.sheet, Position::Range(table.range), Reason::RowsDoNotFit));
        }
        let first = table.range.start.row + u32::from(table.has_headers);
        let known = (table.range.end.row + 1).saturating_sub(first);
        for (index, values) in table.rows.iter().enumerate() {
            let row = first + index as u32;
            if (index as u32) < known {
                for (column, value) in table.columns.iter().zip(values) {
                    cells.insert((row, table.range.start.column + column.offset), value);
                }
                continue;
            }
            let mut fields = vec![(String::new(), false); grid.columns.len()];
            for (column, value) in table.columns.iter().zip(values) {
                let place = (table.range.start.column + column.offset) as usize - 1;
                if place < fields.len() {
                    fields[place] = written(&grid, place, value);
                }
            }
            added.entry(table.range.end.row.max(first - 1)).or_default().push(fields);
        }
        if (table.rows.len() as u32) < known {
            removed.push(first + table.rows.len() as u32..first + known);
        }
    }
    let mut records = Vec::with_capacity(grid.len());
    for index in 0..grid.len() {
        let row = index as u32 + 1;
        if !removed.iter().any(|range| range.contains(&row)) {
            records.push(record(&grid, index, cells.range((row, 0)..(row + 1, 0))));
        }
        records.extend(added.remove(&row).into_iter().flatten().map(Record::New));
    }
    // Cells and rows below the last record.
    let beyond = cells.keys().next_back().map_or(0, |(row, _)| *row as usize).max(grid.len());
    for index in grid.len()..beyond {
        let row = index as u32 + 1;
        records.push(record(&grid, index, cells.range((row, 0)..(row + 1, 0))));
    }
    records.extend(added.into_values().flatten().map(Record::New));
    Ok(encode(&grid, &text(&grid, &records)))
}

fn record<'c>(
    grid: &Grid,
    index: usize,
    cells: impl Iterator<Item = (&'c (u32, u32), &'c &'c CellValue)>,
) -> Record {
    let is_dangerous = |text: &str| csv_out::escape(text).len() != text.len() && !is_number(text);
    let mut changed = grid.record(index).any(is_dangerous);
    let mut fields: Vec<(String, bool)> =
        grid.record(index).map(|text| (csv_out::unescape(text).to_owned(), !is_number(text))).collect();
    for (&(_, column), value) in cells {
        let place = column as usize - 1;
        if fields.len() <= place {
            fields.resize(place + 1, (String::new(), false));
        }
        let now = written(grid, place, value);
        let same = grid
            .columns
            .get(place)
            .and_then(|column| column.value(&fields[place].0, grid.dialect.decimal_comma));
        let same = same
            .map_or_else(|| value.as_text().unwrap_or_default() == fields[place].0, |same| same == **value);
        if !same {
            fields[place] = now;
            changed = true;
        }
    }
    if changed || index >= grid.len() { Record::New(fields) } else { Record::Same(index) }
}

/// A value as its column writes it, and whether it is text.
fn written(grid: &Grid, column: usize, value: &CellValue) -> (String, bool) {
    let comma = grid.dialect.decimal_comma;
    let number = |number: f64| {
        let text = number.to_string();
        if comma { text.replace('.', ",") } else { text }
    };
    match (value, grid.columns.get(column).map(|column| &column.kind)) {
        (CellValue::Blank, _) => (String::new(), false),
        (CellValue::Text(text), _) => (text.to_string(), true),
        (CellValue::Boolean(truth), _) => (if *truth { "TRUE" } else { "FALSE" }.to_owned(), false),
        (CellValue::Error(error), _) => (error.to_string(), false),
        (CellValue::Number(serial), Some(ColumnKind::Dates { order, time })) => {
            (date(*serial, *order, *time).unwrap_or_else(|| number(*serial)), false)
        }
        (CellValue::Number(part), Some(ColumnKind::Times { seconds })) => (clock(*part, *seconds), false),
        (CellValue::Number(value), Some(ColumnKind::Numbers { unit, unit_first, .. }))
            if !unit.is_empty() =>
        {
            // A hundredth part times a hundred is not always what it was.
            let amount = if unit == "%" { (value * 100.0 * 1e10).round() / 1e10 } else { *value };
            let amount = number(amount);
            (if *unit_first { format!("{unit} {amount}") } else { format!("{amount} {unit}") }, false)
        }
        (CellValue::Number(value), _) => (number(*value), false),
    }
}

fn date(serial: f64, order: DateOrder, time: bool) -> Option<String> {
    let days = serial.floor() as i64;
    let days = if days < 61 { days + 1 } else { days };
    let date = Date::constant(1899, 12, 30).checked_add(days.days()).ok()?;
    let (year, month, day) = (date.year(), date.month(), date.day());
    let text = match order {
        DateOrder::Iso => format!("{year:04}-{month:02}-{day:02}"),
        DateOrder::Dots => format!("{day:02}.{month:02}.{year:04}"),
        DateOrder::MonthFirst => format!("{month:02}/{day:02}/{year:04}"),
        DateOrder::DayFirst => format!("{day:02}/{month:02}/{year:04}"),
    };
    Some(if time { format!("{text} {}", clock(serial, true)) } else { text })
}

fn clock(serial: f64, seconds: bool) -> String {
    let total = (serial.rem_euclid(1.0) * 86_400.0).round() as u32 % 86_400;
    let (hour, minute, second) = (total / 3600, total / 60 % 60, total % 60);
    if seconds { format!("{hour:02}:{minute:02}:{second:02}") } else { format!("{hour:02}:{minute:02}") }
}

fn text(grid: &Grid, records: &[Record]) -> String {
    let body = body(&grid.decoded.text);
    let lead = &grid.decoded.text[..grid.decoded.text.len() - body.len()];
    let line_end = if body.contains("\r\n") || !body.contains('\n') { "\r\n" } else { "\n" };
    let mut out = lead.to_owned();
    for record in records {
        match record {
            Record::Same(index) => out.push_str(grid.raw(*index)),
            Record::New(fields) => {
                let fields = fields
                    .iter()
                    .map(|(text, is_text)| if *is_text { Field::Text(text) } else { Field::Plain(text) });
                csv_out::record_into(char::from(grid.dialect.separator), fields, &mut out);
            }
        }
        out.push_str(line_end);
    }
    out
}

fn encode(grid: &Grid, text: &str) -> Vec<u8> {
    let mark = ["\u{feff}", ""][usize::from(!grid.decoded.mark)];
    let marked = format!("{mark}{text}");
    match grid.decoded.encoding.name() {
        "UTF-16LE" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "UTF-16BE" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => {
            let (bytes, _, unmappable) = grid.decoded.encoding.encode(text);
            // What the old encoding cannot say is said in UTF-8, marked so that every program notices.
            let utf8 = || format!("\u{feff}{text}").into_bytes();
            match (unmappable, grid.decoded.mark) {
                (true, _) | (false, true) => utf8(),
                (false, false) => bytes.into_owned(),
            }
        }
    }
}
