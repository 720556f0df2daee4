//! Tables and defined names.

use std::{collections::HashMap, sync::Arc};

use formualizer::{
    common::LiteralValue,
    eval::{
        engine::{
            Engine as Inner,
            named_range::{NameScope, NamedDefinition},
        },
        reference::{CellRef as InnerCell, Coord, RangeRef as InnerRange},
    },
    parse::parser::{ASTNodeType, ReferenceType},
};
use gridkeep_model::{
    RangeAt, RangeRef, Workbook,
    workbook::{DefinedName, Table},
};

use crate::{
    functions::replace_joins,
    provider::Provider,
    refs::{self, parse},
};

/// What a defined name stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NameMeaning {
    Cells(RangeRef),
    Constant,
    Expression,
}

/// Defined names by sheet (lower case; empty for the whole workbook) and name (lower case).
pub(crate) type Names = HashMap<(String, String), NameMeaning>;

/// Tables by name in lower case: the sheet, and the table as the workbook has it.
pub(crate) type Tables = HashMap<String, (Arc<str>, Table)>;

pub(super) fn define_tables(inner: &mut Inner<Provider>, workbook: &Workbook) -> Tables {
    let mut tables = Tables::new();
    for table in &workbook.tables {
        let Some(sheet) = workbook.sheets.get(table.sheet) else { continue };
        let headers = table.columns.iter().map(|column| column.name.clone()).collect();
        if let Some(range) = inner_range(inner, &sheet.name, table.range)
            && inner.define_table(&table.name, range, table.has_headers, headers, table.has_totals).is_ok()
        {
            tables.insert(table.name.to_lowercase(), (Arc::clone(&sheet.name), table.clone()));
        }
    }
    tables
}

pub(super) fn define_names(inner: &mut Inner<Provider>, workbook: &Workbook) -> Names {
    let mut names = Names::new();
    for name in &workbook.names {
        // Print areas, titles and filters mean nothing to formulas.
        if name.name.starts_with("_xlnm.") {
            continue;
        }
        if let Some((scope, meaning)) = define_name(inner, workbook, name) {
            names.insert((scope, name.name.to_lowercase()), meaning);
        }
    }
    names
}

fn define_name(
    inner: &mut Inner<Provider>,
    workbook: &Workbook,
    name: &DefinedName,
) -> Option<(String, NameMeaning)> {
    let own_sheet = match name.sheet {
        Some(index) => Some(&workbook.sheets.get(index)?.name),
        None => None,
    };
    let first = &workbook.sheets.first()?.name;
    let ast = parse(&name.refers_to, 32_768).ok()?;
    let (definition, meaning) = match &ast.node_type {
        ASTNodeType::Reference {
            reference: ReferenceType::Cell { .. } | ReferenceType::Range { .. },
            ..
        } => {
            let scan = refs::scan_parsed(&ast, own_sheet.unwrap_or(first));
            let found = scan.ranges.first()?;
            let sheet = &workbook.sheet(&found.sheet)?.name;
            let range = inner_range(inner, sheet, found.at)?;
            let definition = if found.at.start == found.at.end {
                NamedDefinition::Cell(range.start)
            } else {
                NamedDefinition::Range(range)
            };
            (definition, NameMeaning::Cells(RangeRef::new(Arc::clone(sheet), found.at)))
        }
        ASTNodeType::Literal(value) if !matches!(value, LiteralValue::Error(_)) => {
            (NamedDefinition::Literal(value.clone()), NameMeaning::Constant)
        }
        _ => {
            let mut ast = ast.clone();
            replace_joins(&mut ast);
            let definition =
                NamedDefinition::Formula { ast, dependencies: Vec::new(), range_deps: Vec::new() };
            (definition, NameMeaning::Expression)
        }
    };
    let scope = match own_sheet {
        Some(sheet) => NameScope::Sheet(inner.sheet_id(sheet)?),
        None => NameScope::Workbook,
    };
    inner.define_name(&name.name, definition, scope).ok()?;
    Some((own_sheet.map(|sheet| sheet.to_lowercase()).unwrap_or_default(), meaning))
}

fn inner_range(inner: &Inner<Provider>, sheet: &str, at: RangeAt) -> Option<InnerRange> {
    let sheet = inner.sheet_id(sheet)?;
    let coord = |row: u32, column: u32| Coord::try_new(row - 1, column - 1, true, true).ok();
    let start = coord(at.start.row, at.start.column)?;
    let end = coord(at.end.row, at.end.column)?;
    Some(InnerRange::new(InnerCell::new(sheet, start), InnerCell::new(sheet, end)))
}
