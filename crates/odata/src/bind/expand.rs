//! `$expand`: which related entities an answer has, and what of them (OData-URL 4.01, section 5.1.3).
//!
//! **Architecture Invariant:** how deep and how wide it goes is decided here, before anything is read: `$levels` becomes
//! expansions within expansions, [`MAX_LEVELS`] deep and [`MOST_EXPANSIONS`] of them at most.

use std::{borrow::Cow, cell::Cell, rc::Rc};

use gridkeep_model::{
    ColumnType,
    query::{Computed, Expr, Field, Part, Query, Related, Relation},
};

use super::{Ground, It, Kind, PageLimits, Read, casts, is_type, kind_named};
use crate::{
    Error, ErrorKind, Span,
    project::{Link, Navigation, SetSource},
    syntax::ast::{
        Alias, Expand, ExpandKind, Levels, Name, Path, PathSegment, PathSegmentKind, QueryOptions, Root,
        Suffix,
    },
};

/// How deep expansions may lie within each other.
pub const MAX_LEVELS: u64 = 8;
/// How many of them one request may have, levels counted one by one.
const MOST_EXPANSIONS: usize = 200;

/// A navigation property whose entities, or whose number, are in the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Expansion<'a> {
    /// The property.
    pub navigation: &'a Navigation,
    /// The set it leads to, or the part of it that is of a type.
    pub set: &'a SetSource,
    /// The name of that type.
    pub cast: Option<String>,
    /// It goes on in itself, as `$levels` wants it.
    pub recursive: bool,
    /// Place of the number of related entities among the values of the row here, when it is asked for.
    pub count: Option<usize>,
    /// The entities; none when only their number is wanted.
    pub related: Option<RelatedRead<'a>>,
}

/// Related entities that are in the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedRead<'a> {
    /// Only references to them.
    pub refs: bool,
    /// Where a row here has what finds them.
    pub here: Spot,
    /// Where a row there has it.
    pub there: Spot,
    /// What to ask of the other table; its page means nothing.
    pub read: Read<'a>,
    /// How many of each row's are passed over.
    pub skip: u64,
    /// How many of each row's are wanted; `None` for all.
    pub top: Option<u64>,
    /// The keys of their order, for pages of their own; row ids are texts there.
    pub keys: Vec<(Spot, Kind)>,
    /// The query that asks for the related entities of one row alone, for the link to more of them.
    pub query: String,
}

/// Where a part of a row is among what a query gave of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// The row's id.
    Id,
    /// This one of its values.
    Value(usize),
}

/// Where in the nesting of expansions an option stands.
#[derive(Clone)]
pub(super) struct Nest<'a> {
    /// 0 outside of any.
    pub(super) depth: u64,
    /// Aliases from around.
    pub(super) aliases: Vec<Alias>,
    /// What `$it` is.
    pub(super) it: It<'a>,
    left: Rc<Cell<usize>>,
}

impl<'a> Nest<'a> {
    /// Outside of any.
    pub(super) fn outside() -> Self {
        let left = Rc::new(Cell::new(MOST_EXPANSIONS));
        Self { depth: 0, aliases: Vec::new(), it: It::Query, left }
    }

    /// Within an expansion of a row here.
    fn within(&self, ground: Ground<'a>, navigation: &Navigation) -> Self {
        let it = match &navigation.link {
            // Each row there belongs to one row here; a page of its own behind several steps would not know which.
            Link::There { column, here } if self.depth == 0 => {
                let on = vec![(Part::Column(column.clone()), here.clone())];
                It::Behind(vec![Relation { table: ground.set.table.clone(), on, only: None }], ground.set)
            }
            _ => It::Unknown,
        };
        Self { depth: self.depth + 1, it, ..self.clone() }
    }
}

/// An item of `$expand` whose property is known.
struct Wish<'a> {
    navigation: &'a Navigation,
    set: &'a SetSource,
    suffix: Suffix,
    options: Cow<'a, QueryOptions>,
    recursive: bool,
    at: Span,
}

