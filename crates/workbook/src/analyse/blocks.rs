//! Turns islands and tables into blocks: headers, rows, prepared rows, totals, and what the block is for.

use std::collections::HashMap;

use gridkeep_model::{CellAt, RangeAt, RangeRef};

use super::{
    book::{Book, Spot},
    columns::{self, Scan},
    header::{header_of, header_row, totals_row},
    labels,
    regions::{around, islands},
    report::{Block, BlockColumn, BlockKind},
};

/// Blocks with more islands on a sheet than this are not compared with each other.
const MAX_COMPARED: usize = 300;
/// A block to fill in has no more rows than this, prepared ones included.
const MAX_ENTRY_ROWS: u32 = 120;
/// A block to fill in has no more rows filled than this.
const MAX_ENTRY_FILLED: u32 = 12;

/// All blocks of a sheet, top to bottom.
pub(crate) fn blocks(book: &Book<'_>, sheet: usize) -> Vec<Block> {
    let tables: Vec<_> = book.workbook.tables.iter().filter(|table| table.sheet == sheet).collect();
    let outside: Vec<RangeAt> = tables.iter().map(|table| table.range).collect();
    let mut found = Vec::new();
    for table in &tables {
        let data = table.data_range();
        if table.has_headers {
            let last = data.map_or(table.range.start.row, |data| data.end.row);
            let range = RangeAt { start: table.range.start, end: CellAt::new(last, table.range.end.column) };
            let totals = table.has_totals.then_some(table.range.end.row);
            let mut block = headed(book, sheet, range, table.range.start.row, totals, true);
            block.range.at = table.range;
            block.table = Some(table.name.clone());
            found.push(block);
        } else {
            found.push(plain(book, sheet, table.range));
        }
    }
    for island in joined(book, sheet, islands(&book.surfaces[sheet], &outside)) {
        match header_row(book, sheet, island) {
            Some(row) => {
                let body = RangeAt { start: CellAt::new(row + 1, island.start.column), end: island.end };
                let totals = totals_row(book, sheet, body);
                let last = totals.map_or(island.end.row, |totals| totals - 1);
                let range = RangeAt {
                    start: CellAt::new(row, island.start.column),
                    end: CellAt::new(last, island.end.column),
                };
                let mut block = headed(book, sheet, range, row, totals, false);
                block.range.at = RangeAt { start: range.start, end: island.end };
                found.push(block);
            }
            None if only_headers(book, sheet, island) => {
                let range = RangeAt {
                    start: island.start,
                    end: CellAt::new(island.start.row + 1, island.end.column),
                };
                found.push(headed(book, sheet, range, island.start.row, None, false));
            }
            None => found.push(plain(book, sheet, island)),
        }
    }
    found.sort_by_key(|block| (block.range.at.start, block.range.at.end));
    found
}

/// Whether the island is a row of headers with nothing below it yet.
fn only_headers(book: &Book<'_>, sheet: usize, island: RangeAt) -> bool {
    let surface = &book.surfaces[sheet];
    let mut spots = surface.range(island);
    let words = spots.all(|spot| spot.words().is_some_and(labels::is_label));
    let last = surface.spots.last().is_some_and(|spot| spot.at.row == island.start.row);
    let rest = surface.spots.len() as u32 - island.columns();
    island.rows() == 1 && island.columns() >= 2 && words && last && rest <= 3
}

/// Joins islands that people see as one: columns parted only by text that runs over, rows parted by one blank row.
fn joined(book: &Book<'_>, sheet: usize, mut islands: Vec<RangeAt>) -> Vec<RangeAt> {
    if islands.len() > MAX_COMPARED {
        return islands;
    }
    let mut index = 0;
    while index < islands.len() {
        let partner = (0..islands.len()).find(|&other| {
            other != index
                && (runs_over(book, sheet, islands[index], islands[other])
                    || goes_on(book, sheet, islands[index], islands[other]))
        });
        match partner {
            Some(other) => {
                islands[index] = around(islands[index], islands[other]);
                islands.remove(other);
                index = 0;
            }
            None => index += 1,
        }
    }
    islands
}

