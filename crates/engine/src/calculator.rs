//! Our engine over `formualizer`: the only implementation of [`Engine`].

use std::{collections::HashMap, sync::Arc};

use formualizer::{
    common::{ExcelErrorExtra, ExcelErrorKind},
    eval::engine::{CancelToken, Engine as Inner},
    parse::canonical_formula,
};
use gridkeep_model::{CellAt, CellRef, CellValue, RangeAt, RangeRef, address::MAX_ROW};

use crate::{
    Cancel, Engine, EngineError, Limits, Recalculation,
    functions::{replace_joins, replace_repeats, restore_joins},
    intersect::intersect,
    load::{
        formulas::{Texts, nesting},
        guarded, internal,
        names::{NameMeaning, Names, Tables},
        structured,
    },
    provider::Provider,
    refs::{self, TableUse},
    value::{from_literal, to_literal},
    watch::Watch,
};

pub(crate) struct Calculator {
    inner: Inner<Provider>,
    /// Sheets as spelt, by lower-case name.
    sheets: HashMap<String, Arc<str>>,
    names: Names,
    tables: Tables,
    texts: Texts,
    limits: Limits,
    /// Set once the engine beneath panicked: its state can no longer be trusted.
    broken: bool,
}

impl Calculator {
    pub(crate) fn new(
        inner: Inner<Provider>,
        sheets: HashMap<String, Arc<str>>,
        names: Names,
        tables: Tables,
        texts: Texts,
        limits: Limits,
    ) -> Self {
        Self { inner, sheets, names, tables, texts, limits, broken: false }
    }

    fn sheet(&self, name: &str) -> Option<&Arc<str>> {
        self.sheets.get(name).or_else(|| self.sheets.get(&name.to_lowercase()))
    }

    fn known_sheet(&self, name: &str) -> Result<Arc<str>, EngineError> {
        self.sheet(name).cloned().ok_or_else(|| EngineError::UnknownSheet(name.to_owned()))
    }

    fn run<T>(
        &mut self,
        work: impl FnOnce(&mut Inner<Provider>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        if self.broken {
            return Err(EngineError::Internal("the engine stopped earlier".into()));
        }
        self.broken = true;
        let mut panicked = true;
        let result = guarded(|| {
            let result = work(&mut self.inner);
            panicked = false;
            result
        });
        self.broken = panicked;
        result
    }

    fn meaning(&self, name: &str, sheet: &str) -> Option<&NameMeaning> {
        let name = name.to_lowercase();
        let local = self.names.get(&(sheet.to_lowercase(), name.clone()));
        local.or_else(|| self.names.get(&(String::new(), name)))
    }

    fn table_range(&self, used: &TableUse, cell: &CellRef) -> Option<RangeRef> {
        let (sheet, table) = if used.table.is_empty() {
            self.tables
                .values()
                .find(|(sheet, table)| **sheet == *cell.sheet && table.range.contains(cell.at))?
        } else {
            self.tables.get(&used.table.to_lowercase())?
        };
        let mut at = table.data_range()?;
        let column = |name: &String| {
            let found = table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))?;
            Some(table.range.start.column + found as u32)
        };
        let columns: Vec<u32> = used.columns.iter().filter_map(column).collect();
        if let (Some(first), Some(last)) = (columns.iter().min(), columns.iter().max()) {
            (at.start.column, at.end.column) = (*first, *last);
        }
        if used.this_row {
            (at.start.row, at.end.row) = (cell.at.row, cell.at.row);
        }
        Some(RangeRef::new(Arc::clone(sheet), at))
    }
}

