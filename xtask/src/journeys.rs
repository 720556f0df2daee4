//! `cargo xtask journeys`: a person's ways through the product, in a real browser (testing/journeys).

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use gridkeep_kit::Postgres;
use serde_json::Value as Json;

use crate::{
    cargo::Profile,
    setup,
    shell::{Run, root, run, target},
    test::{Counts, POSTGRES},
    wasm, web,
};

const FOLDER: &str = "testing/journeys";

/// Which journeys.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Passed on to Playwright: files, `--grep WORDS`, `--repeat-each N` ..
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    more: Vec<String>,
}

/// Builds what they need, and runs them.
pub(crate) fn main(options: &Options) -> Result<()> {
    let program = Profile::Debug.server()?;
    wasm::build()?;
    web::prepare(&program)?;
    web::build()?;
    let database = Postgres::start();
    let counts = all(&program, &options.more, database.as_ref())?;
    println!("\n{counts}");
    if counts.failed > 0 {
        bail!("{} journeys failed; their traces are in testing/journeys/results", counts.failed);
    }
    Ok(())
}

/// Runs them against this server, some of them on this PostgreSQL too; the pages are built.
pub(crate) fn all(program: &Path, more: &[String], database: Option<&Postgres>) -> Result<Counts> {
    playwright(FOLDER, program, more, database)
}

/// Runs the Playwright tests of a folder against this server, on this PostgreSQL too where they know how.
pub(crate) fn playwright(
    folder: &str,
    program: &Path,
    more: &[String],
    database: Option<&Postgres>,
) -> Result<Counts> {
    setup::packages(&[setup::CHROMIUM, setup::NAMES])?;
    setup::modules(folder)?;
    let npm = |arguments: &[&str]| run("npm", arguments).directory(root().join(folder));
    npm(&["run", "check"]).check()?;
    let report = target().join(format!("{}.json", folder.replace('/', "-")));
    _ = fs::remove_file(&report);
    let mut tests = npm(&["test", "--"]);
    for word in more {
        tests = tests.argument(word);
    }
    if let Some(database) = database {
        tests = tests.variable(POSTGRES, database.url());
    }
    let tests = tests.variable("GRIDKEEP_PROGRAM", program).variable("GRIDKEEP_PLAYWRIGHT_REPORT", &report);
    let (succeeded, _) = tests.watch()?;
    let report = fs::read_to_string(&report).context("Playwright wrote no report")?;
    let counts = counts(&serde_json::from_str(&report)?);
    if !succeeded && counts.failed == 0 {
        bail!("the tests of {folder} failed before one of them did");
    }
    Ok(counts)
}

/// A command of npm in the journeys' folder.
pub(crate) fn npm(arguments: &[&str]) -> Run {
    run("npm", arguments).directory(root().join(FOLDER))
}

fn counts(report: &Json) -> Counts {
    let count = |name: &str| report["stats"][name].as_u64().unwrap_or(0);
    // One that succeeds only at a second try has failed at the first.
    Counts {
        passed: count("expected"),
        failed: count("unexpected") + count("flaky"),
        skipped: count("skipped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_counted() {
        let report =
            serde_json::json!({ "stats": { "expected": 7, "unexpected": 1, "flaky": 2, "skipped": 3 } });
        assert_eq!(counts(&report), Counts { passed: 7, failed: 3, skipped: 3 });
    }
}
