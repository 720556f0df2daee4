//! Serves the reference model until it is stopped; `cargo xtask reference` starts it.
#![expect(clippy::print_stdout, reason = "a command line tool talks to the person who started it")]

use anyhow::Result;
use clap::Parser;
use gridkeep_reference::{Options, Reference};
use tokio::signal::unix::{SignalKind, signal};

/// Serves the reference model for conformance runs.
#[derive(Parser)]
struct Arguments {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 9090)]
    port: u16,
    /// A PostgreSQL database of its own instead of SQLite in a temporary folder
    #[arg(long)]
    database: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("GRIDKEEP_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let Arguments { port, database } = Arguments::parse();
    let reference = Reference::start(Options { port, database, ..Options::default() }).await?;
    // Whoever reads where it is may end it at once: until then a signal would kill it.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    println!("The reference model is served at {}", reference.root());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    reference.stop().await;
    Ok(())
}
