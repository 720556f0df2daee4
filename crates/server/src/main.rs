//! The executable `gridkeep`.

use clap::Parser;
use gridkeep_server::{
    config::{Cli, Command},
    doctor, print, router, serve,
};

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(config) => serve::serve(*config),
        Command::Openapi => print::openapi(&router::document()),
        Command::Schema => print::schema(),
        Command::Doctor(config) => doctor::doctor(&config),
    }
}
