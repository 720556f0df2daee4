//! The suites that cargo runs, and the checks around them.

use std::{collections::BTreeSet, fs};

use anyhow::{Result, bail};
use gridkeep_kit::{BUCKETS, Postgres, SKIPS};

use super::{Counts, End};
use crate::{
    golden, setup,
    shell::{Run, find, run, target},
};

/// The variable by which tests learn of a PostgreSQL server that is already there.
pub(crate) const POSTGRES: &str = "GRIDKEEP_TEST_POSTGRES";
/// The variable that names the Python of other people's client of directories.
const SCIM_TESTER: &str = "GRIDKEEP_SCIM_TESTER";
/// How long fetching advisories may take, in seconds.
const FETCH: &str = "60";

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
    tests = tests.variable(SCIM_TESTER, setup::python(setup::SCIM)?).variable(BUCKETS, setup::s3s_fs()?);
    let skips = target().join("skips.txt");
    if skips.exists() {
        fs::remove_file(&skips)?;
    }
    let mut counts = count(tests.variable(SKIPS, &skips))?;
    let skipped: BTreeSet<String> =
        fs::read_to_string(&skips).unwrap_or_default().lines().map(str::to_owned).collect();
    for line in &skipped {
        println!("skipped: {line}");
    }
    counts.leave_out(skipped.len() as u64);
    Ok(counts)
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

/// Licences, bans and sources of the packages we build on.
pub(super) fn dependencies() -> Result<()> {
    let checks = ["--workspace", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"];
    run(setup::cargo_deny()?, checks).check()
}

/// Known weaknesses of the packages we build on, where the database of them can be fetched: it comes from a place a build
/// machine may not reach.
pub(super) fn advisories() -> Result<End> {
    let deny = setup::cargo_deny()?;
    if run("timeout", [FETCH]).argument(&deny).argument("fetch").argument("db").check().is_err() {
        return Ok(End::Skipped("the database of advisories cannot be fetched here".to_owned()));
    }
    run(deny, ["--workspace", "check", "--disable-fetch", "advisories"]).check()?;
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
