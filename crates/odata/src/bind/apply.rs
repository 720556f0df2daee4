//! `$apply`: rows filtered and computed, then grouped and aggregated, then groups filtered and sorted (OData Extension
//! for Data Aggregation 4.0, section 3).
//!
//! One grouping a request is offered, in that order of steps; everything else is refused with its place.

use gridkeep_model::query::{Aggregate as Reduced, Computed, Expr, Group, Measure, Order, Query};

use super::{
    Ground, Kind, PageLimits, Read, Scope, Shape, Shown, Typed,
    options::{joined, name_of, type_of},
    page,
};
use crate::{
    Error, ErrorKind, Span,
    syntax::ast::{
        Aggregate, AggregateMethod, AggregateOf, Apply, GroupBy, OrderBy, Path, PathSegmentKind,
        QueryOptions, TransformationKind,
    },
};

/// What the transformations have come to so far.
struct Steps<'a> {
    scope: Scope<'a>,
    conditions: Vec<Expr>,
    group: Option<Group>,
    /// Conditions on groups.
    having: Vec<Expr>,
    /// Values added to groups.
    compute: Vec<Computed>,
    order: Vec<Order>,
}

impl<'a> Read<'a> {
    /// Binds the options of a collection that has an `$apply`; the others are about what it makes.
    pub(super) fn applied(
        ground: Ground<'a>,
        filter: Option<Expr>,
        apply: &Apply,
        options: &QueryOptions,
        limits: PageLimits,
        fingerprint: u64,
    ) -> Result<Self, Error> {
        let set = ground.set;
        let mut steps = Steps {
            scope: Scope::new(ground, &options.aliases),
            conditions: filter.into_iter().collect(),
            group: None,
            having: Vec::new(),
            compute: Vec::new(),
            order: Vec::new(),
        };
        for step in &apply.steps {
            steps.apply(&step.kind, step.at.0)?;
        }
        let whole = Span::default();
        let Some(mut group) = steps.group.take() else {
            return Err(refused(whole, "$apply without groupby or aggregate"));
        };
        if let Some(filter) = &options.filter {
            steps.having.push(steps.scope.condition(filter)?);
        }
        if let Some(search) = &options.search {
            return Err(refused(search.at.0, "$search on groups"));
        }
        for computed in &options.compute {
            steps.computed(&computed.alias.value, &computed.value)?;
        }
        if !options.orderby.is_empty() {
            steps.order = steps.ordered(&options.orderby)?;
        }
        group.having = joined(steps.having);
        let (mut page, left) = page::page(options, limits, &[Kind::Integer], fingerprint)?;
        // Groups have no key: the next page counts from the first.
        if let Some([gridkeep_model::Value::Integer(start)]) = page.after.take().as_deref() {
            page.offset = u64::try_from(*start).unwrap_or(0);
        }
        let shape = shape(&steps.scope, options)?;
        let query = Query {
            table: set.table.clone(),
            filter: joined(steps.conditions),
            group: Some(group),
            columns: None,
            compute: steps.compute,
            order: steps.order,
            page,
            count: options.count.as_ref().is_some_and(|count| count.value),
        };
        Ok(Self { set, query, shape, left })
    }
}

