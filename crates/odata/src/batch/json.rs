//! Batches as JSON (OData-JSON 4.01, section 19): the array of requests is followed byte by byte, and each request is read
//! when its object has come as a whole.

use std::borrow::Cow;

use super::{
    Event, Headers, Limits, Method, Part,
    rules::{Rules, refuse, too_large},
};
use crate::{
    Error, Span,
    edm::Primitive,
    header::{MediaType, RequestId},
    json::{Kind, Scalar, Tokens},
};

/// Nesting and number of values of one request; its body is read again by its type.
const MAX_DEPTH: usize = 64;
const MAX_VALUES: usize = 4_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the array of requests.
    Before,
    /// In it, between requests; whether a comma or the end must come first, and whether one must follow.
    Between { comma: bool, first: bool },
    /// In a request that began at this index of the buffer.
    Request(usize),
    /// Behind the array.
    After,
    /// Behind the whole.
    Done,
    /// An error was given.
    Failed,
}

#[derive(Debug)]
pub(super) struct JsonBatch {
    buffer: Vec<u8>,
    /// Where in the body the buffer begins.
    offset: usize,
    /// The next byte.
    at: usize,
    ended: bool,
    state: State,
    depth: usize,
    /// In a string, which began here.
    string: Option<usize>,
    escaped: bool,
    /// The last string was `requests`, and a colon came behind it.
    last: Option<(usize, usize)>,
    named: bool,
    rules: Rules,
}

type Result<T> = std::result::Result<T, Error>;

