//! The little of XML that SAML needs, read strictly into a tree.
//!
//! **Architecture Invariant:** there is one reader. What is canonicalised, what is verified and what is read afterwards all
//! come out of [`read`], so that no two readers can disagree about one text. There are no document types, so there are no
//! entities, no defaults and no attributes of a declared type; whatever else is not well-formed is refused, not mended. Size,
//! depth and number of nodes are bounded before anything is kept.

use std::{collections::HashSet, rc::Rc};

use quick_xml::{Reader, events::Event};

/// What `xml:` stands for without being declared.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// What `xmlns` stands for; nothing may be named by it.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// How deep elements may be within each other. Functions that walk a tree call themselves.
const DEEPEST: usize = 40;
/// Most elements, attributes and pieces of text together.
const MOST_NODES: usize = 20_000;
/// Most attributes of an element, declarations included.
const MOST_ATTRIBUTES: usize = 64;
/// Most declarations of namespaces that can be in force somewhere: names are looked up in them one by one.
const MOST_DECLARED: usize = 256;
/// Most bytes of a namespace: canonical texts repeat them.
const LONGEST_NAMESPACE: usize = 512;

/// Why a text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Longer, deeper or of more nodes than anything honest.
    #[error("too large")]
    Large,
    /// It is not well-formed, or not in UTF-8.
    #[error("not well-formed")]
    Form,
    /// It has a document type, or an entity that only one could declare.
    #[error("a document type or an entity")]
    Entity,
    /// It has a comment or a processing instruction where there may be none.
    #[error("a comment or a processing instruction")]
    Aside,
    /// Two of its elements have the same id.
    #[error("an id twice")]
    TwiceId,
}

/// What becomes of comments and processing instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asides {
    /// Nobody needs one in a message; whoever writes one there wants it read in two ways.
    Refused,
    /// They are left out as if they were not there: text on both sides is one text.
    Skipped,
}

/// An element and all that is within it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) prefix: Box<str>,
    pub(super) local: Box<str>,
    pub(super) namespace: Rc<str>,
    pub(super) attributes: Vec<Attribute>,
    /// Prefixes declared here and what they stand for; the empty prefix is the default, the empty text takes it back.
    pub(super) declared: Vec<(Box<str>, Rc<str>)>,
    pub(super) children: Vec<Node>,
}

/// What an element holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

/// An attribute; without a prefix it is in no namespace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) prefix: Box<str>,
    pub(super) local: Box<str>,
    pub(super) namespace: Rc<str>,
    pub(super) value: String,
}

impl Element {
    /// Whether this is its name.
    pub(super) fn is(&self, namespace: &str, local: &str) -> bool {
        *self.namespace == *namespace && *self.local == *local
    }

    /// An attribute that is in no namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let own = self.attributes.iter().find(|own| own.namespace.is_empty() && *own.local == *name);
        own.map(|own| own.value.as_str())
    }

    /// The elements directly within.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Those of this name.
    pub(super) fn named(&self, namespace: &str, local: &str) -> impl Iterator<Item = &Self> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The one of this name; `None` when there is none or more.
    pub(super) fn only(&self, namespace: &str, local: &str) -> Option<&Self> {
        let mut all = self.named(namespace, local);
        let one = all.next()?;
        all.next().is_none().then_some(one)
    }

    /// Its text without the space around it; `None` when there are elements in it.
    pub(super) fn text(&self) -> Option<String> {
        let mut whole = String::new();
        for child in &self.children {
            match child {
                Node::Text(text) => whole.push_str(text),
                Node::Element(_) => return None,
            }
        }
        Some(whole.trim_matches(is_space).to_owned())
    }

    /// Its elements, if there is nothing else but space.
    pub(super) fn just_elements(&self) -> Option<Vec<&Self>> {
        let space = |node: &Node| match node {
            Node::Text(text) => text.chars().all(is_space),
            Node::Element(_) => true,
        };
        self.children.iter().all(space).then(|| self.elements().collect())
    }

    /// Itself and everything within, the outer before the inner.
    pub(super) fn all<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        for element in self.elements() {
            element.all(visit);
        }
    }
}

