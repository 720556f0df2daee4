//! An XML document as a tree, within limits.
//!
//! **Architecture Invariant:** a document type is refused, so no entity but XML's own five exists, let alone expands;
//! elements and attributes of foreign namespaces are left out, whatever is in them.

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::ResolveResult,
};

use crate::{
    Error, Span,
    csdl::{Limits, malformed, shown, too_large},
};

/// Namespace of the wrapper.
pub(super) const EDMX: &str = "http://docs.oasis-open.org/odata/ns/edmx";
/// Namespace of the model.
pub(super) const EDM: &str = "http://docs.oasis-open.org/odata/ns/edm";

/// Most attributes an element may have; looking for one that stands twice takes time by the square of them.
const ATTRIBUTES: usize = 64;

/// An element of one of the two namespaces.
#[derive(Debug)]
pub(super) struct Element {
    /// Whether it belongs to the wrapper.
    pub(super) wrapper: bool,
    /// Its local name.
    pub(super) name: String,
    /// Its attributes without a namespace.
    pub(super) attributes: Vec<(String, String)>,
    /// The elements in it.
    pub(super) children: Vec<Element>,
    /// The text in it, as it is.
    pub(super) text: String,
    /// Its start tag.
    pub(super) span: Span,
}

/// The document's root.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Element, Error> {
    limits.admit(text)?;
    Builder { reader: NsReader::from_str(text), open: Vec::new(), root: None, foreign: 0, nodes: 0, limits }
        .run()
}

struct Builder<'t> {
    reader: NsReader<&'t [u8]>,
    /// Elements whose end has not come.
    open: Vec<Element>,
    root: Option<Element>,
    /// How many foreign elements are open.
    foreign: usize,
    nodes: usize,
    limits: &'t Limits,
}

impl Builder<'_> {
    fn run(mut self) -> Result<Element, Error> {
        self.reader.config_mut().expand_empty_elements = true;
        loop {
            let start = self.position();
            let event = self.reader.read_event();
            let span = Span { start, end: self.position().max(start) };
            let event = event.map_err(|error| {
                let at = usize::try_from(self.reader.error_position()).unwrap_or(start);
                malformed(Span { start: at, end: at }, format!("this is not XML: {error}"))
            })?;
            match event {
                Event::Start(tag) => self.start(&tag, span)?,
                Event::End(_) => self.end(),
                Event::Text(text) => self.text(&text.xml10_content(), span)?,
                Event::CData(text) => self.text(&text.xml10_content(), span)?,
                Event::GeneralRef(reference) => {
                    let known = match reference.resolve_char_ref() {
                        Ok(None) => predefined(&reference),
                        resolved => resolved.ok().flatten(),
                    };
                    let Some(known) = known else {
                        let message = format!("the entity {} is not defined", shown(&reference));
                        return Err(malformed(span, message));
                    };
                    self.text(known.encode_utf8(&mut [0; 4]), span)?;
                }
                Event::DocType(_) => {
                    return Err(malformed(span, "metadata declares no document type (DTD)"));
                }
                Event::Decl(declaration) => match declaration.encoding() {
                    Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") => {
                        let message = format!("metadata is written in UTF-8, not in {}", shown(&name));
                        return Err(malformed(span, message));
                    }
                    _ => {}
                },
                Event::Eof => break,
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) => {}
            }
        }
        let end = self.position();
        let end = Span { start: end, end };
        if let Some(unfinished) = self.open.pop() {
            return Err(malformed(end, format!("the text ends within {}", unfinished.name)));
        }
        self.root.ok_or_else(|| malformed(end, "there is no metadata in this text"))
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn count(&mut self, at: Span) -> Result<(), Error> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let message = format!("the metadata has more than {} elements and attributes", self.limits.nodes);
            return Err(too_large(at.start, message));
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>, span: Span) -> Result<(), Error> {
        self.count(span)?;
        if self.open.len() + self.foreign >= self.limits.depth {
            let message = format!("elements nest deeper than {}", self.limits.depth);
            return Err(too_large(span.start, message));
        }
        let wrapper = match self.reader.resolver().resolve_element(tag.name()) {
            (ResolveResult::Bound(space), _) if space.as_ref() == EDMX => Some(true),
            (ResolveResult::Bound(space), _) if space.as_ref() == EDM => Some(false),
            _ => None,
        };
        let wrapper = match wrapper {
            Some(wrapper) if self.foreign == 0 => wrapper,
            _ if self.open.is_empty() => {
                let message = format!(
                    "the metadata begins with {}, not with Edmx of OData 4",
                    shown(tag.name().as_ref())
                );
                return Err(malformed(span, message));
            }
            _ => {
                self.foreign += 1;
                return Ok(());
            }
        };
        if self.open.is_empty() && self.root.is_some() {
            return Err(malformed(span, "a second document begins here"));
        }
        let name = tag.local_name().as_ref().to_owned();
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            self.count(span)?;
            let attribute = attribute.map_err(|error| malformed(span, format!("in {name}: {error}")))?;
            if attributes.len() == ATTRIBUTES {
                return Err(too_large(span.start, format!("{name} has more than {ATTRIBUTES} attributes")));
            }
            if attribute.key.as_namespace_binding().is_some() || attribute.key.prefix().is_some() {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| malformed(span, format!("in {name}: {error}")))?;
            attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        self.open.push(Element {
            wrapper,
            name,
            attributes,
            children: Vec::new(),
            text: String::new(),
            span,
        });
        Ok(())
    }

    fn end(&mut self) {
        if self.foreign > 0 {
            self.foreign -= 1;
            return;
        }
        let Some(done) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
    }

    fn text(&mut self, text: &str, span: Span) -> Result<(), Error> {
        match self.open.last_mut() {
            _ if self.foreign > 0 => Ok(()),
            Some(element) => {
                element.text.push_str(text);
                Ok(())
            }
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => Ok(()),
            None => Err(malformed(span, format!("{} stands outside of every element", shown(text.trim())))),
        }
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

impl Element {
    /// Refuses what it may not have. Text may stand in it only where `text` says so.
    pub(super) fn only(&self, attributes: &[&str], children: &[&str], text: bool) -> Result<(), Error> {
        if let Some((found, _)) =
            self.attributes.iter().find(|(name, _)| !attributes.contains(&name.as_str()))
        {
            return Err(self.wrong(format!("{} has no attribute {}", self.name, shown(found))));
        }
        if let Some(found) = self.children.iter().find(|child| !children.contains(&child.name.as_str())) {
            return Err(found.wrong(format!("{} has no {} in it", self.name, shown(&found.name))));
        }
        if !text && !self.text.trim().is_empty() {
            let message = format!("{} has no text in it, and here is {}", self.name, shown(self.text.trim()));
            return Err(self.wrong(message));
        }
        Ok(())
    }

    /// An attribute's value.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// An attribute's value, which must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Error> {
        self.attribute(name).ok_or_else(|| self.wrong(format!("{} lacks the attribute {name}", self.name)))
    }

    /// The children of this name.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The child of this name, of which there is one at most.
    pub(super) fn one<'e>(&'e self, name: &'e str) -> Result<Option<&'e Element>, Error> {
        let mut all = self.all(name);
        let first = all.next();
        match all.next() {
            Some(second) => Err(second.wrong(format!("{} has more than one {name}", self.name))),
            None => Ok(first),
        }
    }

    /// What is wrong, at this element.
    pub(super) fn wrong(&self, message: impl Into<String>) -> Error {
        malformed(self.span, message)
    }
}
