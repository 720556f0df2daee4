//! Programs that cargo compiles, once, into `target/tools` and nowhere else on the machine.

use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::shell::{find, run, target};

/// A program of crates.io.
struct Tool {
    package: &'static str,
    version: &'static str,
    /// Those beside what it has by itself. cargo refuses `default` of a package that names none.
    features: &'static [&'static str],
    purpose: &'static str,
}

/// It looks at what we build on; the version whose settings `deny.toml` speaks.
const CARGO_DENY: Tool = Tool {
    package: "cargo-deny",
    version: "0.20.2",
    features: &[],
    purpose: "the check of licences, sources and advisories",
};

/// A server that speaks S3 over a folder, and checks signatures.
const S3S_FS: Tool =
    Tool { package: "s3s-fs", version: "0.14.1", features: &["binary"], purpose: "the tests of buckets" };

/// The one a person has, or else our own.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    CARGO_DENY.get()
}

/// The same of a server for buckets.
pub(crate) fn s3s_fs() -> Result<PathBuf> {
    S3S_FS.get()
}

impl Tool {
    /// Compiled when it is not there. Without optimisation: cargo-deny takes 100 seconds of one core then instead of 260, and it checks in
    /// two seconds all the same.
    fn get(&self) -> Result<PathBuf> {
        let Self { package, version, features, purpose } = self;
        let tools = target().join("tools");
        let own = tools.join("bin").join(package);
        if let Some(known) = find(package).or_else(|| own.is_file().then(|| own.clone())) {
            return Ok(known);
        }
        println!("setup: {package} is missing; it is needed for {purpose}");
        let build = tools.join("build");
        let install = run("cargo", ["install", "--locked", "--debug", "--quiet", "--version", version]);
        features
            .iter()
            .fold(install, |install, feature| install.argument("--features").argument(feature))
            .argument(package)
            .argument("--root")
            .argument(&tools)
            .variable("CARGO_TARGET_DIR", &build)
            .variable("CARGO_PROFILE_DEV_DEBUG", "false")
            .check()?;
        fs::remove_dir_all(build)?;
        Ok(own)
    }
}
