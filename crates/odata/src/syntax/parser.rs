//! The cursor over one decoded component, and what all rules of the grammar need: words, white space, places, limits.
//!
//! **Architecture Invariant:** a rule that goes deeper does so through [`Parser::down`], and one that makes a node
//! through [`Parser::node`]: these two bound the stack and the memory of every tree.

use std::cell::Cell;

use super::{
    Limits,
    ast::{At, Name, Spanned},
    decode::Decoded,
    lexical,
};
use crate::{Error, ErrorKind};

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A cursor over a component.
pub(crate) struct Parser<'p> {
    pub(crate) text: &'p str,
    pub(crate) pos: usize,
    pub(crate) limits: &'p Limits,
    source: &'p Decoded<'p>,
    /// Nodes made so far, over all components of one URL.
    nodes: &'p Cell<usize>,
    depth: usize,
    /// The deepest node below the expression that is being read.
    pub(crate) deepest: usize,
    /// How many `$expand` are open.
    pub(crate) expands: usize,
    /// Variables of the lambdas that are open.
    pub(crate) scope: Vec<String>,
    /// Reading a condition of `case`, which ends with a colon.
    pub(crate) condition: bool,
}

impl<'p> Parser<'p> {
    pub(crate) fn new(source: &'p Decoded<'p>, limits: &'p Limits, nodes: &'p Cell<usize>) -> Self {
        Self {
            text: &source.text,
            pos: 0,
            limits,
            source,
            nodes,
            depth: 0,
            deepest: 0,
            expands: 0,
            scope: Vec::new(),
            condition: false,
        }
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'p str {
        &self.text[self.pos..]
    }

