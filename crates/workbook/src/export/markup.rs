//! Small edits on XML text that leave everything around them as it was.
//!
//! **Architecture Invariant:** what is not edited is copied, never written anew: unknown attributes, namespaces, white
//! space and order survive.

use std::borrow::Cow;

use quick_xml::{Reader, events::Event};

use crate::{error::Fault, read::xml::escape_at};

/// A piece of a part: what it is and the bytes it stands for.
pub(crate) struct Piece<'x> {
    pub(crate) kind: PieceKind,
    /// The element's local name; empty for text.
    pub(crate) name: Cow<'x, str>,
    /// Where the piece is in the part's text.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What a [`Piece`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// `<name …>`
    Start,
    /// `<name …/>`
    Empty,
    /// `</name>`
    End,
    /// Text, entities, comments and the rest.
    Other,
}

/// Calls `visit` for every piece of a part, in order.
pub(crate) fn each_piece(
    part: &str,
    xml: &str,
    mut visit: impl FnMut(&Piece<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut reader = Reader::from_str(xml);
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|error| Fault::unreadable(part, &error))?;
        let end = reader.buffer_position() as usize;
        let (kind, name) = match &event {
            Event::Start(tag) => (PieceKind::Start, Cow::Owned(tag.local_name().as_ref().to_owned())),
            Event::Empty(tag) => (PieceKind::Empty, Cow::Owned(tag.local_name().as_ref().to_owned())),
            Event::End(tag) => (PieceKind::End, Cow::Owned(tag.local_name().as_ref().to_owned())),
            Event::Eof => return Ok(()),
            _ => (PieceKind::Other, Cow::Borrowed("")),
        };
        visit(&Piece { kind, name, start, end })?;
    }
}

/// The value of an attribute of a tag's text, unescaped.
pub(crate) fn get(tag: &str, name: &str) -> Option<String> {
    find(tag, name).map(|(_, from, to)| text(&tag[from..to]))
}

/// The tag with an attribute set, added or, for `None`, taken out.
pub(crate) fn with(tag: &str, name: &str, value: Option<&str>) -> String {
    let (head, tail) = match (find(tag, name), value) {
        (Some((_, from, to)), Some(value)) => {
            return format!("{}{}{}", &tag[..from], escape(value), &tag[to..]);
        }
        // The space before the name and the quote behind the value go, too.
        (Some((start, _, to)), None) => (&tag[..start], &tag[to + 1..]),
        (None, None) => return tag.to_owned(),
        (None, Some(value)) => {
            let end = tag.len() - if tag.ends_with("/>") { 2 } else { 1 };
            let (head, tail) = tag.split_at(end);
            return format!("{} {name}=\"{}\"{tail}", head.trim_end(), escape(value));
        }
    };
    format!("{}{tail}", head.trim_end())
}

/// Where an attribute of that local name begins, and where its value begins and ends.
fn find(tag: &str, name: &str) -> Option<(usize, usize, usize)> {
    let bytes = tag.as_bytes();
    let mut at = tag.find(|c: char| c.is_ascii_whitespace())?;
    loop {
        at += bytes[at..].iter().position(|b| !b.is_ascii_whitespace())?;
        let equals = at + bytes[at..].iter().position(|&b| b == b'=')?;
        let quote_at = equals + 1 + bytes[equals + 1..].iter().position(|&b| matches!(b, b'"' | b'\''))?;
        let end = quote_at + 1 + bytes[quote_at + 1..].iter().position(|&b| b == bytes[quote_at])?;
        let key = tag[at..equals].trim_end();
        if key.rsplit(':').next() == Some(name) && !key.starts_with("xmlns") {
            return Some((at, quote_at + 1, end));
        }
        at = end + 1;
    }
}

/// The prefix of a tag's name, with its colon: `x:` for `<x:row>`, empty for `<row>`.
pub(crate) fn prefix(tag: &str) -> &str {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').unwrap_or(name.len());
    name[..end].find(':').map_or("", |colon| &name[..=colon])
}

/// Escaped text as it was meant; what cannot be understood stays as it is.
pub(crate) fn text(escaped: &str) -> String {
    let plain = quick_xml::escape::unescape(escaped).unwrap_or(Cow::Borrowed(escaped));
    plain.into_owned()
}

/// Text for an attribute or an element.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    quick_xml::escape::escape(text)
}

/// Text of a cell: XML's own escapes, and `_xHHHH_` for what XML cannot hold or would be read as such an escape.
pub(crate) fn escape_cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if escape_at(&text[at..]).is_some() {
            out.push_str("_x005F_");
        } else if (c < ' ' && !matches!(c, '\t' | '\n')) || matches!(c, '\u{fffe}' | '\u{ffff}') {
            use std::fmt::Write;
            // Writing into a `String` cannot fail.
            let _ = write!(out, "_x{:04X}_", u32::from(c));
        } else {
            out.push(c);
        }
    }
    escape(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::xml::unescape;

    #[test]
    fn attributes_are_set_in_place() {
        let check = |tag: &str, name: &str, value: Option<&str>, expect: &str| {
            assert_eq!(with(tag, name, value), expect);
        };
        check("<c r=\"A1\" s='2'/>", "r", Some("B2"), "<c r=\"B2\" s='2'/>");
        check("<c r=\"A1\" s='2'/>", "s", None, "<c r=\"A1\"/>");
        check("<c>", "r", Some("A&1"), "<c r=\"A&amp;1\">");
        check("<x:c spans=\"r=1\" r = \"A1\" >", "r", Some("B1"), "<x:c spans=\"r=1\" r = \"B1\" >");
        check("<calcPr/>", "fullCalcOnLoad", Some("1"), "<calcPr fullCalcOnLoad=\"1\"/>");
        assert_eq!(get("<t ref='a&amp;b'>", "ref").as_deref(), Some("a&b"));
        assert_eq!((prefix("<x:row r='1'>"), prefix("</row>")), ("x:", ""));
    }

    #[test]
    fn cell_text_comes_back() {
        let check = |text: &str, expect: &str| {
            assert_eq!(escape_cell(text), expect);
            assert_eq!(unescape(&super::text(expect)), text);
        };
        check("a<b>&\"", "a&lt;b&gt;&amp;&quot;");
        check("_x000D_", "_x005F_x000D_");
        check("a\u{1}\rb", "a_x0001__x000D_b");
        check("_x12", "_x12");
        check("x_\n_xA", "x_\n_xA");
    }
}
