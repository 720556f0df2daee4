//! A private bucket for tests: `s3s-fs`, which speaks S3 over a folder and checks signatures by its own code, on the loopback.
//!
//! **Architecture Invariant:** it stops the server it started, by its process id, and no other.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// The variable that names the program, which cargo compiles for `cargo xtask test`.
pub const BUCKETS: &str = "GRIDKEEP_TEST_BUCKETS";

/// A running server with one bucket, stopped when dropped.
#[derive(Debug)]
pub struct Bucket {
    address: String,
    folder: TempDir,
    server: Child,
}

impl Bucket {
    /// The bucket's name.
    const NAME: &'static str = "heads";

    /// With this key and its secret. Without the program it says that the test is skipped, and the test returns.
    pub fn start(key: &str, secret: &str) -> Option<Self> {
        let Some(program) = std::env::var_os(BUCKETS).map(PathBuf::from) else {
            crate::skip("s3s-fs is absent: cargo xtask test compiles it");
            return None;
        };
        match Self::launch(&program, key, secret) {
            Ok(bucket) => Some(bucket),
            Err(error) => panic!("s3s-fs is here but did not start: {error:#}"),
        }
    }

    /// Where it is, such as `http://127.0.0.1:41234/heads`.
    pub fn address(&self) -> String {
        format!("{}/{}", self.address, Self::NAME)
    }

    /// The object of this name, if there is one.
    pub fn object(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.path().join(Self::NAME).join(name)).ok()
    }

    fn launch(program: &Path, key: &str, secret: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("gk-s3-").tempdir()?;
        fs::create_dir(folder.path().join(Self::NAME))?;
        let mut server = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", "0", "--access-key", key, "--secret-key", secret])
            .arg(folder.path())
            .env("RUST_LOG", "info")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = server.stdout.take().context("no output")?;
        let (mut reader, mut line) = (BufReader::new(said), String::new());
        let mut address = None;
        while address.is_none() && reader.read_line(&mut line)? > 0 {
            address = line.split_once("running at ").map(|(_, address)| address.trim().to_owned());
            line.clear();
        }
        // What it says later is nobody's to read, and must not stop it.
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        let started = Self { address: address.unwrap_or_default(), folder, server };
        anyhow::ensure!(!started.address.is_empty(), "it ended at once");
        Ok(started)
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