impl Engine for Calculator {
    fn set(&mut self, cells: &[(CellRef, CellValue)]) -> Result<(), EngineError> {
        let mut changes = Vec::with_capacity(cells.len());
        for (cell, value) in cells {
            let limit = self.limits.text_length;
            if value.as_text().is_some_and(|text| text.len() > limit && text.chars().count() > limit) {
                let limit = limit as u64;
                return Err(EngineError::Limit { what: "text length", place: cell.to_string(), limit });
            }
            changes.push((self.known_sheet(&cell.sheet)?, cell.at, to_literal(value)));
        }
        for (sheet, at, _) in &changes {
            if let Some(texts) = self.texts.get_mut(sheet) {
                texts.remove(at);
            }
        }
        self.run(|inner| {
            inner.begin_deferred_dirty();
            let result = changes
                .into_iter()
                .try_for_each(|(sheet, at, value)| inner.set_cell_value(&sheet, at.row, at.column, value));
            inner.end_deferred_dirty();
            result.map_err(internal)
        })
    }

    fn set_formula(&mut self, cell: &CellRef, formula: &str) -> Result<(), EngineError> {
        let sheet = self.known_sheet(&cell.sheet)?;
        let text = formula.trim_start_matches('=');
        let limit = self.limits.formula_bytes;
        let place = || cell.to_string();
        if text.len() > limit {
            return Err(EngineError::Limit { what: "formula length", place: place(), limit: limit as u64 });
        }
        let limit = self.limits.formula_depth;
        if nesting(text) > limit {
            return Err(EngineError::Limit { what: "formula depth", place: place(), limit: limit as u64 });
        }
        let mut ast = refs::parse(text, self.limits.formula_bytes)
            .map_err(|message| EngineError::Formula { place: place(), message })?;
        structured::resolve(&mut ast, cell, &self.tables);
        let single = |name: &str| match self.meaning(name, &sheet) {
            Some(NameMeaning::Cells(range)) => range.at.start == range.at.end,
            Some(NameMeaning::Constant) => true,
            Some(NameMeaning::Expression) | None => false,
        };
        intersect(&mut ast, &single);
        replace_repeats(&mut ast, &single);
        replace_joins(&mut ast);
        let at = cell.at;
        self.run(|inner| inner.set_cell_formula(&sheet, at.row, at.column, ast).map_err(internal))?;
        self.texts.entry(sheet).or_default().insert(at, Arc::from(text));
        Ok(())
    }

    fn recalculate(&mut self, cancel: &Cancel) -> Result<Recalculation, EngineError> {
        let watch = Watch::start(cancel, self.limits.time);
        let token = CancelToken::from_flag(watch.flag());
        let seconds = self.limits.time.map_or(0, |time| time.as_secs());
        self.run(|inner| {
            let result = inner.evaluate_all_cancellable(token).map_err(|error| {
                if cancel.is_cancelled() {
                    EngineError::Cancelled
                } else if watch.is_late()
                    || error.kind == ExcelErrorKind::Cancelled
                    || matches!(error.extra(), ExcelErrorExtra::Resource { .. })
                {
                    let what = "calculation time in seconds";
                    EngineError::Limit { what, place: "workbook".into(), limit: seconds }
                } else {
                    internal(error)
                }
            })?;
            Ok(Recalculation { calculated: result.computed_vertices, circular: result.cycle_errors })
        })
    }

    fn value(&self, cell: &CellRef) -> CellValue {
        let Some(sheet) = self.sheet(&cell.sheet) else { return CellValue::Blank };
        let value = self.inner.get_cell_value(sheet, cell.at.row, cell.at.column);
        value.as_ref().map_or(CellValue::Blank, from_literal)
    }

    fn range(&self, range: &RangeRef) -> Vec<Vec<CellValue>> {
        let Some(sheet) = self.sheet(&range.sheet) else { return Vec::new() };
        let Some((rows, columns)) = self.used(sheet) else { return Vec::new() };
        let RangeAt { start, end } = range.at;
        let end = CellAt::new(end.row.min(rows), end.column.min(columns));
        if start.row > end.row || start.column > end.column {
            return Vec::new();
        }
        let values = self.inner.get_range_values(sheet, start.row, start.column, end.row, end.column);
        values.iter().map(|row| row.iter().map(from_literal).collect()).collect()
    }

