//! `cargo xtask clients`: programs that others have written, against an app's OData service (testing/clients).

use std::path::Path;

use anyhow::{Result, bail};

use crate::{cargo::Profile, journeys::playwright, test::Counts, wasm, web};

const FOLDER: &str = "testing/clients";

/// Which of them.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Passed on to Playwright: files, `--grep WORDS`, `--repeat-each N` ..
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    more: Vec<String>,
}

/// Builds the server and its pages, and lets them at it.
pub(crate) fn main(options: &Options) -> Result<()> {
    let program = Profile::Debug.server()?;
    wasm::build()?;
    web::prepare(&program)?;
    web::build()?;
    let counts = all(&program, &options.more)?;
    println!("\n{counts}");
    if counts.failed > 0 {
        bail!("{} failed; their traces are in {FOLDER}/results", counts.failed);
    }
    Ok(())
}

/// Lets them at this server. The pages are built: whoever is asked by a program is asked there.
pub(crate) fn all(program: &Path, more: &[String]) -> Result<Counts> {
    playwright(FOLDER, program, more, None)
}
