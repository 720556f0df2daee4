//! What tests share: the data next to the project, time and chance they own, and private servers: PostgreSQL, mail, names, sign-in, buckets.
//!
//! **Architecture Invariant:** a test that lacks something outside the project (`../shared`, PostgreSQL) says so in one
//! line, `skipped: ...`, by [`skip`] and returns. Nothing here is linked into a shipped program.
#![expect(clippy::print_stderr, reason = "a skipped test says so on the terminal")]

mod authenticator;
mod bucket;
mod chance;
mod company;
mod effort;
mod names;
mod postgres;
mod saml;
mod schemas;
mod shared;
mod skip;
mod smtp;
#[cfg(feature = "tamper")]
mod tamper;

pub use authenticator::{Authenticator, Lie};
pub use bucket::{BUCKETS, Bucket};
pub use chance::{SeededRng, StepClock};
pub use company::CompanyProvider;
pub use effort::effort;
pub use names::NameServer;
pub use postgres::Postgres;
pub use saml::{SamlProvider, canonical_by_lxml};
pub use schemas::{json_by_schema, xml_by_schema};
pub use shared::shared;
pub use skip::{SKIPS, present, skip};
pub use smtp::{Manner, Smtp};
#[cfg(feature = "tamper")]
pub use tamper::{Kept, Tampering};
