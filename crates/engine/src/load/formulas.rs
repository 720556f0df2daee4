//! Formulas: parsed once, intersected where Excel would, grouped with their copies, and reported when they are not whole.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use formualizer::{
    eval::engine::{
        AstNodeId, Engine as Inner, FormulaFamilyGrouper, FormulaIngestBatch, FormulaIngestRecord,
    },
    parse::parser::ASTNode,
};
use gridkeep_model::{
    CellAt, CellError, CellRef, CellValue, ImportReport, RangeAt, RangeRef, Workbook,
    report::{Finding, FindingKind},
    workbook::{Cell, Formula, Sheet},
};

use super::{
    internal,
    names::{NameMeaning, Names, Tables},
    structured,
};
use crate::{
    Engine, EngineError, LoadOptions,
    calculator::Calculator,
    functions::{guard, replace_joins, replace_repeats},
    intersect::intersect,
    provider::Provider,
    refs::{Scan, parse, scan_parsed},
    value::to_literal,
};

/// Formula texts by sheet (as spelt) and cell.
pub(crate) type Texts = HashMap<Arc<str>, HashMap<CellAt, Arc<str>>>;

/// A formula that reads more array cells than this can be stopped before it begins.
const GUARDED_READS: u64 = 1_000;

/// Functions that go through their arguments cell by cell.
const ARRAY_FUNCTIONS: &[&str] = &[
    "SUMPRODUCT",
    "MMULT",
    "FILTER",
    "SORT",
    "SORTBY",
    "UNIQUE",
    "FREQUENCY",
    "LARGE",
    "SMALL",
    "MEDIAN",
    "PERCENTILE",
    "PERCENTILE.INC",
    "PERCENTILE.EXC",
    "QUARTILE",
    "QUARTILE.INC",
    "RANK",
    "RANK.EQ",
    "RANK.AVG",
    "LOOKUP",
    "TEXTJOIN",
    "CONCAT",
    "LET",
    "LAMBDA",
    "MAP",
    "REDUCE",
    "SCAN",
    "BYROW",
    "BYCOL",
    "OFFSET",
    "INDIRECT",
    "AGGREGATE",
    "MODE",
    "TRANSPOSE",
    "LINEST",
    "CORREL",
    "STDEV",
    "STDEV.S",
    "VAR",
    "IRR",
    "XIRR",
    "XNPV",
    "NPV",
    "DSUM",
    "DCOUNT",
    "DGET",
];

/// Functions of LAMBDA that we lack; an unknown name in such a formula may be a local, these are not.
const LAMBDA_FUNCTIONS: &[&str] = &["GROUPBY", "PIVOTBY", "ISOMITTED"];

/// What became of one formula.
enum Staged {
    Formula(FormulaIngestRecord),
    /// The cached value stays, with the reason.
    Value(FindingKind, String),
}

pub(super) fn ingest(
    inner: &mut Inner<Provider>,
    workbook: &Workbook,
    options: &LoadOptions,
    provider: &Provider,
    names: &Names,
    tables: &Tables,
    report: &mut ImportReport,
) -> Result<Texts, EngineError> {
    let mut texts = Texts::new();
    let used: HashMap<String, Option<RangeAt>> =
        workbook.sheets.iter().map(|sheet| (sheet.name.to_lowercase(), sheet.used_range())).collect();
    let mut batches = Vec::new();
    let mut fixed = Vec::new();
    for sheet in &workbook.sheets {
        let mut staging = Staging::new(sheet, options, provider, names, tables, workbook, &used);
        let mut records = Vec::new();
        let mut kept = Vec::new();
        let own = texts.entry(Arc::clone(&sheet.name)).or_default();
        let spilled = super::values::spilled_cells(sheet);
        for cell in sheet.cells() {
            let Some(formula) = &cell.formula else { continue };
            if spilled.contains(&cell.at) {
                continue;
            }
            own.insert(cell.at, Arc::from(formula.text()));
            report.formulas += 1;
            match staging.stage(inner, cell, formula, report) {
                Staged::Formula(record) => {
                    records.push(record);
                    if formula.array_range().is_some() {
                        fixed.push((Arc::clone(&sheet.name), cell.at, formula.clone()));
                    }
                }
                Staged::Value(kind, detail) => {
                    report.add(Finding { kind, place: place(sheet, cell.at), detail });
                    kept.push(cell);
                }
            }
        }
        inner.finish_family_grouper(&mut staging.grouper);
        if !records.is_empty() {
            batches.push(FormulaIngestBatch::new(sheet.name.to_string(), records));
        }
        for cell in kept {
            let value = to_literal(&cell.value);
            let _ = inner.set_cell_value(&sheet.name, cell.at.row, cell.at.column, value);
        }
    }
    if !batches.is_empty() {
        inner.ingest_formula_batches(batches).map_err(internal)?;
    }
    for (sheet, at, formula) in fixed {
        match formula {
            Formula::Array(_, range) => {
                // Refused only for ranges that overlap or exceed the limit; the formula then spills freely.
                let _ = inner.declare_fixed_array_formula(
                    &sheet,
                    at.row,
                    at.column,
                    range.rows(),
                    range.columns(),
                );
            }
            Formula::Spill(..) => {
                let _ = inner.declare_dynamic_array_anchor(&sheet, at.row, at.column);
            }
            Formula::Plain(_) => {}
        }
    }
    Ok(texts)
}

