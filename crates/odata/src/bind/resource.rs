//! What a path leads to (OData-URL 4.01, section 4).

use gridkeep_model::{
    RowId, Value,
    query::{Expr, Operator},
};
use jiff::civil;

use super::{Ground, Kind, Related, Scope, casts, is_type, literal, narrow, operation::Call};
use crate::{
    Error, ErrorKind,
    project::{Media, Member, MemberSource, Projection, SetSource},
    syntax::ast::{self, ExprKind, Name, Parens, ParensKind, Resource, ResourcePath, Segment, SegmentKind},
};

/// What a request is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Target<'a> {
    /// The service document.
    Service,
    /// The metadata.
    Metadata,
    /// A batch of requests.
    Batch,
    /// The entities of a set, perhaps narrowed by `/$filter` segments.
    Collection {
        /// The set.
        set: &'a SetSource,
        /// What narrows it.
        filter: Option<Expr>,
        /// What of them.
        part: CollectionPart,
    },
    /// One entity.
    Entity {
        /// Its set.
        set: &'a SetSource,
        /// Which.
        key: EntityKey,
        /// What of it.
        part: EntityPart<'a>,
    },
    /// Something behind a navigation property.
    Related(Box<Related<'a>>),
    /// An action or function, called.
    Operation(Call<'a>),
}

/// What is wanted of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionPart {
    /// Its entities.
    Entities,
    /// How many there are, as plain text.
    Count,
    /// References to them.
    Refs,
    /// Each of them, for a change of all.
    Each,
}

/// What is wanted of an entity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EntityPart<'a> {
    /// All of it.
    Whole,
    /// A reference to it.
    Ref,
    /// A property, as JSON.
    Property(&'a Member),
    /// A property of a complex property, as JSON.
    Part(&'a Member, &'a Member),
    /// A property, as plain text.
    Value(&'a Member),
    /// A property of a complex property, as plain text.
    PartValue(&'a Member, &'a Member),
    /// The content of a media entity.
    Media(&'a Media),
}

/// Which entity.
#[derive(Debug, Clone, PartialEq)]
pub enum EntityKey {
    /// The row with this id.
    Row(RowId),
    /// The row that has these values in these columns; at least one, none of them null.
    Columns(Vec<(String, Value)>),
}

impl EntityKey {
    /// The condition that only this entity fulfils.
    pub fn condition(&self) -> Expr {
        match self {
            Self::Row(id) => Expr::is_row(*id),
            Self::Columns(values) => {
                let equal = |(column, value): &(String, Value)| {
                    Expr::column(column).compare(Operator::Eq, value.clone().into())
                };
                match values.as_slice() {
                    [one] => equal(one),
                    all => Expr::And(all.iter().map(equal).collect()),
                }
            }
        }
    }
}

/// Finds what a request is about.
pub fn target<'a>(
    request: &ast::Request,
    projection: &'a Projection,
    now: civil::DateTime,
) -> Result<Target<'a>, Error> {
    let unsupported = |what: &str| {
        Error::new(ErrorKind::Unsupported, "UNSUPPORTED_RESOURCE", format!("{what} is not offered here"))
    };
    match &request.resource {
        Resource::Service => Ok(Target::Service),
        Resource::Metadata => Ok(Target::Metadata),
        Resource::Batch => Ok(Target::Batch),
        Resource::Entity(_) => Err(unsupported("$entity")),
        Resource::All(_) => Err(unsupported("$all")),
        Resource::Crossjoin { .. } => Err(unsupported("$crossjoin")),
        Resource::Path(path) => Walk { request, projection, now }.path(path),
    }
}

pub(super) struct Walk<'r, 'a> {
    pub(super) request: &'r ast::Request,
    pub(super) projection: &'a Projection,
    now: civil::DateTime,
}

