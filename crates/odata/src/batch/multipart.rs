//! Batches as `multipart/mixed`, line by line (RFC 2046; OData-Protocol 4.01, section 11.7.7).
//!
//! CRLF and LF both end lines. What stands before the first boundary and behind the last is passed over.

use std::ops::Range;

use super::{
    Event, Headers, Limits, Method, Part,
    lines::{Line, Lines, Mark},
    rules::{Rules, refuse, too_large},
};
use crate::{
    Error, ErrorKind, Span,
    header::{MediaType, RequestId, check_boundary},
};

/// What is being read.
#[derive(Debug)]
enum State {
    /// Before the first boundary of the batch or, in a change set, of the change set.
    Preamble,
    /// Headers of a body part.
    Mime(Headers),
    /// `POST Orders HTTP/1.1`
    RequestLine(Mime),
    /// Headers of the request.
    Http(Box<Part>, Span),
    /// Its body; how long it is when it said so.
    Body { part: Box<Part>, span: Span, start: usize, length: Option<usize> },
    /// Behind a body of known length: only a boundary may follow.
    Boundary(Box<Part>, Span),
    /// Between the end of a change set and the next boundary of the batch.
    AfterGroup,
    /// Behind the last boundary.
    Epilogue,
    /// An error was given.
    Failed,
}

/// What the headers of a body part said.
#[derive(Debug)]
struct Mime {
    id: Option<String>,
}

#[derive(Debug)]
pub(super) struct Multipart {
    /// With its two dashes.
    boundary: Vec<u8>,
    /// The boundary of the change set that is open.
    inner: Option<Vec<u8>>,
    lines: Lines,
    state: State,
    change_sets: usize,
    skipped: usize,
    rules: Rules,
}

type Result<T> = std::result::Result<T, Error>;

