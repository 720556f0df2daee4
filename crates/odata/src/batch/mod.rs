//! Several requests in one: `multipart/mixed` (OData-Protocol 4.01, section 11.7.7) and JSON (OData-JSON 4.01, section 19).
//!
//! Both become the same [`Part`]s, read while the body still arrives: whoever executes them can begin with the first and
//! stop with the client. What is wrong is refused with its place, and nothing beyond the limits is kept.
//!
//! **Architecture Invariant:** a part that came out of a reader keeps the rules: its id is new, what it depends on came
//! before, and its group was not closed.

mod answer;
mod json;
mod lines;
mod method;
mod multipart;
mod part;
mod reference;
mod root;
mod rules;

pub use answer::{Answer, AnswerWriter};
pub use method::Method;
pub use part::{Headers, Part};
pub use reference::References;
pub use root::Root;

use crate::{Error, header::RequestBody};

/// What a batch may be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests and groups.
    pub parts: usize,
    /// Headers of one request.
    pub headers: usize,
    /// Bytes of a line: the request line or a header.
    pub line: usize,
    /// Bytes of a request's body.
    pub body: usize,
    /// Bytes before the first request that mean nothing.
    pub preamble: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { parts: 10_000, headers: 64, line: 64 << 10, body: 16 << 20, preamble: 64 << 10 }
    }
}

/// What a reader came upon.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An atomicity group begins; the parts up to its end take effect together or not at all.
    Begin(String),
    /// A request.
    Part(Box<Part>),
    /// The group has ended.
    End(String),
}

#[derive(Debug)]
enum Format {
    Multipart(multipart::Multipart),
    Json(json::JsonBatch),
}

/// Reads a batch as it arrives: [`Self::feed`] it, take what [`Self::next`] has, and [`Self::finish`] when the body ends.
#[derive(Debug)]
pub struct Reader(Format);

impl Reader {
    /// Of a batch whose boundary the `Content-Type` named.
    pub fn multipart(boundary: &str, limits: Limits) -> Self {
        Self(Format::Multipart(multipart::Multipart::new(boundary, limits)))
    }

    /// Of a batch in JSON.
    pub fn json(limits: Limits) -> Self {
        Self(Format::Json(json::JsonBatch::new(limits)))
    }

    /// By the `Content-Type` of the request; 415 for anything that is no batch.
    pub fn of(content_type: &str, limits: Limits) -> Result<Self, Error> {
        match RequestBody::parse(content_type)? {
            RequestBody::Multipart { boundary } => Ok(Self::multipart(&boundary, limits)),
            RequestBody::Json(_) => Ok(Self::json(limits)),
            RequestBody::Other(_) => {
                let message = "A batch is multipart/mixed or application/json";
                Err(Error::new(crate::ErrorKind::MediaType, "MEDIA_TYPE", message).about("Content-Type"))
            }
        }
    }

    /// Takes the next bytes of the body.
    pub fn feed(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Format::Multipart(it) => it.feed(bytes),
            Format::Json(it) => it.feed(bytes),
        }
    }

    /// The body has ended; what is left comes out of [`Self::next`].
    pub fn finish(&mut self) {
        match &mut self.0 {
            Format::Multipart(it) => it.finish(),
            Format::Json(it) => it.finish(),
        }
    }

    /// What comes next; `None` when more bytes are needed or, after [`Self::finish`], when that was all. After an error
    /// nothing more comes.
    #[expect(
        clippy::should_implement_trait,
        reason = "`None` may be followed by more, once more bytes are there"
    )]
    pub fn next(&mut self) -> Result<Option<Event>, Error> {
        match &mut self.0 {
            Format::Multipart(it) => it.next(),
            Format::Json(it) => it.next(),
        }
    }

    /// All parts of a batch that is there as a whole.
    pub fn all(mut self, body: &[u8]) -> Result<Vec<Event>, Error> {
        self.feed(body);
        self.finish();
        let mut events = Vec::new();
        while let Some(event) = self.next()? {
            events.push(event);
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_not_kept() {
        let limits = Limits { parts: 100_000, ..Limits::default() };
        let (mut multipart, mut json) = (Reader::multipart("b", limits), Reader::json(limits));
        json.feed(b"{\"requests\":[");
        let mut seen = 0;
        for id in 0..20_000 {
            let comma = if id > 0 { "," } else { "" };
            json.feed(
                format!("{comma}{{\"id\":\"{id}\",\"method\":\"post\",\"url\":\"A\",\"body\":{{}}}}")
                    .as_bytes(),
            );
            multipart.feed(b"--b\r\nContent-Type: application/http\r\n\r\nPOST A HTTP/1.1\r\n\r\n{}\r\n");
            for reader in [&mut json, &mut multipart] {
                while reader.next().unwrap().is_some() {
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 20_000 + 19_999, "the last one of multipart is not closed");
        let (Format::Json(json), Format::Multipart(multipart)) = (json.0, multipart.0) else {
            unreachable!()
        };
        assert!(json.kept() < 1024 && multipart.kept() < 1024, "{} {}", json.kept(), multipart.kept());
    }
}
