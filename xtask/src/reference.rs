//! `cargo xtask reference --port N`: the reference model for conformance runs, at `http://localhost:N/`.

use anyhow::Result;

use crate::{cargo::debug_program, shell::run};

/// Where to serve, and over what.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The port; 0 takes a free one and prints it
    #[arg(long, default_value_t = 9090)]
    port: u16,
    /// A PostgreSQL database of its own instead of SQLite in a temporary folder
    #[arg(long)]
    database: Option<String>,
}

/// Builds the program and serves until it is stopped.
pub(crate) fn main(options: &Options) -> Result<()> {
    let program = debug_program("gridkeep-reference")?;
    let mut server = run(program, ["--port".to_owned(), options.port.to_string()]);
    if let Some(database) = &options.database {
        server = server.argument("--database").argument(database);
    }
    server.quietly().check()
}
