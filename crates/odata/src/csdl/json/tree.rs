//! A JSON document as a tree that knows where everything stands, within limits.
//!
//! **Architecture Invariant:** numbers keep their text, members their order, and a name that stands twice is refused.

use std::collections::HashSet;

use crate::{
    Error, Span,
    csdl::{Limits, malformed, shown, too_large},
};

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) span: Span,
}

/// A value.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

pub(super) fn parse(text: &str, limits: &Limits) -> Result<Node, Error> {
    limits.admit(text)?;
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut parser = Parser { text, at: start, depth: 0, nodes: 0, limits };
    let root = parser.value()?;
    parser.space();
    match parser.peek() {
        Some(_) => Err(parser.unexpected("nothing more")),
        None => Ok(root),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    nodes: usize,
    limits: &'t Limits,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(c) => shown(c.encode_utf8(&mut [0; 4])),
            None => "the end of the text".to_owned(),
        };
        malformed(
            Span { start: self.at, end: self.at },
            format!("this is not JSON: expected {wanted}, found {found}"),
        )
    }

    fn value(&mut self) -> Result<Node, Error> {
        self.space();
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(too_large(
                self.at,
                format!("the metadata has more than {} values", self.limits.nodes),
            ));
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { value, span: Span { start, end: self.at } })
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Value, Error>) -> Result<Value, Error> {
        if self.depth >= self.limits.depth {
            return Err(too_large(self.at, format!("values nest deeper than {}", self.limits.depth)));
        }
        self.depth += 1;
        self.at += 1;
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// Whether the closing character comes, after a comma unless it is the first time.
    fn closes(&mut self, close: u8, first: bool) -> Result<bool, Error> {
        self.space();
        match self.peek() {
            Some(found) if found == close => {
                self.at += 1;
                Ok(true)
            }
            Some(b',') if !first => {
                self.at += 1;
                self.space();
                Ok(false)
            }
            _ if first => Ok(false),
            _ => Err(self.unexpected("a comma or the end of the list")),
        }
    }

    fn array(&mut self) -> Result<Value, Error> {
        let mut items = Vec::new();
        while !self.closes(b']', items.is_empty())? {
            items.push(self.value()?);
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self) -> Result<Value, Error> {
        let mut members: Vec<(String, Node)> = Vec::new();
        let mut names: HashSet<String> = HashSet::new();
        while !self.closes(b'}', members.is_empty())? {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a name in quotes"));
            }
            let name = self.string()?;
            if !names.insert(name.clone()) {
                return Err(malformed(
                    Span { start, end: self.at },
                    format!("{} stands here twice", shown(&name)),
                ));
            }
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("a colon"));
            }
            self.at += 1;
            members.push((name, self.value()?));
        }
        Ok(Value::Object(members))
    }

    fn string(&mut self) -> Result<String, Error> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => {
                    return Err(malformed(
                        Span { start, end: start + 1 },
                        "this is not JSON: a text without an end",
                    ));
                }
            }
        }
        self.at = end + 1;
        let raw = &self.text[start..self.at];
        serde_json::from_str(raw).map_err(|error| {
            malformed(Span { start, end: self.at }, format!("this is not JSON: {error} of a text"))
        })
    }

    fn number(&mut self) -> Result<Value, Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let raw = &self.text[start..self.at];
        // The grammar is JSON's own; the text is what counts.
        if serde_json::from_str::<serde_json::Number>(raw).is_ok() {
            return Ok(Value::Number(raw.to_owned()));
        }
        Err(malformed(Span { start, end: self.at }, format!("this is not JSON: {} is no number", shown(raw))))
    }

    fn word(&mut self) -> Result<Value, Error> {
        for (word, value) in
            [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))]
        {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.unexpected("a value"))
    }
}

impl Node {
    /// The members, which it must have.
    pub(super) fn object(&self, what: &str) -> Result<&[(String, Node)], Error> {
        match &self.value {
            Value::Object(members) => Ok(members),
            _ => Err(self.wrong(format!("{what} is an object"))),
        }
    }

    /// The items, which it must have.
    pub(super) fn array(&self, what: &str) -> Result<&[Node], Error> {
        match &self.value {
            Value::Array(items) => Ok(items),
            _ => Err(self.wrong(format!("{what} is an array"))),
        }
    }

    /// The text, which it must be.
    pub(super) fn text(&self, what: &str) -> Result<&str, Error> {
        match &self.value {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong(format!("{what} is a text"))),
        }
    }

    /// The member of this name.
    pub(super) fn member(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Value::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The member of this name, which must be there.
    pub(super) fn required(&self, name: &str) -> Result<&Node, Error> {
        self.member(name).ok_or_else(|| self.wrong(format!("{name} is missing")))
    }

    /// Refuses members that mean something and are not among these. Names without `$` and `@` are told by `free`.
    pub(super) fn only(&self, what: &str, known: &[&str], free: bool) -> Result<(), Error> {
        for (name, node) in self.object(what)? {
            let ours =
                name.contains('@') || (free && !name.starts_with('$')) || known.contains(&name.as_str());
            if !ours {
                return Err(node.wrong(format!("{what} has no member {}", shown(name))));
            }
        }
        Ok(())
    }

    /// What is wrong, at this value.
    pub(super) fn wrong(&self, message: impl Into<String>) -> Error {
        malformed(self.span, message)
    }
}