/// Findings that only the results show: circular references.
pub(super) fn add_calculated_findings(
    workbook: &Workbook,
    calculator: &Calculator,
    report: &mut ImportReport,
) {
    let mut circular = 0;
    for sheet in &workbook.sheets {
        for cell in sheet.cells().iter().filter(|cell| cell.formula.is_some()) {
            let at = CellRef::new(Arc::clone(&sheet.name), cell.at);
            if calculator.value(&at) == CellValue::Error(CellError::Circular) {
                circular += 1;
                let detail = cell.formula.as_ref().map(Formula::text).unwrap_or_default();
                report.add(Finding {
                    kind: FindingKind::CircularReference,
                    place: place(sheet, cell.at),
                    detail: detail.chars().take(200).collect(),
                });
            }
        }
    }
    report.supported = report.supported.saturating_sub(circular);
}

fn place(sheet: &Sheet, at: CellAt) -> String {
    CellRef::new(Arc::clone(&sheet.name), at).to_string()
}

struct Staging<'a> {
    sheet: &'a Sheet,
    options: &'a LoadOptions,
    provider: &'a Provider,
    names: &'a Names,
    tables: &'a Tables,
    workbook: &'a Workbook,
    /// Rows and columns in use by sheet, in lower case.
    used: &'a HashMap<String, Option<RangeAt>>,
    grouper: FormulaFamilyGrouper,
    /// Formulas that repeat word for word, such as those with absolute references only.
    parsed: HashMap<Arc<str>, AstNodeId>,
    /// Cells whose formula has a finding: their copies are looked at one by one.
    noted: HashSet<CellAt>,
}

impl<'a> Staging<'a> {
    fn new(
        sheet: &'a Sheet,
        options: &'a LoadOptions,
        provider: &'a Provider,
        names: &'a Names,
        tables: &'a Tables,
        workbook: &'a Workbook,
        used: &'a HashMap<String, Option<RangeAt>>,
    ) -> Self {
        let (grouper, parsed, noted) = (FormulaFamilyGrouper::new(), HashMap::new(), HashSet::new());
        Self { sheet, options, provider, names, tables, workbook, used, grouper, parsed, noted }
    }

    fn stage(
        &mut self,
        inner: &mut Inner<Provider>,
        cell: &Cell,
        formula: &Formula,
        report: &mut ImportReport,
    ) -> Staged {
        let text: Arc<str> = Arc::from(format!("={}", formula.text().trim_start_matches('=')));
        if text.len() > self.options.limits.formula_bytes {
            return Staged::Value(FindingKind::LimitReached, "formula length".into());
        }
        if nesting(&text) > self.options.limits.formula_depth {
            return Staged::Value(FindingKind::LimitReached, "formula depth".into());
        }
        let CellAt { row, column } = cell.at;
        let plain = matches!(formula, Formula::Plain(_));
        self.grouper.note_formula();
        if plain && !self.beside_a_noted(cell.at) {
            if let Some(id) = self.parsed.get(&text) {
                self.grouper.note_parse_cache_hit();
                inner.note_staged_formula(&mut self.grouper, row, column, *id);
                report.supported += 1;
                return Staged::Formula(FormulaIngestRecord::new(row, column, *id, Some(text)));
            }
            if let Some(record) = inner.stage_relocated_text(&mut self.grouper, row, column, &text, None) {
                report.supported += 1;
                return Staged::Formula(record);
            }
        }
        self.grouper.note_parse(text.len());
        let mut ast = match parse(&text, self.options.limits.formula_bytes) {
            Ok(ast) => ast,
            Err(message) => return Staged::Value(FindingKind::UnreadableFormula, message),
        };
        let scan = scan_parsed(&ast, &self.sheet.name);
        if scan.external {
            let detail = self.workbook.external_links.first().cloned().unwrap_or_default();
            return Staged::Value(FindingKind::ExternalLink, detail);
        }
        self.add_findings(cell.at, &scan, report);
        let reads = self.reads(&scan);
        if reads.iter().any(|cells| *cells > self.options.limits.range_cells) {
            report.supported = report.supported.saturating_sub(1);
            self.noted.insert(cell.at);
            return Staged::Value(FindingKind::LimitReached, "cells in one range".into());
        }
        let at = CellRef::new(Arc::clone(&self.sheet.name), cell.at);
        let resolved = !scan.tables.is_empty() && structured::resolve(&mut ast, &at, self.tables);
        let changed = plain && intersect(&mut ast, &|name| self.is_single(name));
        let repeated = replace_repeats(&mut ast, &|name| self.is_single(name));
        let joined = replace_joins(&mut ast);
        let arrays = !plain || scan.functions.iter().any(|name| ARRAY_FUNCTIONS.contains(&name.as_str()));
        let guarded = arrays && reads.iter().sum::<u64>() > GUARDED_READS;
        if guarded {
            guard(&mut ast);
        }
        self.record(inner, cell.at, &text, &ast, changed || resolved || repeated || joined || guarded)
    }

