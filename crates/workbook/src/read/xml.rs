//! XML, one node at a time, as much of it as the format needs.
//!
//! **Architecture Invariant:** a document type is refused, so no entity beyond XML's own five can exist, let alone
//! expand or reach outside; nesting and the length of every token are bounded; the text handed on is valid UTF-8.

use std::{borrow::Cow, io::Read};

use quick_xml::{
    Error, Reader, XmlVersion,
    events::{BytesStart, Event, attributes::Attribute},
};

use super::source::Source;
use crate::reason::Reason;
use crate::{
    Limits,
    error::presentable,
    error::{Fault, Position},
};

/// A part being read.
pub(crate) struct Xml<'a> {
    reader: Reader<Source<'a>>,
    buffer: Vec<u8>,
    part: String,
    depth: usize,
    started: bool,
    limits: &'a Limits,
}

/// What comes next in a part. An empty element is a start and an end.
pub(crate) enum Node<'b> {
    /// An element begins.
    Start(BytesStart<'b>),
    /// The element that began last and has not ended, ends.
    End,
    /// Text, or a piece of it: entities and sections split it.
    Text(Cow<'b, str>),
    /// A comment or an instruction.
    Nothing,
    /// The part ends.
    Eof,
}

impl<'a> Xml<'a> {
    /// Reads from `source`. Parts in UTF-16 are transcoded at once, up to a tenth of what a part may take.
    pub(crate) fn new(mut source: Source<'a>, part: &str, limits: &'a Limits) -> Result<Self, Fault> {
        transcode(&mut source, part, limits)?;
        let mut reader = Reader::from_reader(source);
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { reader, buffer: Vec::new(), part: part.to_owned(), depth: 0, started: false, limits })
    }

    /// The name of the part.
    pub(crate) fn part(&self) -> &str {
        &self.part
    }

    /// How many elements are open.
    pub(crate) const fn depth(&self) -> usize {
        self.depth
    }

    /// The next node.
    pub(crate) fn next(&mut self) -> Result<Node<'_>, Fault> {
        self.buffer.clear();
        self.reader.get_mut().start_token();
        let position = self.reader.buffer_position();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(xml_fault(&self.part, &error).at(Position::Byte(position))),
        };
        match event {
            Event::Start(start) => {
                self.depth += 1;
                self.started = true;
                if self.depth > self.limits.depth {
                    let reason = Reason::TooDeep { most: self.limits.depth };
                    return Err(Fault::refused(&self.part, reason).at(Position::Byte(position)));
                }
                Ok(Node::Start(start))
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(Node::End)
            }
            Event::Text(text) => Ok(Node::Text(match text.into_inner() {
                Cow::Borrowed(text) => newlines(text),
                Cow::Owned(text) => Cow::Owned(newlines(&text).into_owned()),
            })),
            Event::CData(text) => Ok(Node::Text(Cow::Owned(newlines(&text.into_inner()).into_owned()))),
            Event::GeneralRef(entity) => {
                let known = match entity.resolve_char_ref() {
                    Ok(Some(c)) => Some(c),
                    Ok(None) => match &*entity {
                        "amp" => Some('&'),
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "quot" => Some('"'),
                        "apos" => Some('\''),
                        _ => None,
                    },
                    Err(_) => None,
                };
                let text = known.ok_or_else(|| {
                    let reason = Reason::UndefinedEntity { entity: presentable(&entity) };
                    Fault::refused(&self.part, reason).at(Position::Byte(position))
                })?;
                Ok(Node::Text(Cow::Owned(text.to_string())))
            }
            Event::DocType(_) => {
                let reason = Reason::DocumentType;
                Err(Fault::refused(&self.part, reason).at(Position::Byte(position)))
            }
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name)) if !is_unicode(&name) => {
                    let reason = Reason::ForeignEncoding { encoding: presentable(&name) };
                    Err(Fault::damaged(&self.part, reason))
                }
                _ => Ok(Node::Nothing),
            },
            Event::Eof if !self.started => Err(Fault::damaged(&self.part, Reason::Empty)),
            Event::Eof if self.depth > 0 => Err(Fault::damaged(&self.part, Reason::EndsTooEarly)),
            Event::Eof => Ok(Node::Eof),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) => Ok(Node::Nothing),
        }
    }

    /// Calls `visit` for every element of the part, with the number of elements around it.
    pub(crate) fn each_start(
        &mut self,
        mut visit: impl FnMut(&BytesStart<'_>, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        loop {
            let depth = self.depth;
            match self.next()? {
                Node::Start(start) => visit(&start, depth)?,
                Node::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// Skips to the end of the element that began last.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if matches!(self.next()?, Node::Eof) {
                break;
            }
        }
        Ok(())
    }

    /// All text within the element that began last, up to its end.
    pub(crate) fn text(&mut self) -> Result<String, Fault> {
        let mut text = String::new();
        self.text_into(&mut text)?;
        Ok(text)
    }

    /// Like [`Xml::text`], appended to a buffer that can be used again.
    pub(crate) fn text_into(&mut self, text: &mut String) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        let (start, longest) = (text.len(), self.limits.token_bytes);
        while self.depth > outside {
            match self.next()? {
                Node::Text(piece) => text.push_str(&piece),
                Node::Eof => break,
                _ => {}
            }
            if text.len() - start > longest {
                return Err(Fault::too_large(&self.part, Reason::TextTooLong { megabytes: longest >> 20 }));
            }
        }
        Ok(())
    }

    /// A fault in this part.
    pub(crate) fn damaged(&self, reason: Reason) -> Fault {
        Fault::damaged(&self.part, reason)
    }
}

