//! What it costs to know who asks and what they may: tokens and sessions, lists under many grants, many sign-ins at once,
//! a directory's people page by page.
//!
//! **Architecture Invariant:** every load is bounded in time and in number, and stays on the loopback.

mod checks;
mod crowd;
mod grants;
mod load;
mod scim;
mod town;

use std::{path::PathBuf, time::Duration};

use anyhow::Result;

use self::town::Town;
use crate::process::Serving;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The server's program, compiled for speed
    #[arg(long)]
    program: PathBuf,
    /// Where it may write
    #[arg(long)]
    folder: PathBuf,
    /// Seconds of each load
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// People of the directory, in hundreds
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    hundreds: u16,
    /// Only these parts
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Tokens and sessions, without HTTP
    Checks,
    /// Lists of whoever has one grant and of whoever has one of a thousand
    Grants,
    /// A thousand sign-ins at once
    Crowd,
    /// Ten thousand people of a directory, page by page
    Scim,
}

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let wanted = |part: Part| options.only.is_empty() || options.only.contains(&part);
    if wanted(Part::Checks) {
        checks::run()?;
    }
    if wanted(Part::Scim) {
        let (program, data) = (options.program.clone(), options.folder.join("directory"));
        let serving = Serving {
            program,
            web: None,
            data: data.clone(),
            database: None,
            relaxed: false,
            proxied: false,
        };
        scim::run(&serving, usize::from(options.hundreds) * 100)?;
        std::fs::remove_dir_all(data)?;
    }
    if !wanted(Part::Grants) && !wanted(Part::Crowd) {
        return Ok(());
    }
    let time = Duration::from_secs_f64(options.seconds.clamp(0.1, 30.0));
    let data = options.folder.join("data");
    let mut town = Town::found(options.program.clone(), data.clone())?;
    if wanted(Part::Grants) {
        grants::run(&mut town, time)?;
    }
    if wanted(Part::Crowd) {
        crowd::run(&mut town, time)?;
    }
    town.end()?;
    Ok(std::fs::remove_dir_all(data)?)
}
