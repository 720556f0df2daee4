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

/// How a server is to be reached and what it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    /// Without TLS; it takes everything.
    #[default]
    Plain,
    /// With TLS from the first byte on.
    Smtps,
    /// With TLS after STARTTLS, without which it takes nothing.
    StartTls,
    /// Without TLS; what it says depends on whom a mail is to: `refused@` is refused for good, `later@` for now, `late@` for good
    /// once it has been read.
    Moody,
}

/// A certificate for `localhost`, its key, and the authority that signed it; made for one test.
#[derive(Debug)]
struct Certificate {
    folder: TempDir,
}

/// What [`Manner::Moody`] does.
const MOODY: &str = r#"
from aiosmtpd.handlers import Mailbox

class Moody(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if any(address.startswith("late@") for address in envelope.rcpt_tos):
            return "554 5.7.1 not wanted here"
        return await super().handle_DATA(server, session, envelope)
"#;

/// A running server, stopped when dropped.
#[derive(Debug)]
pub struct Smtp {
    port: u16,
    server: Child,
    folder: TempDir,
    certificate: Option<Certificate>,
}

impl Smtp {
    /// A new one on this port, or on one that the system chooses; it refuses mails of more bytes than `size` for good. Without
    /// aiosmtpd on this machine it says `skipped: aiosmtpd is absent` and the test returns.
    pub fn start(port: Option<u16>, size: u32) -> Option<Self> {
        if !crate::present("aiosmtpd") {
            return None;
        }
        match Self::launch(port, size, Manner::Plain) {
            Ok(server) => Some(server),
            Err(error) => panic!("aiosmtpd is here but did not start: {error:#}"),
        }
    }

    /// One of this manner. Skips as above, and where there is no `openssl` to make a certificate with.
    ///
    /// # Panics
    /// When it does not start.
    pub fn of(manner: Manner) -> Option<Self> {
        let encrypted = matches!(manner, Manner::Smtps | Manner::StartTls);
        if !crate::present("aiosmtpd") || (encrypted && !crate::present("openssl")) {
            return None;
        }
        match Self::launch(None, 1 << 20, manner) {
            Ok(server) => Some(server),
            Err(error) => panic!("aiosmtpd is here but did not start: {error:#}"),
        }
    }

    /// The certificate (PEM) of the authority that signed its own.
    ///
    /// # Panics
    /// When it has none.
    pub fn authority(&self) -> Vec<u8> {
        let certificate = self.certificate.as_ref().expect("a server with TLS");
        fs::read(certificate.folder.path().join("ca.pem")).expect("a certificate")
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

    fn launch(port: Option<u16>, size: u32, manner: Manner) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("gk-smtp-").tempdir().context("temporary folder")?;
        let chosen = || -> Result<u16> { Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()) };
        let port = port.map_or_else(chosen, Ok)?;
        let mut command = Command::new("aiosmtpd");
        command.args(["--nosetuid", "--listen", &format!("127.0.0.1:{port}"), "--size", &size.to_string()]);
        let certificate = match manner {
            Manner::Smtps | Manner::StartTls => Some(Certificate::new()?),
            Manner::Plain | Manner::Moody => None,
        };
        if let Some(certificate) = &certificate {
            let way = if manner == Manner::Smtps { "smtps" } else { "tls" };
            for part in ["cert", "key"] {
                command
                    .arg(format!("--{way}{part}"))
                    .arg(certificate.folder.path().join(format!("{part}.pem")));
            }
        }
        if manner == Manner::Moody {
            fs::write(folder.path().join("moody.py"), MOODY)?;
            command.env("PYTHONPATH", folder.path()).args(["--class", "moody.Moody"]);
        } else {
            command.args(["--class", "aiosmtpd.handlers.Mailbox"]);
        }
        let server = command
            .arg(folder.path().join("mails"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut started = Self { port, server, folder, certificate };
        if started.answers(manner == Manner::Smtps)? {
            return Ok(started);
        }
        match started.server.try_wait()? {
            Some(status) => bail!("it ended with {status}"),
            None => bail!("it did not answer within a minute"),
        }
    }

    /// Waits until it greets, or, where it speaks only TLS, until it listens; whether it has.
    fn answers(&mut self, silent: bool) -> Result<bool> {
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline && self.server.try_wait()?.is_none() {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                if silent {
                    return Ok(true);
                }
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

impl Certificate {
    fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("gk-cert-").tempdir().context("temporary folder")?;
        let run = |arguments: &[&str]| -> Result<()> {
            let output = Command::new("openssl").current_dir(&folder).args(arguments).output()?;
            if !output.status.success() {
                bail!("openssl: {}", String::from_utf8_lossy(&output.stderr));
            }
            Ok(())
        };
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
        let authority = ["-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem"];
        run(&[&["req", "-x509"], &key[..], &authority[..]].concat())?;
        let leaf = ["-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "leaf.csr"];
        run(&[&["req", "-new"], &key[..5], &leaf[..]].concat())?;
        fs::write(
            folder.path().join("leaf.txt"),
            "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n",
        )?;
        let sign =
            ["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        run(&[&sign[..], &["-extfile", "leaf.txt", "-days", "2", "-out", "cert.pem"]].concat())?;
        Ok(Self { folder })
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