/// The attribute of that local name, whatever its prefix.
pub(crate) fn attribute<'s>(
    start: &'s BytesStart<'_>,
    name: &str,
    part: &str,
) -> Result<Option<Cow<'s, str>>, Fault> {
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| Fault::unreadable(part, &error))?;
        if attribute.key.local_name().as_ref() == name {
            return attribute_value(&attribute, part).map(Some);
        }
    }
    Ok(None)
}

/// The value of an attribute, with XML's five entities resolved.
pub(crate) fn attribute_value<'s>(attribute: &Attribute<'s>, part: &str) -> Result<Cow<'s, str>, Fault> {
    attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| xml_fault(part, &error))
}

/// A boolean attribute (`xsd:boolean`); `default` where it is absent.
pub(crate) fn flag(start: &BytesStart<'_>, name: &str, default: bool, part: &str) -> Result<bool, Fault> {
    Ok(attribute(start, name, part)?.map_or(default, |value| is_true(&value)))
}

/// Whether an `xsd:boolean` is true.
pub(crate) fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "true" | "on")
}

/// Undoes the escapes of `ST_Xstring` (ECMA-376 part 1, section 22.9.2.19): `_x000D_` is a carriage return.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(unit) = escape_at(rest) {
            units.push(unit);
            rest = &rest[7..];
            continue;
        }
        flush(&mut units, &mut out);
        let next = rest.char_indices().skip(1).find(|&(_, c)| c == '_').map_or(rest.len(), |(next, _)| next);
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    flush(&mut units, &mut out);
    Cow::Owned(out)
}

fn flush(units: &mut Vec<u16>, out: &mut String) {
    out.extend(char::decode_utf16(units.drain(..)).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

/// The UTF-16 unit that an `_xHHHH_` at the start of a text stands for.
pub(crate) fn escape_at(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("_x")?.get(..5)?.strip_suffix('_')?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Line ends as XML wants them (section 2.11): `\n` only.
fn newlines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_unicode(encoding: &str) -> bool {
    ["utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii"]
        .iter()
        .any(|known| encoding.eq_ignore_ascii_case(known))
}

/// Replaces UTF-16 by UTF-8, seen from the first two bytes.
fn transcode(source: &mut Source<'_>, part: &str, limits: &Limits) -> Result<(), Fault> {
    use std::io::BufRead;
    let start = source.fill_buf().map_err(|error| Fault::from_io(part, &error))?;
    let encoding = match start {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => encoding_rs::UTF_16LE,
        [0xFE, 0xFF, ..] | [0, b'<', ..] => encoding_rs::UTF_16BE,
        _ => return Ok(()),
    };
    let most = limits.part_bytes / 10;
    let mut bytes = Vec::new();
    source.take(most + 1).read_to_end(&mut bytes).map_err(|error| Fault::from_io(part, &error))?;
    if bytes.len() as u64 > most {
        return Err(Fault::too_large(part, Reason::Utf16TooLong { megabytes: most >> 20 }));
    }
    let (text, _, malformed) = encoding.decode(&bytes);
    if malformed {
        return Err(Fault::damaged(part, Reason::NotInEncoding { encoding: "UTF-16" }));
    }
    source.replace(text.into_owned().into_bytes());
    Ok(())
}

fn xml_fault(part: &str, error: &Error) -> Fault {
    match error {
        Error::Io(error) => Fault::from_io(part, error),
        Error::Encoding(_) => Fault::damaged(part, Reason::NotInEncoding { encoding: "UTF-8" }),
        Error::Syntax(_) => Fault::damaged(part, Reason::NotXml),
        Error::IllFormed(_) => Fault::damaged(part, Reason::TagsDoNotFit),
        error => Fault::unreadable(part, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        let check = |input: &str, expect: &str| assert_eq!(unescape(input), expect, "{input}");
        check("a_x000D_b", "a\rb");
        check("_x005F_x000D_", "_x000D_");
        check("_x00e4__xD83D__xDE00_", "ä😀");
        check("_xD83D_!", "\u{fffd}!");
        check("_x00zz_ _x _é_x0041_", "_x00zz_ _x _éA");
    }
}
