//! Our results against the values the writing program left in the file.
//!
//! Numbers are equal within a relative 1e-9 (or 1e-12 beside zero), texts exactly. Cells whose result changes with time or
//! chance are skipped, and so is what depends on them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use gridkeep_model::{CellAt, CellRef, CellValue, RangeRef, Workbook, workbook::Formula};
use serde::{Deserialize, Serialize};

use crate::{Engine, EngineError, LoadOptions, load, refs};

/// How many formula cells equal the file's values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Formula cells that were compared.
    pub cells: u64,
    /// Of these, how many are equal.
    pub equal: u64,
    /// Formula cells left out: they change with time or chance, or the file has no value for them.
    pub skipped: u64,
    /// Of those left out, how many have no value in the file: a program that does not calculate wrote it.
    pub uncached: u64,
    /// What differs, in the order of the workbook; at most [`Comparison::MAX_DIFFERENCES`].
    pub differences: Vec<Difference>,
    /// Differences left out of the list.
    pub omitted: u64,
}

impl Comparison {
    /// How many differences are listed; more are only counted.
    pub const MAX_DIFFERENCES: usize = 1_000;
}

/// A cell that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The cell.
    pub cell: CellRef,
    /// Its formula.
    pub formula: String,
    /// The file's value.
    pub expected: CellValue,
    /// Ours.
    pub actual: CellValue,
}

/// Compares every formula cell, spilled results included.
pub fn compare(workbook: &Workbook, engine: &dyn Engine) -> Comparison {
    let changing = changing_cells(workbook);
    let mut comparison = Comparison::default();
    for sheet in &workbook.sheets {
        let mut results: Vec<(CellAt, &Formula)> = Vec::new();
        for cell in sheet.cells() {
            let Some(formula) = &cell.formula else { continue };
            results.push((cell.at, formula));
            if let Formula::Array(_, range) = formula {
                let others = sheet.range(*range).filter(|other| other.at != cell.at);
                results
                    .extend(others.filter(|other| other.formula.is_none()).map(|other| (other.at, formula)));
            }
        }
        for (at, formula) in results {
            let cell = CellRef::new(Arc::clone(&sheet.name), at);
            let expected = sheet.value(at);
            let changes = changing.contains(&cell);
            if changes || *expected == CellValue::Blank {
                comparison.skipped += 1;
                comparison.uncached += u64::from(!changes);
                continue;
            }
            comparison.cells += 1;
            let actual = engine.value(&cell);
            if equal(expected, &actual) {
                comparison.equal += 1;
            } else if comparison.differences.len() < Comparison::MAX_DIFFERENCES {
                let (expected, formula) = (expected.clone(), formula.text().to_owned());
                comparison.differences.push(Difference { cell, formula, expected, actual });
            } else {
                comparison.omitted += 1;
            }
        }
    }
    comparison
}

/// Loads the workbook without the values its formulas left behind, calculates and compares: the golden test.
pub fn golden(workbook: &Workbook, options: &LoadOptions) -> Result<Comparison, EngineError> {
    let (engine, _) = load(&stripped(workbook), options)?;
    Ok(compare(workbook, &*engine))
}

/// The workbook with every result of a formula removed.
fn stripped(workbook: &Workbook) -> Workbook {
    let mut stripped = workbook.clone();
    for sheet in &mut stripped.sheets {
        let results: Vec<_> = sheet.cells().iter().filter(|cell| cell.formula.is_some()).cloned().collect();
        for mut cell in results {
            cell.value = CellValue::Blank;
            sheet.put(cell);
        }
    }
    stripped
}

fn equal(expected: &CellValue, actual: &CellValue) -> bool {
    match (expected, actual) {
        (CellValue::Number(a), CellValue::Number(b)) => {
            let difference = (a - b).abs();
            difference <= 1e-12 || difference <= 1e-9 * a.abs().max(b.abs())
        }
        (CellValue::Text(text), CellValue::Blank) => text.is_empty(),
        (expected, actual) => expected == actual,
    }
}