/// Adds what `$expand` asks for to a read of rows here.
pub(super) fn expand<'a>(
    ground: Ground<'a>,
    options: &QueryOptions,
    nest: &Nest<'a>,
    query: &mut Query,
) -> Result<Vec<Expansion<'a>>, Error> {
    let mut found = Vec::new();
    for wish in wishes(ground, &options.expand, nest)? {
        found.push(one(ground, wish, nest, query)?);
    }
    Ok(found)
}

fn one<'a>(
    ground: Ground<'a>,
    wish: Wish<'_>,
    nest: &Nest<'a>,
    query: &mut Query,
) -> Result<Expansion<'a>, Error> {
    let Wish { navigation, set, suffix, options, recursive, at } = wish;
    // What was found in the projection lives as long as it does; the options do not.
    let navigation =
        ground.set.navigation(&navigation.property).ok_or_else(|| unknown(ground.set, at, ""))?;
    let whole = ground.projection.set(&set.name).ok_or_else(|| unknown(ground.set, at, ""))?;
    let set = whole.of_kind(&set.entity_type).unwrap_or(whole);
    let cast = (set.entity_type != whole.entity_type).then(|| set.entity_type.to_string());
    let left = nest.left.get().checked_sub(1).ok_or_else(|| {
        let message =
            format!("a request expands at most {MOST_EXPANSIONS} navigation properties, each level counted");
        too_much(at, message)
    })?;
    nest.left.set(left);
    if nest.depth >= MAX_LEVELS {
        return Err(too_much(at, format!("$expand goes at most {MAX_LEVELS} levels deep")));
    }
    let inner = nest.within(ground, navigation);
    let there = ground.of(set);
    if !navigation.many && (suffix == Suffix::Count || options.count.is_some()) {
        return Err(malformed(at, "MISPLACED_OPTION", format!("{} is no collection", navigation.property)));
    }
    let mut read = if navigation.many {
        Read::within(there, None, &options, PageLimits::default(), 0, &inner)?
    } else {
        super::options::refuse_on_entity(&options)?;
        Read::within(there, None, &options, PageLimits::default(), 0, &inner)?
    };
    if !read.shape.operations.is_empty() {
        return Err(unsupported(at, "operations of expanded entities"));
    }
    let made = read.made.is_some();
    if made && (suffix != Suffix::None || options.count.as_ref().is_some_and(|count| count.value)) {
        return Err(unsupported(at, "references to and numbers of what $apply makes within $expand"));
    }
    let counted = suffix == Suffix::Count || options.count.as_ref().is_some_and(|count| count.value);
    let count = counted.then(|| {
        let related = Related { scope: 0, path: navigation.path(&set.table) };
        hidden(query, Expr::Count(related, read.query.filter.clone().map(Box::new)))
    });
    if suffix == Suffix::Count {
        return Ok(Expansion { navigation, set, cast, recursive, count, related: None });
    }
    if suffix == Suffix::Ref {
        read.shape.only_key();
        read.query.columns = Some(read.shape.columns.clone());
        read.query.compute.clear();
    }
    let keys = if navigation.many && !made {
        let order = read.query.order.clone();
        let kinds = read.kinds.clone();
        order.into_iter().zip(kinds).map(|(key, kind)| (key_spot(&mut read.query, key.expr), kind)).collect()
    } else {
        Vec::new()
    };
    let related = RelatedRead {
        refs: suffix == Suffix::Ref,
        here: spot(query, &navigation.link.here()),
        // What was made of them does not find them again.
        there: if made { Spot::Id } else { spot(&mut read.query, &navigation.link.there()) },
        skip: options.skip.as_ref().map_or(0, |skip| skip.value),
        top: options.top.as_ref().map(|top| top.value),
        keys,
        query: alone(&options, nest),
        read,
    };
    Ok(Expansion { navigation, set, cast, recursive, count, related: Some(related) })
}