impl Steps<'_> {
    fn apply(&mut self, step: &TransformationKind, at: Span) -> Result<(), Error> {
        match step {
            TransformationKind::Identity => {}
            TransformationKind::Filter(condition) => {
                let condition = self.scope.condition(condition)?;
                if self.group.is_some() { &mut self.having } else { &mut self.conditions }.push(condition);
            }
            TransformationKind::Search(search) if self.group.is_none() => {
                self.conditions.push(self.scope.search(search));
            }
            TransformationKind::Compute(all) => {
                for one in all {
                    self.computed(&one.alias.value, &one.value)?;
                }
            }
            TransformationKind::Aggregate(all) if self.group.is_none() => self.group(&[], all, at)?,
            TransformationKind::GroupBy(by, rest) if self.group.is_none() => {
                let aggregates = match rest {
                    None => &[][..],
                    Some(Apply { steps }) => match steps.as_slice() {
                        [only] => match &only.kind {
                            TransformationKind::Aggregate(all) => all,
                            _ => {
                                return Err(refused(
                                    only.at.0,
                                    "other transformations of groups than aggregate",
                                ));
                            }
                        },
                        _ => return Err(refused(at, "several transformations of groups")),
                    },
                };
                self.group(by, aggregates, at)?;
            }
            TransformationKind::OrderBy(keys) if self.group.is_some() => self.order = self.ordered(keys)?,
            _ => return Err(refused(at, "this transformation in this place")),
        }
        Ok(())
    }

    /// A value with a name, of rows before they are grouped and of groups after.
    fn computed(&mut self, name: &str, value: &crate::syntax::ast::Expr) -> Result<(), Error> {
        let typed = self.scope.expression(value, None)?;
        if self.group.is_some() || self.scope.grouped {
            self.compute.push(Computed { name: name.to_owned(), expr: typed.expr.clone() });
        }
        self.scope.computed.push((name.to_owned(), typed));
        Ok(())
    }

    fn ordered(&self, keys: &[OrderBy]) -> Result<Vec<Order>, Error> {
        let key = |key: &OrderBy| {
            let Typed { expr, .. } = self.scope.expression(&key.value, None)?;
            Ok(Order { expr, descending: key.descending })
        };
        keys.iter().map(key).collect()
    }

    fn group(&mut self, by: &[GroupBy], aggregates: &[Aggregate], at: Span) -> Result<(), Error> {
        let mut group = Group::default();
        let mut known: Vec<(String, Typed)> = Vec::new();
        let mut add = |name: &str, kind: Kind, at: Span| {
            if known.iter().any(|(other, _)| other == name) {
                let message = format!("two values of a group are called {name}");
                return Err(Error::new(ErrorKind::Malformed, "NAME_TAKEN", message).at(at.start..at.end));
            }
            known.push((name.to_owned(), Typed::new(Expr::column(name), kind)));
            Ok(())
        };
        for item in by {
            let GroupBy::Path(path) = item else { return Err(refused(at, "rollup")) };
            let name = simple(path).ok_or_else(|| refused(path.at.0, "groups by more than a property"))?;
            let Typed { expr, kind } = self.scope.property(path, name)?;
            if kind == Kind::Guid {
                return Err(refused(path.at.0, "groups by the key"));
            }
            add(name, kind, path.at.0)?;
            group.by.push(Computed { name: name.to_owned(), expr });
        }
        for one in aggregates {
            if let Some(from) = one.from.first() {
                let at = from.by.first().map_or(one.at.0, |path| path.at.0);
                return Err(refused(at, "aggregates `from` other groups"));
            }
            let Some(alias) = &one.alias else { return Err(refused(one.at.0, "custom aggregates")) };
            let (measure, kind) = self.measure(&one.of, one.at.0)?;
            add(&alias.value, kind, alias.at.0)?;
            group.aggregates.push(Reduced { name: alias.value.clone(), measure });
        }
        self.scope.computed = known;
        self.scope.grouped = true;
        self.group = Some(group);
        Ok(())
    }

    fn measure(&self, of: &AggregateOf, at: Span) -> Result<(Measure, Kind), Error> {
        let (value, method) = match of {
            AggregateOf::Value(value, method) => (value, method),
            AggregateOf::Count(path) if path.segments.len() == 1 => {
                return Ok((Measure::Count, Kind::Integer));
            }
            AggregateOf::Count(_) => return Err(refused(at, "counts of related entities")),
            AggregateOf::Custom(_) => return Err(refused(at, "custom aggregates")),
        };
        if *method == AggregateMethod::CountDistinct {
            let typed = self.scope.expression(value, None)?;
            return Ok((Measure::CountDistinct(typed.expr), Kind::Integer));
        }
        let typed = self.scope.expression(value, None)?;
        let ranked = matches!(typed.kind, Kind::Date | Kind::Time | Kind::DateTime);
        let ranks = matches!(method, AggregateMethod::Min | AggregateMethod::Max);
        if !(typed.kind.is_number() || ranked && ranks) {
            let message = format!("{} cannot be aggregated this way", typed.kind.name());
            return Err(Error::new(ErrorKind::Malformed, "TYPE_MISMATCH", message).at(at.start..at.end));
        }
        let kind = typed.kind;
        Ok(match method {
            AggregateMethod::Sum => (Measure::Sum(typed.expr), kind),
            AggregateMethod::Min => (Measure::Min(typed.expr), kind),
            AggregateMethod::Max => (Measure::Max(typed.expr), kind),
            AggregateMethod::Average => {
                let exact = if kind == Kind::Double { Kind::Double } else { Kind::Decimal };
                (Measure::Average(typed.expr), exact)
            }
            AggregateMethod::CountDistinct | AggregateMethod::Custom(_) => {
                return Err(refused(at, "custom aggregation methods"));
            }
        })
    }
}

/// Everything a group has, or what `$select` leaves of it. A value's place is that among all.
fn shape<'a>(scope: &Scope<'_>, options: &QueryOptions) -> Result<Shape<'a>, Error> {
    let mut names: Vec<String> = Vec::new();
    for item in &options.select {
        match name_of(item)? {
            None => names.extend(scope.computed.iter().map(|(name, _)| name.clone())),
            Some(name) if scope.computed.iter().any(|(known, _)| known == name) => {
                names.push(name.to_owned());
            }
            Some(name) => {
                return Err(Error::new(
                    ErrorKind::Malformed,
                    "UNKNOWN_PROPERTY",
                    format!("groups have no {name}"),
                )
                .at(item.at.0.start..item.at.0.end)
                .about(name));
            }
        }
    }
    if options.select.is_empty() {
        names.extend(scope.computed.iter().map(|(name, _)| name.clone()));
    }
    let shown = scope.computed.iter().enumerate().filter(|(_, (name, _))| names.contains(name));
    let shown = shown.map(|(index, (name, typed))| Shown::Computed {
        name: name.clone(),
        kind: type_of(typed.kind),
        index,
    });
    Ok(Shape { shown: shown.collect(), selected: Some(names) })
}

/// The one name a path has.
fn simple(path: &Path) -> Option<&str> {
    match path.segments.as_slice() {
        [segment] if segment.parens.is_empty() => match &segment.kind {
            PathSegmentKind::Name(name) if name.namespace.is_none() => Some(&name.name),
            _ => None,
        },
        _ => None,
    }
}

fn refused(at: Span, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "UNSUPPORTED_APPLY", format!("{what}: not offered here"))
        .at(at.start..at.end)
        .about("$apply")
}
