//! Whether a result can have come from withheld cells, judged by the formulas' texts.
//!
//! **Architecture Invariant:** a doubt counts as yes: a formula that cannot be read, that finds its cells while it
//! calculates, or whose trail is too long to follow is not clean.

use std::collections::HashSet;

use gridkeep_engine::refs::scan;
use gridkeep_model::{CellAt, CellRef, RangeAt, RangeRef, Workbook, address::MAX_COLUMN, address::MAX_ROW};

use super::withheld::Withheld;

/// Formulas looked at for one workbook before the rest counts as not clean.
const MOST_STEPS: usize = 5_000_000;

/// Functions that read cells which their text does not name.
const OPAQUE: &[&str] =
    &["INDIRECT", "OFFSET", "GETPIVOTDATA", "CELL", "EVALUATE", "RTD", "CUBEVALUE", "CUBEMEMBER", "CUBESET"];

/// Follows formulas back to what they read.
pub(super) struct Reads<'a> {
    workbook: &'a Workbook,
    withheld: &'a Withheld,
    /// Ranges that array formulas fill, by sheet, with the formula's cell.
    arrays: Vec<Vec<RangeAt>>,
    /// Formulas known to be clean, and those on the trail that is followed now.
    known: HashSet<(usize, CellAt)>,
    steps: usize,
}

impl<'a> Reads<'a> {
    pub(super) fn new(workbook: &'a Workbook, withheld: &'a Withheld) -> Self {
        let arrays = |sheet: &gridkeep_model::workbook::Sheet| {
            sheet.cells().iter().filter_map(|cell| cell.formula.as_ref()?.array_range()).collect()
        };
        let arrays = workbook.sheets.iter().map(arrays).collect();
        Self { workbook, withheld, arrays, known: HashSet::new(), steps: 0 }
    }

    /// Whether no withheld cell stands behind the result of the formula in this cell.
    pub(super) fn is_clean_formula(&mut self, cell: &CellRef) -> bool {
        self.is_clean(&RangeRef::new(cell.sheet.clone(), RangeAt::cell(cell.at)))
    }

    /// Whether no withheld cell lies in this range or stands behind a formula in it.
    pub(super) fn is_clean(&mut self, range: &RangeRef) -> bool {
        let mut open = vec![range.clone()];
        let mut seen = Vec::new();
        while let Some(range) = open.pop() {
            if !self.look(&range, &mut open, &mut seen) {
                // Those on the trail were taken for clean, so that circles end.
                for cell in seen {
                    self.known.remove(&cell);
                }
                return false;
            }
        }
        true
    }

    /// Looks at the formulas of a range and puts what they read on the list; false when something is not clean.
    fn look(&mut self, range: &RangeRef, open: &mut Vec<RangeRef>, seen: &mut Vec<(usize, CellAt)>) -> bool {
        let workbook = self.workbook;
        let Some(index) = workbook.sheets.iter().position(|sheet| sheet.is_named(&range.sheet)) else {
            return false;
        };
        if self.withheld.meets(index, range.at) {
            return false;
        }
        let sheet = &workbook.sheets[index];
        let anchors: Vec<CellAt> = self.arrays[index]
            .iter()
            .filter(|array| array.intersects(&range.at) && !range.at.contains(array.start))
            .map(|array| array.start)
            .collect();
        let cells = sheet.range(range.at).chain(anchors.into_iter().filter_map(|at| sheet.cell(at)));
        for cell in cells {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return false;
            }
            let Some(formula) = &cell.formula else { continue };
            if !self.known.insert((index, cell.at)) {
                continue;
            }
            seen.push((index, cell.at));
            let at = CellRef::new(sheet.name.clone(), cell.at);
            if !self.add_reads(formula.text(), &at, 0, open) {
                return false;
            }
        }
        true
    }

    fn add_reads(&self, formula: &str, at: &CellRef, depth: usize, open: &mut Vec<RangeRef>) -> bool {
        let found = scan(formula, &at.sheet);
        let opaque = found.functions.iter().any(|name| OPAQUE.contains(&name.as_str()));
        if !found.readable || opaque || depth > 8 {
            return false;
        }
        for used in &found.tables {
            let own = || {
                self.workbook.tables.iter().find(|table| {
                    self.workbook.sheets.get(table.sheet).is_some_and(|sheet| sheet.is_named(&at.sheet))
                        && table.range.contains(at.at)
                })
            };
            let table = if used.table.is_empty() { own() } else { self.workbook.table(&used.table) };
            let Some(table) = table else { return false };
            let Some(sheet) = self.workbook.sheets.get(table.sheet) else { return false };
            open.push(RangeRef::new(sheet.name.clone(), table.range));
        }
        for name in &found.names {
            let mut meant = self.workbook.names.iter().filter(|own| own.name.eq_ignore_ascii_case(name));
            let Some(first) = meant.next() else { return false };
            // A name may mean something else on each sheet; all of its meanings are followed.
            for meaning in std::iter::once(first).chain(meant) {
                if !self.add_reads(&meaning.refers_to, at, depth + 1, open) {
                    return false;
                }
            }
        }
        // Of a reference through several sheets only the first and the last are named.
        let through_sheets = mentions_sheet_span(formula);
        open.extend(found.ranges);
        if through_sheets {
            let all = RangeAt::new(CellAt::new(1, 1), CellAt::new(MAX_ROW, MAX_COLUMN));
            open.extend(self.workbook.sheets.iter().map(|sheet| RangeRef::new(sheet.name.clone(), all)));
        }
        true
    }
}

/// Whether a formula may refer through several sheets (`Jan:Dec!B2`); some that do not look as if they did.
fn mentions_sheet_span(formula: &str) -> bool {
    formula.rfind('!').is_some_and(|at| formula[..at].contains(':'))
}
