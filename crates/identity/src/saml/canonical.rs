//! Exclusive canonical XML 1.0 (W3C, 18 July 2002): the one text that every way of writing an element has, and that is signed.
//!
//! **Architecture Invariant:** the text depends on the element and on what prefixes stand for around it, and on nothing else
//! of the document. It can be read again and then says the same. There are no comments in a tree, so canonicalisation with
//! and without them is one.

use super::xml::{Element, Fault, Node};

/// Most bytes of a canonical text: it can repeat declarations that the document has once.
const LONGEST: usize = 4 << 20;

/// Writes an element that stands within these, the outermost first; `without` is the child that is left out. The prefixes
/// in `inclusive` are declared where they are in scope even if nothing visible uses them (section 2.3); the empty one is the
/// default.
pub(super) fn exclusive(
    element: &Element,
    ancestors: &[&Element],
    without: Option<usize>,
    inclusive: &[&str],
) -> Result<String, Fault> {
    let mut writer = Writer { out: String::new(), scope: Vec::new(), written: Vec::new(), inclusive };
    for ancestor in ancestors {
        writer.enter(ancestor);
    }
    writer.element(element, without)?;
    Ok(writer.out)
}

struct Writer<'a> {
    out: String,
    /// What prefixes stand for in the document, the innermost last.
    scope: Vec<(&'a str, &'a str)>,
    /// What they stand for in the text, the innermost last.
    written: Vec<(&'a str, &'a str)>,
    inclusive: &'a [&'a str],
}

fn known<'a>(all: &[(&str, &'a str)], prefix: &str) -> Option<&'a str> {
    all.iter().rev().find(|(own, _)| *own == prefix).map(|(_, namespace)| *namespace)
}

impl<'a> Writer<'a> {
    fn enter(&mut self, element: &'a Element) {
        self.scope.extend(element.declared.iter().map(|(prefix, namespace)| (&**prefix, &**namespace)));
    }

    fn element(&mut self, element: &'a Element, without: Option<usize>) -> Result<(), Fault> {
        let (scope, written) = (self.scope.len(), self.written.len());
        self.enter(element);
        self.out.push('<');
        self.name(&element.prefix, &element.local);
        self.declarations(element);
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by(|a, b| (&a.namespace, &a.local).cmp(&(&b.namespace, &b.local)));
        for attribute in attributes {
            self.out.push(' ');
            self.name(&attribute.prefix, &attribute.local);
            self.value(&attribute.value);
        }
        self.out.push('>');
        for (at, child) in element.children.iter().enumerate() {
            match child {
                _ if without == Some(at) => {}
                Node::Element(child) => self.element(child, None)?,
                Node::Text(text) => self.text(text),
            }
        }
        self.out.push_str("</");
        self.name(&element.prefix, &element.local);
        self.out.push('>');
        self.scope.truncate(scope);
        self.written.truncate(written);
        if self.out.len() > LONGEST { Err(Fault::Large) } else { Ok(()) }
    }

    /// The prefixes that are visibly used here or are to be declared anyway, each unless the text has it already.
    fn declarations(&mut self, element: &'a Element) {
        let mut used: Vec<&str> = vec![&element.prefix];
        used.extend(element.attributes.iter().map(|own| &*own.prefix).filter(|prefix| !prefix.is_empty()));
        used.extend(self.inclusive);
        used.sort_unstable();
        used.dedup();
        for prefix in used {
            if prefix == "xml" {
                continue;
            }
            let Some((own, namespace)) = self.scope.iter().rev().find(|(own, _)| *own == prefix).copied()
            else {
                // Nothing was ever declared: no default, or a prefix of the list that is not known here.
                continue;
            };
            let before = known(&self.written, prefix);
            if before == Some(namespace) || before.is_none() && namespace.is_empty() {
                continue;
            }
            self.written.push((own, namespace));
            self.out.push_str(" xmlns");
            if !prefix.is_empty() {
                self.out.push(':');
                self.out.push_str(prefix);
            }
            self.value(namespace);
        }
    }

    fn name(&mut self, prefix: &str, local: &str) {
        if !prefix.is_empty() {
            self.out.push_str(prefix);
            self.out.push(':');
        }
        self.out.push_str(local);
    }

    fn value(&mut self, value: &str) {
        self.out.push_str("=\"");
        for char in value.chars() {
            match char {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#x9;"),
                '\n' => self.out.push_str("&#xA;"),
                '\r' => self.out.push_str("&#xD;"),
                char => self.out.push(char),
            }
        }
        self.out.push('"');
    }

    fn text(&mut self, text: &str) {
        for char in text.chars() {
            match char {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                char => self.out.push(char),
            }
        }
    }
}