    pub(crate) fn bytes(&self) -> &'p [u8] {
        self.rest().as_bytes()
    }

    /// The next byte, 0 at the end: no component has a NUL.
    pub(crate) fn peek(&self) -> u8 {
        self.bytes().first().copied().unwrap_or(0)
    }

    pub(crate) fn done(&self) -> bool {
        self.pos == self.text.len()
    }

    /// Takes this text if it is next.
    pub(crate) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.pos += text.len();
        }
        found
    }

    /// Takes this text or fails.
    pub(crate) fn expect(&mut self, text: &str) -> Result<()> {
        if self.eat(text) { Ok(()) } else { Err(self.expected(&format!("`{text}`"))) }
    }

    /// Takes white space if there is any.
    pub(crate) fn space(&mut self) -> bool {
        let length = self.bytes().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.pos += length;
        length > 0
    }

    /// Takes a comma with white space around it; without a comma, nothing.
    pub(crate) fn comma(&mut self) -> bool {
        let before = self.pos;
        self.space();
        if self.eat(",") {
            self.space();
            return true;
        }
        self.pos = before;
        false
    }

    /// `)`, with white space before it.
    pub(crate) fn close(&mut self) -> Result<()> {
        self.space();
        if self.eat(")") { Ok(()) } else { Err(self.expected("`)`")) }
    }

    /// The identifier that is next, not taken; empty when there is none.
    pub(crate) fn word(&self) -> &'p str {
        &self.rest()[..lexical::identifier(self.rest()).unwrap_or(0)]
    }

    /// Takes this word, in this case, with white space on both sides; otherwise nothing.
    pub(crate) fn keyword(&mut self, word: &str) -> bool {
        let before = self.pos;
        if self.space() && self.word() == word {
            self.pos += word.len();
            if self.space() {
                return true;
            }
        }
        self.pos = before;
        false
    }

    /// Takes `#` and the qualifier of an annotation, if one is there.
    pub(crate) fn qualifier(&mut self) -> Result<Option<String>> {
        if !self.eat("#") {
            return Ok(None);
        }
        self.identifier("a qualifier").map(|qualifier| Some(qualifier.value))
    }

    /// Takes an identifier.
    pub(crate) fn identifier(&mut self, what: &str) -> Result<Spanned<String>> {
        let start = self.pos;
        let word = self.word();
        if word.is_empty() {
            return Err(self.expected(what));
        }
        self.pos += word.len();
        Ok(Spanned { value: word.to_owned(), at: self.at(start) })
    }

    /// Takes a name, qualified or not.
    pub(crate) fn name(&mut self, what: &str) -> Result<Name> {
        let Some(length) = lexical::name(self.rest()) else { return Err(self.expected(what)) };
        let start = self.pos;
        self.pos += length;
        let text = &self.text[start..self.pos];
        let (namespace, name) = match text.rsplit_once('.') {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, text),
        };
        Ok(Name { namespace, name: name.to_owned(), at: self.at(start) })
    }

    /// Takes digits as a number.
    pub(crate) fn unsigned(&mut self) -> Result<u64> {
        let length = lexical::digits(self.bytes());
        if length == 0 {
            return Err(self.expected("a whole number"));
        }
        let start = self.pos;
        self.pos += length;
        self.text[start..self.pos]
            .parse()
            .map_err(|_| self.error(ErrorKind::Malformed, "RANGE", "the number is too large", start))
    }

    /// From here to where the cursor stands, as a place in the text as it came.
    pub(crate) fn at(&self, start: usize) -> At {
        self.source.span(start, self.pos).into()
    }

    /// Whether the byte this far ahead came percent-encoded.
    pub(crate) fn escaped_at(&self, ahead: usize) -> bool {
        self.source.escaped(self.pos + ahead)
    }

    /// What was expected here, and what is here instead.
    pub(crate) fn expected(&self, what: &str) -> Error {
        let found: String = self.rest().chars().take(20).collect();
        let words = match found.as_str() {
            "" => format!("expected {what}, but the text ends"),
            plus if plus.starts_with('+') => {
                format!("expected {what}, found `{found}`; a space is written `%20`, not `+`")
            }
            _ => format!("expected {what}, found `{found}`"),
        };
        let next = self.rest().chars().next().map_or(0, char::len_utf8);
        Error::new(ErrorKind::Malformed, "SYNTAX", words).at(self.source.span(self.pos, self.pos + next))
    }

    /// An error about what stands from here to the cursor.
    pub(crate) fn error(&self, kind: ErrorKind, code: &'static str, words: &str, start: usize) -> Error {
        Error::new(kind, code, words).at(self.source.span(start, self.pos.max(start)))
    }

    /// Part of the grammar that is not offered.
    pub(crate) fn unsupported(&self, words: &str, start: usize) -> Error {
        self.error(ErrorKind::Unsupported, "NOT_SUPPORTED", words, start)
    }

    fn too_large(&self, words: &str) -> Error {
        self.error(ErrorKind::TooLarge, "LIMIT", words, self.pos)
    }

    /// Counts a node.
    pub(crate) fn node(&self) -> Result<()> {
        self.nodes.set(self.nodes.get() + 1);
        if self.nodes.get() > self.limits.nodes {
            return Err(self.too_large(&format!("the URL has more than {} parts", self.limits.nodes)));
        }
        Ok(())
    }

    /// Checks how many elements a list has by now, and counts the newest as a node.
    pub(crate) fn element(&self, count: usize) -> Result<()> {
        if count >= self.limits.list {
            return Err(self.too_large(&format!("a list has more than {} elements", self.limits.list)));
        }
        self.node()
    }

    /// Goes one level deeper.
    pub(crate) fn down(&mut self) -> Result<()> {
        self.depth += 1;
        self.sink(self.depth)
    }

    /// Comes back from there.
    pub(crate) fn up(&mut self) {
        self.depth -= 1;
    }

    /// Goes inside brackets of some kind, where a colon does not end a condition of a `case` around them. What it
    /// answers is for [`Parser::leave`]. After an error nobody reads on, so nobody need leave.
    pub(crate) fn enter(&mut self) -> Result<bool> {
        self.down()?;
        Ok(std::mem::replace(&mut self.condition, false))
    }

    /// Comes out of the brackets.
    pub(crate) fn leave(&mut self, outside: bool) {
        self.up();
        self.condition = outside;
    }

    /// Checks how many parentheses are open in one expression.
    pub(crate) fn parentheses(&self, open: usize) -> Result<()> {
        if open > self.limits.parentheses {
            let words = format!("more than {} parentheses are open", self.limits.parentheses);
            return Err(self.too_large(&words));
        }
        self.node()
    }

    /// Notes that there is a node this deep.
    pub(crate) fn sink(&mut self, depth: usize) -> Result<()> {
        if depth > self.limits.depth() {
            return Err(self.too_large(&format!("it is nested deeper than {} levels", self.limits.depth())));
        }
        self.deepest = self.deepest.max(depth);
        Ok(())
    }

    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Nothing may be left.
    pub(crate) fn finish(&self) -> Result<()> {
        if self.done() { Ok(()) } else { Err(self.expected("the end")) }
    }
}