    fn record(
        &mut self,
        inner: &mut Inner<Provider>,
        at: CellAt,
        text: &Arc<str>,
        ast: &ASTNode,
        changed: bool,
    ) -> Staged {
        let CellAt { row, column } = at;
        let record = inner.stage_formula_ast(&mut self.grouper, row, column, ast, None);
        if changed {
            return Staged::Formula(record);
        }
        inner.note_parsed_text(&mut self.grouper, row, column, text, ast, &record, None);
        if record.is_family_member() {
            return Staged::Formula(record);
        }
        let id = record.ast_id;
        if !self.noted.contains(&at) {
            self.parsed.insert(Arc::clone(text), id);
        }
        Staged::Formula(FormulaIngestRecord::new(row, column, id, Some(Arc::clone(text))))
    }

    fn add_findings(&mut self, at: CellAt, scan: &Scan, report: &mut ImportReport) {
        // A local of LET or LAMBDA may be called too, and a defined name may hold a LAMBDA.
        let local = scan.functions.iter().any(|name| name == "LET" || name == "LAMBDA");
        let unknown = |name: &&String| {
            let may_be_local = local && !LAMBDA_FUNCTIONS.contains(&name.as_str());
            !self.provider.knows(name) && !may_be_local && self.meaning(name).is_none()
        };
        let mut findings: Vec<(FindingKind, String)> = Vec::new();
        for function in scan.functions.iter().filter(unknown) {
            findings.push((FindingKind::UnsupportedFunction, function.clone()));
        }
        // A local of the formula's own comes before a name of the workbook.
        for name in scan.names.iter().filter(|_| !local) {
            if let Some(function) = self.undefinable(name) {
                findings.push((FindingKind::UnsupportedFunction, format!("{function} in the name {name}")));
            }
        }
        report.supported += u64::from(findings.is_empty());
        if scan.volatile {
            findings.push((FindingKind::Volatile, scan.functions.join(" ")));
        }
        for (kind, detail) in findings {
            self.noted.insert(at);
            report.add(Finding { kind, place: place(self.sheet, at), detail });
        }
    }

    /// Cells within each range that a formula reads, as far as they are in use.
    fn reads(&self, scan: &Scan) -> Vec<u64> {
        let used = |sheet: &str| {
            self.used
                .get(&sheet.to_lowercase())
                .copied()
                .flatten()
                .unwrap_or(RangeAt::cell(CellAt::new(1, 1)))
        };
        let read = |range: &RangeRef| {
            let (at, used) = (range.at, used(&range.sheet));
            let rows = u64::from((at.end.row.min(used.end.row) + 1).saturating_sub(at.start.row));
            rows * u64::from((at.end.column.min(used.end.column) + 1).saturating_sub(at.start.column))
        };
        scan.ranges.iter().map(read).collect()
    }

    fn beside_a_noted(&self, at: CellAt) -> bool {
        let above = CellAt::new(at.row.saturating_sub(1), at.column);
        let left = CellAt::new(at.row, at.column.saturating_sub(1));
        self.noted.contains(&above) || self.noted.contains(&left)
    }

    fn meaning(&self, name: &str) -> Option<&NameMeaning> {
        let name = name.to_lowercase();
        let local = self.names.get(&(self.sheet.name.to_lowercase(), name.clone()));
        local.or_else(|| self.names.get(&(String::new(), name)))
    }

    /// The function that keeps a name of the workbook from meaning anything: the engine beneath knows no locals there.
    fn undefinable(&self, name: &str) -> Option<&'static str> {
        if self.meaning(name).is_some() {
            return None;
        }
        let named = self.workbook.names.iter().find(|known| known.name.eq_ignore_ascii_case(name))?;
        let text = named.refers_to.to_uppercase();
        ["LAMBDA", "LET"].into_iter().find(|function| text.contains(&format!("{function}(")))
    }

    fn is_single(&self, name: &str) -> bool {
        match self.meaning(name) {
            Some(NameMeaning::Cells(range)) => range.at.start == range.at.end,
            Some(NameMeaning::Constant) => true,
            Some(NameMeaning::Expression) | None => false,
        }
    }
}

/// How deep parentheses, calls and braces go, outside texts and quoted sheet names.
pub(crate) fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut quote = None;
    for byte in text.bytes() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (None, b')' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
