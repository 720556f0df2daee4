//! Paths of expressions: from the row itself, a variable, an alias or the service, along navigation properties.

use gridkeep_model::{
    ColumnType, Value,
    query::{Expr, Field, Operator, Part, Related, Relation},
};

use super::{
    It, Kind, Scope, Typed,
    apply::presence,
    casts,
    collection::Rows,
    complex::{self, Whole},
    is_type, kind_named, resource,
    shift::shifted,
};
use crate::{
    Error, ErrorKind, Span,
    project::{Member, MemberSource, SetSource},
    syntax::ast::{self, ExprKind, Name, Parens, ParensKind, Path, PathSegment, PathSegmentKind, Root},
};

/// Where a path has come to.
pub(super) enum Reached<'a> {
    /// A single value.
    Value(Typed),
    /// One row, or none where a navigation leads nowhere.
    Row(Way<'a>),
    /// Rows.
    Rows(Rows<'a>),
    /// A complex value of a row.
    Whole(Whole<'a>),
}

/// How to come from a row in reach to others.
#[derive(Debug, Clone)]
pub(super) struct Way<'a> {
    /// From which, as [`Field::scope`].
    pub(super) scope: usize,
    /// Empty for that row itself.
    pub(super) path: Vec<Relation>,
    /// The set of the rows there.
    pub(super) set: &'a SetSource,
    /// Only a row of this set's own type counts; another has nothing but nulls.
    pub(super) cast: bool,
}

impl Way<'_> {
    /// A part of the row there; null when the row is of another type than a cast says.
    pub(super) fn value(self, part: Part) -> Expr {
        let field = |path: Vec<Relation>, part| Expr::Field(Field { scope: self.scope, path, part });
        match &self.set.manner.kinds {
            Some(kinds) if self.cast => {
                let kind = field(self.path.clone(), Part::Column(kinds.column.clone()));
                Expr::Case(vec![(kind.one_of(kinds.texts()), field(self.path, part))])
            }
            _ => field(self.path, part),
        }
    }

    /// The rows there.
    pub(super) fn related(self) -> Related {
        Related { scope: self.scope, path: self.path }
    }
}

impl<'a> Scope<'a> {
    /// The value a path leads to.
    pub(super) fn path(&self, path: &Path, expected: Option<Kind>) -> Result<Typed, Error> {
        if let Some(typed) = self.grouped_by(path) {
            return Ok(typed);
        }
        match self.reach(path, expected)? {
            Reached::Value(typed) => Ok(typed),
            Reached::Row(_) => Err(refused(path.at.0, "whole entities as values")),
            Reached::Whole(whole) => Err(complex::no_value(whole.member, path.at.0)),
            Reached::Rows(_) => {
                let message = "a collection is no value; any, all or $count can follow it";
                Err(Error::new(ErrorKind::Malformed, "NOT_SINGLE", message)
                    .at(path.at.0.start..path.at.0.end))
            }
        }
    }

    /// A path along navigation properties that rows were grouped by.
    fn grouped_by(&self, path: &Path) -> Option<Typed> {
        if path.segments.len() < 2 { None } else { self.made(path, names) }
    }

    /// Whether navigation properties that rows were grouped by lead anywhere.
    fn grouped_by_presence(&self, path: &Path) -> Option<Typed> {
        self.made(path, |path| Some(presence(&names(path)?))).filter(|_| self.grouped)
    }

    fn made(&self, path: &Path, name: impl Fn(&Path) -> Option<String>) -> Option<Typed> {
        let frame = match path.root {
            Root::Instance | Root::This => self.this,
            Root::It if matches!(self.it, It::Query) => 0,
            _ => return None,
        };
        if self.computed.is_empty() {
            return None;
        }
        self.computed(self.frames.len() - 1 - frame, &name(path)?)
    }

    /// The id of the entity that the first segments of a path lead to along navigation properties; `None` where they lead
    /// along none.
    pub(super) fn entity(&self, path: &Path, segments: usize) -> Result<Option<Expr>, Error> {
        let start = Path { segments: path.segments[..segments].to_vec(), ..path.clone() };
        match self.reach(&start, None)? {
            Reached::Row(way) if !way.path.is_empty() => Ok(Some(way.value(Part::Id))),
            Reached::Row(_) | Reached::Value(_) | Reached::Whole(_) => Ok(None),
            Reached::Rows(_) => Err(refused(path.at.0, "aggregates of related collections")),
        }
    }

