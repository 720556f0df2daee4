//! One component of a URL after percent-decoding, with the way back to the bytes as they came.
//!
//! **Architecture Invariant:** a URL is parted at `/ ? & =` before its parts are decoded, and every place that is ever
//! reported is a place in the text as it came (OData-URL 4.01, section 2).

use std::borrow::Cow;

use crate::{Error, ErrorKind, Span};

/// A decoded component.
pub(crate) struct Decoded<'a> {
    /// The text, decoded once.
    pub(crate) text: Cow<'a, str>,
    /// For each decoded byte, and for the end, its place in the component; empty when nothing was escaped.
    places: Vec<u32>,
    /// Where the component begins in the whole text.
    base: usize,
}

impl<'a> Decoded<'a> {
    /// Decodes `raw`, which begins at byte `base` of the whole text.
    pub(crate) fn new(raw: &'a str, base: usize) -> Result<Self, Error> {
        if let Some(at) = raw.bytes().position(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
            return Err(malformed("a control character must be percent-encoded", base + at, 1));
        }
        if let Some(at) = raw.find('#') {
            return Err(malformed("`#` must be percent-encoded as `%23`", base + at, 1));
        }
        if !raw.contains('%') {
            return Ok(Self { text: Cow::Borrowed(raw), places: Vec::new(), base });
        }
        let bytes = raw.as_bytes();
        let (mut decoded, mut places) =
            (Vec::with_capacity(bytes.len()), Vec::with_capacity(bytes.len() + 1));
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            places.push(at as u32);
            if byte != b'%' {
                decoded.push(byte);
                at += 1;
                continue;
            }
            let escape = bytes.get(at + 1).zip(bytes.get(at + 2));
            let value = escape.and_then(|(high, low)| Some(hex(*high)? << 4 | hex(*low)?));
            match value {
                Some(0) => return Err(malformed("a NUL character is not accepted", base + at, 3)),
                Some(value) => decoded.push(value),
                None => return Err(malformed("`%` must be followed by two hex digits", base + at, 1)),
            }
            at += 3;
        }
        places.push(bytes.len() as u32);
        match String::from_utf8(decoded) {
            Ok(text) => Ok(Self { text: Cow::Owned(text), places, base }),
            Err(error) => {
                let at = places[error.utf8_error().valid_up_to()] as usize;
                Err(malformed("percent-encoded bytes are not UTF-8", base + at, 3))
            }
        }
    }

    /// Where this decoded byte stands in the whole text.
    pub(crate) fn place(&self, at: usize) -> usize {
        self.base + self.places.get(at).map_or(at, |place| *place as usize)
    }

    /// From decoded byte to decoded byte, as places in the whole text.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.place(start), end: self.place(end) }
    }

    /// Whether this decoded byte came as an escape.
    pub(crate) fn escaped(&self, at: usize) -> bool {
        self.places.get(at).zip(self.places.get(at + 1)).is_some_and(|(here, next)| next - here == 3)
    }
}

fn malformed(words: &str, start: usize, length: usize) -> Error {
    Error::new(ErrorKind::Malformed, "ENCODING", words).at(start..start + length)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