impl RelatedRead<'_> {
    /// [`RelatedRead::query`] for the row at this address, relative to the service: what `$it` is within an expansion, it is
    /// not in a request of its own.
    pub fn alone(&self, from: &str) -> Cow<'_, str> {
        if !self.query.contains("$it") {
            return Cow::Borrowed(&self.query);
        }
        // In texts the sign is encoded, and no option begins with these letters.
        Cow::Owned(self.query.replace("$it", &format!("$root/{from}")))
    }
}

/// The nested options as those of a request of its own.
fn alone(options: &QueryOptions, nest: &Nest<'_>) -> String {
    let mut own = options.clone();
    for alias in &nest.aliases {
        if own.aliases.iter().all(|known| known.name != alias.name) {
            own.aliases.push(alias.clone());
        }
    }
    own.to_string()
}

/// The items with their properties; `*` are those that are not named.
fn wishes<'a>(ground: Ground<'a>, items: &'a [Expand], nest: &Nest<'_>) -> Result<Vec<Wish<'a>>, Error> {
    let mut wishes: Vec<Wish<'a>> = Vec::new();
    let mut star = None;
    for item in items {
        let at = item.at.0;
        let path = match &item.kind {
            ExpandKind::Path(path) => path,
            ExpandKind::All(None) => {
                star = Some(item);
                continue;
            }
            ExpandKind::All(Some(path)) => return Err(unsupported(path.at.0, "`*` behind a path")),
            ExpandKind::Value => return Err(unsupported(at, "the stream of an entity")),
        };
        let (name, kind) = property(ground.set, path)?;
        let navigation = ground.set.navigation(name).ok_or_else(|| unknown(ground.set, at, name))?;
        let set = ground.projection.target(navigation).ok_or_else(|| unknown(ground.set, at, name))?;
        let set = match kind {
            Some(kind) => kind_named(set, kind).ok_or_else(|| unknown(set, at, &kind.to_string()))?,
            None => set,
        };
        if wishes.iter().any(|known| known.navigation.property == navigation.property) {
            return Err(malformed(at, "DUPLICATE_EXPAND", format!("{name} is expanded twice")));
        }
        let (options, recursive) = levelled(item, navigation, set, nest)?;
        wishes.push(Wish { navigation, set, suffix: item.suffix, options, recursive, at });
    }
    let Some(item) = star else { return Ok(wishes) };
    let levels = levels(item, nest)?;
    for navigation in &ground.set.navigations {
        let named = wishes.iter().any(|known| known.navigation.property == navigation.property);
        let Some(set) = ground.projection.target(navigation).filter(|_| !named) else { continue };
        let options = if levels > 1 {
            let mut again = item.clone();
            if let Some(known) = &mut again.options.levels {
                known.value = Levels::Number(levels - 1);
            }
            Cow::Owned(QueryOptions { expand: vec![again], ..QueryOptions::default() })
        } else {
            Cow::Owned(QueryOptions::default())
        };
        let (suffix, at) = (item.suffix, item.at.0);
        wishes.push(Wish { navigation, set, suffix, options, recursive: false, at });
    }
    Ok(wishes)
}

/// The options with those of the next level within them.
fn levelled<'a>(
    item: &'a Expand,
    navigation: &Navigation,
    set: &SetSource,
    nest: &Nest<'_>,
) -> Result<(Cow<'a, QueryOptions>, bool), Error> {
    if item.options.levels.is_none() {
        return Ok((Cow::Borrowed(&*item.options), false));
    }
    let levels = levels(item, nest)?;
    // Where it does not go on, there is nothing on the further levels.
    let again = set.navigation(&navigation.property).is_some_and(|there| there.set == navigation.set);
    let mut options = (*item.options).clone();
    options.levels = None;
    let recursive = again && levels > 1;
    let named = options.expand.iter().any(|inner| match &inner.kind {
        ExpandKind::Path(path) => property(set, path).is_ok_and(|(name, _)| name == navigation.property),
        ExpandKind::All(_) | ExpandKind::Value => false,
    });
    if recursive && !named {
        let mut inner = item.clone();
        inner.kind = ExpandKind::Path(Path {
            root: Root::Instance,
            segments: vec![PathSegment {
                kind: PathSegmentKind::Name(Name {
                    namespace: None,
                    name: navigation.property.clone(),
                    at: item.at,
                }),
                parens: Vec::new(),
                at: item.at,
            }],
            at: item.at,
        });
        if let Some(known) = &mut inner.options.levels {
            known.value = Levels::Number(levels - 1);
        }
        options.expand.push(inner);
    }
    Ok((Cow::Owned(options), recursive))
}