/// Cells whose value changes with time or chance, directly or by what they read.
fn changing_cells(workbook: &Workbook) -> HashSet<CellRef> {
    let mut changing: HashSet<CellRef> = HashSet::new();
    let mut readers: Vec<(CellRef, Vec<RangeRef>)> = Vec::new();
    let mut by_sheet: HashMap<String, Vec<CellAt>> = HashMap::new();
    for sheet in &workbook.sheets {
        for cell in sheet.cells() {
            let Some(formula) = &cell.formula else { continue };
            let text = formula.text().to_uppercase();
            let at = CellRef::new(Arc::clone(&sheet.name), cell.at);
            let may_change = ["NOW(", "TODAY(", "RAND", "INFO("].iter().any(|name| text.contains(name));
            if may_change && refs::scan(formula.text(), &sheet.name).volatile {
                by_sheet.entry(sheet.name.to_lowercase()).or_default().push(cell.at);
                changing.insert(at);
            } else {
                readers.push((at, Vec::new()));
            }
        }
    }
    if changing.is_empty() {
        return changing;
    }
    for (cell, ranges) in &mut readers {
        let formula = workbook.sheet(&cell.sheet).and_then(|sheet| sheet.cell(cell.at)?.formula.as_ref());
        let Some(formula) = formula else { continue };
        let scan = refs::scan(formula.text(), &cell.sheet);
        ranges.extend(scan.ranges);
        for name in &scan.names {
            for known in workbook.names.iter().filter(|known| known.name.eq_ignore_ascii_case(name)) {
                ranges.extend(refs::scan(&known.refers_to, &cell.sheet).ranges);
            }
        }
        for used in &scan.tables {
            if let Some(table) = workbook.table(&used.table) {
                ranges.push(RangeRef::new(Arc::clone(&workbook.sheets[table.sheet].name), table.range));
            }
        }
    }
    loop {
        let before = readers.len();
        let mut rest = Vec::with_capacity(before);
        for (cell, ranges) in readers {
            let reads = ranges.iter().any(|range| {
                by_sheet
                    .get(&range.sheet.to_lowercase())
                    .is_some_and(|cells| cells.iter().any(|at| range.at.contains(*at)))
            });
            if reads {
                by_sheet.entry(cell.sheet.to_lowercase()).or_default().push(cell.at);
                changing.insert(cell);
            } else {
                rest.push((cell, ranges));
            }
        }
        readers = rest;
        if readers.len() == before {
            return changing;
        }
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::workbook::{Cell, Sheet};

    use super::*;

    #[test]
    fn differences_are_listed_and_changing_cells_skipped() {
        let cell = |address: &str, value: CellValue, formula: &str| Cell {
            at: address.parse().expect("an address"),
            value,
            formula: Some(Formula::Plain(formula.into())),
            style: 0,
        };
        let number = CellValue::Number;
        let cells = vec![
            cell("A1", number(3.000_000_000_1), "1+2"),
            cell("A2", number(4.0), "1+2"),
            cell("A3", number(1.0), "NOW()"),
            cell("A4", number(2.0), "A3+1"),
            cell("A5", CellValue::text("Ab"), "\"a\"&\"b\""),
            cell("A6", CellValue::Blank, "1+2"),
        ];
        let workbook = Workbook { sheets: vec![Sheet::new("S", cells)], ..Workbook::default() };
        let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
        let comparison = golden(&workbook, &options).expect("calculates");
        assert_eq!((comparison.cells, comparison.equal), (3, 1));
        assert_eq!((comparison.skipped, comparison.uncached), (3, 1));
        let cells: Vec<String> = comparison.differences.iter().map(|d| d.cell.to_string()).collect();
        assert_eq!(cells, ["S!A2", "S!A5"]);
    }
}
