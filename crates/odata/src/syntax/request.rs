//! Whole URLs, and the parts of them that come on their own.

use std::cell::Cell;

use super::{
    Anything, Limits,
    ast::{Alias, Custom, Expr, QueryOptions, Request, Resource, SegmentKind},
    decode::Decoded,
    options::{System, repeated},
    parser::{Parser, Result},
    resource::resource,
};
use crate::{Error, ErrorKind, Span};

impl Request {
    /// Reads a URL relative to the root of the service, without a slash at its front, still percent-encoded.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self> {
        measure(text, limits)?;
        let nodes = Cell::new(0);
        let (text, context) = match text.split_once('#') {
            Some((before, context)) if before.split('?').next() == Some("$metadata") => {
                (before, Some(context))
            }
            _ => (text, None),
        };
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text, None),
        };
        let resource = resource(path, 0, limits, &nodes)?;
        let options = match query {
            Some("") | None => QueryOptions::default(),
            Some(query) => options(query, path.len() + 1, limits, &nodes)?,
        };
        if let Some(twice) = options.repeated.first() {
            return Err(repeated(twice));
        }
        let request = Self { resource, options, context: context.map(str::to_owned) };
        request.fits().map_err(|error| {
            let span = Span { start: path.len(), end: text.len() };
            error.at(span)
        })?;
        request.check(&Anything)?;
        Ok(request)
    }

    /// Whether the options are those that the resource takes.
    fn fits(&self) -> Result<()> {
        let o = &self.options;
        let shaping = !o.select.is_empty() || !o.expand.is_empty();
        let others = o.filter.is_some()
            || o.search.is_some()
            || o.apply.is_some()
            || !o.compute.is_empty()
            || !o.orderby.is_empty()
            || o.top.is_some()
            || o.skip.is_some()
            || o.count.is_some()
            || o.index.is_some()
            || o.skiptoken.is_some()
            || o.deltatoken.is_some();
        let (takes, id) = match &self.resource {
            Resource::Entity(kind) => (!others && (kind.is_some() || !shaping), true),
            Resource::Path(path)
                if path.segments.last().is_some_and(|last| last.kind == SegmentKind::Ref) =>
            {
                // References have no properties.
                (!shaping, false)
            }
            Resource::Batch | Resource::Metadata => (!others && !shaping && o.id.is_none(), false),
            _ => (true, false),
        };
        if !takes {
            let words = "an option does not fit what the URL names";
            return Err(Error::new(ErrorKind::Malformed, "OPTION", words));
        }
        if id && o.id.is_none() {
            return Err(Error::new(ErrorKind::Malformed, "OPTION", "`$entity` needs `$id`").about("$id"));
        }
        Ok(())
    }
}

impl Resource {
    /// Reads the path of a URL, relative to the root of the service and still percent-encoded.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self> {
        measure(text, limits)?;
        resource(text, 0, limits, &Cell::new(0))
    }
}

impl QueryOptions {
    /// Reads what stands behind `?`, or in the body of a `$query` request. Options given twice are listed, not refused.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self> {
        measure(text, limits)?;
        options(text, 0, limits, &Cell::new(0))
    }
}

impl Expr {
    /// Reads an expression that stands on its own, still percent-encoded.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self> {
        measure(text, limits)?;
        expression(text, 0, limits)
    }
}

impl Custom {
    /// The value as text, decoded; empty without `=`.
    pub fn text(&self) -> Result<String> {
        let value = self.value.as_deref().unwrap_or_default();
        let decoded = Decoded::new(value, self.value_at.0.start).map_err(|error| error.about(&self.name))?;
        Ok(decoded.text.into_owned())
    }

    /// The value as that of a parameter of a function import, which may be given without `@` (4.01).
    pub fn parameter(&self, limits: &Limits) -> Result<Expr> {
        let value = self.value.as_deref().unwrap_or_default();
        measure(value, limits)?;
        expression(value, self.value_at.0.start, limits).map_err(|error| error.about(&self.name))
    }
}

/// A text that came as bytes.
pub fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Error::new(ErrorKind::Malformed, "ENCODING", "the URL is not UTF-8").at(at..at + 1)
    })
}

fn measure(text: &str, limits: &Limits) -> Result<()> {
    if text.len() <= limits.length {
        return Ok(());
    }
    let words = format!("the URL has {} bytes, and no more than {} are accepted", text.len(), limits.length);
    Err(Error::new(ErrorKind::TooLarge, "LIMIT", words).at(limits.length..text.len()))
}

