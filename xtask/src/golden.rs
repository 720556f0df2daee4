//! `cargo xtask golden FOLDER`: every workbook of a folder is calculated without the values its formulas left behind and
//! compared with them, by the native engine and by the one for the browser, side by side.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;

use crate::{
    cargo::debug_program,
    shell::{root, run},
    wasm,
};

/// What to compare.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folder with .xlsx and .xlsm files
    folder: std::path::PathBuf,
    /// Fail when fewer of the cells, in percent, are equal
    #[arg(long, default_value_t = 90.0)]
    at_least: f64,
}

/// Compares and prints.
pub(crate) fn main(options: &Options) -> Result<()> {
    wasm::build()?;
    compare(&options.folder, options.at_least)
}

/// Compares both engines; fails when one of them reaches less than so many percent.
pub(crate) fn compare(folder: &Path, at_least: f64) -> Result<()> {
    // The programs run in the workspace's folder, the person perhaps elsewhere.
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    let golden = debug_program("gridkeep-golden")?;
    // It ends with a failure when a workbook cannot be read; that is told here, with all others.
    let (_, native) = run(golden, ["--json"]).argument(&folder).gather()?;
    let (_, wasm) = run("node", [root().join("bindings/wasm/golden.mjs")]).argument(&folder).gather()?;
    let (native, wasm) = (Results::parse(&native), Results::parse(&wasm));
    ensure!(!native.0.is_empty(), "no workbook was compared: {}", folder.display());
    println!("{:<55} {:>18} {:>18}", "", "native", "wasm");
    for (file, result) in &native.0 {
        let other = wasm.0.get(file).map_or_else(|| "missing".to_owned(), Line::to_string);
        println!("{file:<55} {:>18} {other:>18}", result.to_string());
    }
    let (native, wasm) = (native.total(), wasm.total());
    println!("{:<55} {:>18} {:>18}", "total", native.to_string(), wasm.to_string());
    for (name, total) in [("native", &native), ("wasm", &wasm)] {
        let share = total.share();
        println!("golden: {name} {share:.2} % of {} cells, {} skipped", total.cells, total.skipped);
        ensure!(share >= at_least, "{name}: {share:.2} % of the cells are equal, less than {at_least} %");
    }
    Ok(())
}

/// Results by file.
struct Results(BTreeMap<String, Line>);

/// What came of one file, or of all.
#[derive(Default)]
struct Line {
    cells: u64,
    equal: u64,
    skipped: u64,
    error: Option<String>,
}

impl Results {
    fn parse(lines: &[String]) -> Self {
        let mut results = BTreeMap::new();
        for json in lines.iter().filter_map(|line| serde_json::from_str::<Json>(line).ok()) {
            let file = json["file"].as_str().unwrap_or_default();
            let number = |name: &str| json[name].as_u64().unwrap_or(0);
            let error = json["error"].as_str().map(str::to_owned);
            let (cells, equal, skipped) = (number("cells"), number("equal"), number("skipped"));
            // The sum is made here, for both alike.
            if file != "total" {
                results.insert(file.to_owned(), Line { cells, equal, skipped, error });
            }
        }
        Self(results)
    }

    fn total(&self) -> Line {
        let mut total = Line::default();
        for line in self.0.values() {
            total.cells += line.cells;
            total.equal += line.equal;
            total.skipped += line.skipped;
        }
        total
    }
}

impl Line {
    /// Equal cells in percent; none at all are no success.
    fn share(&self) -> f64 {
        if self.cells == 0 { 0.0 } else { 100.0 * self.equal as f64 / self.cells as f64 }
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.error {
            Some(error) => write!(f, "{error:.18}"),
            None => write!(f, "{} of {}", self.equal, self.cells),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let lines = [
            r#"{"file":"a.xlsx","cells":10,"equal":9,"skipped":2}"#,
            "some other words",
            r#"{"file":"b.xlsx","cells":0,"equal":0,"skipped":0,"error":"damaged"}"#,
            r#"{"file":"total","cells":10,"equal":9,"skipped":2}"#,
        ];
        let results = Results::parse(&lines.map(str::to_owned));
        let total = results.total();
        assert_eq!((results.0.len(), total.cells, total.equal, total.skipped), (2, 10, 9, 2));
        assert_eq!(
            (total.to_string(), results.0["b.xlsx"].to_string()),
            ("9 of 10".to_owned(), "damaged".to_owned())
        );
        assert!((total.share() - 90.0).abs() < 1e-9);
        assert!(Line::default().share() < 1e-9);
    }
}
