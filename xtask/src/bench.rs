//! `cargo xtask bench`: figures with the machine they were taken on, each beside a goal, a peer or a limit. Never a test:
//! a busy machine is no fault of ours.

use std::{fs, thread};

use anyhow::Result;

use crate::{
    cargo::Profile,
    shell::{find, root, run, target},
    wasm::{self, Sizes},
    web,
};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Everything but the services when absent
    what: Option<What>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// The log of security checkpoints: adding to it, verifying it
    Checkpoint,
    /// What gates cost: writes beside them, challenges, approvals
    Gates,
    /// Who asks, and what they may: access tokens and sessions, lists under 1,000 grants, 1,000 sign-ins at once
    Identity,
    /// Rows of files taken over, beside a bare table; how long others wait
    Imports,
    /// An app's OData service, beside SAP CAP where its harness and npm are
    Odata,
}

/// Builds everything for speed, measures and prints.
pub(crate) fn main(options: &Options) -> Result<()> {
    match options.what {
        None => everything(),
        Some(What::Checkpoint) => checkpoint(),
        Some(What::Gates) => gates(),
        Some(What::Identity) => identity(),
        Some(What::Imports) => imports(),
        Some(What::Odata) => odata(),
    }
}

fn checkpoint() -> Result<()> {
    build()?;
    println!("\n{}", machine()?);
    run(target().join("release/gridkeep-bench"), ["checkpoint"]).quietly().check()
}

fn gates() -> Result<()> {
    let program = Profile::Release.server()?;
    build()?;
    println!("\n{}", machine()?);
    let bench = run(target().join("release/gridkeep-bench"), ["gates", "--program"]);
    bench.argument(program).argument("--folder").argument(target().join("bench/gates")).quietly().check()
}

fn identity() -> Result<()> {
    let program = Profile::Release.server()?;
    build()?;
    println!("\n{}", machine()?);
    let bench = run(target().join("release/gridkeep-bench"), ["identity", "--program"]);
    bench.argument(program).argument("--folder").argument(target().join("bench/identity")).quietly().check()
}

fn imports() -> Result<()> {
    let program = Profile::Release.server()?;
    build()?;
    println!("\n{}", machine()?);
    let bench = run(target().join("release/gridkeep-bench"), ["imports", "--program"]);
    bench.argument(program).argument("--folder").argument(target().join("bench/imports")).quietly().check()
}

fn odata() -> Result<()> {
    let program = Profile::Release.server()?;
    build()?;
    println!("\n{}", machine()?);
    let bench = run(target().join("release/gridkeep-bench"), ["odata", "--program"]);
    bench.argument(program).argument("--folder").argument(target().join("bench/odata")).quietly().check()
}

fn build() -> Result<()> {
    run("cargo", ["build", "--locked", "--release", "--package", "gridkeep-bench"]).check()
}

fn everything() -> Result<()> {
    let program = Profile::Release.server()?;
    wasm::build()?;
    web::prepare(&program)?;
    web::build()?;
    build()?;
    let bench = target().join("release/gridkeep-bench");
    let folder = target().join("bench");
    run(&bench, ["generate"]).argument(&folder).check()?;
    println!("\n{}", machine()?);
    let engine = Sizes::of(&root().join("web/src/generated/engine/gridkeep_wasm_bg.wasm"))?;
    println!("engine: {} bytes, gzip {}, brotli {} (<= 2,000,000)\n", engine.raw, engine.gzip, engine.brotli);
    run(&bench, ["calculate"]).quietly().check()?;
    run("node", [root().join("testing/bench/wasm.mjs")]).argument(&folder).quietly().check()?;
    let data = folder.join("data");
    let server = run(&bench, ["server", "--program"]).argument(program).argument("--web");
    server.argument(root().join("web/dist")).argument("--data").argument(data).quietly().check()
}

/// The machine, in one line.
fn machine() -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    let model = model.trim_start_matches([' ', '\t', ':']);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory =
        memory.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    let cores = thread::available_parallelism()?;
    let node =
        if find("node").is_some() { run("node", ["--version"]).quietly().read()? } else { String::new() };
    let (gigabytes, node) = (memory / 1_048_576, node.trim());
    Ok(format!("{model}, {cores} cores, {gigabytes} GiB, Node {node}; load before: {load}"))
}