    /// A path compared with null: of a navigation property, whether it leads nowhere.
    pub(super) fn against_null(&self, operator: Operator, path: &Path) -> Result<Typed, Error> {
        if let Some(typed) = self.grouped_by(path) {
            return Ok(Typed::new(typed.expr.compare(operator, Value::Null.into()), Kind::Boolean));
        }
        if let Some(there) = self.grouped_by_presence(path) {
            // Rows without the property have null there, too.
            let is = there.expr.compare(Operator::Eq, Value::Boolean(true).into());
            return Ok(Typed::new(if operator == Operator::Ne { is } else { !is }, Kind::Boolean));
        }
        let expr = match self.reach(path, None)? {
            Reached::Value(typed) => typed.expr.compare(operator, Value::Null.into()),
            Reached::Row(way) if way.path.is_empty() => Value::Boolean(operator == Operator::Ne).into(),
            Reached::Row(way) => {
                let there = Expr::Any(way.related(), None);
                if operator == Operator::Eq { !there } else { there }
            }
            Reached::Whole(whole) => Self::absent(operator, &whole),
            Reached::Rows(_) => return Err(refused(path.at.0, "collections compared with null")),
        };
        Ok(Typed::new(expr, Kind::Boolean))
    }

    pub(super) fn reach(&self, path: &Path, expected: Option<Kind>) -> Result<Reached<'a>, Error> {
        let mut rest = path.segments.iter();
        let mut reached = match &path.root {
            Root::Instance | Root::This => Reached::Row(self.row(self.this)),
            Root::It => Reached::Row(match &self.it {
                It::Query => self.row(0),
                It::Behind(path, set) => {
                    Way { scope: self.frames.len() - 1, path: path.clone(), set, cast: false }
                }
                It::Unknown => {
                    return Err(refused(path.at.0, "references to $it where several entities may be meant"));
                }
            }),
            Root::Variable(name) => {
                let frame = self.frames.iter().rposition(|frame| frame.variable.as_ref() == Some(name));
                match frame {
                    Some(frame) => Reached::Row(self.row(frame)),
                    None => return Err(self.unknown(path.at.0, self.set, name)),
                }
            }
            Root::Service => {
                let Some(first) = rest.next() else { return Err(refused(path.at.0, "$root")) };
                self.of_service(first)?
            }
            Root::Alias(name) if path.segments.is_empty() => {
                return self.alias(path, name, expected).map(Reached::Value);
            }
            Root::Alias(_) => return Err(refused(path.at.0, "paths that begin at an alias")),
            Root::These => return Err(refused(path.at.0, "$these")),
        };
        for segment in rest {
            reached = match reached {
                Reached::Row(way) => self.step(way, segment)?,
                Reached::Rows(rows) => self.of_rows(rows, segment)?,
                Reached::Whole(whole) => Reached::Value(self.part(whole, segment)?),
                Reached::Value(_) => {
                    let message = "nothing can follow a single value".to_owned();
                    return Err(Error::new(ErrorKind::Malformed, "NOT_STRUCTURED", message).at(segment
                        .at
                        .0
                        .start
                        ..segment.at.0.end));
                }
            };
        }
        Ok(reached)
    }

    /// Whether this is a property that the set has and its groups have not.
    pub(super) fn aggregated(&self, expr: &ast::Expr) -> bool {
        let ExprKind::Path(path) = &expr.kind else { return false };
        let first = path.segments.first().map(|segment| &segment.kind);
        let Some(PathSegmentKind::Name(Name { namespace: None, name, .. })) = first else { return false };
        self.grouped && (self.set.member(name).is_some() || self.set.navigation(name).is_some())
    }

    /// Whether `$it` is the row that paths without a root begin at.
    pub(super) fn is_it(&self) -> bool {
        matches!(self.it, It::Query) && self.this == 0
    }

    /// A row in reach.
    fn row(&self, frame: usize) -> Way<'a> {
        Way {
            scope: self.frames.len() - 1 - frame,
            path: Vec::new(),
            set: self.frames[frame].set,
            cast: false,
        }
    }

    /// Whether the row is of a type derived from its set's; `None` for every other type.
    pub(super) fn is_kind(&self, name: &Name) -> Option<Expr> {
        let way = self.row(self.this);
        let set = kind_named(way.set, name).filter(|_| !is_type(way.set, name))?;
        let kinds = set.manner.kinds.as_ref()?;
        Some(way.value(Part::Column(kinds.column.clone())).one_of(kinds.texts()))
    }

    /// One step from a row: to a property, or along a navigation property.
    fn step(&self, way: Way<'a>, segment: &PathSegment) -> Result<Reached<'a>, Error> {
        let name = match &segment.kind {
            PathSegmentKind::Name(name) => name,
            PathSegmentKind::Annotation { .. } => {
                return Err(refused(segment.at.0, "annotations in expressions"));
            }
            _ => {
                let message = "this can follow a collection only";
                return Err(Error::new(ErrorKind::Malformed, "NOT_A_COLLECTION", message)
                    .at(segment.at.0.start..segment.at.0.end));
            }
        };
        let unknown = || self.unknown(segment.at.0, way.set, &name.to_string());
        // A cast to the type that all its entities have changes nothing.
        if name.namespace.is_some() || casts(way.set, name) {
            let narrower = kind_named(way.set, name).filter(|_| segment.parens.is_empty());
            let set = narrower.ok_or_else(unknown)?;
            let cast = way.cast || !is_type(way.set, name);
            return Ok(Reached::Row(Way { set, cast, ..way }));
        }
        let own = way.path.is_empty();
        if own
            && segment.parens.is_empty()
            && let Some(typed) = self.computed(way.scope, &name.name)
        {
            return Ok(Reached::Value(typed));
        }
        if self.grouped && own && way.scope + 1 == self.frames.len() {
            return Err(unknown());
        }
        if let Some(member) = way.set.member(&name.name).filter(|_| segment.parens.is_empty()) {
            if let MemberSource::Stream { .. } = member.source {
                return Err(complex::no_value(member, segment.at.0));
            }
            if let MemberSource::Complex { .. } = member.source {
                return Ok(Reached::Whole(Whole { way, member }));
            }
            return Ok(Reached::Value(self.typed(way, member)));
        }
        let navigation = way.set.navigation(&name.name).ok_or_else(unknown)?;
        let set = self.projection.target(navigation).ok_or_else(unknown)?;
        let Way { scope, mut path, .. } = way;
        path.extend(navigation.path(&set.table));
        let there = Way { scope, path, set, cast: false };
        match (navigation.many, segment.parens.as_slice()) {
            (false, []) => Ok(Reached::Row(there)),
            (true, []) => Ok(Reached::Rows(Rows::all(there))),
            (true, [key]) => self.keyed(there, key).map(Reached::Row),
            (_, [.., last]) => Err(misplaced(last.at.0)),
        }
    }

    /// The one of the rows that a key names.
    fn keyed(&self, mut way: Way<'a>, parens: &Parens) -> Result<Way<'a>, Error> {
        let condition = resource::key(way.set, parens, parens.at.0, self.aliases)?.condition();
        if let Some(last) = way.path.last_mut() {
            let only = match last.only.take() {
                Some(only) => only.and(condition),
                None => condition,
            };
            last.only = Some(Box::new(only));
        }
        Ok(way)
    }

    /// `$root/Set` and `$root/Set(key)`: rows of a set, whatever row the expression is about.
    fn of_service(&self, segment: &PathSegment) -> Result<Reached<'a>, Error> {
        let PathSegmentKind::Name(name @ Name { namespace: None, .. }) = &segment.kind else {
            return Err(misplaced(segment.at.0));
        };
        let set = self.projection.set(&name.name).filter(|set| set.rights.read);
        let set = set.ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "UNKNOWN_SET", format!("there is no entity set {}", name.name))
                .at(segment.at.0.start..segment.at.0.end)
        })?;
        let only = set.manner.only.map(|row| Box::new(Expr::is_row(row)));
        let all = Relation { table: set.table.clone(), on: Vec::new(), only };
        let way = Way { scope: 0, path: vec![all], set, cast: false };
        match segment.parens.as_slice() {
            [] if set.manner.only.is_some() => Ok(Reached::Row(way)),
            [] => Ok(Reached::Rows(Rows::all(way))),
            [Parens { kind: ParensKind::Empty, at }] => Err(misplaced(at.0)),
            [key] => self.keyed(way, key).map(Reached::Row),
            [_, second, ..] => Err(misplaced(second.at.0)),
        }
    }

    /// One of the set's own properties.
    pub(super) fn value_of(&self, member: &Member) -> Typed {
        self.typed(self.row(self.this), member)
    }

    /// A property of a row; a complex one is none of these.
    fn typed(&self, way: Way<'_>, member: &Member) -> Typed {
        match &member.source {
            MemberSource::RowId => Typed::new(way.value(Part::Id), Kind::Guid),
            MemberSource::Version => Typed::new(way.value(Part::Version), Kind::Integer),
            MemberSource::Column { id, kind } => {
                let kind = self.kind_of(way.set, &[&member.property], *kind);
                Typed::new(way.value(Part::Column(id.clone())), kind)
            }
            MemberSource::Complex { .. } | MemberSource::Stream { .. } => {
                Typed::new(Value::Null.into(), Kind::Null)
            }
        }
    }

    /// The kind of a property that is a column of this type.
    pub(super) fn kind_of(&self, set: &SetSource, path: &[&str], column: ColumnType) -> Kind {
        if column != ColumnType::Integer {
            return Kind::of(column);
        }
        let property = self.projection.property(set, path);
        let place = property.and_then(|property| self.projection.enumeration_of(&property.kind));
        place.map_or(Kind::Integer, Kind::Enumeration)
    }

    /// A computed value of the row of the query, seen from within.
    fn computed(&self, scope: usize, name: &str) -> Option<Typed> {
        if scope + 1 != self.frames.len() {
            return None;
        }
        let (_, typed) = self.computed.iter().find(|(known, _)| known == name)?;
        Some(Typed::new(shifted(&typed.expr, scope), typed.kind))
    }

    pub(super) fn unknown(&self, at: Span, set: &SetSource, name: &str) -> Error {
        let what = if self.grouped && self.frames.len() == 1 { "a group of " } else { "" };
        let message = format!("{what}{} has no property {name}", set.name);
        Error::new(ErrorKind::Malformed, "UNKNOWN_PROPERTY", message).at(at.start..at.end).about(name)
    }

    /// A parameter alias; one that is not given is null (OData-URL 4.01, section 5.1.1.13).
    fn alias(&self, path: &Path, name: &str, expected: Option<Kind>) -> Result<Typed, Error> {
        let Some(alias) = self.aliases.iter().find(|alias| alias.name == name) else {
            return Ok(Typed::new(Value::Null.into(), Kind::Null));
        };
        if self.depth >= self.aliases.len() {
            let message = format!("the alias @{name} is defined by itself");
            return Err(Error::new(ErrorKind::Malformed, "CIRCULAR_ALIAS", message)
                .at(path.at.0.start..path.at.0.end));
        }
        Scope { depth: self.depth + 1, ..self.clone() }.expression(&alias.value, expected)
    }
}

/// `Customer/Name`: the names of a path of names alone.
pub(super) fn names(path: &Path) -> Option<String> {
    let name = |segment: &PathSegment| match &segment.kind {
        PathSegmentKind::Name(name) if name.namespace.is_none() && segment.parens.is_empty() => {
            Some(name.name.clone())
        }
        _ => None,
    };
    let names = path.segments.iter().map(name).collect::<Option<Vec<String>>>()?;
    Some(names.join("/"))
}

fn misplaced(at: Span) -> Error {
    let message = "this does not belong here";
    Error::new(ErrorKind::Malformed, "MISPLACED", message).at(at.start..at.end)
}

pub(super) fn refused(at: Span, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "UNSUPPORTED_EXPRESSION", format!("{what} are not offered here"))
        .at(at.start..at.end)
}
