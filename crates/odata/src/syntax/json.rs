//! JSON inside expressions: arrays and objects whose values are expressions (ABNF section 5).

use super::{
    ast::{Expr, ExprKind, Literal},
    parser::{Parser, Result},
};
use crate::ErrorKind;

impl Parser<'_> {
    /// An array or object if one is next, perhaps behind white space; otherwise `None`, and nothing is taken.
    pub(crate) fn json(&mut self) -> Result<Option<Expr>> {
        let before = self.pos;
        self.space();
        let start = self.pos;
        let open = self.peek();
        if !matches!(open, b'[' | b'{') {
            self.pos = before;
            return Ok(None);
        }
        let outside = self.enter()?;
        let kind = if open == b'[' { self.array()? } else { self.object()? };
        self.leave(outside);
        let at = self.at(start);
        let end = self.pos;
        self.space();
        if !(self.done() || matches!(self.peek(), b',' | b')' | b']' | b'}' | b';' | b':')) {
            self.pos = end;
        }
        Ok(Some(Expr { kind, at }))
    }

    fn array(&mut self) -> Result<ExprKind> {
        self.pos += 1;
        self.space();
        let mut items = Vec::new();
        if !self.eat("]") {
            loop {
                self.element(items.len())?;
                items.push(self.json_value()?);
                if !self.comma() {
                    break;
                }
            }
            self.space();
            self.expect("]")?;
        }
        Ok(ExprKind::Array(items))
    }

    fn object(&mut self) -> Result<ExprKind> {
        self.pos += 1;
        self.space();
        let mut members: Vec<(String, Expr)> = Vec::new();
        let mut known = std::collections::HashSet::new();
        if !self.eat("}") {
            loop {
                self.element(members.len())?;
                let start = self.pos;
                let name = self.json_string()?;
                if !known.insert(name.clone()) {
                    let words = format!("`{name}` is there twice");
                    return Err(self.error(ErrorKind::Malformed, "DUPLICATE", &words, start));
                }
                self.space();
                self.expect(":")?;
                self.space();
                members.push((name, self.json_value()?));
                if !self.comma() {
                    break;
                }
            }
            self.space();
            self.expect("}")?;
        }
        Ok(ExprKind::Object(members))
    }

    fn json_value(&mut self) -> Result<Expr> {
        if self.peek() != b'"' {
            return self.expression();
        }
        let start = self.pos;
        let text = self.json_string()?;
        Ok(Expr { kind: ExprKind::Literal(Literal::String(text)), at: self.at(start) })
    }

    /// `"..."` with the escapes of JSON.
    fn json_string(&mut self) -> Result<String> {
        let start = self.pos;
        self.expect("\"")?;
        let mut value = String::new();
        loop {
            let Some(length) = self.rest().find(['"', '\\']) else {
                return Err(self.error(
                    ErrorKind::Malformed,
                    "SYNTAX",
                    "a string has no closing `\"`",
                    start,
                ));
            };
            value.push_str(&self.rest()[..length]);
            self.pos += length;
            if self.eat("\"") {
                return Ok(value);
            }
            value.push(self.json_escape()?);
        }
    }

    fn json_escape(&mut self) -> Result<char> {
        self.pos += 1;
        let escaped = match self.peek() {
            quoted @ (b'"' | b'\\' | b'/') => char::from(quoted),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.json_unicode(),
            _ => return Err(self.expected("one of `\"\\/bfnrtu` behind `\\`")),
        };
        self.pos += 1;
        Ok(escaped)
    }

    fn json_unicode(&mut self) -> Result<char> {
        let start = self.pos;
        let unit = |parser: &mut Self| -> Option<u32> {
            let digits = parser.rest().strip_prefix('u')?.get(..4)?;
            let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            parser.pos += 5;
            all.then(|| u32::from_str_radix(digits, 16).ok())?
        };
        let code = match unit(self) {
            Some(high @ 0xd800..0xdc00) if self.eat("\\") => unit(self)
                .filter(|low| (0xdc00..0xe000).contains(low))
                .map(|low| 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)),
            other => other,
        };
        code.filter(|code| *code != 0).and_then(char::from_u32).ok_or_else(|| {
            let words = "`\\u` must be followed by four hex digits that make a character";
            self.error(ErrorKind::Malformed, "SYNTAX", words, start)
        })
    }
}
