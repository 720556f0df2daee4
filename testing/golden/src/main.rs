//! The golden test: every workbook of a folder is calculated without the values its formulas left behind, and compared with
//! them. Prints one line a file and a total; with `--json` one JSON object a file and one for the total.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;
use gridkeep_engine::{LoadOptions, compare};
use gridkeep_workbook::Limits;
use serde::Serialize;

/// Recalculates every workbook of a folder and compares with the values in the files.
#[derive(Parser)]
struct Arguments {
    /// Folder with .xlsx and .xlsm files.
    folder: PathBuf,
    /// Print JSON lines, every difference included.
    #[arg(long)]
    json: bool,
    /// Print up to this many differences a file.
    #[arg(long, default_value_t = 0)]
    differences: usize,
    /// Fail when fewer of the cells, in percent, are equal.
    #[arg(long)]
    at_least: Option<f64>,
    /// Only files whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    file: &'a str,
    cells: u64,
    equal: u64,
    skipped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<compare::Difference>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&arguments.folder)
        .with_context(|| format!("cannot read {}", arguments.folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "xlsx" || e == "xlsm"))
        .filter(|path| path.to_string_lossy().contains(&arguments.only))
        .collect();
    files.sort();
    let (mut cells, mut equal, mut skipped, mut failed) = (0, 0, 0, 0);
    for path in &files {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let result = std::fs::read(path).map_err(anyhow::Error::from).and_then(|bytes| run(&name, &bytes));
        let line = match result {
            Ok(comparison) => Line {
                file: &name,
                cells: comparison.cells,
                equal: comparison.equal,
                skipped: comparison.skipped,
                error: None,
                differences: comparison.differences,
            },
            Err(error) => {
                failed += 1;
                let error = Some(format!("{error:#}"));
                Line { file: &name, cells: 0, equal: 0, skipped: 0, error, differences: Vec::new() }
            }
        };
        (cells, equal, skipped) = (cells + line.cells, equal + line.equal, skipped + line.skipped);
        print(&arguments, line)?;
    }
    let total = Line { file: "total", cells, equal, skipped, error: None, differences: Vec::new() };
    print(&arguments, total)?;
    let reached = arguments.at_least.is_none_or(|percent| share(equal, cells) >= percent);
    Ok(if failed == 0 && !files.is_empty() && reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run(name: &str, bytes: &[u8]) -> Result<compare::Comparison> {
    let workbook = gridkeep_workbook::read(name, bytes, &Limits::default())?;
    let now = jiff::civil::date(2026, 11, 21).at(12, 0, 0, 0);
    Ok(compare::golden(&workbook, &LoadOptions::at(now))?)
}

fn share(equal: u64, cells: u64) -> f64 {
    if cells == 0 { 100.0 } else { 100.0 * equal as f64 / cells as f64 }
}

#[expect(clippy::print_stdout, reason = "it is what this program is for")]
fn print(arguments: &Arguments, line: Line<'_>) -> Result<()> {
    if arguments.json {
        println!("{}", serde_json::to_string(&line)?);
        return Ok(());
    }
    let Line { file, cells, equal, skipped, error, differences } = line;
    if let Some(error) = error {
        println!("{file:<55} cannot be compared: {error}");
    } else {
        let share = share(equal, cells);
        println!("{file:<55} {equal:>6} of {cells:>6} equal {share:>6.1} %, {skipped} skipped");
    }
    for difference in differences.iter().take(arguments.differences) {
        let compare::Difference { cell, formula, expected, actual } = difference;
        println!("    {cell}: ={formula}  expected {expected:?}, is {actual:?}");
    }
    Ok(())
}
