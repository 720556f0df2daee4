//! Tests that cannot be done here, and how that is told.
//!
//! **Architecture Invariant:** nothing is left out in silence: a test's own words are hidden while it passes, so whoever runs
//! all of them (`cargo xtask test`) names a file by [`SKIPS`], lists what it holds and counts it as skipped.

use std::{fs::OpenOptions, io::Write as _, process::Command, thread};

/// The variable that names the file to which each skipped test adds a line, `package test: reason`.
pub const SKIPS: &str = "GRIDKEEP_SKIPS";

/// Says that the calling test ends here without having tested anything, and why.
pub fn skip(reason: &str) {
    eprintln!("skipped: {reason}");
    let Some(path) = std::env::var_os(SKIPS) else { return };
    let test = thread::current().name().filter(|name| *name != "main").map(str::to_owned);
    let test = test.or_else(|| std::env::args().nth(1)).unwrap_or_default();
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let line = format!("{package} {test}: {reason}\n");
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    if let Err(error) = written {
        panic!("{test} is skipped, which cannot be told: {error}");
    }
}

/// Whether this program is here; the calling test is skipped without it.
pub fn present(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        skip(&format!("{program} is absent"));
    }
    found
}