/// Whether `right` is the rest of `left`: headers in the same row, and texts of `left` long enough to cover the gap.
fn runs_over(book: &Book<'_>, sheet: usize, left: RangeAt, right: RangeAt) -> bool {
    let gap = right.start.column.saturating_sub(left.end.column + 1);
    if gap == 0 || gap > 4 || left.start.row != right.start.row || left.rows() < 3 || right.rows() < 3 {
        return false;
    }
    let surface = &book.surfaces[sheet];
    let row = left.start.row;
    let heads = |range: RangeAt| {
        (range.start.column..=range.end.column)
            .all(|column| header_of(surface, CellAt::new(row, column)).is_some())
    };
    let edge = RangeAt::new(CellAt::new(row, left.end.column), left.end);
    let longest =
        surface.range(edge).filter_map(|spot| spot.value.as_text()).map(|text| text.chars().count()).max();
    heads(left) && heads(right) && longest.unwrap_or(0) >= 8 * (gap as usize + 1)
}

/// Whether `below` continues the table `above` after one blank row: same columns, same kinds of values, no headers of its own.
fn goes_on(book: &Book<'_>, sheet: usize, above: RangeAt, below: RangeAt) -> bool {
    let same_columns = above.start.column == below.start.column
        && above.end.column == below.end.column
        && above.columns() >= 3;
    if !same_columns
        || below.start.row != above.end.row + 2
        || below.rows() < 2
        || header_row(book, sheet, below).is_some()
    {
        return false;
    }
    let Some(header) = header_row(book, sheet, above) else { return false };
    let surface = &book.surfaces[sheet];
    let kinds = |row: u32| -> Vec<Option<std::mem::Discriminant<_>>> {
        (above.start.column..=above.end.column)
            .map(|column| {
                surface.spot(CellAt::new(row, column)).map(|spot| std::mem::discriminant(&spot.value))
            })
            .collect()
    };
    let (model, rest) = (kinds(header + 1), kinds(below.start.row));
    let same = model.iter().zip(&rest).filter(|(a, b)| a == b).count();
    same * 10 >= model.len() * 8
}

/// A block without headers.
fn plain(book: &Book<'_>, sheet: usize, range: RangeAt) -> Block {
    let surface = &book.surfaces[sheet];
    let (mut words, mut values) = (0_u32, 0_u32);
    for spot in surface.range(range) {
        if spot.words().is_some() { words += 1 } else { values += 1 }
    }
    let kind = if words > 0 && values > 0 && range.columns() >= 2 && words * 4 >= values {
        BlockKind::Pairs
    } else {
        BlockKind::Loose
    };
    Block {
        kind,
        range: RangeRef::new(surface.sheet.name.clone(), range),
        table: None,
        header_row: None,
        data: None,
        rows: 0,
        spare_rows: 0,
        totals_row: None,
        lookup: false,
        columns: Vec::new(),
        keys: Vec::new(),
    }
}

/// A block with headers in the first row of `range`, which ends with the last data row.
fn headed(
    book: &Book<'_>,
    sheet: usize,
    range: RangeAt,
    header: u32,
    totals: Option<u32>,
    table: bool,
) -> Block {
    let surface = &book.surfaces[sheet];
    let name = surface.sheet.name.clone();
    let first_row = header + 1;
    let end = CellAt::new(range.end.row.max(first_row), range.end.column);
    let data = RangeAt { start: CellAt::new(first_row, range.start.column), end };
    let mut scans: Vec<Scan> = (0..range.columns()).map(|_| Scan::default()).collect();
    let mut typed: HashMap<u32, u32> = HashMap::new();
    for spot in surface.range(data) {
        scans[(spot.at.column - range.start.column) as usize].add(book, spot);
    }
    let counts_up: Vec<bool> = scans.iter().map(Scan::counts_up).collect();
    let is_typed =
        |spot: &Spot| !spot.calculated() && !counts_up[(spot.at.column - range.start.column) as usize];
    for spot in surface.range(data).filter(|spot| is_typed(spot)) {
        *typed.entry(spot.at.row).or_default() += 1;
    }
    let groups = groups(book, sheet, range, header);
    let mut columns: Vec<BlockColumn> = Vec::new();
    for (offset, scan) in (0_u32..).zip(scans) {
        let at = CellAt::new(header, range.start.column + offset);
        let heading =
            header_of(surface, at).map(|(text, _)| text.split_whitespace().collect::<Vec<_>>().join(" "));
        if heading.is_none() && scan.is_empty() {
            continue;
        }
        let heading = match (heading, &groups) {
            (Some(heading), Some(groups)) => groups
                .get(offset as usize)
                .cloned()
                .flatten()
                .map_or(heading.clone(), |group| format!("{group} {heading}")),
            (heading, _) => heading.unwrap_or_else(|| gridkeep_model::address::column_letters(at.column)),
        };
        let mut unique = heading.clone();
        let mut number = 2;
        while columns.iter().any(|column| column.header.eq_ignore_ascii_case(&unique)) {
            unique = format!("{heading} {number}");
            number += 1;
        }
        let cells =
            RangeAt { start: CellAt::new(first_row, at.column), end: CellAt::new(end.row, at.column) };
        columns.push(columns::describe(book, sheet, data, cells, offset, unique, &scan));
    }
    let last_typed = typed.keys().copied().max();
    let (kind, rows, spare_rows) =
        purpose(&columns, data, typed.len() as u32, last_typed, table, book, sheet);
    // A formula that only prepared rows hold does not calculate the rows that are there.
    let last = data.end.row - if kind == BlockKind::List { spare_rows } else { 0 };
    for column in &mut columns {
        let at = data.start.column + column.offset;
        let cells = RangeAt::new(CellAt::new(first_row, at), CellAt::new(last.max(first_row), at));
        if column.formula.is_some() && !surface.range(cells).any(Spot::calculated) {
            column.formula = None;
        }
    }
    let keys = columns::keys(&columns, rows);
    let lookup = book.reads[sheet].lookups.iter().any(|read| read.intersects(&data));
    Block {
        kind,
        range: RangeRef::new(name.clone(), range),
        table: None,
        header_row: Some(header),
        data: Some(RangeRef::new(name, data)),
        rows,
        spare_rows,
        totals_row: totals,
        lookup,
        columns,
        keys,
    }
}

