//! The expressions of `aggregate`: what is aggregated, how, and by which ways (sections 3.2.1.1 to 3.2.1.5).

use gridkeep_model::{
    ColumnType, Value,
    query::{Expr, Measure, Operator},
};

use super::{flow::Flow, malformed, refused};
use crate::{
    Error, Span,
    bind::{Kind, Typed},
    syntax::ast::{self, Aggregate, AggregateMethod, AggregateOf, ExprKind, Path, Root},
};

/// A value of a group: its name, its kind, and what it is of the rows.
pub(super) type Reduction = (String, Kind, Measure, Span);

/// The name of a related entity's id.
const ENTITY: &str = "=entity";
/// The name of a value on its way.
const ON_THE_WAY: &str = "=way";

impl Flow<'_> {
    /// An aggregate without ways.
    pub(super) fn reduction(&self, one: &Aggregate) -> Result<Reduction, Error> {
        let name = name_of(one)?;
        let (measure, kind) = self.measure(&one.of, one.at.0)?;
        Ok((name, kind, measure, one.at.0))
    }

    /// Whether it must go by ways: by others, or by the related entities, each of which counts once.
    pub(super) fn has_ways(&self, one: &Aggregate) -> Result<bool, Error> {
        Ok(!one.from.is_empty() || self.along(one)?.is_some())
    }

    /// The id of the related entities whose values are added up.
    fn along(&self, one: &Aggregate) -> Result<Option<Expr>, Error> {
        match &one.of {
            AggregateOf::Value(
                ast::Expr { kind: ExprKind::Path(path), .. },
                AggregateMethod::Sum | AggregateMethod::Average,
            ) => self.related(path),
            _ => Ok(None),
        }
    }

    /// The id of the entity that has the value a path leads to.
    fn related(&self, path: &Path) -> Result<Option<Expr>, Error> {
        let instance = path.root == Root::Instance && !self.scope.grouped;
        match path.segments.len() {
            0 | 1 => Ok(None),
            length if instance => self.scope.entity(path, length - 1),
            _ => Ok(None),
        }
    }

    /// An aggregate by its ways.
    pub(super) fn by_ways(&mut self, one: &Aggregate) -> Result<(), Error> {
        let Some(id) = self.along(one)? else { return self.by_others(one) };
        let (AggregateOf::Value(value, method), [], at) = (&one.of, one.from.as_slice(), one.at.0) else {
            return Err(refused(one.at.0, "`from` behind related entities"));
        };
        let id = Expr::Cast(Box::new(id), ColumnType::Text);
        let there = id.clone().compare(Operator::Ne, Value::Null.into());
        let value = self.scope.expression(value, None)?;
        let kind = value.kind;
        self.filter(there);
        let keys = [(ENTITY.to_owned(), Typed::new(id, Kind::Text), at), (ON_THE_WAY.to_owned(), value, at)];
        self.reduced(&keys, Vec::new())?;
        let (measure, kind) = measured(super::kept(ON_THE_WAY, kind), method, at)?;
        self.reduced(&[], vec![(name_of(one)?, kind, measure, at)])
    }

    /// An aggregate with all its `from`: grouped by everything that follows, then by less and less of it.
    fn by_others(&mut self, one: &Aggregate) -> Result<(), Error> {
        let name = name_of(one)?;
        let mut first = Some(self.measure(&one.of, one.at.0)?);
        let mut before: Option<Kind> = None;
        for at in 0..=one.from.len() {
            let mut keys = Vec::new();
            for path in one.from[at..].iter().flat_map(|from| &from.by) {
                for key in self.keys_of(path)? {
                    if keys.iter().all(|(known, ..): &(String, Typed, Span)| *known != key.0) {
                        keys.push(key);
                    }
                }
            }
            let (measure, kind) = match (first.take(), before) {
                (Some(first), _) => first,
                (None, Some(kind)) => {
                    let method = one.from[at - 1].method.as_ref();
                    let method = method.ok_or_else(|| refused(one.at.0, "custom aggregates"))?;
                    measured(super::kept(ON_THE_WAY, kind), method, one.at.0)?
                }
                (None, None) => return Err(refused(one.at.0, "`from`")),
            };
            let called = if at == one.from.len() { name.clone() } else { ON_THE_WAY.to_owned() };
            self.reduced(&keys, vec![(called, kind, measure, one.at.0)])?;
            before = Some(kind);
        }
        Ok(())
    }

    /// The value that came last.
    pub(super) fn last(&self) -> Result<(String, Kind), Error> {
        let last = self.scope.computed.last().map(|(name, typed)| (name.clone(), typed.kind));
        last.ok_or_else(|| refused(Span::default(), "aggregates of nothing"))
    }

    fn measure(&self, of: &AggregateOf, at: Span) -> Result<(Measure, Kind), Error> {
        match of {
            AggregateOf::Value(value, method) => {
                if let AggregateMethod::Custom(name) = method {
                    return Err(refused(name.at.0, "custom aggregation methods"));
                }
                if let (ExprKind::Path(path), AggregateMethod::CountDistinct) = (&value.kind, method)
                    && path.root == Root::Instance
                    && !self.scope.grouped
                    && let Some(id) = self.scope.entity(path, path.segments.len())?
                {
                    return Ok((Measure::CountDistinct(id), Kind::Integer));
                }
                if let ExprKind::Path(path) = &value.kind {
                    // Of a collection nothing can be said here.
                    self.related(path)?;
                }
                measured(self.scope.expression(value, None)?, method, at)
            }
            AggregateOf::Count(path) if path.segments.len() == 1 => Ok((Measure::Count, Kind::Integer)),
            AggregateOf::Count(path) => match self.related(path)? {
                // Each entity counts once.
                Some(id) => Ok((Measure::CountDistinct(id), Kind::Integer)),
                None => Err(refused(at, "counts of values")),
            },
            AggregateOf::Custom(_) => Err(refused(at, "custom aggregates")),
        }
    }
}

fn name_of(one: &Aggregate) -> Result<String, Error> {
    one.alias.as_ref().map(|alias| alias.value.clone()).ok_or_else(|| refused(one.at.0, "custom aggregates"))
}

fn measured(
    Typed { expr, kind }: Typed,
    method: &AggregateMethod,
    at: Span,
) -> Result<(Measure, Kind), Error> {
    use AggregateMethod as M;
    let mismatch = || {
        let message = format!("{} cannot be aggregated this way", kind.name());
        malformed(at, "TYPE_MISMATCH", message)
    };
    let ranked =
        matches!(kind, Kind::Text | Kind::Date | Kind::Time | Kind::DateTime | Kind::Duration | Kind::Guid);
    match method {
        M::CountDistinct => Ok((Measure::CountDistinct(expr), Kind::Integer)),
        M::Min | M::Max if kind.is_number() || ranked => {
            Ok((if *method == M::Min { Measure::Min(expr) } else { Measure::Max(expr) }, kind))
        }
        M::Min | M::Max => Err(refused(at, "smallest and largest values of this type")),
        M::Sum if kind.is_number() => Ok((Measure::Sum(expr), kind)),
        M::Average if kind.is_number() => {
            let exact = if kind == Kind::Double { Kind::Double } else { Kind::Decimal };
            Ok((Measure::Average(expr), exact))
        }
        M::Sum | M::Average => Err(mismatch()),
        M::Custom(name) => Err(refused(name.at.0, "custom aggregation methods")),
    }
}