fn expression(text: &str, base: usize, limits: &Limits) -> Result<Expr> {
    let (decoded, nodes) = (Decoded::new(text, base)?, Cell::new(0));
    let mut parser = Parser::new(&decoded, limits, &nodes);
    let expr = parser.expression()?;
    parser.finish()?;
    Ok(expr)
}

/// Reads options that begin at byte `base` of the URL.
fn options(text: &str, base: usize, limits: &Limits, nodes: &Cell<usize>) -> Result<QueryOptions> {
    let mut options = QueryOptions::default();
    let mut start = 0;
    for (count, part) in text.split('&').enumerate() {
        if count >= limits.list {
            let words = format!("the URL has more than {} options", limits.list);
            return Err(Error::new(ErrorKind::TooLarge, "LIMIT", words).at(base + start..base + text.len()));
        }
        option(part, base + start, limits, nodes, &mut options)?;
        start += part.len() + 1;
    }
    Ok(options)
}

fn option(
    text: &str,
    base: usize,
    limits: &Limits,
    nodes: &Cell<usize>,
    options: &mut QueryOptions,
) -> Result<()> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let decoded_name = Decoded::new(name, base)?;
    let name_text = decoded_name.text.as_ref();
    let value_base = base + name.len() + 1;
    let span = Span { start: base, end: base + text.len() };
    let plain = name_text.strip_prefix('$').unwrap_or(name_text);
    let system = System::parse(plain).filter(|system| name_text != plain || system.implicit());
    if let Some(system) = system.filter(|_| name_text.starts_with('$') || value.is_some()) {
        let about = |error: Error| error.about(format!("${}", system.name()));
        let Some(value) = value else {
            let at = base + name.len();
            let words = format!("`${}` needs `=` and a value", system.name());
            return Err(about(Error::new(ErrorKind::Malformed, "SYNTAX", words).at(at..at)));
        };
        if system == System::Levels {
            let words = "`$levels` stands inside `$expand` only";
            return Err(about(Error::new(ErrorKind::Malformed, "OPTION", words).at(span)));
        }
        let decoded = Decoded::new(value, value_base).map_err(about)?;
        let mut parser = Parser::new(&decoded, limits, nodes);
        let repeated = options.repeated.len();
        parser.system(system, options, 0).and_then(|()| parser.finish()).map_err(about)?;
        if let Some(twice) = options.repeated.get_mut(repeated) {
            twice.at = span.into();
        }
        return Ok(());
    }
    if name_text.starts_with('$') || name_text.is_empty() {
        let words = match name_text {
            "" => "an option has no name".to_owned(),
            name => format!("`{}` is no query option of OData", name.chars().take(40).collect::<String>()),
        };
        return Err(Error::new(ErrorKind::Malformed, "UNKNOWN_OPTION", words).at(base..base + name.len()));
    }
    if let Some(alias) = name_text.strip_prefix('@') {
        return self::alias(alias, name_text, value, (base, value_base), limits, nodes, options);
    }
    options.custom.push(Custom {
        name: name_text.to_owned(),
        value: value.map(str::to_owned),
        at: span.into(),
        value_at: Span { start: value_base.min(span.end), end: span.end }.into(),
    });
    Ok(())
}

fn alias(
    name: &str,
    whole: &str,
    value: Option<&str>,
    (base, value_base): (usize, usize),
    limits: &Limits,
    nodes: &Cell<usize>,
    options: &mut QueryOptions,
) -> Result<()> {
    let end = value_base + value.map_or(0, str::len);
    let refuse = |code, words: &str| {
        Err(Error::new(ErrorKind::Malformed, code, words).at(base..value_base - 1).about(whole))
    };
    if super::lexical::identifier(name) != Some(name.len()) {
        return refuse("SYNTAX", "`@` must be followed by the name of a parameter alias");
    }
    let Some(value) = value else { return refuse("SYNTAX", "a parameter alias needs `=` and a value") };
    if options.aliases.iter().any(|alias| alias.name == name) {
        return refuse("DUPLICATE_OPTION", "the parameter alias is there more than once");
    }
    let about = |error: Error| error.about(whole);
    let decoded = Decoded::new(value, value_base).map_err(about)?;
    let mut parser = Parser::new(&decoded, limits, nodes);
    let value = parser.expression().and_then(|value| parser.finish().map(|()| value)).map_err(about)?;
    options.aliases.push(Alias { name: name.to_owned(), value, at: Span { start: base, end }.into() });
    Ok(())
}