/// How many levels an item asks for, itself included.
fn levels(item: &Expand, nest: &Nest<'_>) -> Result<u64, Error> {
    let left = MAX_LEVELS.saturating_sub(nest.depth);
    match item.options.levels.as_ref().map(|levels| levels.value) {
        None => Ok(1),
        Some(Levels::Max) => Ok(left),
        Some(Levels::Number(levels)) if levels <= left => Ok(levels),
        Some(Levels::Number(_)) => {
            Err(too_much(item.at.0, format!("$expand goes at most {MAX_LEVELS} levels deep"))
                .about("$levels"))
        }
    }
}

/// The name of the property a path names, and the type behind it; casts to the type that all entities have change nothing.
fn property<'p>(set: &SetSource, path: &'p Path) -> Result<(&'p str, Option<&'p Name>), Error> {
    let (mut found, mut cast) = (None, None);
    for segment in &path.segments {
        match &segment.kind {
            PathSegmentKind::Name(name) if casts(set, name) && is_type(set, name) && found.is_none() => {}
            PathSegmentKind::Name(name) if name.namespace.is_none() && found.is_none() => {
                found = Some(name.name.as_str());
            }
            PathSegmentKind::Name(name) if name.namespace.is_some() && cast.is_none() => cast = Some(name),
            _ => return Err(unsupported(path.at.0, "this path in $expand")),
        }
    }
    let found = found.ok_or_else(|| unsupported(path.at.0, "this path in $expand"))?;
    Ok((found, cast))
}

/// Where a part of the rows is, which the query gives even if nothing shows it.
fn spot(query: &mut Query, part: &Part) -> Spot {
    match part {
        Part::Id => Spot::Id,
        Part::Version => Spot::Value(hidden(query, field(Part::Version))),
        Part::Column(id) => {
            let known = query.columns.iter().flatten().position(|column| column == id);
            Spot::Value(known.unwrap_or_else(|| hidden(query, Expr::column(id))))
        }
    }
}

/// Where a key of the order is.
fn key_spot(query: &mut Query, key: Expr) -> Spot {
    match key {
        Expr::Field(Field { scope: 0, path, part }) if path.is_empty() => spot(query, &part),
        Expr::Field(Field { part: Part::Id, .. }) => {
            Spot::Value(hidden(query, Expr::Cast(Box::new(key), ColumnType::Text)))
        }
        key => Spot::Value(hidden(query, key)),
    }
}

/// Its place among the values of a row.
fn hidden(query: &mut Query, expr: Expr) -> usize {
    let columns = query.columns.as_ref().map_or(0, Vec::len);
    let known = query.compute.iter().position(|computed| computed.expr == expr);
    columns
        + known.unwrap_or_else(|| {
            let name = format!("~{}", query.compute.len());
            query.compute.push(Computed { name, expr });
            query.compute.len() - 1
        })
}

fn field(part: Part) -> Expr {
    Expr::Field(Field { scope: 0, path: Vec::new(), part })
}

fn unknown(set: &SetSource, at: Span, name: &str) -> Error {
    malformed(at, "UNKNOWN_PROPERTY", format!("{} has no navigation property {name}", set.name)).about(name)
}

fn malformed(at: Span, code: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Malformed, code, message).at(at.start..at.end)
}

fn too_much(at: Span, message: String) -> Error {
    Error::new(ErrorKind::TooLarge, "TOO_DEEP", message).at(at.start..at.end).about("$expand")
}

fn unsupported(at: Span, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "UNSUPPORTED_EXPAND", format!("{what}: not offered here"))
        .at(at.start..at.end)
        .about("$expand")
}
