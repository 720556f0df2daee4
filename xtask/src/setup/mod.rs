//! `cargo xtask setup`, and the pieces other commands ask for: what is missing is installed, and only what is missing.
//!
//! **Architecture Invariant:** nothing is downloaded that is there already, and every installation says what and why.

mod debian;
mod node;
mod python;
mod toolchain;
mod tools;

use anyhow::Result;

pub(crate) use debian::{CHROMIUM, LXML, NAMES, POSTGRESQL, SAML, SMTP, XMLLINT, packages};
pub(crate) use node::modules;
pub(crate) use python::python;
pub(crate) use toolchain::Toolchain;
pub(crate) use tools::{cargo_deny, s3s_fs};

/// Other people's client of directories.
pub(crate) const SCIM: &str = "testing/scim";

/// Everything that building and testing need.
pub(crate) fn everything() -> Result<()> {
    packages(&[POSTGRESQL, CHROMIUM, XMLLINT, SMTP, SAML, LXML, NAMES])?;
    Toolchain::find()?;
    for folder in ["web", "testing/journeys", "testing/clients"] {
        modules(folder)?;
    }
    python(SCIM)?;
    cargo_deny()?;
    s3s_fs()?;
    println!("setup: everything is there");
    Ok(())
}
