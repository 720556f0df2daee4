//! What a formula's text refers to and calls, without loading an engine.
//!
//! Unreadable formulas give an empty scan with `readable: false`: analysis goes on without them.

use formualizer::parse::{
    ParserLimits, canonical_formula,
    parser::{ASTNode, ASTNodeType, Parser, ReferenceType, SpecialItem, TableRowSpecifier, TableSpecifier},
};
use gridkeep_model::{
    CellAt, RangeAt, RangeRef,
    address::{MAX_COLUMN, MAX_ROW},
};

use crate::provider::plain_name;

/// What a formula refers to and calls; each once, in order of appearance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scan {
    /// Cells and ranges. Of a reference through several sheets the first and the last are named.
    pub ranges: Vec<RangeRef>,
    /// Defined names.
    pub names: Vec<String>,
    /// Structured references.
    pub tables: Vec<TableUse>,
    /// Functions, in upper case and without the prefixes files put before newer ones.
    pub functions: Vec<String>,
    /// Refers to another workbook.
    pub external: bool,
    /// Its result changes with time or chance.
    pub volatile: bool,
    /// It reads cells that its text does not name: by OFFSET or INDIRECT, between two calculated ends, or on the sheets
    /// between two.
    pub reads_more: bool,
    /// The formula could be read.
    pub readable: bool,
}

/// A structured reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableUse {
    /// The table's name; empty when the formula means the table it stands in.
    pub table: String,
    /// The columns named; all when empty.
    pub columns: Vec<String>,
    /// Only the formula's own row.
    pub this_row: bool,
}

