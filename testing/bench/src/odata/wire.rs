//! As little of HTTP/1.1 as a load generator needs, so that it takes little from the server beside it: requests are made
//! beforehand, answers are read and hardly looked at.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

/// A connection that is kept, with the body of the last answer.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
    /// Of the last answer.
    pub(crate) body: Vec<u8>,
    /// Seconds after which the last answer wants to be asked again; 0 when it says nothing of it.
    pub(crate) again: u64,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        ensure!(address.ip().is_loopback(), "load is for the loopback only");
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream: BufReader::with_capacity(64 << 10, stream),
            line: Vec::new(),
            body: Vec::new(),
            again: 0,
        })
    }

    /// Sends a request and reads the answer: its status.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.get_mut().write_all(request)?;
        self.line()?;
        let status = self.line.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let status: u16 = status.context("no status line")?;
        let (mut length, mut chunked) = (0, false);
        self.again = 0;
        loop {
            self.line()?;
            if self.line.is_empty() {
                break;
            }
            let Some(colon) = self.line.iter().position(|&byte| byte == b':') else { bail!("no header") };
            let (name, value) = (&self.line[..colon], &self.line[colon + 1..]);
            if name.eq_ignore_ascii_case(b"content-length") {
                length = std::str::from_utf8(value)?.trim().parse()?;
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                chunked = value.to_ascii_lowercase().ends_with(b"chunked");
            } else if name.eq_ignore_ascii_case(b"retry-after") {
                self.again = std::str::from_utf8(value)?.trim().parse()?;
            }
        }
        self.body.clear();
        if chunked {
            self.chunks()?;
        } else if status != 204 && status != 304 {
            self.body.resize(length, 0);
            self.stream.read_exact(&mut self.body)?;
        }
        Ok(status)
    }

    fn chunks(&mut self) -> Result<()> {
        loop {
            self.line()?;
            let size = self.line.split(|&byte| byte == b';').next().unwrap_or_default();
            let size = usize::from_str_radix(std::str::from_utf8(size)?.trim(), 16)?;
            let start = self.body.len();
            self.body.resize(start + size, 0);
            self.stream.read_exact(&mut self.body[start..])?;
            self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self) -> Result<()> {
        self.line.clear();
        ensure!(self.stream.read_until(b'\n', &mut self.line)? > 0, "the server hung up");
        while self.line.last().is_some_and(|&byte| byte == b'\n' || byte == b'\r') {
            self.line.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    #[test]
    fn answers_of_both_kinds_are_read() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let request = b"GET / HTTP/1.1\r\n\r\n";
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 400 No\r\nRetry-After: 7\r\ntransfer-encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
        ];
        let server = thread::spawn(move || -> Result<()> {
            let (mut stream, _) = listener.accept()?;
            for answer in answers {
                stream.read_exact(&mut [0; 18])?;
                stream.write_all(answer.as_bytes())?;
            }
            Ok(())
        });
        let mut connection = Connection::open(address).expect("a connection");
        for (status, body, again) in [(200, "abc", 0), (400, "def", 7), (204, "", 0)] {
            assert_eq!(connection.ask(request).expect("an answer"), status);
            assert_eq!(connection.again, again);
            assert_eq!(connection.body, body.as_bytes());
        }
        server.join().expect("no panic").expect("written");
    }
}
