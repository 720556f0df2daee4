//! JSON text piece by piece, each with its place: strict RFC 8259, without recursion of its own, borrowing where it can.
//!
//! Our own rather than a library: `serde_json` gives no places, `jiter` needs big numbers and hash maps for trees that
//! are never built here, and none of them refuses a member that comes twice. `serde_json` is the oracle of its tests.

use std::borrow::Cow;

use crate::{Error, ErrorKind, Span};

/// What a value begins as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

impl Kind {
    /// For people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Null => "null",
        }
    }
}

/// Longer numbers are refused.
const MAX_NUMBER: usize = 512;

/// A cursor over a payload.
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// Where the text begins in what the client sent.
    offset: usize,
    depth: usize,
    max_depth: usize,
    values: usize,
    max_values: usize,
}

type Result<T> = std::result::Result<T, Error>;

impl<'a> Tokens<'a> {
    /// Over bytes that must be UTF-8; a byte order mark is skipped.
    pub(crate) fn new(bytes: &'a [u8], offset: usize, max_depth: usize, max_values: usize) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let at = offset + error.valid_up_to();
            Error::new(ErrorKind::Malformed, "INVALID_UTF8", "The payload is not UTF-8").at(at..at + 1)
        })?;
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Ok(Self { text, at, offset, depth: 0, max_depth, values: 0, max_values })
    }

    pub(crate) const fn place(&self) -> usize {
        self.offset + self.at
    }

    /// From there to here.
    pub(crate) const fn since(&self, start: usize) -> Span {
        Span { start, end: self.place() }
    }

    /// The text of a span that this cursor gave.
    pub(crate) fn text_of(&self, span: Span) -> &'a str {
        &self.text[span.start - self.offset..span.end - self.offset]
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T> {
        let end = (self.at + 1).min(self.text.len()).max(self.at);
        Err(Error::new(ErrorKind::Malformed, "JSON_SYNTAX", message).at(self.place()..self.offset + end))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn found(&self) -> String {
        match self.text[self.at..].chars().next() {
            None => "the end".to_owned(),
            Some(character) if character.is_control() => format!("U+{:04X}", u32::from(character)),
            Some(character) => format!("`{character}`"),
        }
    }

    fn white(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<()> {
        self.white();
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        self.fail(format!("Expected {what}, found {}", self.found()))
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.white();
        if self.at == self.text.len() { Ok(()) } else { self.fail("Expected the end after the payload") }
    }

    /// Whether there is nothing but white space.
    pub(crate) fn is_blank(&mut self) -> bool {
        self.white();
        self.at == self.text.len()
    }

    /// What the value here begins as.
    pub(crate) fn kind(&mut self) -> Result<Kind> {
        self.white();
        Ok(match self.peek() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => return self.fail(format!("Expected a value, found {}", self.found())),
        })
    }

    fn count(&mut self) -> Result<()> {
        self.values += 1;
        if self.values > self.max_values {
            let message = format!("The payload has more than {} values", self.max_values);
            return Err(
                Error::new(ErrorKind::TooLarge, "TOO_MANY_VALUES", message).at(self.place()..self.place())
            );
        }
        Ok(())
    }

    fn deeper(&mut self) -> Result<()> {
        self.count()?;
        self.depth += 1;
        if self.depth > self.max_depth {
            let message = format!("The payload is nested deeper than {} levels", self.max_depth);
            return Err(Error::new(ErrorKind::TooLarge, "TOO_DEEP", message).at(self.place()..self.place()));
        }
        Ok(())
    }

    /// Begins an object; members follow by [`Self::member`].
    pub(crate) fn begin_object(&mut self) -> Result<()> {
        self.expect(b'{', "`{`")?;
        self.deeper()
    }

    /// The next member's name and its place, or `None` and past the end of the object. The value must be read next.
    pub(crate) fn member(&mut self, first: &mut bool) -> Result<Option<(Cow<'a, str>, Span)>> {
        self.white();
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.depth -= 1;
            return Ok(None);
        }
        if !std::mem::take(first) {
            self.expect(b',', "`,` or `}`")?;
            self.white();
        }
        if self.peek() != Some(b'"') {
            return self.fail(format!("Expected a name in quotes, found {}", self.found()));
        }
        let start = self.place();
        let name = self.content()?;
        let span = self.since(start);
        self.expect(b':', "`:`")?;
        Ok(Some((name, span)))
    }

    /// Begins an array; items follow by [`Self::item`].
    pub(crate) fn begin_array(&mut self) -> Result<()> {
        self.expect(b'[', "`[`")?;
        self.deeper()
    }

    /// Whether another item follows, which must be read next; otherwise past the end of the array.
    pub(crate) fn item(&mut self, first: &mut bool) -> Result<bool> {
        self.white();
        if self.peek() == Some(b']') {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !std::mem::take(first) {
            self.expect(b',', "`,` or `]`")?;
        }
        Ok(true)
    }

    /// A string's content.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>> {
        self.white();
        self.count()?;
        self.content()
    }

    fn content(&mut self) -> Result<Cow<'a, str>> {
        self.expect(b'"', "a string")?;
        let bytes = self.text.as_bytes();
        let start = self.at;
        let plain = |from: usize| {
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            bytes[from..].iter().position(special).map_or(bytes.len(), |length| from + length)
        };
        self.at = plain(start);
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
        }
        let mut content = self.text[start..self.at].to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(content));
                }
                Some(b'\\') => content.push(self.escape()?),
                None => return self.fail("The string does not end"),
                Some(_) => {
                    return self.fail(format!("Character {} must be escaped in a string", self.found()));
                }
            }
            let from = self.at;
            self.at = plain(from);
            content.push_str(&self.text[from..self.at]);
        }
    }

    fn escape(&mut self) -> Result<char> {
        let letter = self.text.as_bytes().get(self.at + 1);
        let character = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let Some(unit) = self.unit(self.at) else {
                    return self.fail("Expected four digits after \\u");
                };
                if let Some(character) = char::from_u32(unit) {
                    self.at += 6;
                    return Ok(character);
                }
                let low = self.unit(self.at + 6).filter(|low| (0xDC00..0xE000).contains(low));
                let pair = low
                    .filter(|_| unit < 0xDC00)
                    .map(|low| 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
                let Some(character) = pair.and_then(char::from_u32) else {
                    return self.fail("Half of a surrogate pair");
                };
                self.at += 12;
                return Ok(character);
            }
            _ => return self.fail("No such escape"),
        };
        self.at += 2;
        Ok(character)
    }

    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.text.as_bytes().get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
    }

    /// A number's text.
    pub(crate) fn number(&mut self) -> Result<&'a str> {
        self.white();
        self.count()?;
        let start = self.at;
        let digits = |tokens: &mut Self| {
            let from = tokens.at;
            while let Some(b'0'..=b'9') = tokens.peek() {
                tokens.at += 1;
            }
            if from == tokens.at {
                return tokens.fail(format!("Expected a digit, found {}", tokens.found()));
            }
            Ok(())
        };
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if let Some(b'0'..=b'9') = self.peek() {
                return self.fail("A number does not begin with a zero");
            }
        } else {
            digits(self)?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            digits(self)?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            digits(self)?;
        }
        if self.at - start > MAX_NUMBER {
            let message = format!("A number has at most {MAX_NUMBER} characters");
            return Err(Error::new(ErrorKind::TooLarge, "OUT_OF_RANGE", message)
                .at(self.offset + start..self.place()));
        }
        Ok(&self.text[start..self.at])
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self) -> Result<bool> {
        let value = self.kind()? == Kind::Boolean && self.peek() == Some(b't');
        self.word(if value { "true" } else { "false" })?;
        Ok(value)
    }

    /// `null`.
    pub(crate) fn null(&mut self) -> Result<()> {
        self.word("null")
    }

    fn word(&mut self, word: &str) -> Result<()> {
        self.white();
        self.count()?;
        if !self.text[self.at..].starts_with(word) {
            return self.fail(format!("Expected {word}"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Past a value of any kind, checking its syntax; its place.
    pub(crate) fn skip(&mut self) -> Result<Span> {
        self.white();
        let start = self.place();
        // For each open level whether it is an object.
        let mut open: Vec<bool> = Vec::new();
        let mut first = false;
        loop {
            match self.kind()? {
                Kind::Object => {
                    self.begin_object()?;
                    open.push(true);
                    first = true;
                }
                Kind::Array => {
                    self.begin_array()?;
                    open.push(false);
                    first = true;
                }
                Kind::String => drop(self.string()?),
                Kind::Number => drop(self.number()?),
                Kind::Boolean => drop(self.boolean()?),
                Kind::Null => self.null()?,
            }
            loop {
                let more = match open.last() {
                    None => return Ok(self.since(start)),
                    Some(true) => self.member(&mut first)?.is_some(),
                    Some(false) => self.item(&mut first)?,
                };
                if more {
                    break;
                }
                open.pop();
                first = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_kit::SeededRng;
    use proptest::prelude::*;

    use super::*;

    fn accepts(bytes: &[u8]) -> Result<()> {
        let mut tokens = Tokens::new(bytes, 0, 100, 100_000)?;
        tokens.skip()?;
        tokens.end()
    }

    #[test]
    fn errors_say_where() {
        let check = |input: &[u8], expect: &str| {
            assert_eq!(accepts(input).unwrap_err().to_string(), expect, "{}", String::from_utf8_lossy(input));
        };
        check(b"", "Expected a value, found the end (at position 1)");
        check(b"{", "Expected a name in quotes, found the end (at position 2)");
        check(b"{\"a\"}", "Expected `:`, found `}` (at position 5)");
        check(b"{\"a\":1,}", "Expected a name in quotes, found `}` (at position 8)");
        check(b"[1 2]", "Expected `,` or `]`, found `2` (at position 4)");
        check(b"[1,]", "Expected a value, found `]` (at position 4)");
        check(b"01", "A number does not begin with a zero (at position 2)");
        check(b"1.", "Expected a digit, found the end (at position 3)");
        check(b"-", "Expected a digit, found the end (at position 2)");
        check(b"1 2", "Expected the end after the payload (at position 3)");
        check(b"\"a", "The string does not end (at position 3)");
        check(b"\"a\nb\"", "Character U+000A must be escaped in a string (at position 3)");
        check(b"\"\\x\"", "No such escape (at position 2)");
        check(b"\"\\ud800\"", "Half of a surrogate pair (at position 2)");
        check(b"\"\\u12\"", "Expected four digits after \\u (at position 2)");
        check(b"\"a\xff\"", "The payload is not UTF-8 (at position 3)");
        check(b"nul", "Expected null (at position 1)");
        check("[".repeat(101).as_bytes(), "The payload is nested deeper than 100 levels (at position 102)");
        check("1".repeat(513).as_bytes(), "A number has at most 512 characters (at position 1)");
        check(
            format!("[{}1]", "1,".repeat(100_000)).as_bytes(),
            "The payload has more than 100000 values (at position 200000)",
        );
    }

    proptest! {
        #[test]
        fn strings_come_back(text in "(?s).{0,30}") {
            let json = serde_json::to_string(&text).unwrap();
            let mut tokens = Tokens::new(json.as_bytes(), 7, 9, 9).unwrap();
            prop_assert_eq!(tokens.string().unwrap(), text);
            prop_assert_eq!(tokens.place(), json.len() + 7);
        }
    }

    #[test]
    fn what_serde_json_accepts_and_nothing_else() {
        const PIECES: [&str; 34] = [
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "\\", "\\n", "\\u00e4", "\\ud83d",
            "\\ude00", "1", "0", "-", ".", "e", "E5", "+", "12.5", "true", "false", "null", " ", "\n", "\t",
            "ä", "\u{1}", "nul", "{}", "[]", "{\"a\":",
        ];
        let mut rng = SeededRng::new(11);
        let mut accepted = 0;
        for _ in 0..60_000 {
            let count = 1 + rng.next() % 9;
            let text: String =
                (0..count).map(|_| PIECES[(rng.next() % PIECES.len() as u64) as usize]).collect();
            // Skipping, the oracle does not look at surrogates; reading, it refuses numbers beyond a double.
            let skipped = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            let read = serde_json::from_str::<serde_json::Value>(&text);
            let expect =
                skipped && read.map_or_else(|error| error.to_string().contains("out of range"), |_| true);
            assert_eq!(accepts(text.as_bytes()).is_ok(), expect, "{text}");
            accepted += u32::from(expect);
        }
        assert!(accepted > 1000, "{accepted}");
    }
}
