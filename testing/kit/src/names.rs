//! A private name server for tests: dnsmasq on the loopback, which knows the text records that it is given and nothing else.
//!
//! **Architecture Invariant:** it stops the server it started, by its process id, and no other.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// Where Debian has it, which is not on everybody's path.
const PROGRAM: &str = "/usr/sbin/dnsmasq";

/// A running server, stopped when dropped.
#[derive(Debug)]
pub struct NameServer {
    address: SocketAddr,
    server: Child,
}

impl NameServer {
    /// One that knows nothing yet. Without dnsmasq on this machine it says `skipped: dnsmasq is absent` and the test returns.
    pub fn start() -> Option<Self> {
        if !crate::present(PROGRAM) {
            return None;
        }
        let mut failure = None;
        // Another process may take the port between here and the start: try again with another one.
        for _ in 0..5 {
            match free().and_then(|address| Ok(Self { address, server: launch(address, &[])? })) {
                Ok(started) => return Some(started),
                Err(error) => failure = Some(error),
            }
        }
        panic!("dnsmasq is here but did not start: {failure:?}")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it says this of a domain, and nothing of any other.
    ///
    /// # Panics
    /// When it does not start again, which is how it learns of it.
    pub fn says(&mut self, domain: &str, text: &str) {
        self.stop();
        let record = format!("--txt-record={domain},{text}");
        self.server = launch(self.address, &[record]).expect("dnsmasq with a record");
    }

    fn stop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn launch(address: SocketAddr, records: &[String]) -> Result<Child> {
    let mut server = Command::new(PROGRAM)
        .args([
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--bind-interfaces",
        ])
        .arg("--pid-file=")
        .args([format!("--listen-address={}", address.ip()), format!("--port={}", address.port())])
        .args(records)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let deadline = Instant::now() + Duration::from_mins(1);
    while Instant::now() < deadline {
        if let Some(status) = server.try_wait()? {
            bail!("it ended with {status}");
        }
        if TcpStream::connect(address).is_ok() {
            return Ok(server);
        }
        // Another process's readiness is no event this one could wait for.
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let _ = server.kill();
    bail!("it did not answer within a minute")
}
