//! The engine on the workbook with 100,000 formulas.

use std::time::Duration;

use anyhow::Result;
use gridkeep_engine::{Cancel, Engine, LoadOptions, load};
use gridkeep_model::{CellRef, CellValue};
use gridkeep_workbook::Limits;

use crate::{
    figures::{figure, median, milliseconds, timed},
    generate,
};

/// Prints how long reading, calculating and changing take.
pub(crate) fn run() -> Result<()> {
    let bytes = generate::formulas()?;
    let options = LoadOptions::at(jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0));
    let (workbook, read) = timed(|| gridkeep_workbook::read("formulas.xlsx", &bytes, &Limits::default()));
    let workbook = workbook?;
    let (loaded, load) = timed(|| load(&workbook, &options));
    let (mut engine, report) = loaded?;
    let formulas = report.formulas;
    figure(&format!("native: read {} kB, {formulas} formulas", bytes.len() / 1_000), milliseconds(read), "");
    figure("native: load and full calculation", milliseconds(load), "<= 1,000 ms");
    for (what, cell) in [
        ("a threshold that 19,000 formulas read", "Inputs!B2"),
        ("one quantity, which 1,000 SUMIFS reach", "Data!D2"),
        ("a factor that everything depends on", "Inputs!B3"),
    ] {
        let times: Vec<Duration> =
            (1..=5).map(|round| change(&mut *engine, cell, round)).collect::<Result<_>>()?;
        figure(&format!("native: {what}"), milliseconds(median(times)), "");
    }
    Ok(())
}

fn change(engine: &mut dyn Engine, cell: &str, round: u32) -> Result<Duration> {
    let cell: CellRef = cell.parse()?;
    let (done, time) = timed(|| {
        engine.set(&[(cell, CellValue::Number(f64::from(round) + 1.0))])?;
        engine.recalculate(&Cancel::new())
    });
    done?;
    Ok(time)
}
