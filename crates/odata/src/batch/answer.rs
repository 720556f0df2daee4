//! The answers of a batch, in either format, as a stream.

use crate::json::{base64url, write_escaped, write_string};

/// The head of one answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer<'a> {
    /// Name of the request, where it had one.
    pub id: Option<&'a str>,
    /// The group of the request, where it had one.
    pub group: Option<&'a str>,
    /// HTTP status.
    pub status: u16,
    /// Headers; control characters are left out of their values.
    pub headers: &'a [(&'a str, &'a str)],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    None,
    /// Multipart: bytes as they are.
    Plain,
    Json,
    Text,
    Base64,
}

#[derive(Debug)]
enum Format {
    Multipart { boundary: String, inner: Option<String>, sets: usize },
    Json { first: bool },
}

/// Writes answers into a buffer that its owner empties as it grows.
#[derive(Debug)]
pub struct AnswerWriter {
    out: Vec<u8>,
    format: Format,
    body: Body,
    /// Bytes that base64 has not taken yet.
    carry: Vec<u8>,
    /// The body that is open has begun.
    begun: bool,
}

impl AnswerWriter {
    /// In `multipart/mixed`; the boundary must not be guessable and have at most 55 characters.
    pub fn multipart(boundary: impl Into<String>) -> Self {
        Self::new(Vec::new(), Format::Multipart { boundary: boundary.into(), inner: None, sets: 0 })
    }

    /// In JSON.
    pub fn json() -> Self {
        Self::new(b"{\"responses\":[".to_vec(), Format::Json { first: true })
    }

    const fn new(out: Vec<u8>, format: Format) -> Self {
        Self { out, format, body: Body::None, carry: Vec::new(), begun: false }
    }

    /// With room for so many bytes more.
    #[must_use]
    pub fn with_room(mut self, bytes: usize) -> Self {
        self.out.reserve(bytes);
        self
    }

    /// The `Content-Type` of the whole.
    pub fn content_type(&self) -> String {
        match &self.format {
            Format::Multipart { boundary, .. } => format!("multipart/mixed;boundary={boundary}"),
            Format::Json { .. } => "application/json".to_owned(),
        }
    }

    /// How much is in the buffer.
    pub fn buffered(&self) -> usize {
        self.out.len()
    }

    /// Hands over what is in the buffer, to be sent.
    pub fn take(&mut self) -> Vec<u8> {
        let room = self.out.capacity();
        std::mem::replace(&mut self.out, Vec::with_capacity(room))
    }

    /// A change set whose requests succeeded begins: their answers follow. A change set that failed is one answer instead.
    pub fn begin_group(&mut self) {
        if let Format::Multipart { boundary, inner, sets } = &mut self.format {
            *sets += 1;
            // Not the boundary with something behind it: some readers look at the beginning of a line only.
            let set = format!("changeset{sets}_{boundary}");
            let head = format!("--{boundary}\r\nContent-Type: multipart/mixed;boundary={set}\r\n\r\n");
            self.out.extend_from_slice(head.as_bytes());
            *inner = Some(set);
        }
    }

    /// The change set ends.
    pub fn end_group(&mut self) {
        if let Format::Multipart { inner, .. } = &mut self.format
            && let Some(set) = inner.take()
        {
            self.out.extend_from_slice(format!("--{set}--\r\n").as_bytes());
        }
    }

    /// An answer whose body is there as a whole.
    pub fn answer(&mut self, answer: &Answer<'_>, body: &[u8]) {
        self.head(answer, Some(body.len()));
        self.chunk(body);
        self.end();
    }

    /// An answer whose body follows in pieces, then [`Self::end`].
    pub fn begin(&mut self, answer: &Answer<'_>) {
        self.head(answer, None);
    }

