//! From a workbook to a calculated engine, and the report of what was understood.
//!
//! **Architecture Invariant:** a file cannot bring the process down: sizes and depths are checked before anything is built,
//! and a panic beneath becomes an error.

pub(crate) mod formulas;
pub(crate) mod names;
pub(crate) mod structured;
mod values;

use std::{collections::HashMap, sync::Arc};

use formualizer::eval::engine::{
    CycleConfig, CyclePolicy, DateSystem, DeterministicMode, Engine as Inner, EvalConfig, FormulaParsePolicy,
    RowVisibilitySource, SpillConfig, TemporalEgress,
};
use formualizer::eval::timezone::TimeZoneSpec;
use gridkeep_model::{
    ImportReport, Workbook,
    report::{Finding, FindingKind},
    workbook::{Formula, Sheet},
};

use crate::{
    Cancel, Engine, EngineError, LoadOptions, calculator::Calculator, functions, provider::Provider, refs,
};

/// Loads a workbook and calculates it. Cells that cannot be calculated are in the report; they never fail the load.
pub fn load(
    workbook: &Workbook,
    options: &LoadOptions,
) -> Result<(Box<dyn Engine>, ImportReport), EngineError> {
    load_cancellable(workbook, options, &Cancel::new())
}

/// As [`load`], and can be stopped. Running out of time is in the report; being cancelled is an error.
pub fn load_cancellable(
    workbook: &Workbook,
    options: &LoadOptions,
    cancel: &Cancel,
) -> Result<(Box<dyn Engine>, ImportReport), EngineError> {
    check_size(workbook, options)?;
    let (mut calculator, mut report) = guarded(|| build(workbook, options))?;
    match calculator.recalculate(cancel) {
        Ok(_) => {}
        Err(EngineError::Limit { what, limit, .. }) => {
            report.add(Finding {
                kind: FindingKind::LimitReached,
                place: "workbook".into(),
                detail: format!("{what}: {limit}"),
            });
        }
        Err(error) => return Err(error),
    }
    formulas::add_calculated_findings(workbook, &calculator, &mut report);
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.kind.light()));
    Ok((Box::new(calculator), report))
}

/// Runs what the engine beneath does; a panic becomes an error. In the browser a panic ends the worker instead.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    #[cfg(not(target_arch = "wasm32"))]
    {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
            let text = payload
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| payload.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            Err(EngineError::Internal(text))
        })
    }
    #[cfg(target_arch = "wasm32")]
    work()
}

fn check_size(workbook: &Workbook, options: &LoadOptions) -> Result<(), EngineError> {
    let limit = options.limits.cells;
    let mut total = 0;
    for sheet in &workbook.sheets {
        total += sheet.cells().len() as u64;
        if total > limit {
            return Err(EngineError::Limit { what: "cells", place: sheet.name.to_string(), limit });
        }
    }
    Ok(())
}

fn build(workbook: &Workbook, options: &LoadOptions) -> Result<(Calculator, ImportReport), EngineError> {
    let provider = Provider::new(functions::all(options.locale));
    let mut inner = Inner::new(provider.clone(), config(workbook, options));
    inner.adopt_file_sheets(workbook.sheets.iter().map(|sheet| &*sheet.name)).map_err(internal)?;
    for sheet in &workbook.sheets {
        values::ingest(&mut inner, sheet, options);
    }
    for sheet in &workbook.sheets {
        hide_rows(&mut inner, workbook, sheet);
    }
    let tables = names::define_tables(&mut inner, workbook);
    let names = names::define_names(&mut inner, workbook);
    let mut report = ImportReport::default();
    let texts = formulas::ingest(&mut inner, workbook, options, &provider, &names, &tables, &mut report)?;
    for sheet in &workbook.sheets {
        inner.finalize_sheet_index(&sheet.name);
    }
    inner.set_first_load_assume_new(false);
    inner.reset_ensure_touched();
    let sheets: HashMap<String, Arc<str>> =
        workbook.sheets.iter().map(|sheet| (sheet.name.to_lowercase(), Arc::clone(&sheet.name))).collect();
    Ok((Calculator::new(inner, sheets, names, tables, texts, options.limits.clone()), report))
}

/// SUBTOTAL and AGGREGATE leave hidden rows out; those that a filter hides always, others only when asked.
fn hide_rows(inner: &mut Inner<Provider>, workbook: &Workbook, sheet: &Sheet) {
    if sheet.hidden_rows.is_empty() {
        return;
    }
    let index = workbook.sheets.iter().position(|own| own.name == sheet.name);
    let filter =
        workbook.names.iter().find(|name| name.name == "_xlnm._FilterDatabase" && name.sheet == index);
    let filtered =
        filter.and_then(|name| refs::scan(&name.refers_to, &sheet.name).ranges.first().map(|range| range.at));
    let last = sheet.used_range().map_or(0, |used| used.end.row);
    for (first, end) in &sheet.hidden_rows {
        let in_filter = filtered.is_some_and(|range| (range.start.row..=range.end.row).contains(first));
        let source = if in_filter { RowVisibilitySource::Filter } else { RowVisibilitySource::Manual };
        // Rows that hold nothing need not be hidden.
        if *first <= last {
            let _ = inner.set_rows_hidden(&sheet.name, *first, (*end).min(last), true, source);
        }
    }
}

fn config(workbook: &Workbook, options: &LoadOptions) -> EvalConfig {
    let has_arrays = workbook
        .sheets
        .iter()
        .any(|sheet| sheet.cells().iter().any(|cell| matches!(cell.formula, Some(Formula::Array(..)))));
    let cycle = if workbook.iterative {
        CycleConfig::iterate_excel_defaults()
    } else {
        let mut cycle = CycleConfig::iterate_excel_defaults();
        cycle.policy = CyclePolicy::Error;
        cycle
    };
    let mut config = EvalConfig {
        // One thread: a server calculates many workbooks at once, and a pool for each would cost more than it gives.
        enable_parallel: false,
        workbook_seed: options.seed,
        deterministic_mode: DeterministicMode::Enabled {
            timestamp_utc: moment(options.now),
            timezone: TimeZoneSpec::Utc,
        },
        date_system: if workbook.date_1904 { DateSystem::Excel1904 } else { DateSystem::Excel1900 },
        temporal_egress: TemporalEgress::Serial,
        formula_parse_policy: FormulaParsePolicy::CoerceToError,
        spill: SpillConfig { max_spill_cells: options.limits.spill_cells, ..SpillConfig::default() },
        cycle,
        // Array formulas with a fixed range need it off.
        family_execution: !has_arrays,
        max_eval_time: options.limits.time,
        ..EvalConfig::default()
    };
    config.evaluation_budgets.scratch.materialized_array_cells = Some(options.limits.array_cells);
    config
}

fn moment(now: jiff::civil::DateTime) -> chrono::DateTime<chrono::Utc> {
    chrono::NaiveDate::from_ymd_opt(
        now.year().into(),
        now.month().unsigned_abs().into(),
        now.day().unsigned_abs().into(),
    )
    .and_then(|date| {
        date.and_hms_opt(
            now.hour().unsigned_abs().into(),
            now.minute().unsigned_abs().into(),
            now.second().unsigned_abs().into(),
        )
    })
    .map_or(chrono::DateTime::UNIX_EPOCH, |moment| moment.and_utc())
}

#[expect(clippy::needless_pass_by_value, reason = "an argument of `map_err`")]
pub(crate) fn internal(error: formualizer::common::ExcelError) -> EngineError {
    EngineError::Internal(error.to_string())
}

#[cfg(test)]
mod tests;
