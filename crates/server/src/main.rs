//! The executable `gridkeep`.

use std::{io::Write, process::ExitCode};

use clap::Parser;
use gridkeep_server::{
    audit_command, calibrate, checkpoints_command,
    config::{Cli, Command},
    doctor, import, print, router, serve, tenants_command,
};

/// Requests allocate on one thread and free on another, which the system's allocator answers with arenas that grow. The C
/// libraries stay with the system's: page caches would take an eighth more room in this one. It is built to ask for no huge
/// pages: for them long answers at many connections held up to twice the memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(config) => serve::serve(*config),
        Command::Openapi => print::openapi(&router::document()),
        Command::Schema => print::schema(),
        Command::Doctor(config) => doctor::doctor(&config),
        Command::ImportAccounts { data, database, file } => import::import(&data, database, &file),
        Command::Tenant { command } => tenants_command::run(command),
        Command::Audit { command } => audit_command::run(command),
        Command::Checkpoints { command } => checkpoints_command::run(command),
        Command::CalibratePassword { data } => calibrate::calibrate(&data),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody to tell when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "gridkeep: {}", print::words(&error));
            if error.is::<audit_command::Broken>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
