//! A private mail server for tests: aiosmtpd on the loopback, which puts what it takes into a folder.
//!
//! **Architecture Invariant:** it stops the server it started, by its process id, and no other.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// A running server, stopped when dropped.
#[derive(Debug)]
pub struct Smtp {
    port: u16,
    server: Child,
    folder: TempDir,
}

impl Smtp {
    /// A new one on this port, or on one that the system chooses; it refuses mails of more bytes than `size` for good. Without
    /// aiosmtpd on this machine it says `skipped: aiosmtpd is absent` and the test returns.
    pub fn start(port: Option<u16>, size: u32) -> Option<Self> {
        if !crate::present("aiosmtpd") {
            return None;
        }
        match Self::launch(port, size) {
            Ok(server) => Some(server),
            Err(error) => panic!("aiosmtpd is here but did not start: {error:#}"),
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has taken, in no order.
    ///
    /// # Panics
    /// When its folder cannot be read.
    pub fn mails(&self) -> Vec<String> {
        let Ok(folder) = fs::read_dir(self.folder.path().join("mails/new")) else { return Vec::new() };
        folder
            .map(|entry| fs::read_to_string(entry.expect("a mail").path()).expect("a mail's text"))
            .collect()
    }

    fn launch(port: Option<u16>, size: u32) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("gk-smtp-").tempdir().context("temporary folder")?;
        let chosen = || -> Result<u16> { Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()) };
        let port = port.map_or_else(chosen, Ok)?;
        let server = Command::new("aiosmtpd")
            .args(["--nosetuid", "--listen", &format!("127.0.0.1:{port}"), "--size", &size.to_string()])
            .args(["--class", "aiosmtpd.handlers.Mailbox"])
            .arg(folder.path().join("mails"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut started = Self { port, server, folder };
        if started.answers()? {
            return Ok(started);
        }
        match started.server.try_wait()? {
            Some(status) => bail!("it ended with {status}"),
            None => bail!("it did not answer within a minute"),
        }
    }

    /// Waits until it greets; whether it has.
    fn answers(&mut self) -> Result<bool> {
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline && self.server.try_wait()?.is_none() {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let mut greeting = String::new();
                if BufReader::new(stream).read_line(&mut greeting).is_ok() && greeting.starts_with("220 ") {
                    return Ok(true);
                }
            }
            // Another process's readiness is no event this one could wait for.
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Ok(false)
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