    fn head(&mut self, answer: &Answer<'_>, length: Option<usize>) {
        self.begun = false;
        let out = &mut self.out;
        match &mut self.format {
            Format::Multipart { boundary, inner, .. } => {
                let boundary = inner.as_ref().unwrap_or(boundary);
                out.extend_from_slice(
                    format!("--{boundary}\r\nContent-Type: application/http\r\n").as_bytes(),
                );
                out.extend_from_slice(b"Content-Transfer-Encoding: binary\r\n");
                if let Some(id) = answer.id {
                    header(out, "Content-ID", id);
                }
                let status = format!("\r\nHTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
                out.extend_from_slice(status.as_bytes());
                for (name, value) in answer.headers {
                    header(out, name, value);
                }
                // RFC 9110, section 8.6: these have none.
                if let Some(length) = length.filter(|_| !matches!(answer.status, 204 | 304)) {
                    header(out, "Content-Length", &length.to_string());
                }
                out.extend_from_slice(b"\r\n");
                self.body = Body::Plain;
            }
            Format::Json { first } => {
                if !std::mem::take(first) {
                    out.push(b',');
                }
                out.push(b'{');
                for (name, text) in [("\"id\":", answer.id), ("\"atomicityGroup\":", answer.group)] {
                    if let Some(text) = text {
                        out.extend_from_slice(name.as_bytes());
                        write_string(out, text);
                        out.push(b',');
                    }
                }
                out.extend_from_slice(format!("\"status\":{}", answer.status).as_bytes());
                for (index, (name, value)) in answer.headers.iter().enumerate() {
                    out.extend_from_slice(if index == 0 { b",\"headers\":{" } else { b"," });
                    write_string(out, &name.to_ascii_lowercase());
                    out.push(b':');
                    let plain: String = value.chars().filter(|character| !character.is_control()).collect();
                    write_string(out, &plain);
                }
                if !answer.headers.is_empty() {
                    out.push(b'}');
                }
                let kind = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                self.body = body_of(kind.map_or("application/json", |(_, value)| value));
            }
        }
    }

    /// A piece of the body. Text must be UTF-8 when all of it is put together.
    pub fn chunk(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if !std::mem::replace(&mut self.begun, true) {
            match self.body {
                Body::Json => self.out.extend_from_slice(b",\"body\":"),
                Body::Text | Body::Base64 => self.out.extend_from_slice(b",\"body\":\""),
                Body::None | Body::Plain => {}
            }
        }
        match self.body {
            Body::None => {}
            Body::Plain | Body::Json => self.out.extend_from_slice(bytes),
            Body::Text => write_escaped(&mut self.out, bytes),
            Body::Base64 => {
                self.carry.extend_from_slice(bytes);
                let whole = self.carry.len() / 3 * 3;
                base64url(&mut self.out, &self.carry[..whole]);
                self.carry.drain(..whole);
            }
        }
    }

    /// The body ends.
    pub fn end(&mut self) {
        base64url(&mut self.out, &self.carry);
        self.carry.clear();
        match self.format {
            Format::Multipart { .. } => self.out.extend_from_slice(b"\r\n"),
            Format::Json { .. } => {
                if self.begun && matches!(self.body, Body::Text | Body::Base64) {
                    self.out.push(b'"');
                }
                self.out.push(b'}');
            }
        }
        self.body = Body::None;
    }

    /// The end of the whole; `next_link` leads to further answers, in JSON.
    pub fn finish(mut self, next_link: Option<&str>) -> Vec<u8> {
        self.end_group();
        match &self.format {
            Format::Multipart { boundary, .. } => {
                self.out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
            }
            Format::Json { .. } => {
                self.out.push(b']');
                if let Some(link) = next_link {
                    self.out.extend_from_slice(b",\"@nextLink\":");
                    write_string(&mut self.out, link);
                }
                self.out.push(b'}');
            }
        }
        self.out
    }
}

fn header(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend(value.bytes().filter(|byte| !byte.is_ascii_control()));
    out.extend_from_slice(b"\r\n");
}

fn body_of(content_type: &str) -> Body {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media == "application/json" || (media.starts_with("application/") && media.ends_with("+json")) {
        Body::Json
    } else if media.starts_with("text/") {
        Body::Text
    } else {
        Body::Base64
    }
}

/// The words behind a status; clients do not read them, people do.
const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        424 => "Failed Dependency",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
