//! System query options of a set as a [`Query`] and the shape of its answer (OData-URL 4.01, section 5).

use gridkeep_model::query::{Computed, Expr, Order, Query};

use super::{
    Expansion, Ground, Kind, PageLimits, Scope, Typed,
    apply::{Applied, Made, Plain, applied},
    expand::{Nest, expand},
    expression::single,
    page, select,
};
use crate::{
    Error, ErrorKind,
    edm::{Facets, Primitive, TypeName, TypeRef},
    project::{Member, Projection, SetSource},
    syntax::ast::{PathSegmentKind, QueryOptions, Root, Select, SelectKind},
};

/// A read of a set: what to ask the database for, and what to show of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<'a> {
    /// The set.
    pub set: &'a SetSource,
    /// What to ask for. Its columns are those of the shape, in order.
    pub query: Query,
    /// What to show.
    pub shape: Shape<'a>,
    /// What `$apply` made of them; `None` where they are the set's entities as they are.
    pub made: Option<Made>,
    /// How many entities are still wanted when this page is full, after it; `None` for all.
    pub left: Option<u64>,
    /// Kinds of the keys of the order.
    pub(super) kinds: Vec<Kind>,
}

/// What an answer shows of each entity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shape<'a> {
    /// The properties, in order.
    pub shown: Vec<Shown<'a>>,
    /// The names `$select` gave, for the context; `None` when everything is shown.
    pub selected: Option<Vec<String>>,
    /// The operations that `$select` wants to be said where they can be called, qualified.
    pub operations: Vec<String>,
    /// The related entities that are shown too.
    pub expanded: Vec<Expansion<'a>>,
    /// The columns that are asked for; all places count among them.
    pub columns: Vec<String>,
    /// Properties of the key that are columns, with their places.
    pub key: Vec<(&'a str, usize)>,
    /// What tells entities of derived types, where there are any.
    pub kinds: Option<ShownKinds<'a>>,
    /// Place of what refers to the content of media entities.
    pub media: Option<usize>,
}

/// How the types of entities are told, and what each shows beyond the declared one.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownKinds<'a> {
    /// Place of the text that tells them.
    pub at: usize,
    /// The derived types.
    pub derived: Vec<ShownKind<'a>>,
}

/// A derived type.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownKind<'a> {
    /// The set of its entities.
    pub set: &'a SetSource,
    /// The text that tells it.
    pub text: String,
    /// Its further properties that are shown.
    pub shown: Vec<Shown<'a>>,
}

