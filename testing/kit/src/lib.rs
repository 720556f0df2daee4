//! What tests share: the data next to the project, time and chance they own, and a private PostgreSQL.
//!
//! **Architecture Invariant:** a test that lacks something outside the project (`../shared`, PostgreSQL) says so in one
//! line, `skipped: ...`, and returns. Nothing here is linked into a shipped program.
#![expect(clippy::print_stderr, reason = "a skipped test says so on the terminal")]

mod chance;
mod effort;
mod postgres;
mod shared;

pub use chance::{SeededRng, StepClock};
pub use effort::effort;
pub use postgres::Postgres;
pub use shared::shared;
