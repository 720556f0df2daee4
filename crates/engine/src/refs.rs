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
    each_reference(&mut ast, &mut |reference| shift_reference(reference, rows, columns))?;
    Some(canonical_formula(&ast).trim_start_matches('=').to_owned())
}

/// Something of a workbook that a formula refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Cells of a sheet. Whole columns and rows reach to the end of a sheet.
    Cells(RangeRef),
    /// A defined name.
    Name(String),
    /// A table.
    Table(String),
}

/// A formula with each place it refers to led elsewhere; what leads nowhere stays. `None` when it cannot be read. References
/// that name no sheet are left alone.
pub fn lead(formula: &str, to: &mut dyn FnMut(&Place) -> Option<Place>) -> Option<String> {
    let mut ast = parse(formula, 32_768).ok()?;
    each_reference(&mut ast, &mut |reference| {
        let mut found = Scan::default();
        collect_reference(reference, "", &mut found);
        let cells = found.ranges.pop().filter(|range| !range.sheet.is_empty() && !found.reads_more);
        let table = found.tables.pop().map(|used| used.table).filter(|name| !name.is_empty());
        let place =
            cells.map(Place::Cells).or(found.names.pop().map(Place::Name)).or(table.map(Place::Table));
        if let Some(new) = place.and_then(|place| to(&place)) {
            lead_reference(reference, new);
        }
        Some(())
    })?;
    // As people write it.
    Some(canonical_formula(&ast).trim_start_matches('=').replace("[[@],[", "[@["))
}

fn lead_reference(reference: &mut ReferenceType, to: Place) {
    match (reference, to) {
        (ReferenceType::Cell { sheet, row, col, .. }, Place::Cells(range)) => {
            *sheet = Some(range.sheet.to_string());
            (*row, *col) = (range.at.start.row, range.at.start.column);
        }
        (ReferenceType::Range { sheet, start_row, start_col, end_row, end_col, .. }, Place::Cells(range)) => {
            *sheet = Some(range.sheet.to_string());
            let RangeAt { start, end } = range.at;
            for (own, new) in
                [(start_row, start.row), (start_col, start.column), (end_row, end.row), (end_col, end.column)]
            {
                *own = own.map(|_| new);
            }
        }
        (reference @ ReferenceType::NamedRange(_), Place::Cells(range)) => {
            let (sheet, RangeAt { start, end }) = (Some(range.sheet.to_string()), range.at);
            *reference = if start == end {
                ReferenceType::Cell { sheet, row: start.row, col: start.column, row_abs: true, col_abs: true }
            } else {
                ReferenceType::Range {
                    sheet,
                    start_row: Some(start.row),
                    start_col: Some(start.column),
                    end_row: Some(end.row),
                    end_col: Some(end.column),
                    start_row_abs: true,
                    start_col_abs: true,
                    end_row_abs: true,
                    end_col_abs: true,
                }
            };
        }
        (ReferenceType::Table(table), Place::Table(name)) => table.name = name,
        _ => {}
    }
}

/// Visits every reference of a formula, as long as the visitor goes on.
pub(crate) fn each_reference(
    node: &mut ASTNode,
    visit: &mut dyn FnMut(&mut ReferenceType) -> Option<()>,
) -> Option<()> {
    match &mut node.node_type {
        ASTNodeType::Reference { original, reference } => {
            visit(reference)?;
            *original = reference.normalise();
        }
        ASTNodeType::UnaryOp { expr, .. } => each_reference(expr, visit)?,
        ASTNodeType::BinaryOp { left, right, .. } => {
            each_reference(left, visit)?;
            each_reference(right, visit)?;
        }
        ASTNodeType::Function { args, .. } => {
            args.iter_mut().try_for_each(|argument| each_reference(argument, visit))?;
        }
        ASTNodeType::Call { callee, args } => {
            each_reference(callee, visit)?;
            args.iter_mut().try_for_each(|argument| each_reference(argument, visit))?;
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
    fn places_are_led_elsewhere() {
        let cells =
            |sheet: &str, range: &str| Place::Cells(RangeRef::new(sheet, range.parse().expect("a range")));
        let check = |formula: &str, to: Place, expect: &str| {
            let mut asked = Vec::new();
            let led = lead(formula, &mut |place| {
                asked.push(place.clone());
                Some(to.clone())
            });
            assert_eq!(led.as_deref(), Some(expect), "{formula} {asked:?}");
        };
        check("Rates!A2*2", cells("New rates", "C5"), "'New rates'!C5 * 2");
        check("SUM(Rates!$A$2:B$4)", cells("R", "C3:D9"), "SUM(R!$C$3:D$9)");
        check("SUM(Rates!B:B)", cells("R", "C1:C1048576"), "SUM(R!C:C)");
        check("Limit+A1+[@Qty]", cells("R", "B2"), "R!$B$2 + A1 + [@[Qty]]");
        check("SUM(T[Qty])", Place::Table("U".into()), "SUM(U[Qty])");
        check("SUM(T[Qty])", Place::Name("U".into()), "SUM(T[Qty])");
        assert_eq!(lead("SUM((((", &mut |_| None), None);
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
