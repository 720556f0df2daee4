//! Reading header text: tokens, quoted strings and optional white space (RFC 9110, section 5.6).

use crate::{Error, ErrorKind};

/// A cursor over one header value.
#[derive(Debug, Clone)]
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn done(&self) -> bool {
        self.rest().is_empty()
    }

    /// What was read since.
    pub(super) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// As many bytes as the test accepts; it must accept ASCII only.
    pub(super) fn run(&mut self, accept: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest().bytes().take_while(|byte| accept(*byte)).count();
        let start = self.at;
        self.at += length;
        self.since(start)
    }

    pub(super) fn white(&mut self) {
        self.run(|byte| matches!(byte, b' ' | b'\t'));
    }

    pub(super) fn eat(&mut self, expected: char) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len_utf8();
        }
        found
    }

    /// The same, with white space on both sides.
    pub(super) fn eat_loose(&mut self, expected: char) -> bool {
        let back = self.at;
        self.white();
        if self.eat(expected) {
            self.white();
            return true;
        }
        self.at = back;
        false
    }

    /// A token, perhaps empty.
    pub(super) fn token(&mut self) -> &'a str {
        self.run(is_token)
    }

    /// A quoted string's content without its escapes; `None` and nothing read when there is none or it does not end.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let mut characters = self.rest().char_indices();
        characters.next().filter(|(_, first)| *first == '"')?;
        let mut content = String::new();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.at += at + 1;
                    return Some(content);
                }
                '\\' => content.push(characters.next()?.1),
                other => content.push(other),
            }
        }
        None
    }

    /// A token or a quoted string; `None` when there is neither.
    pub(super) fn word(&mut self) -> Option<String> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let token = self.token();
        (!token.is_empty()).then(|| token.to_owned())
    }

    /// Up to the next comma that is not inside a quoted string, and past that comma.
    pub(super) fn list_item(&mut self) -> &'a str {
        let (mut quoted, mut escaped) = (false, false);
        let end = self.rest().bytes().position(|byte| {
            let comma = byte == b',' && !quoted;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ => {}
            }
            comma
        });
        let start = self.at;
        self.at = end.map_or(self.text.len(), |end| start + end);
        let item = self.since(start);
        self.eat(',');
        item
    }

    pub(super) fn fail(&self, header: &'static str, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Malformed, "BAD_HEADER", message).at(self.at..self.text.len()).about(header)
    }
}

/// RFC 9110, section 5.6.2.
pub(super) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// RFC 3986, section 2.3.
pub(super) const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}