impl Multipart {
    pub(super) fn new(boundary: &str, limits: Limits) -> Self {
        Self {
            boundary: format!("--{boundary}").into_bytes(),
            inner: None,
            lines: Lines::default(),
            state: State::Preamble,
            change_sets: 0,
            skipped: 0,
            rules: Rules::new(limits),
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if matches!(self.state, State::Epilogue | State::Failed) {
            return;
        }
        let keep = match &self.state {
            State::Body { start, .. } => *start,
            _ => self.lines.at,
        };
        let dropped = self.lines.feed(bytes, keep);
        if let State::Body { start, .. } = &mut self.state {
            *start -= dropped;
        }
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.lines.buffer.capacity()
    }

    pub(super) fn finish(&mut self) {
        self.lines.ended = true;
    }

    pub(super) fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.rules.events.pop_front() {
                return Ok(Some(event));
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => {
                    self.state = State::Failed;
                    self.lines.buffer = Vec::new();
                    return Err(error);
                }
            }
        }
    }

    /// The next line; behind the last one an error says what is missing.
    fn line(&mut self, limit: usize) -> Result<Option<Range<usize>>> {
        match self.lines.line(limit)? {
            Line::Is(line) => Ok(Some(line)),
            Line::NotYet => Ok(None),
            Line::End => self.unclosed(),
        }
    }

    fn unclosed<T>(&self) -> Result<T> {
        let shown =
            crate::header::excerpt(&String::from_utf8_lossy(self.inner.as_ref().unwrap_or(&self.boundary)));
        let message = match self.state {
            State::Preamble if self.inner.is_none() => format!("The boundary `{shown}` does not occur"),
            _ => format!("The batch ends before its closing boundary `{shown}--`"),
        };
        refuse(
            "UNCLOSED_BATCH",
            message,
            self.lines.span(&(self.lines.buffer.len()..self.lines.buffer.len())),
        )
    }

    /// Whether the line is a boundary of where the reader is. One of the batch inside a change set is an error.
    fn boundary(&self, line: &Range<usize>) -> Result<Option<Mark>> {
        if !self.lines.buffer[line.clone()].starts_with(b"--") {
            return Ok(None);
        }
        let Some(inner) = &self.inner else { return Ok(self.lines.mark(line, &self.boundary)) };
        if let Some(mark) = self.lines.mark(line, inner) {
            return Ok(Some(mark));
        }
        if self.lines.mark(line, &self.boundary).is_some() {
            return refuse(
                "UNCLOSED_CHANGE_SET",
                "The change set was not closed before the batch goes on",
                self.lines.span(line),
            );
        }
        Ok(None)
    }

    /// Goes on behind a boundary of where the reader is.
    fn pass(&mut self, mark: Mark) {
        self.state = match mark {
            Mark::Next => State::Mime(Headers::default()),
            Mark::Last if self.inner.take().is_some() => {
                self.rules.end();
                State::AfterGroup
            }
            Mark::Last => {
                self.lines.buffer = Vec::new();
                (self.lines.at, self.lines.searched) = (0, 0);
                State::Epilogue
            }
        };
    }

    /// One step; `false` when it needs more bytes or has come to the end.
    fn advance(&mut self) -> Result<bool> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Epilogue => {
                self.state = State::Epilogue;
                Ok(false)
            }
            State::Failed => Ok(false),
            state @ (State::Preamble | State::AfterGroup) => {
                self.state = state;
                let Some(line) = self.line(self.rules.limits.preamble)? else { return Ok(false) };
                if let Some(mark) = self.boundary(&line)? {
                    self.skipped = 0;
                    self.pass(mark);
                } else {
                    self.skipped += line.len() + 1;
                    if self.skipped > self.rules.limits.preamble {
                        let message = format!("No boundary within {} bytes", self.rules.limits.preamble);
                        return too_large(message, self.lines.span(&line));
                    }
                }
                Ok(true)
            }
            State::Mime(mut headers) => {
                let Some(line) = self.line(self.rules.limits.line)? else {
                    self.state = State::Mime(headers);
                    return Ok(false);
                };
                if self.boundary(&line)?.is_some() {
                    return refuse(
                        "EMPTY_PART",
                        "The part has neither headers nor a request",
                        self.lines.span(&line),
                    );
                }
                if line.is_empty() {
                    self.state = self.part(&headers, self.lines.span(&line))?;
                } else {
                    self.header(&mut headers, &line)?;
                    self.state = State::Mime(headers);
                }
                Ok(true)
            }
            State::RequestLine(mime) => self.request_line(mime),
            State::Http(mut part, span) => {
                let Some(line) = self.line(self.rules.limits.line)? else {
                    self.state = State::Http(part, span);
                    return Ok(false);
                };
                if let Some(mark) = self.boundary(&line)? {
                    // Some clients leave out the empty line when there is no body.
                    self.admit(part, span)?;
                    self.pass(mark);
                } else if line.is_empty() {
                    self.state = self.body(part, span)?;
                } else {
                    self.header(&mut part.headers, &line)?;
                    self.state = State::Http(part, span);
                }
                Ok(true)
            }
            State::Body { part, span, start, length: Some(length) } => {
                self.known_body(part, span, start, length)
            }
            State::Body { part, span, start, length: None } => self.delimited_body(part, span, start),
            State::Boundary(part, span) => {
                let Some(line) = self.line(self.rules.limits.line)? else {
                    self.state = State::Boundary(part, span);
                    return Ok(false);
                };
                match self.boundary(&line)? {
                    Some(mark) => {
                        self.admit(part, span)?;
                        self.pass(mark);
                    }
                    None if line.is_empty() => self.state = State::Boundary(part, span),
                    None => {
                        let message = "The body goes on behind the end that its Content-Length says";
                        return refuse("BAD_CONTENT_LENGTH", message, self.lines.span(&line));
                    }
                }
                Ok(true)
            }
        }
    }

    fn header(&self, headers: &mut Headers, line: &Range<usize>) -> Result<()> {
        let span = self.lines.span(line);
        let text = self.lines.text(line)?;
        if text.starts_with([' ', '\t']) && headers.len() > 0 {
            headers.fold(text.trim());
            return Ok(());
        }
        if headers.len() == self.rules.limits.headers {
            return too_large(format!("A request has more than {} headers", self.rules.limits.headers), span);
        }
        match text.split_once(':') {
            Some((name, value)) => headers.add(name, value.trim_matches([' ', '\t']), span),
            None => refuse("BAD_HEADER", "Expected a header: a name, a colon and a value", span),
        }
    }

    /// What a body part is, by its headers.
    fn part(&mut self, headers: &Headers, span: Span) -> Result<State> {
        if let Some(encoding) = headers.get("content-transfer-encoding")
            && !["binary", "8bit", "7bit"].iter().any(|known| encoding.eq_ignore_ascii_case(known))
        {
            let message = "The Content-Transfer-Encoding of a part is binary";
            return Err(Error::new(ErrorKind::Unsupported, "BAD_ENCODING", message).at(span.start..span.end));
        }
        let placed = |error: Error| error.at(span.start..span.end);
        let Some(content_type) = headers.get("content-type") else {
            return refuse("BAD_PART", "The part needs the Content-Type application/http", span);
        };
        let media = MediaType::parse(content_type).map_err(placed)?;
        if media.is("application", "http") {
            let id = headers.get("content-id").map(RequestId::parse).transpose().map_err(placed)?;
            return Ok(State::RequestLine(Mime { id: id.map(|id| id.0) }));
        }
        if !media.is("multipart", "mixed") {
            return refuse("BAD_PART", "The part is neither application/http nor multipart/mixed", span);
        }
        if self.inner.is_some() {
            return refuse("NESTED_CHANGE_SET", "A change set must not contain another", span);
        }
        let boundary = media.parameter("boundary").unwrap_or_default();
        if let Err(message) = check_boundary(boundary) {
            return refuse("BAD_BOUNDARY", message, span);
        }
        let boundary = format!("--{boundary}").into_bytes();
        if boundary == self.boundary {
            return refuse("BAD_BOUNDARY", "The change set has the boundary of the batch", span);
        }
        self.inner = Some(boundary);
        self.change_sets += 1;
        let name = format!("changeset{}", self.change_sets);
        self.rules.begin(&name, span)?;
        Ok(State::Preamble)
    }

    fn request_line(&mut self, mime: Mime) -> Result<bool> {
        let Some(line) = self.line(self.rules.limits.line)? else {
            self.state = State::RequestLine(mime);
            return Ok(false);
        };
        let span = self.lines.span(&line);
        if line.is_empty() {
            // Robust as RFC 9112, section 2.2, wants it.
            self.state = State::RequestLine(mime);
            return Ok(true);
        }
        if self.boundary(&line)?.is_some() {
            return refuse("EMPTY_PART", "The part has no request", span);
        }
        let text = self.lines.text(&line)?;
        let Some((method, rest)) = text.split_once(' ') else {
            return refuse("BAD_REQUEST_LINE", "Expected a request such as `GET Orders HTTP/1.1`", span);
        };
        // The version may be absent, and spaces in a URL that should have been encoded are kept.
        let url = match rest.rsplit_once(' ') {
            Some((url, version)) if version.starts_with("HTTP/") => url,
            _ => rest,
        };
        let before = url.len() - url.trim_start_matches(' ').len();
        let url_start = span.start + method.len() + 1 + before;
        let url = url.trim_matches(' ').to_owned();
        let Some(method) = Method::parse(method) else {
            let message =
                format!("`{}` is no method of a request in a batch", crate::header::excerpt(method));
            return refuse("BAD_METHOD", message, span);
        };
        if url.chars().any(char::is_control) {
            return refuse("BAD_REQUEST_LINE", "The URL contains a control character", span);
        }
        if self.inner.is_some() && method.is_safe() {
            let message = format!("{} must not stand in a change set", method.name());
            return refuse("READ_IN_CHANGE_SET", message, span);
        }
        let part = Part {
            index: 0,
            id: mime.id,
            group: self.inner.is_some().then(|| format!("changeset{}", self.change_sets)),
            depends_on: Vec::new(),
            condition: None,
            method,
            url_span: Span { start: url_start, end: url_start + url.len() },
            url,
            headers: Headers::default(),
            body: Vec::new(),
            body_at: span.end,
        };
        self.state = State::Http(Box::new(part), span);
        Ok(true)
    }

    fn body(&self, part: Box<Part>, span: Span) -> Result<State> {
        if part.headers.get("transfer-encoding").is_some() {
            let message = "Transfer-Encoding is not supported in a batch";
            return Err(Error::new(ErrorKind::Unsupported, "BAD_ENCODING", message).at(span.start..span.end));
        }
        let length = match part.headers.get("content-length") {
            None => None,
            Some(text) => match text.parse::<usize>() {
                Ok(length) if text.bytes().all(|byte| byte.is_ascii_digit()) => Some(length),
                _ => return refuse("BAD_CONTENT_LENGTH", "The Content-Length is no number", span),
            },
        };
        if length.is_some_and(|length| length > self.rules.limits.body) {
            return self.body_too_large(span);
        }
        Ok(State::Body { part, span, start: self.lines.at, length })
    }

    fn body_too_large<T>(&self, span: Span) -> Result<T> {
        too_large(format!("A request's body is longer than {} bytes", self.rules.limits.body), span)
    }

    fn known_body(&mut self, mut part: Box<Part>, span: Span, start: usize, length: usize) -> Result<bool> {
        if self.lines.buffer.len() < start + length {
            self.state = State::Body { part, span, start, length: Some(length) };
            return if self.lines.ended { self.unclosed() } else { Ok(false) };
        }
        part.body = self.lines.buffer[start..start + length].to_vec();
        part.body_at = self.lines.offset + start;
        (self.lines.at, self.lines.searched) = (start + length, start + length);
        self.state = State::Boundary(part, span);
        Ok(true)
    }

    /// A body that ends with the line break before the next boundary.
    fn delimited_body(&mut self, mut part: Box<Part>, span: Span, start: usize) -> Result<bool> {
        loop {
            let line = self.line(usize::MAX)?;
            if self.lines.searched - start > self.rules.limits.body + self.rules.limits.line {
                return self.body_too_large(span);
            }
            let Some(line) = line else {
                self.state = State::Body { part, span, start, length: None };
                return Ok(false);
            };
            let Some(mark) = self.boundary(&line)? else { continue };
            let body = &self.lines.buffer[start..line.start.max(start)];
            let body = body.strip_suffix(b"\n").unwrap_or(body);
            let body = body.strip_suffix(b"\r").unwrap_or(body);
            if body.len() > self.rules.limits.body {
                return self.body_too_large(span);
            }
            // Clients end requests without a body with any number of empty lines.
            if !body.iter().all(u8::is_ascii_whitespace) {
                part.body = body.to_vec();
            }
            part.body_at = self.lines.offset + start;
            self.admit(part, span)?;
            self.pass(mark);
            return Ok(true);
        }
    }

    fn admit(&mut self, mut part: Box<Part>, span: Span) -> Result<()> {
        if part.method.is_safe() && !part.body.is_empty() {
            return refuse("UNEXPECTED_BODY", format!("{} has no body", part.method.name()), span);
        }
        if part.id.is_none() {
            // Where it stood before 4.01, and where some clients put it.
            let placed = |error: Error| error.at(span.start..span.end);
            part.id = part
                .headers
                .get("content-id")
                .map(RequestId::parse)
                .transpose()
                .map_err(placed)?
                .map(|id| id.0);
        }
        self.rules.admit(*part, span)
    }
}
