//! A company's sign-in for tests: panva's `oidc-provider`, a real one, on the loopback.
//!
//! **Architecture Invariant:** it stops the program it started, by its process id, and no other.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};
use serde_json::Value as Json;

/// A running provider, stopped when dropped.
#[derive(Debug)]
pub struct CompanyProvider {
    issuer: String,
    server: Child,
}

impl CompanyProvider {
    /// With these people, by their names: `{"people": {"ann": {"email": ..}}}`. Without Node.js or the package (`npm ci` in
    /// `testing/journeys`) it says that the test is skipped, and the test returns.
    pub fn start(config: &Json) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../journeys");
        if !crate::present("node") {
            return None;
        }
        if !folder.join("node_modules/oidc-provider").is_dir() {
            crate::skip("oidc-provider is absent: npm ci in testing/journeys");
            return None;
        }
        match Self::launch(&folder, config) {
            Ok(server) => Some(server),
            Err(error) => panic!("oidc-provider is here but did not start: {error:#}"),
        }
    }

    /// Who it says it is, and where.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    fn launch(folder: &Path, config: &Json) -> Result<Self> {
        let mut server = Command::new("node")
            .arg(folder.join("support/company.mjs"))
            .arg(config.to_string())
            .env("NODE_NO_WARNINGS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = server.stdout.take().context("no output")?;
        let mut reader = BufReader::new(said);
        let (mut line, mut issuer) = (String::new(), None);
        while issuer.is_none() && reader.read_line(&mut line)? > 0 {
            let told = serde_json::from_str::<Json>(&line).ok();
            issuer = told.and_then(|told| Some(told.get("issuer")?.as_str()?.to_owned()));
            line.clear();
        }
        // What it says later is nobody's to read, and must not stop it.
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        let started = Self { issuer: issuer.unwrap_or_default(), server };
        anyhow::ensure!(!started.issuer.is_empty(), "it ended at once");
        Ok(started)
    }
}

impl Drop for CompanyProvider {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