/// Reads a document of at most so many bytes.
pub(super) fn read(bytes: &[u8], largest: usize, asides: Asides) -> Result<Element, Fault> {
    if bytes.len() > largest {
        return Err(Fault::Large);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Form)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.chars().all(is_char) {
        return Err(Fault::Form);
    }
    // XML 1.0 section 2.11: ends of lines are one before anything else is looked at.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree { asides, ..Tree::default() };
    let mut first = true;
    loop {
        match reader.read_event().map_err(|_| Fault::Form)? {
            Event::Eof => return tree.finish(),
            Event::Decl(declared) => {
                let version = declared.version().map_err(|_| Fault::Form)?;
                let encoding = declared.encoding().transpose().map_err(|_| Fault::Form)?;
                let utf8 = encoding.is_none_or(|encoding| encoding.eq_ignore_ascii_case("utf-8"));
                if !first || version != "1.0" || !utf8 {
                    return Err(Fault::Form);
                }
            }
            Event::DocType(_) => return Err(Fault::Entity),
            Event::Comment(_) | Event::PI(_) if tree.asides == Asides::Refused => return Err(Fault::Aside),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Start(start) => tree.open(start.name().as_ref(), start.attributes_raw())?,
            Event::Empty(start) => {
                tree.open(start.name().as_ref(), start.attributes_raw())?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => {
                if text.contains("]]>") {
                    return Err(Fault::Form);
                }
                tree.text(&text)?;
            }
            Event::CData(text) => {
                if tree.open.is_empty() {
                    return Err(Fault::Form);
                }
                tree.text(&text)?;
            }
            Event::GeneralRef(name) => {
                if tree.open.is_empty() {
                    return Err(Fault::Form);
                }
                tree.text(resolved(&name)?.encode_utf8(&mut [0; 4]))?;
            }
        }
        first = false;
    }
}

/// A tree that is being read.
struct Tree {
    asides: Asides,
    root: Option<Element>,
    open: Vec<Element>,
    /// What prefixes stand for where we are, the innermost last.
    scope: Vec<(Box<str>, Rc<str>)>,
    ids: HashSet<String>,
    nodes: usize,
    none: Rc<str>,
    xml: Rc<str>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            asides: Asides::Refused,
            root: None,
            open: Vec::new(),
            scope: Vec::new(),
            ids: HashSet::new(),
            nodes: 0,
            none: Rc::from(""),
            xml: Rc::from(XML),
        }
    }
}

impl Tree {
    fn count(&mut self) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > MOST_NODES { Err(Fault::Large) } else { Ok(()) }
    }

    /// What a prefix stands for here.
    fn resolve(&self, prefix: &str) -> Result<Rc<str>, Fault> {
        if prefix == "xml" {
            return Ok(Rc::clone(&self.xml));
        }
        match self.scope.iter().rev().find(|(own, _)| **own == *prefix) {
            Some((_, namespace)) => Ok(Rc::clone(namespace)),
            None if prefix.is_empty() => Ok(Rc::clone(&self.none)),
            None => Err(Fault::Form),
        }
    }

    fn open(&mut self, name: &str, attributes: &str) -> Result<(), Fault> {
        if self.root.is_some() || self.open.len() >= DEEPEST {
            return Err(if self.root.is_some() { Fault::Form } else { Fault::Large });
        }
        self.count()?;
        let mut declared: Vec<(Box<str>, Rc<str>)> = Vec::new();
        let mut plain = Vec::new();
        for (name, value) in pairs(attributes)? {
            self.count()?;
            let prefix = match name.split_once(':') {
                None if name == "xmlns" => Some(""),
                Some(("xmlns", prefix)) => Some(prefix),
                _ => None,
            };
            match prefix {
                Some(prefix) => {
                    check_declaration(prefix, &value)?;
                    if declared.iter().any(|(own, _)| **own == *prefix) {
                        return Err(Fault::Form);
                    }
                    declared.push((prefix.into(), value.into()));
                }
                None => plain.push((split(name)?, value)),
            }
        }
        self.scope.extend(declared.iter().cloned());
        if self.scope.len() > MOST_DECLARED {
            return Err(Fault::Large);
        }
        let mut attributes: Vec<Attribute> = Vec::with_capacity(plain.len());
        for ((prefix, local), value) in plain {
            let namespace = if prefix.is_empty() { Rc::clone(&self.none) } else { self.resolve(prefix)? };
            if attributes.iter().any(|own| *own.local == *local && own.namespace == namespace) {
                return Err(Fault::Form);
            }
            // Whatever any reader might take for an id is one, and there once.
            let is_id = (local.eq_ignore_ascii_case("id") && (prefix.is_empty() || *namespace == *XML))
                || local == "AssertionID";
            if is_id && !self.ids.insert(value.clone()) {
                return Err(Fault::TwiceId);
            }
            attributes.push(Attribute { prefix: prefix.into(), local: local.into(), namespace, value });
        }
        let (prefix, local) = split(name)?;
        let namespace = self.resolve(prefix)?;
        let (prefix, local) = (prefix.into(), local.into());
        self.open.push(Element { prefix, local, namespace, attributes, declared, children: Vec::new() });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let element = self.open.pop().ok_or(Fault::Form)?;
        self.scope.truncate(self.scope.len() - element.declared.len());
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        let Some(parent) = self.open.last_mut() else {
            // Around the root there is space and nothing else.
            return if text.chars().all(is_space) { Ok(()) } else { Err(Fault::Form) };
        };
        if let Some(Node::Text(before)) = parent.children.last_mut() {
            before.push_str(text);
        } else if !text.is_empty() {
            parent.children.push(Node::Text(text.to_owned()));
            self.count()?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, Fault> {
        if self.open.is_empty() { self.root.ok_or(Fault::Form) } else { Err(Fault::Form) }
    }
}

/// The attributes of a tag, as names and values.
fn pairs(mut rest: &str) -> Result<Vec<(&str, String)>, Fault> {
    let mut pairs = Vec::new();
    loop {
        let trimmed = rest.trim_start_matches(is_space);
        if trimmed.is_empty() {
            return Ok(pairs);
        }
        let (name, after) = trimmed.split_once('=').ok_or(Fault::Form)?;
        let after = after.trim_start_matches(is_space);
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or(Fault::Form)?;
        let (value, after) = after[1..].split_once(quote).ok_or(Fault::Form)?;
        // Between two attributes, and between the name and the first, there is space.
        if trimmed.len() == rest.len() {
            return Err(Fault::Form);
        }
        if pairs.len() == MOST_ATTRIBUTES {
            return Err(Fault::Large);
        }
        pairs.push((name.trim_end_matches(is_space), normal(value)?));
        rest = after;
    }
}

/// The value of an attribute (XML 1.0 section 3.3.3); without declarations all are of one type.
fn normal(raw: &str) -> Result<String, Fault> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '<', '\t', '\n']) {
        value.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = match rest.as_bytes()[at] {
            b'&' => {
                let (name, after) = after.split_once(';').ok_or(Fault::Form)?;
                value.push(resolved(name)?);
                after
            }
            b'<' => return Err(Fault::Form),
            _ => {
                value.push(' ');
                after
            }
        };
    }
    value.push_str(rest);
    Ok(value)
}

