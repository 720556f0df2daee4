//! A client that keeps its connection, as a phone with several requests does.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

/// One connection with its session.
pub(crate) struct Client {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
    cookies: BTreeMap<String, String>,
}

impl Client {
    /// Connects.
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream: BufReader::new(stream), cookies: BTreeMap::new() })
    }

    /// Another connection of the same session.
    pub(crate) fn again(&self) -> Result<Self> {
        Ok(Self { cookies: self.cookies.clone(), ..Self::connect(self.address)? })
    }

    /// Sends JSON and gives JSON.
    pub(crate) fn post(&mut self, path: &str, body: &Json) -> Result<Json> {
        let body =
            self.send("POST", path, "content-type: application/json\r\n", body.to_string().as_bytes())?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Puts JSON and gives JSON.
    pub(crate) fn put(&mut self, path: &str, body: &Json) -> Result<Json> {
        let body =
            self.send("PUT", path, "content-type: application/json\r\n", body.to_string().as_bytes())?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Changes by JSON and gives JSON.
    pub(crate) fn patch(&mut self, path: &str, body: &Json) -> Result<Json> {
        let body =
            self.send("PATCH", path, "content-type: application/json\r\n", body.to_string().as_bytes())?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// The header that shows whose session this is.
    pub(crate) fn cookie(&self) -> String {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    /// Uploads a file and gives JSON.
    pub(crate) fn upload(&mut self, name: &str, bytes: &[u8]) -> Result<Json> {
        self.send_file("/api/creations", name, bytes)
    }

    /// Sends a file and gives JSON.
    pub(crate) fn send_file(&mut self, path: &str, name: &str, bytes: &[u8]) -> Result<Json> {
        let headers = format!("content-type: application/octet-stream\r\nx-file-name: {name}\r\n");
        Ok(serde_json::from_slice(&self.send("POST", path, &headers, bytes)?)?)
    }

    /// Asks for something.
    pub(crate) fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        self.send("GET", path, "", &[])
    }

    /// Sends JSON where nothing is answered.
    pub(crate) fn command(&mut self, method: &str, path: &str, body: &Json) -> Result<()> {
        self.send(method, path, "content-type: application/json\r\n", body.to_string().as_bytes()).map(drop)
    }

    /// Sends JSON that is refused, and gives why.
    pub(crate) fn refused(&mut self, method: &str, path: &str, body: &Json) -> Result<Json> {
        self.write(method, path, "content-type: application/json\r\n", body.to_string().as_bytes())?;
        let (status, body) = self.read()?;
        if !status.starts_with('4') {
            bail!("{path} answered {status}");
        }
        Ok(serde_json::from_slice(&body)?)
    }

    fn send(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<Vec<u8>> {
        self.write(method, path, headers, body)?;
        self.answer().with_context(|| format!("{method} {path}"))
    }

    fn write(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<()> {
        let cookies = self.cookie();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nx-gridkeep: 1\r\ncookie: {cookies}\r\n{headers}content-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        Ok(self.stream.get_mut().write_all(&request)?)
    }

    fn answer(&mut self) -> Result<Vec<u8>> {
        let (status, body) = self.read()?;
        if status.starts_with('2') { Ok(body) } else { bail!("{status}: {}", String::from_utf8_lossy(&body)) }
    }

    /// An answer's status and body, whatever it is.
    fn read(&mut self) -> Result<(String, Vec<u8>)> {
        let (mut line, mut length, mut status) = (String::new(), None, None);
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                bail!("the server hung up");
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if status.is_none() {
                status = text.split(' ').nth(1).map(str::to_owned);
            } else if let Some((name, value)) = text.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = Some(value.trim().parse::<usize>()?),
                    "set-cookie" => {
                        let pair = value.trim().split(';').next().and_then(|pair| pair.split_once('='));
                        self.cookies.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
                    }
                    _ => {}
                }
            }
        }
        // What has no content says no length.
        let none = status.as_deref() == Some("204");
        let length = length.or(none.then_some(0)).context("an answer without a length")?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status.context("no status")?, body))
    }
}