impl JsonBatch {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            buffer: Vec::new(),
            offset: 0,
            at: 0,
            ended: false,
            state: State::Before,
            depth: 0,
            string: None,
            escaped: false,
            last: None,
            named: false,
            rules: Rules::new(limits),
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.state == State::Failed {
            return;
        }
        let keep = match (self.state, self.string) {
            (State::Request(start), _) => start,
            (State::Before, _) => 0,
            _ => self.at,
        };
        if keep > self.buffer.len() / 2 {
            self.buffer.drain(..keep);
            self.offset += keep;
            self.at -= keep;
            if let State::Request(start) = &mut self.state {
                *start = 0;
            }
        }
        self.buffer.extend_from_slice(bytes);
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.buffer.capacity()
    }

    pub(super) fn finish(&mut self) {
        self.ended = true;
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
                    self.buffer = Vec::new();
                    return Err(error);
                }
            }
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.offset + start, end: self.offset + end }
    }

    fn here(&self) -> Span {
        self.span(self.at, self.at + 1)
    }

    /// Up to the next request or the end of what has come; `false` when there is no more to do.
    fn advance(&mut self) -> Result<bool> {
        if self.state == State::Failed {
            return Ok(false);
        }
        while let Some(byte) = self.telling() {
            let events = self.rules.events.len();
            self.byte(byte)?;
            self.at += 1;
            if self.rules.events.len() > events {
                return Ok(true);
            }
        }
        let pending = match self.state {
            State::Request(start) => self.buffer.len() - start,
            State::Before => self.buffer.len(),
            _ => 0,
        };
        let most = match self.state {
            State::Before => self.rules.limits.preamble,
            // In base64url a body is a third longer, in escapes up to six times.
            _ => self.rules.limits.body.saturating_mul(2) + self.rules.limits.line,
        };
        if pending > most {
            return too_large(format!("A request of the batch is longer than {most} bytes"), self.here());
        }
        if self.ended && self.state != State::Done {
            let message = "The batch ends before its JSON object does";
            return refuse("UNCLOSED_BATCH", message, self.span(self.buffer.len(), self.buffer.len()));
        }
        Ok(false)
    }

    /// The next byte that changes something: what a string holds does not, nor what a request has between its brackets.
    fn telling(&mut self) -> Option<u8> {
        let rest = &self.buffer[self.at..];
        self.at += match (self.string, self.state) {
            (Some(_), _) if !self.escaped => rest.iter().position(|byte| b"\"\\".contains(byte)),
            (None, State::Request(_)) => rest.iter().position(|byte| b"\"{}[]".contains(byte)),
            _ => Some(0),
        }
        .unwrap_or(rest.len());
        self.buffer.get(self.at).copied()
    }

    fn byte(&mut self, byte: u8) -> Result<()> {
        if let Some(start) = self.string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.string = None;
                    self.last = Some((start, self.at + 1));
                }
                _ => {}
            }
            return Ok(());
        }
        if byte.is_ascii_whitespace() {
            return Ok(());
        }
        match self.state {
            State::Request(start) => {
                self.structure(byte);
                if self.depth == 2 {
                    self.state = State::Between { comma: true, first: false };
                    self.request(start)?;
                }
            }
            State::Between { comma, first } => match byte {
                b',' if comma => self.state = State::Between { comma: false, first: false },
                b'{' if !comma => {
                    self.depth += 1;
                    self.state = State::Request(self.at);
                }
                b']' if comma || first => {
                    self.depth = 1;
                    self.rules.end();
                    self.state = State::After;
                }
                _ => {
                    return refuse(
                        "JSON_SYNTAX",
                        "Expected requests as objects with commas between",
                        self.here(),
                    );
                }
            },
            State::Before => self.before(byte)?,
            State::After => {
                self.structure(byte);
                if self.depth == 0 {
                    self.state = State::Done;
                }
            }
            State::Done => return refuse("JSON_SYNTAX", "Expected the end after the batch", self.here()),
            State::Failed => {}
        }
        Ok(())
    }

    fn structure(&mut self, byte: u8) {
        match byte {
            b'"' => self.string = Some(self.at),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn before(&mut self, byte: u8) -> Result<()> {
        match byte {
            b'{' if self.depth == 0 => {}
            _ if self.depth == 0 && self.at + self.offset < 3 && [0xef, 0xbb, 0xbf].contains(&byte) => {
                return Ok(());
            }
            _ if self.depth == 0 => {
                return refuse("JSON_SYNTAX", "Expected an object with `requests`", self.here());
            }
            b':' if self.depth == 1 => {
                self.named =
                    self.last.is_some_and(|(start, end)| &self.buffer[start..end] == b"\"requests\"");
            }
            b'[' if self.depth == 1 && self.named => {
                self.depth = 2;
                self.state = State::Between { comma: false, first: true };
                return Ok(());
            }
            b',' if self.depth == 1 && !self.named => {}
            b'}' if self.depth == 1 => {
                return refuse("MISSING_REQUESTS", "The batch has no member `requests`", self.here());
            }
            _ if self.depth == 1 && self.named => {
                return refuse("WRONG_TYPE", "Expected an array of requests", self.here());
            }
            _ => {}
        }
        self.structure(byte);
        Ok(())
    }

    /// Reads the request that began there and ends here.
    fn request(&mut self, start: usize) -> Result<()> {
        let span = self.span(start, self.at + 1);
        let part = read(&self.buffer[start..=self.at], self.offset + start, &self.rules.limits)?;
        self.rules.admit(part, span)
    }
}

/// The members of a request, before they are put together.
#[derive(Default)]
struct Raw<'a> {
    id: Option<(Cow<'a, str>, Span)>,
    method: Option<(Cow<'a, str>, Span)>,
    url: Option<(Cow<'a, str>, Span)>,
    group: Option<(Cow<'a, str>, Span)>,
    condition: Option<(Cow<'a, str>, Span)>,
    depends_on: Vec<String>,
    headers: Headers,
    body: Option<Span>,
}

fn read(bytes: &[u8], offset: usize, limits: &Limits) -> Result<Part> {
    let mut tokens = Tokens::new(bytes, offset, MAX_DEPTH, MAX_VALUES)?;
    let whole = Span { start: offset, end: offset + bytes.len() };
    let mut raw = members(&mut tokens, limits)?;
    let missing = |name: &str| {
        Error::new(crate::ErrorKind::Malformed, "MISSING_MEMBER", format!("The request needs `{name}`"))
    };
    let needed = |name: &str| missing(name).at(whole.start..whole.end);
    let request_id = |(text, span): (Cow<'_, str>, Span)| {
        RequestId::parse(&text).map(|id| id.0).map_err(|error| error.at(span.start..span.end))
    };
    let id = request_id(raw.id.ok_or_else(|| needed("id"))?)?;
    let (method, method_span) = raw.method.ok_or_else(|| needed("method"))?;
    let (url, url_span) = raw.url.ok_or_else(|| needed("url"))?;
    let Some(method) = Method::parse(&method.to_ascii_uppercase()) else {
        let message = format!("`{}` is no method of a request in a batch", crate::header::excerpt(&method));
        return refuse("BAD_METHOD", message, method_span);
    };
    if url.len() > limits.line {
        return too_large(format!("The URL is longer than {} bytes", limits.line), url_span);
    }
    if url.chars().any(char::is_control) {
        return refuse("BAD_URL", "The URL contains a control character", url_span);
    }
    let (body, body_at) = match raw.body {
        None => (Vec::new(), whole.end),
        Some(span) => (body(&tokens, span, raw.headers.get("content-type"))?, span.start),
    };
    // A body that says nothing of its type has just been read as JSON (OData-JSON 4.01, section 19.1).
    if raw.body.is_some() && raw.headers.get("content-type").is_none() {
        raw.headers.add("content-type", "application/json", whole)?;
    }
    if body.len() > limits.body {
        return too_large(format!("A request's body is longer than {} bytes", limits.body), whole);
    }
    if raw.body.is_some() && (method.is_safe() || method == Method::Delete) {
        return refuse("UNEXPECTED_BODY", format!("{} has no body", method.name()), whole);
    }
    Ok(Part {
        index: 0,
        id: Some(id),
        group: raw.group.map(request_id).transpose()?,
        depends_on: raw.depends_on,
        condition: raw.condition.map(|(text, span)| (text.into_owned(), span)),
        method,
        url: url.into_owned(),
        url_span,
        headers: raw.headers,
        body,
        body_at,
    })
}

fn members<'a>(tokens: &mut Tokens<'a>, limits: &Limits) -> Result<Raw<'a>> {
    let mut raw = Raw::default();
    let mut seen: Vec<Cow<'_, str>> = Vec::new();
    let mut first = true;
    tokens.begin_object()?;
    while let Some((name, span)) = tokens.member(&mut first)? {
        if name.contains('@') {
            tokens.skip()?;
            continue;
        }
        if seen.contains(&name) {
            return refuse(
                "DUPLICATE_MEMBER",
                format!("`{}` is given twice", crate::header::excerpt(&name)),
                span,
            );
        }
        match &*name {
            "id" => raw.id = Some(string(tokens, "id")?),
            "method" => raw.method = Some(string(tokens, "method")?),
            "url" => raw.url = Some(string(tokens, "url")?),
            "atomicityGroup" if tokens.kind()? != Kind::Null => {
                raw.group = Some(string(tokens, "atomicityGroup")?);
            }
            "if" if tokens.kind()? != Kind::Null => raw.condition = Some(string(tokens, "if")?),
            "dependsOn" if tokens.kind()? == Kind::Array => {
                let mut first = true;
                tokens.begin_array()?;
                while tokens.item(&mut first)? {
                    let (id, span) = string(tokens, "dependsOn")?;
                    if raw.depends_on.len() == limits.parts {
                        return too_large(format!("It depends on more than {} requests", limits.parts), span);
                    }
                    raw.depends_on.push(id.into_owned());
                }
            }
            "headers" if tokens.kind()? == Kind::Object => {
                let mut first = true;
                tokens.begin_object()?;
                while let Some((name, span)) = tokens.member(&mut first)? {
                    if raw.headers.get(&name.to_ascii_lowercase()).is_some() {
                        let shown = crate::header::excerpt(&name);
                        return refuse("DUPLICATE_MEMBER", format!("Header `{shown}` is given twice"), span);
                    }
                    if raw.headers.len() == limits.headers {
                        return too_large(
                            format!("A request has more than {} headers", limits.headers),
                            span,
                        );
                    }
                    let (value, span) = string(tokens, &name)?;
                    raw.headers.add(&name, &value, span)?;
                }
            }
            "body" if tokens.kind()? != Kind::Null => raw.body = Some(tokens.skip()?),
            "atomicityGroup" | "if" | "dependsOn" | "headers" | "body" => match tokens.kind()? {
                Kind::Null => tokens.null()?,
                other => return refuse("WRONG_TYPE", format!("`{name}` cannot be {}", other.name()), span),
            },
            _ => {
                let shown = crate::header::excerpt(&name);
                return refuse("UNKNOWN_MEMBER", format!("A request has no member `{shown}`"), span);
            }
        }
        seen.push(name);
    }
    tokens.end()?;
    Ok(raw)
}

fn string<'a>(tokens: &mut Tokens<'a>, name: &str) -> Result<(Cow<'a, str>, Span)> {
    let kind = tokens.kind()?;
    let start = tokens.place();
    if kind != Kind::String {
        let shown = crate::header::excerpt(name);
        let message = format!("`{shown}` must be a string, found {}", kind.name());
        return refuse("WRONG_TYPE", message, Span { start, end: start + 1 });
    }
    let text = tokens.string()?;
    Ok((text, tokens.since(start)))
}

/// A body by its media type: JSON as it stands, text from a string, anything else from base64url.
fn body(tokens: &Tokens<'_>, span: Span, content_type: Option<&str>) -> Result<Vec<u8>> {
    let raw = tokens.text_of(span);
    let media = match content_type.map(MediaType::parse).transpose() {
        Ok(media) => media,
        Err(error) => return Err(error.at(span.start..span.end)),
    };
    let Some(media) = media.filter(|media| !media.is_json()) else { return Ok(raw.as_bytes().to_vec()) };
    let text = media.kind == "text";
    let mut inside = Tokens::new(raw.as_bytes(), span.start, 1, 2)?;
    let content = string(&mut inside, "body")?.0;
    if text {
        return Ok(content.into_owned().into_bytes());
    }
    match Scalar::parse(Primitive::Binary, content) {
        Ok(Scalar::Binary(bytes)) => Ok(bytes.into_owned()),
        _ => refuse("WRONG_TYPE", "Expected the body in base64url", span),
    }
}
