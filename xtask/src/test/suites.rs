//! The suites that cargo runs, and the checks around them.

use anyhow::{Result, bail};
use gridkeep_kit::Postgres;

use super::{Counts, End};
use crate::{
    golden,
    shell::{Run, find, run},
};

/// The variable by which tests learn of a PostgreSQL server that is already there.
const POSTGRES: &str = "GRIDKEEP_TEST_POSTGRES";

/// Rust's formatting.
pub(super) fn format() -> Result<()> {
    run("cargo", ["fmt", "--all", "--check"]).check()
}

/// Rust's lints, none of which may speak up.
pub(super) fn clippy() -> Result<()> {
    let clippy = ["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    run("cargo", clippy).check()
}

/// All Rust tests, by nextest where it is there.
pub(super) fn rust(database: Option<&Postgres>) -> Result<Counts> {
    let nextest = ["nextest", "run", "--locked", "--workspace", "--no-fail-fast", "--no-tests=pass"];
    let usual = ["test", "--locked", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"];
    let mut tests = if find("cargo-nextest").is_some() { run("cargo", nextest) } else { run("cargo", usual) };
    if let Some(database) = database {
        tests = tests.variable(POSTGRES, database.url());
    }
    count(tests)
}

/// The examples in Rust's documentation.
pub(super) fn examples() -> Result<Counts> {
    count(run("cargo", ["test", "--locked", "--workspace", "--no-fail-fast", "--doc"]))
}

/// Our results against those in real workbooks, natively and in WebAssembly, where the data is there.
pub(super) fn golden() -> Result<End> {
    let Some(shared) = gridkeep_kit::shared() else {
        return Ok(End::Skipped("../shared is absent".to_owned()));
    };
    golden::compare(&shared.join("data/formulas"), 90.0)?;
    Ok(End::Done(Counts::default()))
}

/// Licences, bans and sources of the packages we build on, where cargo-deny is there. It takes minutes to compile and
/// its advisories come from a place a build machine may not reach, so it is never installed from here.
pub(super) fn dependencies() -> Result<End> {
    if find("cargo-deny").is_none() {
        return Ok(End::Skipped(
            "cargo-deny is not installed (`cargo install --locked cargo-deny`)".to_owned(),
        ));
    }
    run("cargo", ["deny", "--workspace", "check", "bans", "licenses", "sources"]).check()?;
    Ok(End::Done(Counts::default()))
}

fn count(tests: Run) -> Result<Counts> {
    let words = tests.to_string();
    let (succeeded, lines) = tests.watch()?;
    let counts = Counts::of_cargo(&lines);
    if !succeeded && counts.failed == 0 {
        bail!("{words} failed before a test did");
    }
    Ok(counts)
}
