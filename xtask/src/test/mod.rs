//! `cargo xtask test`: everything that is tested, in one command, with the counts at its end.
//!
//! **Architecture Invariant:** it installs what it needs, leaves nothing out in silence, and the last line tells all
//! suites together: `N passed, N failed, N skipped`.

mod counts;
mod suites;

use std::time::Instant;

use anyhow::{Context, Result, bail};
use gridkeep_kit::Postgres;

use crate::{cargo::Profile, clients, demo, journeys, setup, tidy, wasm, web};
pub(crate) use counts::Counts;
pub(crate) use suites::POSTGRES;

/// What to test.
#[derive(clap::Args)]
pub(crate) struct Choice {
    /// Leaves the browser journeys out
    #[arg(long)]
    quick: bool,
}

/// How a step ended.
enum End {
    /// What was tested or checked is as it should be, with the counts of its tests.
    Done(Counts),
    /// It could not be done here, and why; counted as skipped.
    Skipped(String),
}

/// The steps so far.
#[derive(Default)]
struct Steps {
    total: Counts,
    table: Vec<String>,
}

impl Steps {
    /// Does one step. A failure is told and counted, and the next step goes on.
    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<End>) {
        println!("\n== {name}");
        let started = Instant::now();
        let end = work();
        let words = match end {
            Ok(End::Done(counts)) => {
                self.total.add(counts);
                if counts == Counts::default() { "done".to_owned() } else { counts.to_string() }
            }
            Ok(End::Skipped(why)) => {
                println!("skipped: {why}");
                self.total.skipped += 1;
                format!("skipped: {why}")
            }
            Err(error) => {
                println!("FAILED: {error:#}");
                self.total.failed += 1;
                let error = format!("{error:#}");
                format!("FAILED: {}", error.lines().next().unwrap_or_default())
            }
        };
        self.table.push(format!("{:>7.1} s  {name:<24} {words}", started.elapsed().as_secs_f64()));
    }

    /// A step that only succeeds or fails.
    fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        self.step(name, || work().map(|()| End::Done(Counts::default())));
    }

    /// A step that counts its tests.
    fn suite(&mut self, name: &str, work: impl FnOnce() -> Result<Counts>) {
        self.step(name, || work().map(End::Done));
    }
}

/// Tests everything.
pub(crate) fn run(choice: &Choice) -> Result<()> {
    let started = Instant::now();
    let mut steps = Steps::default();
    steps.check("setup", setup::everything);
    steps.check("tidy", tidy::run);
    steps.check("format", suites::format);
    steps.check("clippy", suites::clippy);
    let mut database = None;
    steps.check("postgresql", || {
        database = Some(Postgres::start().context("PostgreSQL is not installed")?);
        Ok(())
    });
    steps.suite("rust", || suites::rust(database.as_ref()));
    steps.suite("rust examples", suites::examples);
    steps.check("wasm", wasm::build);
    steps.step("golden", suites::golden);
    let mut server = None;
    steps.check("server", || {
        server = Some(Profile::Debug.server()?);
        Ok(())
    });
    let server = || server.clone().context("there is no server");
    steps.check("web types", || web::prepare(&server()?));
    steps.check("web check", web::check);
    steps.suite("web tests", web::test);
    steps.check("web build", web::build);
    steps.suite("clients", || clients::all(&server()?, &[]));
    steps.step("journeys", || {
        if choice.quick {
            return Ok(End::Skipped("left out by --quick".to_owned()));
        }
        journeys::all(&server()?, &[], database.as_ref()).map(End::Done)
    });
    steps.check("demo", || demo::once(&server()?));
    steps.check("dependencies", suites::dependencies);
    steps.step("advisories", suites::advisories);
    println!("\n== times");
    for line in &steps.table {
        println!("{line}");
    }
    println!("{:>7.1} s  in all", started.elapsed().as_secs_f64());
    println!("\n{}", steps.total);
    if steps.total.failed > 0 {
        bail!("{} failed", steps.total.failed);
    }
    Ok(())
}
