//! What is measured, without a timer in any test: `cargo xtask bench` builds this and runs it.
//!
//! **Architecture Invariant:** every figure stands beside a limit or a peer that was measured in the same run, since a
//! figure alone says more about the machine than about us.
#![expect(clippy::print_stdout, reason = "a command line tool prints its figures")]

mod calculate;
mod checkpoint;
mod figures;
mod gates;
mod generate;
mod http;
mod identity;
mod imports;
mod limit;
mod loan;
mod odata;
mod process;
mod server;

use std::{fs, path::PathBuf};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures Gridkeep.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the workbooks and the app definition that are measured into a folder
    Generate {
        /// Where to
        folder: PathBuf,
    },
    /// Reads, calculates and changes the workbook with 100,000 formulas
    Calculate,
    /// Adds to the log that is only added to, and verifies it
    Checkpoint(checkpoint::Options),
    /// Writes past gates and beside them
    Gates(gates::Options),
    /// Checks access tokens, and sessions among 100,000; reads lists under 1,000 grants; signs 1,000 people in at once
    Identity(identity::Options),
    /// Takes over rows of files, beside a bare table
    Imports(imports::Options),
    /// Starts the server and puts it under load
    Server(server::Options),
    /// Starts the server and puts an app's OData service under load, beside its peer
    Odata(odata::Options),
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Generate { folder } => {
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("formulas.xlsx"), generate::formulas()?)?;
            fs::write(folder.join("rows.xlsx"), generate::rows(100_000)?)?;
            fs::write(folder.join("loan.json"), loan::proposed()?)?;
            Ok(())
        }
        Command::Calculate => calculate::run(),
        Command::Checkpoint(options) => checkpoint::run(&options),
        Command::Gates(options) => gates::run(&options),
        Command::Identity(options) => identity::run(&options),
        Command::Imports(options) => imports::run(&options),
        Command::Server(options) => server::run(&options),
        Command::Odata(options) => odata::run(&options),
    }
}
