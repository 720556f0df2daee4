//! Other people's SAML for tests: pysaml2 with xmlsec1 as a provider, and lxml for canonical XML.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;
use tempfile::TempDir;

/// Debian's own Python, whose packages `cargo xtask setup` installs.
const PYTHON: &str = "/usr/bin/python3";

/// What lxml makes of documents: for `[[document, [prefix, ..]], ..]` the exclusive canonical texts without comments, null
/// for what it refuses. `None`, said as `skipped: lxml is absent`, where there is no lxml.
///
/// # Panics
/// When it is there but fails.
pub fn canonical_by_lxml(documents: &Json) -> Option<Vec<Option<String>>> {
    const SCRIPT: &str = "
import json, sys
from lxml import etree
def canonical(document, prefixes):
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(document.encode(), parser)
        return etree.tostring(root, method='c14n', exclusive=True, with_comments=False,
                              inclusive_ns_prefixes=prefixes or None).decode()
    except (etree.LxmlError, ValueError):
        return None
json.dump([canonical(*each) for each in json.load(sys.stdin)], sys.stdout)
";
    if !has("lxml") {
        return None;
    }
    let answered = || -> Result<Vec<Option<String>>> {
        let mut python =
            Command::new(PYTHON).args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        python.stdin.take().context("its input")?.write_all(documents.to_string().as_bytes())?;
        let output = python.wait_with_output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    Some(answered().expect("lxml is here but did not answer"))
}

/// Whether Debian's Python has this package; says so if not.
fn has(package: &str) -> bool {
    let import = format!("import {package}");
    let found = Command::new(PYTHON).args(["-c", &import]).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        crate::skip(&format!("{package} is absent"));
    }
    found
}

/// A provider that signs with a key of its own, made at its start.
pub struct SamlProvider {
    port: u16,
    server: Child,
    _folder: TempDir,
}

impl SamlProvider {
    /// A new one on this port, or on one that the system chooses. Without pysaml2 or xmlsec1 it says `skipped: ..` and the
    /// test returns.
    ///
    /// # Panics
    /// When they are there but it does not start.
    pub fn start(port: Option<u16>) -> Option<Self> {
        if !crate::present("xmlsec1") || !has("saml2") {
            return None;
        }
        Some(Self::launch(port).expect("pysaml2 is here but did not start"))
    }

    fn launch(port: Option<u16>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("gk-saml-").tempdir()?;
        let script = folder.path().join("provider.py");
        fs::write(&script, include_str!("provider.py"))?;
        let chosen = || -> Result<u16> { Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()) };
        let port = port.map_or_else(chosen, Ok)?;
        let server = Command::new(PYTHON)
            .arg(&script)
            .arg(folder.path())
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let mut started = Self { port, server, _folder: folder };
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline && started.server.try_wait()?.is_none() {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(started);
            }
            // Another process's readiness is no event this one could wait for.
            std::thread::park_timeout(Duration::from_millis(20));
        }
        bail!("it did not answer within a minute, or ended")
    }

    /// Where it is.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it says of itself.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn metadata(&self) -> String {
        self.ask("GET", "/metadata", "")
    }

    /// Tells it of a service by that one's metadata; it knows one at a time.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn know(&self, service: &str) {
        self.ask("POST", "/service", service);
    }

    /// Its answer to the request in an address that a browser would be sent to: members `response` (base64), `place`, `relay`,
    /// `id` and `force`. `wish` is appended to the address, such as `signed=both&groups=a,b`.
    ///
    /// # Panics
    /// When the address is not its own, or it does not answer.
    pub fn answer(&self, address: &str, wish: &str) -> Json {
        let path = address.strip_prefix(&self.origin()).expect("an address of this provider");
        let said = self.ask("GET", &format!("{path}&json=1&{wish}"), "");
        serde_json::from_str(&said).expect("an answer in JSON")
    }

    /// Whether it answers a request at all: it takes none that is unsigned, or signed by others, from a service that says it
    /// signs.
    ///
    /// # Panics
    /// When the address is not its own.
    pub fn answers(&self, address: &str) -> bool {
        let path = address.strip_prefix(&self.origin()).expect("an address of this provider");
        self.try_ask("GET", &format!("{path}&json=1"), "").is_ok()
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        self.try_ask(method, path, body).expect("the provider answers")
    }

    fn try_ask(&self, method: &str, path: &str, body: &str) -> Result<String> {
        {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_mins(1)))?;
            write!(stream, "{method} {path} HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            let (head, body) = answer.split_once("\r\n\r\n").context("an answer")?;
            if head.split(' ').nth(1) == Some("200") { Ok(body.to_owned()) } else { bail!("{head}\n{body}") }
        }
    }
}

impl Drop for SamlProvider {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