/// What stands for a character: its number, or one of the five names that need no declaration.
fn resolved(name: &str) -> Result<char, Fault> {
    let number = match name.strip_prefix('#') {
        None => {
            return match name {
                "amp" => Ok('&'),
                "lt" => Ok('<'),
                "gt" => Ok('>'),
                "quot" => Ok('"'),
                "apos" => Ok('\''),
                _ => Err(Fault::Entity),
            };
        }
        Some(number) => match number.strip_prefix('x') {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                u32::from_str_radix(digits, 16)
            }
            None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse(),
            _ => return Err(Fault::Form),
        },
    };
    number.ok().and_then(char::from_u32).filter(|char| is_char(*char)).ok_or(Fault::Form)
}

/// What may be declared (Namespaces in XML 1.0 section 3). Canonical XML fails on what is no absolute address.
fn check_declaration(prefix: &str, namespace: &str) -> Result<(), Fault> {
    let absolute = namespace.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && namespace.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
    });
    let right = match prefix {
        "" => namespace.is_empty() || absolute && namespace != XML,
        "xml" => namespace == XML,
        "xmlns" => false,
        _ => is_name(prefix) && absolute && namespace != XML,
    };
    if namespace.len() > LONGEST_NAMESPACE {
        Err(Fault::Large)
    } else if right && namespace != XMLNS {
        Ok(())
    } else {
        Err(Fault::Form)
    }
}

/// A name's prefix, which may be empty, and the rest of it.
fn split(name: &str) -> Result<(&str, &str), Fault> {
    let (prefix, local) = match name.split_once(':') {
        Some((prefix, local)) => (Some(prefix), local),
        None => (None, name),
    };
    if prefix.is_none_or(is_name) && is_name(local) && prefix != Some("xmlns") {
        Ok((prefix.unwrap_or_default(), local))
    } else {
        Err(Fault::Form)
    }
}

/// Whether this is a name without a colon (XML 1.0, fifth edition, section 2.3).
pub(super) fn is_name(name: &str) -> bool {
    let starts = |char: char| {
        matches!(char, 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
            | '\u{10000}'..='\u{effff}')
    };
    let follows = |char: char| {
        starts(char)
            || matches!(char, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
    };
    name.starts_with(starts) && name.chars().all(follows)
}

/// Whether XML may hold this character (XML 1.0 section 2.2).
fn is_char(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// What XML calls white space.
pub(super) fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\r')
}
