//! `cargo xtask web`: the pages, from `web/` into `web/dist`, with the API's types made from the server.

use std::{fs, path::Path};

use anyhow::{Result, bail};
use serde_json::Value as Json;

use crate::{
    cargo::Profile,
    setup,
    shell::{Run, root, run, target},
    test::Counts,
};

/// A command of npm in `web/`.
fn npm(arguments: &[&str]) -> Run {
    run("npm", arguments).directory(root().join("web")).variable("NO_UPDATE_NOTIFIER", "1")
}

/// Installs the packages, and writes the API's types where they have changed.
pub(crate) fn prepare(server: &Path) -> Result<()> {
    setup::modules("web")?;
    let description = run(server, ["openapi"]).read()?;
    let known = target().join("openapi.json");
    let types = root().join("web/src/generated/api.ts");
    if types.is_file() && fs::read_to_string(&known).is_ok_and(|known| known == description) {
        return Ok(());
    }
    if let Some(folder) = types.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&known, description)?;
    npm(&["exec", "--", "openapi-typescript"]).argument(&known).argument("--output").argument(&types).check()
}

/// Types, accessibility hints and formatting.
pub(crate) fn check() -> Result<()> {
    npm(&["run", "check"]).check()
}

/// The pages as the server gives them out; fails when an entry is over its size budget.
pub(crate) fn build() -> Result<()> {
    npm(&["run", "build"]).check()
}

/// The tests that need no browser.
pub(crate) fn test() -> Result<Counts> {
    let report = target().join("vitest.json");
    _ = fs::remove_file(&report);
    let output = format!("--outputFile.json={}", report.display());
    let test = ["test", "--", "--reporter=default", "--reporter=json", &output];
    let (succeeded, _) = npm(&test).watch()?;
    let report: Json = serde_json::from_slice(&fs::read(&report)?)?;
    let count = |name: &str| report[name].as_u64().unwrap_or(0);
    let counts = Counts {
        passed: count("numPassedTests"),
        failed: count("numFailedTests"),
        skipped: count("numPendingTests") + count("numTodoTests"),
    };
    if !succeeded && counts.failed == 0 {
        bail!("vitest failed without a failing test");
    }
    Ok(counts)
}

/// Everything a server needs to give out the pages.
pub(crate) fn everything() -> Result<()> {
    crate::wasm::build()?;
    prepare(&Profile::Debug.server()?)?;
    check()?;
    build()
}
