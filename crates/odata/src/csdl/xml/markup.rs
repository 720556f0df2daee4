//! XML, written: tags that close in the order they opened, escaped values, two spaces a level.

use std::fmt::Write;

/// A document being written.
pub(super) struct Markup {
    out: String,
    /// Elements whose end is still to be written.
    open: Vec<&'static str>,
    /// The start tag written last may still take attributes.
    in_tag: bool,
}

impl Markup {
    pub(super) fn new() -> Self {
        let out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        Self { out, open: Vec::new(), in_tag: false }
    }

    /// Begins an element.
    pub(super) fn start(&mut self, name: &'static str) -> &mut Self {
        self.close_tag();
        self.line();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.in_tag = true;
        self
    }

    /// An attribute of the element that began last.
    pub(super) fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value, true, &mut self.out);
        self.out.push('"');
        self
    }

    /// An attribute that is there or not.
    pub(super) fn maybe(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// An attribute that is there when it is true.
    pub(super) fn when(&mut self, name: &str, value: bool) -> &mut Self {
        self.maybe(name, value.then_some("true"))
    }

    /// The text of the element that began last, which then ends.
    pub(super) fn text(&mut self, text: &str) {
        self.in_tag = false;
        self.out.push('>');
        escape(text, false, &mut self.out);
        if let Some(name) = self.open.pop() {
            let _ = write!(self.out, "</{name}>");
        }
    }

    /// Ends the element that began last and has not ended.
    pub(super) fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        if std::mem::take(&mut self.in_tag) {
            self.out.push_str("/>");
        } else {
            self.line();
            let _ = write!(self.out, "</{name}>");
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }

    fn close_tag(&mut self) {
        if std::mem::take(&mut self.in_tag) {
            self.out.push('>');
        }
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.open.len()));
    }
}

/// The characters XML keeps for itself, those a reader would turn into spaces, and a mark for those it has no way to say.
fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' | '\t' if !attribute => out.push(c),
            '\r' | '\n' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            // Readers of other versions of XML take these for the end of a line.
            '\u{85}' | '\u{2028}' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
}
