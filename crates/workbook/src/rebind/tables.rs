//! Finds a published table again: by its name or place, else by its headers; and each column by its header.

use gridkeep_model::{
    CellAt, RangeAt,
    address::column_letters,
    definition::{Binding, TableDefinition, TableSource},
};

use super::{
    Lost, Moved,
    find::{Finder, same},
};
use crate::analyse::{Block, Book, blocks};

/// Of ten columns so many must be there for a block to be the same table.
const ENOUGH: usize = 6;

/// Moves a table to where it is in the new workbook.
pub(super) fn rebind(
    finder: &Finder<'_>,
    path: &str,
    table: &mut TableDefinition,
    moved: &mut Vec<Moved>,
    lost: &mut Vec<Lost>,
) {
    let headers = old_headers(&finder.old, table);
    let old_left = place(&finder.old, &table.source).map_or(1, |(_, range)| range.start.column);
    let Some((sheet, block)) = best(finder, &table.source, &headers) else {
        lost.push(Lost { path: format!("{path}/source"), binding: as_binding(&table.source) });
        return;
    };
    let source = match (&block.table, block.published_range()) {
        (Some(name), _) => TableSource::Table { name: name.clone() },
        (None, Some(range)) => {
            TableSource::Range { sheet: range.sheet.to_string(), range: range.at.to_string() }
        }
        (None, None) => return,
    };
    if source != table.source {
        let words = |source: &TableSource| super::find::words(&as_binding(source));
        moved.push(Moved { path: format!("{path}/source"), from: words(&table.source), to: words(&source) });
        table.source = source;
    }
    let left = finder.new.workbook.sheets[sheet].used_range().map_or(1, |_| block.range.at.start.column);
    for (index, (column, header)) in table.columns.iter_mut().zip(&headers).enumerate() {
        // Files have no place in a workbook.
        if column.is_file() {
            continue;
        }
        let path = format!("{path}/columns/{index}");
        let Some(found) = block.columns.iter().find(|found| same(&found.header, header)) else {
            lost.push(Lost {
                path,
                binding: Binding::Column { table: table.id.clone(), column: column.id.clone() },
            });
            continue;
        };
        if found.offset != column.offset {
            let from = format!("“{header}” ({})", column_letters(old_left + column.offset));
            let to = format!("“{}” ({})", found.header, column_letters(left + found.offset));
            moved.push(Moved { path, from, to });
            column.offset = found.offset;
        }
        if let (Some(formula), Some(now)) = (&mut column.formula, &found.formula)
            && now.computable
        {
            formula.clone_from(&now.text);
        }
    }
}

/// The headers the columns had in the old workbook, or their titles where it has none.
fn old_headers(book: &Book<'_>, table: &TableDefinition) -> Vec<String> {
    let place = place(book, &table.source);
    let header = |offset: u32| {
        let (sheet, range) = place?;
        let block = blocks::blocks(book, sheet).into_iter().find(|block| {
            block.header_row == Some(range.start.row) && block.range.at.contains(range.start)
        })?;
        block
            .column(offset + range.start.column - block.range.at.start.column)
            .map(|column| column.header.clone())
    };
    table.columns.iter().map(|column| header(column.offset).unwrap_or_else(|| column.title.clone())).collect()
}

fn place(book: &Book<'_>, source: &TableSource) -> Option<(usize, RangeAt)> {
    match source {
        TableSource::Table { name } => book.workbook.table(name).map(|table| (table.sheet, table.range)),
        TableSource::Range { sheet, range } => Some((book.sheet(sheet)?, range.parse().ok()?)),
    }
}

/// The block with most of the headers; of equals the one of the same name or at the same place, else none.
fn best(finder: &Finder<'_>, source: &TableSource, headers: &[String]) -> Option<(usize, Block)> {
    let (here, corner) = match source {
        TableSource::Range { sheet, range } => {
            (finder.sheet(sheet), range.parse::<RangeAt>().ok().map(|range| range.start))
        }
        TableSource::Table { .. } => (None, None),
    };
    let mut found: Vec<(u32, u32, usize, Block)> = Vec::new();
    for sheet in 0..finder.new.surfaces.len() {
        for block in blocks::blocks(&finder.new, sheet).into_iter().filter(|block| block.header_row.is_some())
        {
            let hits = headers
                .iter()
                .filter(|header| block.columns.iter().any(|column| same(&column.header, header)))
                .count();
            let named = matches!((source, &block.table), (TableSource::Table { name }, Some(table)) if name.to_lowercase() == table.to_lowercase());
            if hits * 10 < headers.len() * ENOUGH && !(named && hits > 0) {
                continue;
            }
            let at = CellAt::new(block.header_row.unwrap_or(1), block.range.at.start.column);
            let near = u32::from(named) * 4
                + u32::from(here == Some(sheet)) * 2
                + u32::from(here == Some(sheet) && corner == Some(at));
            found.push((near, hits as u32, sheet, block));
        }
    }
    let key = |entry: &(u32, u32, usize, Block)| (entry.0, entry.1);
    let top = found.iter().map(key).max()?;
    let mut tops = found.into_iter().filter(|entry| key(entry) == top);
    let only = tops.next()?;
    tops.next().is_none().then_some((only.2, only.3))
}

fn as_binding(source: &TableSource) -> Binding {
    match source {
        TableSource::Table { name } => Binding::Name { name: name.clone() },
        TableSource::Range { sheet, range } => {
            Binding::Range { sheet: sheet.clone(), range: range.clone(), label: None }
        }
    }
}
