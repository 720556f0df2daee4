//! cargo-deny, which looks at what we build on; compiled once into `target/tools`, nowhere else on the machine.

use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::shell::{find, run, target};

/// The version whose settings `deny.toml` speaks.
const VERSION: &str = "0.20.2";

/// The one a person has, or else our own, compiled when it is not there. Without optimisation: that takes 100 seconds of one
/// core instead of 260, and it checks in two seconds all the same.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    let tools = target().join("tools");
    let own = tools.join("bin/cargo-deny");
    if let Some(known) = find("cargo-deny").or_else(|| own.is_file().then(|| own.clone())) {
        return Ok(known);
    }
    println!("setup: cargo-deny is missing; it is needed for the check of licences, sources and advisories");
    let build = tools.join("build");
    run("cargo", ["install", "--locked", "--debug", "--quiet", "--version", VERSION, "cargo-deny", "--root"])
        .argument(&tools)
        .variable("CARGO_TARGET_DIR", &build)
        .variable("CARGO_PROFILE_DEV_DEBUG", "false")
        .check()?;
    fs::remove_dir_all(build)?;
    Ok(own)
}
