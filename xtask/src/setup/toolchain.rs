//! A compiler for WebAssembly: rustup's, or Debian's where rustup's cannot be reached.

use std::path::Path;

use anyhow::Result;

use super::debian::{LLD, RUST_SOURCE, RUST_WEB, packages};
use crate::shell::{find, run};

/// How WebAssembly is compiled here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The usual compiler, with the target's standard library.
    Usual,
    /// Debian's `rustc-web`, which builds the standard library itself.
    Debian,
}

/// How long rustup may try, in seconds: where its server cannot be reached it may hang.
const PATIENCE: &str = "180";

impl Toolchain {
    /// The target's name.
    pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

    /// The one that is there, or else the first that can be installed.
    pub(crate) fn find() -> Result<Self> {
        if has_target() {
            return Ok(Self::Usual);
        }
        if find("rustup").is_some() {
            println!(
                "setup: the compiler has no `{}`; it is needed for the engine in the browser",
                Self::TARGET
            );
            let added = run("timeout", [PATIENCE, "rustup", "target", "add", Self::TARGET]).check();
            if added.is_ok() && has_target() {
                return Ok(Self::Usual);
            }
            println!("setup: rustup cannot add it; Debian's compiler takes its place");
        }
        packages(&[RUST_WEB, RUST_SOURCE, LLD])?;
        Ok(Self::Debian)
    }
}

fn has_target() -> bool {
    let ask = ["--print", "target-libdir", "--target", Toolchain::TARGET];
    run("rustc", ask).quietly().read().is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}