/// Functions whose results change with time or chance. OFFSET, INDIRECT and CELL are recalculated always but change
/// only with what they read.
const VOLATILE: &[&str] = &["NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "INFO"];

/// Scans a formula, with or without `=`, that stands on this sheet.
pub fn scan(formula: &str, sheet: &str) -> Scan {
    let mut found = Scan::default();
    if let Ok(ast) = parse(formula, 32_768) {
        found.readable = true;
        collect(&ast, sheet, &mut found);
    }
    found
}

/// Parses a formula, with or without `=`, within the limits that keep the stack whole.
pub(crate) fn parse(formula: &str, max_bytes: usize) -> Result<ASTNode, String> {
    let limits = ParserLimits::default().with_source_bytes(max_bytes + 1);
    let text = if formula.starts_with('=') { formula.to_owned() } else { format!("={formula}") };
    Parser::builder().limits(limits).parse(text).map_err(|error| error.message)
}

/// A formula as it reads when its cell is copied this many rows down and columns right: relative references move along.
/// `None` when it cannot be read or would leave the sheet.
pub fn shift(formula: &str, rows: i64, columns: i64) -> Option<String> {
    let mut ast = parse(formula, 32_768).ok()?;
    shift_node(&mut ast, rows, columns)?;
    Some(canonical_formula(&ast).trim_start_matches('=').to_owned())
}

fn shift_node(node: &mut ASTNode, rows: i64, columns: i64) -> Option<()> {
    match &mut node.node_type {
        ASTNodeType::Reference { original, reference } => {
            shift_reference(reference, rows, columns)?;
            *original = reference.normalise();
        }
        ASTNodeType::UnaryOp { expr, .. } => shift_node(expr, rows, columns)?,
        ASTNodeType::BinaryOp { left, right, .. } => {
            shift_node(left, rows, columns)?;
            shift_node(right, rows, columns)?;
        }
        ASTNodeType::Function { args, .. } => {
            for argument in args {
                shift_node(argument, rows, columns)?;
            }
        }
        ASTNodeType::Call { callee, args } => {
            shift_node(callee, rows, columns)?;
            for argument in args {
                shift_node(argument, rows, columns)?;
            }
        }
        ASTNodeType::Literal(_) | ASTNodeType::Omitted | ASTNodeType::Array(_) => {}
    }
    Some(())
}

fn shift_reference(reference: &mut ReferenceType, rows: i64, columns: i64) -> Option<()> {
    let moved = |position: u32, absolute: bool, by: i64, last: u32| {
        if absolute {
            return Some(position);
        }
        u32::try_from(i64::from(position) + by).ok().filter(|moved| (1..=last).contains(moved))
    };
    match reference {
        ReferenceType::Cell { row, col, row_abs, col_abs, .. }
        | ReferenceType::Cell3D { row, col, row_abs, col_abs, .. } => {
            *row = moved(*row, *row_abs, rows, MAX_ROW)?;
            *col = moved(*col, *col_abs, columns, MAX_COLUMN)?;
        }
        ReferenceType::Range {
            start_row,
            start_col,
            end_row,
            end_col,
            start_row_abs,
            start_col_abs,
            end_row_abs,
            end_col_abs,
            ..
        }
        | ReferenceType::Range3D {
            start_row,
            start_col,
            end_row,
            end_col,
            start_row_abs,
            start_col_abs,
            end_row_abs,
            end_col_abs,
            ..
        } => {
            for (row, absolute) in [(start_row, *start_row_abs), (end_row, *end_row_abs)] {
                if let Some(position) = *row {
                    *row = Some(moved(position, absolute, rows, MAX_ROW)?);
                }
            }
            for (column, absolute) in [(start_col, *start_col_abs), (end_col, *end_col_abs)] {
                if let Some(position) = *column {
                    *column = Some(moved(position, absolute, columns, MAX_COLUMN)?);
                }
            }
        }
        ReferenceType::External(_) | ReferenceType::Table(_) | ReferenceType::NamedRange(_) => {}
    }
    Some(())
}

pub(crate) fn scan_parsed(ast: &ASTNode, sheet: &str) -> Scan {
    let mut found = Scan { readable: true, ..Scan::default() };
    collect(ast, sheet, &mut found);
    found
}

fn collect(node: &ASTNode, sheet: &str, found: &mut Scan) {
    match &node.node_type {
        ASTNodeType::Literal(_) | ASTNodeType::Omitted => {}
        ASTNodeType::Reference { reference, .. } => collect_reference(reference, sheet, found),
        ASTNodeType::UnaryOp { expr, .. } => collect(expr, sheet, found),
        ASTNodeType::BinaryOp { op, left, right } => {
            found.reads_more |= op.as_str() == ":";
            collect(left, sheet, found);
            collect(right, sheet, found);
        }
        ASTNodeType::Function { name, args } => {
            let name = plain_name(name);
            found.volatile |= VOLATILE.contains(&name.as_str());
            found.reads_more |= matches!(name.as_str(), "INDIRECT" | "OFFSET");
            once(&mut found.functions, name);
            for argument in args {
                collect(argument, sheet, found);
            }
        }
        ASTNodeType::Call { callee, args } => {
            collect(callee, sheet, found);
            for argument in args {
                collect(argument, sheet, found);
            }
        }
        ASTNodeType::Array(rows) => rows.iter().flatten().for_each(|cell| collect(cell, sheet, found)),
    }
}

fn collect_reference(reference: &ReferenceType, sheet: &str, found: &mut Scan) {
    let at = |row: u32, column: u32| RangeAt::cell(CellAt::new(row, column));
    let area = |rows: (Option<u32>, Option<u32>), columns: (Option<u32>, Option<u32>)| {
        let start = CellAt::new(rows.0.unwrap_or(1), columns.0.unwrap_or(1));
        RangeAt::new(start, CellAt::new(rows.1.unwrap_or(MAX_ROW), columns.1.unwrap_or(MAX_COLUMN)))
    };
    match reference {
        ReferenceType::Cell { sheet: own, row, col, .. } => {
            once(&mut found.ranges, RangeRef::new(own.as_deref().unwrap_or(sheet), at(*row, *col)));
        }
        ReferenceType::Range { sheet: own, start_row, start_col, end_row, end_col, .. } => {
            let at = area((*start_row, *end_row), (*start_col, *end_col));
            once(&mut found.ranges, RangeRef::new(own.as_deref().unwrap_or(sheet), at));
        }
        ReferenceType::Cell3D { sheet_first, sheet_last, row, col, .. } => {
            found.reads_more = true;
            for sheet in [sheet_first, sheet_last] {
                once(&mut found.ranges, RangeRef::new(sheet.as_str(), at(*row, *col)));
            }
        }
        ReferenceType::Range3D {
            sheet_first, sheet_last, start_row, start_col, end_row, end_col, ..
        } => {
            found.reads_more = true;
            let at = area((*start_row, *end_row), (*start_col, *end_col));
            for sheet in [sheet_first, sheet_last] {
                once(&mut found.ranges, RangeRef::new(sheet.as_str(), at));
            }
        }
        ReferenceType::External(_) => found.external = true,
        ReferenceType::NamedRange(name) => once(&mut found.names, name.clone()),
        ReferenceType::Table(table) => {
            let mut used = TableUse { table: table.name.clone(), columns: Vec::new(), this_row: false };
            if let Some(specifier) = &table.specifier {
                collect_specifier(specifier, &mut used);
            }
            once(&mut found.tables, used);
        }
    }
}

fn collect_specifier(specifier: &TableSpecifier, used: &mut TableUse) {
    match specifier {
        TableSpecifier::Column(column) => used.columns.push(column.clone()),
        TableSpecifier::ColumnRange(first, last) => used.columns.extend([first.clone(), last.clone()]),
        TableSpecifier::Row(TableRowSpecifier::Current)
        | TableSpecifier::SpecialItem(SpecialItem::ThisRow) => used.this_row = true,
        TableSpecifier::Combination(parts) => parts.iter().for_each(|part| collect_specifier(part, used)),
        _ => {}
    }
}

fn once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_move_their_relative_references() {
        let check = |formula: &str, rows: i64, expect: Option<&str>| {
            assert_eq!(shift(formula, rows, 0).as_deref(), expect, "{formula}");
        };
        check("A2*$B$1+SUM(C$1:C2)", 3, Some("A5 * $B$1 + SUM(C$1:C5)"));
        check("Data!A2&\"A2\"", 1, Some("Data!A3 & \"A2\""));
        check("A2", -2, None);
        check("SUM(A:A)+T[[#This Row],[x]]", 5, Some("SUM(A:A) + T[[@],[x]]"));
    }

    #[test]
    fn formulas_tell_what_they_use() {
        let check = |formula: &str, expect: &str| {
            let scan = scan(formula, "S");
            let ranges: Vec<String> = scan.ranges.iter().map(ToString::to_string).collect();
            let tables: Vec<String> = scan
                .tables
                .iter()
                .map(|t| format!("{}[{}]{}", t.table, t.columns.join(","), if t.this_row { "@" } else { "" }))
                .collect();
            let flags =
                [(scan.external, " external"), (scan.volatile, " volatile"), (!scan.readable, " unreadable")];
            let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, text)| *text).collect();
            let lists = [ranges, scan.names, tables, scan.functions].map(|list| list.join(" "));
            assert_eq!(format!("{}{flags}", lists.join(" | ")), expect, "{formula}");
        };
        check("A1+A1*$B$2", "S!A1 S!B2 |  |  | ");
        check("=SUM('Other sheet'!A:A,Rate)", "'Other sheet'!A1:A1048576 | Rate |  | SUM");
        check("_xlfn.XLOOKUP(A1,T[Key],T[Value])", "S!A1 |  | T[Key] T[Value] | XLOOKUP");
        check("T[[#This Row],[Qty]]*2", " |  | T[Qty]@ | ");
        check("NOW()-A1", "S!A1 |  |  | NOW volatile");
        check("[1]Sheet1!A1", " |  |  |  external");
        check("SUM((((", " |  |  |  unreadable");
    }
}
