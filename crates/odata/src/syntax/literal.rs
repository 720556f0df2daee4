//! Literals in URLs.

use super::{
    ast::Literal,
    lexical,
    parser::{Parser, Result},
};
use crate::ErrorKind;

impl Parser<'_> {
    /// A literal, or `None` with the cursor where it was. What begins like a literal and breaks off is an error.
    pub(crate) fn literal(&mut self) -> Result<Option<Literal>> {
        match self.peek() {
            b'\'' => self.string().map(|text| Some(Literal::String(text))),
            b'0'..=b'9' | b'+' | b'-' => self.numeric(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.worded(),
            _ => Ok(None),
        }
    }

    /// `'...'`, a quote inside doubled.
    pub(crate) fn string(&mut self) -> Result<String> {
        let start = self.pos;
        self.expect("'")?;
        let mut value = String::new();
        loop {
            let Some(length) = self.rest().find('\'') else {
                return Err(self.error(ErrorKind::Malformed, "SYNTAX", "a string has no closing `'`", start));
            };
            value.push_str(&self.rest()[..length]);
            self.pos += length + 1;
            if !self.eat("'") {
                return Ok(value);
            }
            value.push('\'');
        }
    }

    /// Whether the sign that is next belongs to a literal.
    pub(crate) fn signed(&self) -> bool {
        let bytes = self.bytes();
        bytes.get(1).is_some_and(u8::is_ascii_digit)
            || (bytes.starts_with(b"-INF") && !continues(&bytes[4..]))
    }

    fn numeric(&mut self) -> Result<Option<Literal>> {
        let bytes = self.bytes();
        if bytes.starts_with(b"-INF") && !continues(&bytes[4..]) {
            self.pos += 4;
            return Ok(Some(Literal::Double("-INF".to_owned())));
        }
        let start = self.pos;
        let take = |parser: &mut Self, length: usize| {
            parser.pos += length;
            parser.text[start..parser.pos].to_owned()
        };
        let literal = if let Some(length) = whole(bytes, lexical::guid(bytes)) {
            Literal::Guid(take(self, length))
        } else if let Some(length) = whole(bytes, lexical::date_time_offset(bytes)) {
            Literal::DateTimeOffset(take(self, length))
        } else if let Some(length) = whole(bytes, lexical::date(bytes)) {
            Literal::Date(take(self, length))
        } else if let Some(length) = whole(bytes, lexical::time_of_day(bytes))
            && !(self.condition && ends_item(&bytes[length..]))
        {
            Literal::TimeOfDay(take(self, length))
        } else if let Some(number) = lexical::number(bytes) {
            let text = take(self, number.length);
            if continues(self.bytes()) {
                return Err(self.expected("the end of the number"));
            }
            let text = text.trim_start_matches('+').to_owned();
            match number {
                lexical::Number { exponent: true, .. } => Literal::Double(text),
                lexical::Number { point: true, .. } => Literal::Decimal(text),
                _ => Literal::Integer(text),
            }
        } else {
            return Ok(None);
        };
        Ok(Some(literal))
    }

    fn worded(&mut self) -> Result<Option<Literal>> {
        let bytes = self.bytes();
        let start = self.pos;
        if let Some(length) = whole(bytes, lexical::guid(bytes)) {
            self.pos += length;
            return Ok(Some(Literal::Guid(self.text[start..self.pos].to_owned())));
        }
        let Some(length) = lexical::name(self.rest()) else { return Ok(None) };
        let name = &self.rest()[..length];
        match bytes.get(length) {
            Some(b'\'') => return self.quoted(name).map(Some),
            Some(b'(' | b'/' | b'.') => return Ok(None),
            _ => {}
        }
        let literal = match name {
            "null" => Literal::Null,
            "NaN" | "INF" => Literal::Double(name.to_owned()),
            _ if name.eq_ignore_ascii_case("true") => Literal::Boolean(true),
            _ if name.eq_ignore_ascii_case("false") => Literal::Boolean(false),
            _ => return Ok(None),
        };
        self.pos += length;
        Ok(Some(literal))
    }

    /// A literal with a prefix: duration, binary, enumeration; the cursor is at the prefix.
    fn quoted(&mut self, prefix: &str) -> Result<Literal> {
        let start = self.pos;
        let lower = prefix.to_ascii_lowercase();
        if matches!(lower.as_str(), "geography" | "geometry") {
            self.pos += prefix.len();
            self.string()?;
            return Err(self.unsupported("values of geography and geometry are not supported", start));
        }
        if prefix.contains('.') {
            let kind = self.name("an enumeration type")?;
            let members = self.string()?;
            let members: Vec<String> = members.split(',').map(str::to_owned).collect();
            if !members.iter().all(|member| is_member(member)) {
                let words = "an enumeration value is a list of member names or numbers";
                return Err(self.error(ErrorKind::Malformed, "SYNTAX", words, start));
            }
            return Ok(Literal::Enum { kind, members });
        }
        self.pos += prefix.len();
        let text = self.string()?;
        match lower.as_str() {
            "duration" if lexical::duration(text.as_bytes()) == Some(text.len()) => {
                Ok(Literal::Duration(text))
            }
            "duration" => {
                let words = "a duration is written like `P1DT2H30M`";
                Err(self.error(ErrorKind::Malformed, "SYNTAX", words, start))
            }
            "binary" => lexical::binary(&text).map(Literal::Binary).ok_or_else(|| {
                self.error(ErrorKind::Malformed, "SYNTAX", "a binary value is written as base64url", start)
            }),
            _ => {
                let words = "the type of an enumeration value is written with its namespace";
                Err(self.error(ErrorKind::Malformed, "SYNTAX", words, start))
            }
        }
    }
}

/// Whether the text is a member of an enumeration: a name, or a number.
pub(crate) fn is_member(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    lexical::identifier(text) == Some(text.len())
        || ((1..=19).contains(&digits.len()) && lexical::digits(digits.as_bytes()) == digits.len())
}

/// The length, if no more of a word follows.
fn whole(bytes: &[u8], length: Option<usize>) -> Option<usize> {
    length.filter(|length| !continues(&bytes[*length..]))
}

/// Whether what follows would still belong to a word or number.
fn continues(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x80..))
}

/// Whether an item of `case` ends here, so that a colon before it was not one of a time.
fn ends_item(bytes: &[u8]) -> bool {
    matches!(bytes.iter().find(|byte| !matches!(byte, b' ' | b'\t')), Some(b',' | b')'))
}