impl<'a> Walk<'_, 'a> {
    fn path(&self, path: &ResourcePath) -> Result<Target<'a>, Error> {
        let mut segments = path.segments.iter();
        let Some(first) = segments.next() else { return Ok(Target::Service) };
        let SegmentKind::Name(name) = &first.kind else { return Err(unknown(first)) };
        let mut rest: Vec<&Segment> = segments.collect();
        if let Some(call) = self.imported(first, &rest) {
            return call;
        }
        let set = name.namespace.is_none().then(|| self.projection.set(&name.name)).flatten();
        let set = set.ok_or_else(|| unknown(first))?;
        // A cast to the type all its entities have changes nothing.
        rest.retain(|segment| !matches!(&segment.kind, SegmentKind::Name(name) if casts(set, name) && is_type(set, name) && segment.parens.is_empty()));
        let (set, keyed) = narrow::narrowed(set, &mut rest);
        let aliases = &self.request.options.aliases;
        match (first.parens.as_slice(), keyed, set.manner.only) {
            ([], None, Some(only)) => self.entity(set, EntityKey::Row(only), &rest),
            ([], None, None) => self.collection(set, &rest),
            ([], Some(parens), None) | ([parens], None, None) => {
                let key = key(set, parens, first.at.0, aliases)?;
                self.entity(set, key, &rest)
            }
            ([.., last], ..) => Err(misplaced(last.at.0, "this pair of parentheses")),
            ([], Some(parens), Some(_)) => Err(misplaced(parens.at.0, "a key")),
        }
    }

    pub(super) fn collection(&self, set: &'a SetSource, rest: &[&Segment]) -> Result<Target<'a>, Error> {
        let mut filter: Option<Expr> = None;
        let mut rest = rest.iter();
        let part = loop {
            let Some(segment) = rest.next() else { break CollectionPart::Entities };
            let here = || Target::Collection { set, filter: filter.clone(), part: CollectionPart::Entities };
            if let Some(call) = self.bound(set, here, segment, rest.as_slice()) {
                return call;
            }
            match &segment.kind {
                SegmentKind::Filter(condition) => {
                    let ground = Ground { projection: self.projection, set, now: self.now };
                    let bound = Scope::new(ground, &self.request.options.aliases).condition(condition)?;
                    filter = Some(match filter {
                        Some(before) => before.and(bound),
                        None => bound,
                    });
                }
                SegmentKind::Count => break CollectionPart::Count,
                SegmentKind::Ref => break CollectionPart::Refs,
                SegmentKind::Each => break CollectionPart::Each,
                // Key-as-segment (section 4.3.6).
                SegmentKind::Name(_) | SegmentKind::Text if filter.is_none() && segment.parens.is_empty() => {
                    let rest: Vec<&Segment> = rest.copied().collect();
                    let (key, rest) = plain_key(set, segment, &rest)?;
                    return self.entity(set, key, rest);
                }
                _ => return Err(unknown(segment)),
            }
        };
        match rest.next() {
            Some(segment) => Err(unknown(segment)),
            None => Ok(Target::Collection { set, filter, part }),
        }
    }

    pub(super) fn entity(
        &self,
        set: &'a SetSource,
        key: EntityKey,
        rest: &[&Segment],
    ) -> Result<Target<'a>, Error> {
        let here = || Target::Entity { set, key: key.clone(), part: EntityPart::Whole };
        if let [segment, more @ ..] = rest
            && let Some(call) = self.bound(set, here, segment, more)
        {
            return call;
        }
        if let [segment, more @ ..] = rest
            && let Some(found) = self.along(set, &key, segment, more)
        {
            return found;
        }
        let part = match rest {
            [] => EntityPart::Whole,
            [segment] if segment.kind == SegmentKind::Ref => EntityPart::Ref,
            [segment] if let (SegmentKind::Value, Some(media)) = (&segment.kind, &set.manner.media) => {
                EntityPart::Media(media)
            }
            [segment, more @ ..] => {
                let SegmentKind::Name(Name { namespace: None, name, .. }) = &segment.kind else {
                    return Err(unknown(segment));
                };
                let member = set.member(name).filter(|_| segment.parens.is_empty());
                let member = member.ok_or_else(|| unknown(segment))?;
                match more {
                    [] => EntityPart::Property(member),
                    [next, more @ ..] if let Some(part) = part_of(member, next) => match more {
                        [] => EntityPart::Part(member, part),
                        [last] if last.kind == SegmentKind::Value => EntityPart::PartValue(member, part),
                        [next, ..] => return Err(unknown(next)),
                    },
                    [last] if last.kind == SegmentKind::Value => EntityPart::Value(member),
                    [next, ..] => return Err(unknown(next)),
                }
            }
        };
        Ok(Target::Entity { set, key, part })
    }
}

/// The key by its value or by the names of its properties, or the alternate key by its name (section 4.3).
pub(super) fn key(
    set: &SetSource,
    parens: &Parens,
    at: crate::Span,
    aliases: &[ast::Alias],
) -> Result<EntityKey, Error> {
    let no_key = || no_key(set, parens.at.0);
    let given: Vec<(&str, &ast::Expr)> = match &parens.kind {
        ParensKind::Key(value) => match set.key.as_slice() {
            [only] => vec![(only, value)],
            _ => return Err(no_key()),
        },
        ParensKind::Named(arguments) => {
            arguments.iter().map(|argument| (argument.name.as_str(), &argument.value)).collect()
        }
        ParensKind::Empty => return Err(no_key()),
    };
    let mut values = Vec::with_capacity(given.len());
    for (name, value) in given {
        let member = set.member(name).ok_or_else(no_key)?;
        values.push((member, key_value(value, member, aliases)?));
    }
    entity_key(set, values).ok_or_else(|| self::no_key(set, at))
}