    fn resolve(&self, name: &str) -> Option<RangeRef> {
        if let Some((sheet, table)) = self.tables.get(&name.to_lowercase()) {
            return Some(RangeRef::new(Arc::clone(sheet), table.data_range().unwrap_or(table.range)));
        }
        let cells = |meaning: &NameMeaning| match meaning {
            NameMeaning::Cells(range) => Some(range.clone()),
            NameMeaning::Constant | NameMeaning::Expression => None,
        };
        if let Some(meaning) = self.names.get(&(String::new(), name.to_lowercase())) {
            return cells(meaning);
        }
        // Names of one sheet are found too, when only one sheet has such a name.
        let lower = name.to_lowercase();
        let mut local = self.names.iter().filter(|((_, name), _)| *name == lower);
        let only = local.next().filter(|_| local.next().is_none());
        only.and_then(|(_, meaning)| cells(meaning))
    }

    fn formula(&self, cell: &CellRef) -> Option<String> {
        let texts = self.texts.get(self.sheet(&cell.sheet)?)?;
        texts.get(&cell.at).map(ToString::to_string)
    }

    fn precedents(&self, cell: &CellRef) -> Vec<RangeRef> {
        let Some(formula) = self.formula(cell) else { return Vec::new() };
        let scan = refs::scan(&formula, &cell.sheet);
        let mut found = scan.ranges;
        for name in &scan.names {
            if let Some(NameMeaning::Cells(range)) = self.meaning(name, &cell.sheet) {
                found.push(range.clone());
            }
        }
        found.extend(scan.tables.iter().filter_map(|used| self.table_range(used, cell)));
        found
    }

    fn insert_rows(&mut self, sheet: &str, before: u32, count: u32) -> Result<(), EngineError> {
        let sheet = self.known_sheet(sheet)?;
        let last = self.used(&sheet).map_or(0, |(rows, _)| rows);
        if last.saturating_add(count) > MAX_ROW {
            let (place, limit) = (sheet.to_string(), u64::from(MAX_ROW));
            return Err(EngineError::Limit { what: "rows", place, limit });
        }
        self.run(|inner| {
            let inserted = inner.insert_rows(&sheet, before, count);
            inserted.map(|_| ()).map_err(|error| EngineError::Internal(format!("{error:?}")))
        })?;
        let down = |at: &mut RangeAt| {
            at.start.row += if at.start.row >= before { count } else { 0 };
            at.end.row += if at.end.row >= before { count } else { 0 };
        };
        for meaning in self.names.values_mut() {
            if let NameMeaning::Cells(range) = meaning
                && range.sheet == sheet
            {
                down(&mut range.at);
            }
        }
        for (own, table) in self.tables.values_mut() {
            if *own == sheet {
                down(&mut table.range);
            }
        }
        // References across the inserted rows have changed: the engine beneath has the formulas now.
        let moved =
            |at: CellAt| CellAt::new(if at.row >= before { at.row + count } else { at.row }, at.column);
        for (own, texts) in &mut self.texts {
            let old = std::mem::take(texts);
            for (at, text) in old {
                let at = if *own == sheet { moved(at) } else { at };
                let now = self.inner.get_cell(own, at.row, at.column).and_then(|(ast, _)| ast);
                let now =
                    now.map(|ast| Arc::from(restore_joins(canonical_formula(&ast).trim_start_matches('='))));
                texts.insert(at, now.unwrap_or(text));
            }
        }
        Ok(())
    }

    fn used(&self, sheet: &str) -> Option<(u32, u32)> {
        let sheet = self.inner.sheet_store().sheet(self.sheet(sheet)?)?;
        let (rows, columns) = (sheet.nrows, sheet.columns.len() as u32);
        (rows > 0 && columns > 0).then_some((rows, columns))
    }
}
