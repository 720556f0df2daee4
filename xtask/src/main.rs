//! The house's own tool: `cargo xtask COMMAND`. One file a command.
//!
//! **Architecture Invariant:** a person who has Rust and Node needs no other command and no manual: what is missing is
//! installed or named. Nothing here is linked into the product.
#![expect(clippy::print_stdout, reason = "a command line tool talks to the person who started it")]

mod bench;
mod cargo;
mod clients;
mod demo;
mod gallery;
mod golden;
mod http;
mod journeys;
mod pictures;
mod reference;
mod setup;
mod shell;
mod test;
mod tidy;
mod wasm;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, tests and shows Gridkeep.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what building and testing need and this machine lacks
    Setup,
    /// Checks the rules of the house (DESIGN section 2 and 7)
    Tidy,
    /// Builds the engine for the browser into web/src/generated/engine
    Wasm,
    /// Builds the pages into web/dist, the engine and the API's types first
    Web,
    /// Compares our results with those in the workbooks of a folder, natively and in WebAssembly
    Golden(golden::Options),
    /// Measures, and prints the figures with the machine they were taken on
    Bench(bench::Options),
    /// Takes the README's pictures: each workbook of a folder as an app on a phone
    Gallery(gallery::Options),
    /// Takes the pictures of a walk-through in docs
    Pictures(pictures::Options),
    /// Builds everything and shows it with a sample workspace
    Demo(demo::Options),
    /// Installs what is missing, checks and tests everything
    Test(test::Choice),
    /// Lets programs that others have written use an app's OData service
    Clients(clients::Options),
    /// Serves the reference model for conformance runs, at the root of a port of its own
    Reference(reference::Options),
    /// Builds everything and walks through it in a browser, as people would
    Journeys(journeys::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Setup => setup::everything(),
        Command::Tidy => tidy::run(),
        Command::Wasm => wasm::build(),
        Command::Web => web::everything(),
        Command::Golden(options) => golden::main(&options),
        Command::Gallery(options) => gallery::main(&options),
        Command::Pictures(options) => pictures::main(&options),
        Command::Bench(options) => bench::main(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Test(choice) => test::run(&choice),
        Command::Clients(options) => clients::main(&options),
        Command::Reference(options) => reference::main(&options),
        Command::Journeys(options) => journeys::main(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Without a backtrace: what failed is in the words, and where in this tool is of no interest.
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