/// The headings of groups of columns in the row above the headers, when headers alone would not tell columns apart.
fn groups(book: &Book<'_>, sheet: usize, range: RangeAt, header: u32) -> Option<Vec<Option<String>>> {
    let surface = &book.surfaces[sheet];
    let columns = range.start.column..=range.end.column;
    let mut seen = std::collections::HashSet::new();
    let heads = columns.clone().filter_map(|column| header_of(surface, CellAt::new(header, column)));
    let repeated = heads.filter(|(_, own)| *own).any(|(text, _)| !seen.insert(text));
    let above = header.checked_sub(1).filter(|row| repeated && *row > 0)?;
    let group = |column| header_of(surface, CellAt::new(above, column)).map(|(text, _)| text.to_owned());
    Some(columns.map(group).collect())
}

/// What a block with headers is for, how many rows are filled in, and how many at the end are only prepared.
fn purpose(
    columns: &[BlockColumn],
    data: RangeAt,
    typed_rows: u32,
    last_typed: Option<u32>,
    table: bool,
    book: &Book<'_>,
    sheet: usize,
) -> (BlockKind, u32, u32) {
    let calculated = columns.iter().filter(|column| column.calculated).count();
    let entered = columns.iter().filter(|column| !column.calculated && column.filled > 0).count();
    let blank = columns.iter().filter(|column| column.filled == 0 && !column.calculated).count();
    let axis = columns.iter().find(|column| !column.calculated && column.filled > 0);
    let steady = |column: &BlockColumn| column.formula.as_ref().is_some_and(|formula| formula.computable);
    let outward = columns.iter().any(|column| column.calculated && !steady(column))
        || columns
            .iter()
            .filter(|column| column.calculated)
            .any(|column| reads_elsewhere(book, sheet, data, column));
    let axis_only = entered == 0
        || (entered == 1
            && axis
                .is_some_and(|axis| axis.offset == columns[0].offset && axis.validation.choices.is_none()));
    if !table && calculated > 0 && calculated >= entered && axis_only && blank == 0 && outward {
        return (BlockKind::Calculated, data.rows(), 0);
    }
    let spare = last_typed.map_or(data.rows(), |last| data.end.row - last);
    let prepared = calculated > 0
        && data.rows() <= MAX_ENTRY_ROWS
        && typed_rows <= MAX_ENTRY_FILLED
        && spare > typed_rows;
    if !table && prepared {
        return (BlockKind::Entry, typed_rows, spare);
    }
    let nothing = columns.iter().all(|column| column.filled == 0);
    (BlockKind::List, typed_rows, if nothing { 0 } else { spare.min(data.rows() - 1) })
}

/// Whether a calculated column reads cells beyond its own block.
fn reads_elsewhere(book: &Book<'_>, sheet: usize, data: RangeAt, column: &BlockColumn) -> bool {
    let at = CellAt::new(data.start.row, data.start.column + column.offset);
    let Some(spot) = book.surfaces[sheet].spot(at) else { return false };
    let super::book::Origin::Formula(pattern) = spot.origin else { return true };
    book.ranges(pattern, sheet, at).iter().any(|&(target, range)| target != sheet || !range.intersects(&data))
}