/// A property that is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown<'a> {
    /// The row's id.
    Id(&'a Member),
    /// A column; its position among [`Query::columns`].
    Column(&'a Member, usize),
    /// The row's version.
    Version(&'a Member),
    /// A complex value.
    Complex {
        /// The property.
        member: &'a Member,
        /// The parts that are shown, with their places.
        parts: Vec<(&'a Member, usize)>,
        /// Places of all parts: the value is null when they are.
        places: Vec<usize>,
    },
    /// What refers to the content of a stream; its position among [`Query::columns`].
    Stream(&'a Member, usize),
    /// A computed value; its position behind the columns.
    Computed {
        /// Its name.
        name: String,
        /// Its type.
        kind: TypeRef,
        /// Position among [`Query::compute`].
        index: usize,
    },
}

impl Shape<'_> {
    /// Nothing but what names the entity.
    pub(super) fn only_key(&mut self) {
        self.shown.clear();
        self.kinds = None;
        self.media = None;
        self.columns = self.key.iter().filter_map(|(_, place)| self.columns.get(*place).cloned()).collect();
        for (place, (_, old)) in self.key.iter_mut().enumerate() {
            *old = place;
        }
    }
}

impl<'a> Read<'a> {
    /// Binds the options of a collection. `filter` is what the path already asked for, `fingerprint` that of the query's
    /// text.
    pub fn of(
        ground: Ground<'a>,
        filter: Option<Expr>,
        options: &QueryOptions,
        limits: PageLimits,
        fingerprint: u64,
    ) -> Result<Self, Error> {
        Self::within(ground, filter, options, limits, fingerprint, &Nest::outside())
    }

    /// The same where it is known already what is shown: of the shape only these columns are said. Options must be without
    /// `$apply`, `$compute` and `$expand`, and their `$select` the one that is known.
    pub fn shaped(
        ground: Ground<'a>,
        filter: Option<Expr>,
        options: &QueryOptions,
        limits: PageLimits,
        fingerprint: u64,
        columns: &[String],
    ) -> Result<Self, Error> {
        let shape = Shape { columns: columns.to_vec(), ..Shape::default() };
        Self::bound(ground, filter, options, (limits, fingerprint), &Nest::outside(), Some(shape))
    }

    /// The same within expansions.
    pub(super) fn within(
        ground: Ground<'a>,
        filter: Option<Expr>,
        options: &QueryOptions,
        limits: PageLimits,
        fingerprint: u64,
        nest: &Nest<'a>,
    ) -> Result<Self, Error> {
        Self::bound(ground, filter, options, (limits, fingerprint), nest, None)
    }

    fn bound(
        ground: Ground<'a>,
        filter: Option<Expr>,
        options: &QueryOptions,
        (limits, fingerprint): (PageLimits, u64),
        nest: &Nest<'a>,
        known: Option<Shape<'a>>,
    ) -> Result<Self, Error> {
        let set = ground.set;
        refuse_unsupported(options)?;
        let filter = joined(filter.into_iter().chain(set.condition()).collect());
        let mut nest = nest.clone();
        // The nearest alias of a name is found first.
        nest.aliases.splice(0..0, options.aliases.iter().cloned());
        let mut plain = Plain { conditions: filter.into_iter().collect(), ..Plain::default() };
        if let Some(apply) = &options.apply {
            let filter = plain.conditions.pop();
            plain = match applied(ground, filter, apply, options, (limits, fingerprint), &nest)? {
                Applied::Made(read) => return Ok(*read),
                Applied::Plain(plain) => plain,
            };
        }
        let mut scope = Scope::new(ground, &nest.aliases);
        scope.it = nest.it.clone();
        let mut compute = plain.computed;
        scope.computed.clone_from(&compute);
        for computed in &options.compute {
            let name = &computed.alias.value;
            if set.member(name).is_some() || scope.computed.iter().any(|(known, _)| known == name) {
                let message = format!("{} already has a property {name}", set.name);
                let at = computed.alias.at.0;
                return Err(Error::new(ErrorKind::Malformed, "NAME_TAKEN", message).at(at.start..at.end));
            }
            let typed = scope.expression(&computed.value, None)?;
            compute.push((name.clone(), typed.clone()));
            scope.computed.push((name.clone(), typed));
        }
        let mut conditions = plain.conditions;
        if let Some(filter) = &options.filter {
            conditions.push(scope.condition(filter)?);
        }
        if let Some(search) = &options.search {
            conditions.push(scope.search(&search.value));
        }
        let mut order = Vec::with_capacity(options.orderby.len());
        let mut kinds = Vec::with_capacity(options.orderby.len() + 1);
        for key in &options.orderby {
            single(&key.value)?;
            let Typed { expr, kind } = scope.expression(&key.value, None)?;
            order.push(Order { expr, descending: key.descending });
            kinds.push(kind);
        }
        for (key, kind) in plain.order {
            order.push(key);
            kinds.push(kind);
        }
        kinds.push(Kind::Guid);
        let mut shape = match known {
            Some(shape) => shape,
            None => select::shape(ground, options, &compute)?,
        };
        let (page, left) = page::page(options, limits, &kinds, fingerprint)?;
        let mut shown_computed = Vec::new();
        for shown in &shape.shown {
            if let Shown::Computed { name, .. } = shown {
                let typed = compute.iter().find(|(known, _)| known == name);
                shown_computed.extend(
                    typed.map(|(name, typed)| Computed { name: name.clone(), expr: typed.expr.clone() }),
                );
            }
        }
        let mut query = Query {
            table: set.table.clone(),
            filter: joined(conditions),
            columns: Some(shape.columns.clone()),
            compute: shown_computed,
            order,
            page,
            count: options.count.as_ref().is_some_and(|count| count.value),
            ..Query::default()
        };
        shape.expanded = expand(ground, options, &nest, &mut query)?;
        Ok(Self { set, query, shape, made: None, left, kinds })
    }

    /// A read of one entity by a condition; only `$select`, `$expand` and `$compute` mean something there.
    pub fn one(ground: Ground<'a>, condition: Expr, options: &QueryOptions) -> Result<Self, Error> {
        let single = QueryOptions {
            select: options.select.clone(),
            expand: options.expand.clone(),
            compute: options.compute.clone(),
            aliases: options.aliases.clone(),
            ..QueryOptions::default()
        };
        refuse_on_entity(options)?;
        let mut read = Self::of(ground, Some(condition), &single, PageLimits::default(), 0)?;
        read.query.page.limit = 1;
        Ok(read)
    }
}

pub(super) fn joined(mut conditions: Vec<Expr>) -> Option<Expr> {
    match conditions.len() {
        0 => None,
        1 => conditions.pop(),
        _ => Some(Expr::And(conditions)),
    }
}

/// What is read but not offered yet is said, never passed over (section 11.2.1 of the protocol).
fn refuse_unsupported(options: &QueryOptions) -> Result<(), Error> {
    let no = |what: &str| {
        Err(Error::new(ErrorKind::Unsupported, "UNSUPPORTED_OPTION", format!("{what} is not offered here"))
            .about(what))
    };
    if let Some(id) = &options.id {
        let message = "$id says which entity $entity or which reference a DELETE is about";
        return Err(Error::new(ErrorKind::Malformed, "MISPLACED_OPTION", message)
            .at(id.at.0.start..id.at.0.end)
            .about("$id"));
    }
    if options.index.is_some() {
        return no("$index");
    }
    if options.deltatoken.is_some() {
        return no("$deltatoken");
    }
    if options.schemaversion.is_some() {
        return no("$schemaversion");
    }
    Ok(())
}

pub(super) fn refuse_on_entity(options: &QueryOptions) -> Result<(), Error> {
    refuse_unsupported(options)?;
    let wrong = [
        ("$apply", options.apply.is_some()),
        ("$filter", options.filter.is_some()),
        ("$search", options.search.is_some()),
        ("$orderby", !options.orderby.is_empty()),
        ("$top", options.top.is_some()),
        ("$skip", options.skip.is_some()),
        ("$count", options.count.is_some()),
        ("$skiptoken", options.skiptoken.is_some()),
    ];
    match wrong.iter().find(|(_, given)| *given) {
        Some((name, _)) => {
            let message = format!("{name} means nothing for a single entity");
            Err(Error::new(ErrorKind::Malformed, "MISPLACED_OPTION", message).about(*name))
        }
        None => Ok(()),
    }
}

/// The property an item names; `None` for all.
pub(super) fn name_of(item: &Select) -> Result<Option<&str>, Error> {
    let unsupported = || {
        Error::new(ErrorKind::Unsupported, "UNSUPPORTED_SELECT", "only properties can be selected here")
            .at(item.at.0.start..item.at.0.end)
    };
    match &item.kind {
        SelectKind::All => Ok(None),
        SelectKind::Path { path, options, .. }
            if **options == QueryOptions::default()
                && path.root == Root::Instance
                && path.segments.len() == 1 =>
        {
            match &path.segments[0].kind {
                PathSegmentKind::Name(name) if name.namespace.is_none() => Ok(Some(&name.name)),
                _ => Err(unsupported()),
            }
        }
        SelectKind::Path { .. } | SelectKind::Operations(_) => Err(unsupported()),
    }
}

/// The type a computed value has outside.
pub(super) fn type_of(projection: &Projection, kind: Kind) -> TypeRef {
    let enumeration = |place: u16| projection.enumerations().find(|(known, ..)| *known == place);
    if let Kind::Enumeration(place) = kind
        && let Some((_, name, _)) = enumeration(place)
    {
        let (collection, nullable, facets) = (false, true, Facets::default());
        return TypeRef { name: TypeName::Named(name), collection, nullable, facets };
    }
    let primitive = match kind {
        Kind::Null | Kind::Text => Primitive::String,
        Kind::Boolean => Primitive::Boolean,
        Kind::Integer | Kind::Enumeration(_) => Primitive::Int64,
        Kind::Decimal => Primitive::Decimal,
        Kind::Double => Primitive::Double,
        Kind::Guid => Primitive::Guid,
        Kind::Date => Primitive::Date,
        Kind::Time => Primitive::TimeOfDay,
        Kind::DateTime => Primitive::DateTimeOffset,
        Kind::Duration => Primitive::Duration,
        Kind::Binary => Primitive::Binary,
    };
    TypeRef {
        name: TypeName::Primitive(primitive),
        collection: false,
        nullable: true,
        facets: Facets::default(),
    }
}
