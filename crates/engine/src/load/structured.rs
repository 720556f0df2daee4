//! Structured references become plain ones: `Stock[[#This Row],[Qty]]` in row 7 is `$B7`, `Stock[Qty]` is `$B$2:$B$9`.
//!
//! The tables of a loaded workbook do not move, and plain references are what the engine beneath is fastest at. What cannot
//! be resolved stays as it is and becomes an error when calculated.

use formualizer::parse::parser::{
    ASTNode, ASTNodeType, ReferenceType, SpecialItem, TableReference, TableRowSpecifier, TableSpecifier,
};
use gridkeep_model::{CellRef, workbook::Table};

use super::names::Tables;

/// Rewrites the structured references of a formula that stands in this cell. Returns whether there were any.
pub(crate) fn resolve(node: &mut ASTNode, cell: &CellRef, tables: &Tables) -> bool {
    match &mut node.node_type {
        ASTNodeType::Reference { original, reference: slot } => {
            let ReferenceType::Table(used) = &*slot else { return false };
            let Some(plain) = plain_reference(used, cell, tables) else { return false };
            *original = plain.normalise();
            *slot = plain;
            true
        }
        ASTNodeType::UnaryOp { expr, .. } => resolve(expr, cell, tables),
        ASTNodeType::BinaryOp { left, right, .. } => {
            let left = resolve(left, cell, tables);
            resolve(right, cell, tables) || left
        }
        ASTNodeType::Function { args, .. } => resolve_all(args, cell, tables),
        ASTNodeType::Call { callee, args } => {
            let callee = resolve(callee, cell, tables);
            resolve_all(args, cell, tables) || callee
        }
        ASTNodeType::Literal(_) | ASTNodeType::Omitted | ASTNodeType::Array(_) => false,
    }
}

fn resolve_all(nodes: &mut [ASTNode], cell: &CellRef, tables: &Tables) -> bool {
    let mut any = false;
    for node in nodes {
        any |= resolve(node, cell, tables);
    }
    any
}

/// The parts of a table that a reference names.
#[derive(Default)]
struct Parts<'a> {
    all: bool,
    headers: bool,
    data: bool,
    totals: bool,
    this_row: bool,
    columns: Vec<&'a str>,
}

fn plain_reference(used: &TableReference, cell: &CellRef, tables: &Tables) -> Option<ReferenceType> {
    let (sheet, table) = if used.name.is_empty() {
        tables.values().find(|(sheet, table)| **sheet == *cell.sheet && table.range.contains(cell.at))?
    } else {
        tables.get(&used.name.to_lowercase())?
    };
    let mut parts = Parts::default();
    if let Some(specifier) = &used.specifier {
        collect(specifier, &mut parts)?;
    }
    let (top, bottom) = rows(table, &parts, cell)?;
    let (left, right) = columns(table, &parts.columns)?;
    let sheet = Some(sheet.to_string());
    let absolute = !parts.this_row;
    Some(if top == bottom && left == right {
        ReferenceType::Cell { sheet, row: top, col: left, row_abs: absolute, col_abs: true }
    } else {
        ReferenceType::Range {
            sheet,
            start_row: Some(top),
            start_col: Some(left),
            end_row: Some(bottom),
            end_col: Some(right),
            start_row_abs: absolute,
            start_col_abs: true,
            end_row_abs: absolute,
            end_col_abs: true,
        }
    })
}

fn collect<'a>(specifier: &'a TableSpecifier, parts: &mut Parts<'a>) -> Option<()> {
    use {SpecialItem as Item, TableRowSpecifier as Row, TableSpecifier as Part};
    match specifier {
        Part::All | Part::SpecialItem(Item::All) | Part::Row(Row::All) => parts.all = true,
        Part::Data | Part::SpecialItem(Item::Data) | Part::Row(Row::Data) => parts.data = true,
        Part::Headers | Part::SpecialItem(Item::Headers) | Part::Row(Row::Headers) => parts.headers = true,
        Part::Totals | Part::SpecialItem(Item::Totals) | Part::Row(Row::Totals) => parts.totals = true,
        Part::SpecialItem(Item::ThisRow) | Part::Row(Row::Current) => parts.this_row = true,
        Part::Row(Row::Index(_)) => return None,
        Part::Column(column) => parts.columns.push(column),
        Part::ColumnRange(first, last) => parts.columns.extend([first.as_str(), last.as_str()]),
        Part::Combination(all) => {
            for part in all {
                collect(part, parts)?;
            }
        }
    }
    Some(())
}

fn rows(table: &Table, parts: &Parts<'_>, cell: &CellRef) -> Option<(u32, u32)> {
    let whole = table.range;
    if parts.all {
        return Some((whole.start.row, whole.end.row));
    }
    if parts.this_row {
        let data = table.data_range()?;
        return (data.start.row..=data.end.row).contains(&cell.at.row).then_some((cell.at.row, cell.at.row));
    }
    let data = table.data_range();
    let wants_data = parts.data || !(parts.headers || parts.totals);
    let mut rows: Option<(u32, u32)> = None;
    let mut join = |top: u32, bottom: u32| {
        rows = Some(rows.map_or((top, bottom), |(first, last)| (first.min(top), last.max(bottom))));
    };
    if parts.headers && table.has_headers {
        join(whole.start.row, whole.start.row);
    }
    if parts.totals && table.has_totals {
        join(whole.end.row, whole.end.row);
    }
    if let (true, Some(data)) = (wants_data, data) {
        join(data.start.row, data.end.row);
    }
    rows
}

fn columns(table: &Table, names: &[&str]) -> Option<(u32, u32)> {
    if names.is_empty() {
        return Some((table.range.start.column, table.range.end.column));
    }
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let name = name.to_lowercase();
        let offset = table.columns.iter().position(|column| column.name.to_lowercase() == name)?;
        found.push(table.range.start.column + offset as u32);
    }
    Some((*found.iter().min()?, *found.iter().max()?))
}