/// The value of a literal or of the alias that stands for one.
fn key_value(written: &ast::Expr, member: &Member, aliases: &[ast::Alias]) -> Result<Value, Error> {
    let expected = Some(kind_of(member));
    let mut written = written;
    if let ExprKind::Path(ast::Path { root: ast::Root::Alias(name), segments, .. }) = &written.kind
        && segments.is_empty()
    {
        let alias = aliases.iter().find(|alias| alias.name == *name);
        written = match alias {
            Some(alias) => &alias.value,
            None => return Err(misplaced(written.at.0, "an alias that is not given")),
        };
    }
    match &written.kind {
        ExprKind::Literal(literal) => match literal::value(literal, expected, written.at) {
            Ok((value, _)) => Ok(value),
            // A string may stand for a value of any type; one that does not names nothing that is here.
            Err(error) if matches!(literal, ast::Literal::String(_)) => {
                Err(Error { kind: ErrorKind::NotFound, code: "UNKNOWN_KEY", ..error })
            }
            Err(error) => Err(error),
        },
        _ => Err(misplaced(written.at.0, "something else than a literal")),
    }
}

/// The part of a complex property that a segment names.
fn part_of<'a>(member: &'a Member, segment: &Segment) -> Option<&'a Member> {
    match &segment.kind {
        SegmentKind::Name(Name { namespace: None, name, .. }) if segment.parens.is_empty() => {
            member.part(name)
        }
        _ => None,
    }
}

pub(super) fn kind_of(member: &Member) -> Kind {
    match &member.source {
        MemberSource::RowId => Kind::Guid,
        MemberSource::Version => Kind::Integer,
        MemberSource::Complex { .. } | MemberSource::Stream { .. } => Kind::Null,
        MemberSource::Column { kind, .. } => Kind::of(*kind),
    }
}

/// Only the whole key or the alternate key names an entity.
fn entity_key(set: &SetSource, values: Vec<(&Member, Value)>) -> Option<EntityKey> {
    if let [(member, Value::Guid(id))] = values.as_slice()
        && member.source == MemberSource::RowId
    {
        return Some(EntityKey::Row(RowId::from_uuid(*id)));
    }
    let alternate = values.len() == 1 && set.alternate_key.as_ref() == Some(&values[0].0.property);
    let named = |property: &String| values.iter().filter(|(member, _)| member.property == *property).count();
    let whole = values.len() == set.key.len() && set.key.iter().all(|property| named(property) == 1);
    if !(alternate || whole) {
        return None;
    }
    let column = |(member, value): (&Member, Value)| match &member.source {
        MemberSource::Column { id, .. } if !value.is_null() => Some((id.clone(), value)),
        _ => None,
    };
    values.into_iter().map(column).collect::<Option<_>>().map(EntityKey::Columns)
}

/// The key in segments, one for each of its parts in order, and the segments behind them.
fn plain_key<'s, 'r>(
    set: &SetSource,
    first: &Segment,
    rest: &'s [&'r Segment],
) -> Result<(EntityKey, &'s [&'r Segment]), Error> {
    let unknown = || {
        let message = format!("nothing of {} is called {}", set.name, shortened(&first.text));
        Error::new(ErrorKind::NotFound, "UNKNOWN_SEGMENT", message).at(first.at.0.start..first.at.0.end)
    };
    let (more, behind) = rest.split_at_checked(set.key.len().saturating_sub(1)).ok_or_else(unknown)?;
    let mut values = Vec::with_capacity(set.key.len());
    for (property, part) in set.key.iter().zip(std::iter::once(&first).chain(more)) {
        let plain = matches!(part.kind, SegmentKind::Name(_) | SegmentKind::Text) && part.parens.is_empty();
        let member = set.member(property).filter(|_| plain).ok_or_else(unknown)?;
        let text = ExprKind::Literal(ast::Literal::String(part.text.clone()));
        let written = ast::Expr { kind: text, at: part.at };
        values.push((member, key_value(&written, member, &[]).map_err(|_| unknown())?));
    }
    Ok((entity_key(set, values).ok_or_else(unknown)?, behind))
}

fn no_key(set: &SetSource, span: crate::Span) -> Error {
    let other = set.alternate_key.as_ref().map(|name| format!(" or {name}")).unwrap_or_default();
    let message = format!("entities of {} are named by {}{other}", set.name, set.key.join(" and "));
    Error::new(ErrorKind::Malformed, "INVALID_KEY", message).at(span.start..span.end)
}

pub(super) fn misplaced(span: crate::Span, what: &str) -> Error {
    Error::new(ErrorKind::Malformed, "MISPLACED", format!("{what} does not belong here"))
        .at(span.start..span.end)
}

pub(super) fn unknown(segment: &Segment) -> Error {
    let message = format!("there is no {} here", shortened(&segment.text));
    Error::new(ErrorKind::NotFound, "UNKNOWN_SEGMENT", message).at(segment.at.0.start..segment.at.0.end)
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
