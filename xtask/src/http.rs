//! As much of an HTTP client as the demo needs to walk in through the front door.
//!
//! HTTP/1.0 on purpose: an answer ends where the connection does, and no chunks need to be put together.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

/// A person's way into one server: keeps its cookies, as a browser would.
pub(crate) struct Client {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status, such as 200.
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Client {
    /// A person without a session.
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address, cookies: BTreeMap::new() }
    }

    /// Asks for a page or a resource.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer> {
        self.ask("GET", path, &[], &[])
    }

    /// Sends JSON; an error when the answer is no success, or no JSON.
    pub(crate) fn post(&mut self, path: &str, body: &Json) -> Result<Json> {
        let answer =
            self.ask("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())?;
        answer.json(path)
    }

    /// Puts JSON; an error when the answer is no success.
    pub(crate) fn put(&mut self, path: &str, body: &Json) -> Result<()> {
        let headers = [("content-type", "application/json")];
        let answer = self.ask("PUT", path, &headers, body.to_string().as_bytes())?;
        if !(200..300).contains(&answer.status) {
            bail!("{path} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        Ok(())
    }

    /// Sends a file; an error when the answer is no success, or no JSON.
    pub(crate) fn upload(&mut self, path: &str, name: &str, bytes: &[u8]) -> Result<Json> {
        let headers = [("content-type", "application/octet-stream"), ("x-file-name", name)];
        self.ask("POST", path, &headers, bytes)?.json(path)
    }

    fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.0\r\nhost: {}\r\nx-gridkeep: 1\r\n", self.address);
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(head, "cookie: {}\r\n", cookies.join("; "))?;
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n")?;
        }
        write!(head, "content-length: {}\r\n\r\n", body.len())?;
        let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let answer = Answer::parse(&bytes).with_context(|| format!("{method} {path}"))?;
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            self.cookies.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        Ok(answer)
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Result<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").context("no end of the headers")?;
        let head = std::str::from_utf8(&bytes[..end])?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?;
        let header = |line: &str| {
            line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Ok(Self {
            status: status.parse().context("no status")?,
            headers: lines.filter_map(header).collect(),
            body: bytes[end + 4..].to_vec(),
        })
    }

    /// The first header of that name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its JSON; an error when it is no success, or no JSON.
    pub(crate) fn parsed(&self) -> Result<Json> {
        self.json("the server")
    }

    fn json(&self, path: &str) -> Result<Json> {
        if !(200..300).contains(&self.status) {
            bail!("{path} answered {}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        serde_json::from_slice(&self.body).with_context(|| format!("{path} answered no JSON"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let answer = Answer::parse(b"HTTP/1.0 201 Created\r\nSet-Cookie: a=b; Path=/\r\n\r\n{\"c\":1}")
            .expect("an answer");
        assert_eq!(answer.status, 201);
        assert_eq!(answer.header("set-cookie"), Some("a=b; Path=/"));
        assert_eq!(answer.json("/").expect("JSON")["c"], 1);
        let refused = Answer::parse(b"HTTP/1.1 422 No\r\n\r\n{}").expect("an answer");
        assert_eq!(refused.json("/x").expect_err("a refusal").to_string(), "/x answered 422: {}");
        assert!(Answer::parse(b"HTTP/1.1 200 OK\r\n").is_err());
    }
}
