//! `cargo xtask wasm`: the engine for the browser, from `bindings/wasm` into `web/src/generated/engine`.
//!
//! **Architecture Invariant:** a module over its size budget does not leave this command. `wasm-opt` is left out on
//! purpose: it makes the raw module smaller and the compressed one, which people download, larger.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::{
    setup::Toolchain,
    shell::{root, run, target},
};

/// The most bytes people may have to download, as brotli.
const BUDGET: u64 = 2_000_000;

/// Builds the module and its glue, unless they are there, and prints the sizes.
pub(crate) fn build() -> Result<()> {
    let started = Instant::now();
    let module = compile(Toolchain::find()?)?;
    let folder = root().join("web/src/generated/engine");
    let stamp = folder.join("built-from");
    let print = fingerprint(&module)?;
    if fs::read_to_string(&stamp).is_ok_and(|last| last == print) {
        println!("wasm: web/src/generated/engine is up to date");
        return Ok(());
    }
    _ = fs::remove_file(&stamp);
    fs::create_dir_all(&folder)?;
    let glue = ["run", "--quiet", "--locked", "--package", "gridkeep-glue", "--"];
    run("cargo", glue).argument(&module).argument(&folder).check()?;
    let sizes = Sizes::of(&folder.join("gridkeep_wasm_bg.wasm"))?;
    let Sizes { raw, gzip, brotli } = sizes;
    let seconds = started.elapsed().as_secs_f64();
    println!("wasm: {raw} bytes, gzip {gzip}, brotli {brotli} (budget {BUDGET}); {seconds:.0} s");
    if brotli > BUDGET {
        bail!("the engine is {brotli} bytes as brotli, more than its budget of {BUDGET}");
    }
    fs::write(stamp, print)?;
    Ok(())
}

fn compile(toolchain: Toolchain) -> Result<PathBuf> {
    let build = ["build", "--locked", "--package", "gridkeep-wasm", "--profile", "wasm"];
    let mut cargo = run("cargo", build).argument("--target").argument(Toolchain::TARGET);
    let mut folder = target();
    if toolchain == Toolchain::Debian {
        // Another compiler: its results must not push out those of the usual one.
        folder = folder.join("debian");
        cargo = cargo
            .argument("-Zbuild-std=std,panic_abort")
            .variable("RUSTC", "/usr/bin/rustc")
            .variable("RUSTDOC", "/usr/bin/rustdoc")
            .variable("RUSTC_BOOTSTRAP", "1")
            .variable("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
            .variable("CARGO_TARGET_DIR", &folder);
    }
    cargo.check()?;
    Ok(folder.join(Toolchain::TARGET).join("wasm/gridkeep_wasm.wasm"))
}

/// Tells one build of the module, and of what is made from it, from another.
fn fingerprint(module: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in [module, &root().join("xtask/glue/src/main.rs"), &root().join("xtask/glue/Cargo.toml")] {
        hasher.write(&fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// How large a file is, and how large for people who download it.
pub(crate) struct Sizes {
    /// As it is.
    pub(crate) raw: u64,
    /// As gzip, level 9.
    pub(crate) gzip: u64,
    /// As brotli, level 11.
    pub(crate) brotli: u64,
}

impl Sizes {
    /// Measures a file. Node compresses: it is needed for the web anyway, and spares this tool two crates.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let script = "const { brotliCompressSync, gzipSync } = require('node:zlib'); \
                      const bytes = require('node:fs').readFileSync(process.argv[1]); \
                      console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length)";
        let printed = run("node", ["-e", script]).argument(path).quietly().read()?;
        let mut numbers = printed.split_whitespace().map(str::parse);
        let mut next = || numbers.next().context("node printed no size")?.context("node printed no number");
        Ok(Self { raw: next()?, gzip: next()?, brotli: next()? })
    }
}
