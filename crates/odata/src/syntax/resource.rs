//! The path of a URL: segments, each decoded and read on its own.

use std::cell::Cell;

use super::{
    Limits,
    ast::{Name, Resource, ResourcePath, Segment, SegmentKind},
    decode::Decoded,
    lexical,
    parser::{Parser, Result},
};
use crate::{Error, ErrorKind, Span};

/// Reads a path that begins at byte `base` of the URL.
pub(crate) fn resource(raw: &str, base: usize, limits: &Limits, nodes: &Cell<usize>) -> Result<Resource> {
    if raw.is_empty() {
        return Ok(Resource::Service);
    }
    let parts = split(raw);
    let whole = Span { start: base, end: base + raw.len() };
    let mut rest = parts.iter();
    let mut next =
        || rest.next().map(|(start, end)| Decoded::new(&raw[*start..*end], base + start)).transpose();
    let Some(first) = next()? else { return Ok(Resource::Service) };
    let special = match first.text.as_ref() {
        "$metadata" => Some(Resource::Metadata),
        "$batch" => Some(Resource::Batch),
        "$entity" => Some(Resource::Entity(None)),
        "$all" => Some(Resource::All(None)),
        text if text.starts_with("$crossjoin(") => Some(crossjoin(&first, limits, nodes)?),
        _ => None,
    };
    if let Some(mut special) = special {
        if let Some(second) = next()? {
            match &mut special {
                Resource::Entity(kind) | Resource::All(kind) => *kind = Some(alone(&second, limits, nodes)?),
                Resource::Crossjoin { query, .. } if second.text == "$query" => *query = true,
                _ => return Err(beyond(&second)),
            }
        }
        return match next()? {
            Some(third) => Err(beyond(&third)),
            None => Ok(special),
        };
    }
    let mut segments = Vec::new();
    let mut decoded = Some(first);
    while let Some(part) = decoded {
        if segments.len() >= limits.list {
            let words = format!("the path has more than {} segments", limits.list);
            return Err(Error::new(ErrorKind::TooLarge, "LIMIT", words).at(whole));
        }
        let read = segment(&part, segments.is_empty(), limits, nodes);
        segments.push(read.map_err(|error| slashed(error, &part.text))?);
        decoded = next()?;
    }
    Ok(Resource::Path(ResourcePath { segments, at: whole.into() }))
}

/// A string that a slash cut in two says how the slash should have come.
fn slashed(mut error: Error, text: &str) -> Error {
    if text.matches('\'').count() % 2 == 1 {
        error.message.push_str("; a `/` inside a key is written `%2F`");
    }
    error
}

/// Parts the path at its slashes; those inside `$filter(...)` belong to the filter.
fn split(raw: &str) -> Vec<(usize, usize)> {
    let bytes = raw.as_bytes();
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        if at == start && (raw[at..].starts_with("$filter(") || raw[at..].starts_with("$filter%28")) {
            at += filter_length(&raw[at..]);
        } else if bytes[at] == b'/' {
            parts.push((start, at));
            start = at + 1;
            at = start;
        } else {
            at += 1;
        }
    }
    parts.push((start, raw.len()));
    parts
}

/// How long `$filter(...)` at the front is, up to its closing parenthesis; all of the text when there is none.
fn filter_length(raw: &str) -> usize {
    let bytes = raw.as_bytes();
    let (mut depth, mut quote, mut at) = (0_usize, None, 0);
    while at < bytes.len() {
        let (byte, length) = match bytes[at] {
            b'%' => match bytes.get(at + 1..at + 3) {
                Some(b"22") => (b'"', 3),
                Some(b"27") => (b'\'', 3),
                Some(b"28") => (b'(', 3),
                Some(b"29") => (b')', 3),
                Some(b"5C" | b"5c") => (b'\\', 3),
                _ => (b'%', 1),
            },
            byte => (byte, 1),
        };
        at += length;
        match (quote, byte) {
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            // What follows the backslash in a JSON string ends nothing.
            (Some(b'"'), b'\\') => at += if bytes[at..].starts_with(b"%") { 3 } else { 1 },
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    raw.len()
}

fn segment(part: &Decoded, first: bool, limits: &Limits, nodes: &Cell<usize>) -> Result<Segment> {
    let mut parser = Parser::new(part, limits, nodes);
    parser.node()?;
    let mut parens = Vec::new();
    let text = part.text.as_ref();
    let fixed = match text {
        "$count" => Some(SegmentKind::Count),
        "$ref" => Some(SegmentKind::Ref),
        "$value" => Some(SegmentKind::Value),
        "$each" => Some(SegmentKind::Each),
        "$query" => Some(SegmentKind::Query),
        _ => None,
    };
    let kind = if let Some(fixed) = fixed.filter(|_| !first) {
        parser.pos = text.len();
        fixed
    } else if !first && parser.eat("$filter(") {
        parser.space();
        let filter = parser.expression()?;
        parser.close()?;
        parens = parser.all_parens(true)?;
        parser.finish()?;
        SegmentKind::Filter(Box::new(filter))
    } else if parser.peek() == b'$' || text.is_empty() {
        return Err(parser.expected(if first { "the name of a resource" } else { "a segment" }));
    } else {
        name_or_text(&mut parser, first, &mut parens)?
    };
    Ok(Segment { kind, text: text.to_owned(), parens, at: parser.at(0) })
}

/// A name with what is in parentheses behind it; or, not at the beginning of a path, any text: it may be a key.
fn name_or_text(
    parser: &mut Parser,
    first: bool,
    parens: &mut Vec<super::ast::Parens>,
) -> Result<SegmentKind> {
    let length = lexical::name(parser.text).unwrap_or(0);
    let follows = parser.text.as_bytes().get(length);
    let is_name = length > 0 && matches!(follows, None | Some(b'('));
    if first && length > 0 && parser.text[..length].contains('.') {
        parser.pos = parser.word().len();
        return Err(parser.expected("the end of the name, which is not qualified here"));
    }
    if !is_name && !first {
        parser.pos = parser.text.len();
        return Ok(SegmentKind::Text);
    }
    let name = parser.name("the name of a resource")?;
    *parens = parser.all_parens(true)?;
    parser.finish()?;
    Ok(SegmentKind::Name(name))
}

/// A name that is all of a segment.
fn alone(part: &Decoded, limits: &Limits, nodes: &Cell<usize>) -> Result<Name> {
    let mut parser = Parser::new(part, limits, nodes);
    let name = parser.name("a type")?;
    parser.finish()?;
    Ok(name)
}

fn crossjoin(part: &Decoded, limits: &Limits, nodes: &Cell<usize>) -> Result<Resource> {
    let mut parser = Parser::new(part, limits, nodes);
    parser.expect("$crossjoin(")?;
    let mut sets: Vec<Name> = Vec::new();
    loop {
        parser.element(sets.len())?;
        let set = parser.identifier("an entity set")?;
        sets.push(Name { namespace: None, name: set.value, at: set.at });
        if !parser.eat(",") {
            break;
        }
    }
    parser.expect(")")?;
    parser.finish()?;
    Ok(Resource::Crossjoin { sets, query: false })
}

fn beyond(part: &Decoded) -> Error {
    let words =
        format!("nothing may follow here, found `{}`", part.text.chars().take(20).collect::<String>());
    Error::new(ErrorKind::Malformed, "SYNTAX", words).at(part.span(0, part.text.len()))
}
