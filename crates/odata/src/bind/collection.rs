//! Related rows within expressions: `any`, `all` and `$count` (OData-URL 4.01, sections 5.1.1.13 and 4.8).

use gridkeep_model::{Value, query::Expr};

use super::{
    Frame, Kind, Scope, Typed, casts, kind_named,
    path::{Reached, Way, refused},
};
use crate::{
    Error, ErrorKind,
    project::SetSource,
    syntax::ast::{Lambda, PathSegment, PathSegmentKind, QueryOptions},
};

/// Rows that a path leads to, perhaps not all of them.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    way: Way<'a>,
    /// About each of them.
    filter: Option<Expr>,
}

impl<'a> Rows<'a> {
    /// All that are there.
    pub(super) fn all(way: Way<'a>) -> Self {
        Self { way, filter: None }
    }

    fn narrowed(self, condition: Expr) -> Self {
        let filter = Some(match self.filter {
            Some(filter) => filter.and(condition),
            None => condition,
        });
        Self { filter, ..self }
    }
}

impl<'a> Scope<'a> {
    /// What follows a collection.
    pub(super) fn of_rows(&self, rows: Rows<'a>, segment: &PathSegment) -> Result<Reached<'a>, Error> {
        let typed = match &segment.kind {
            PathSegmentKind::Filter(condition) if segment.parens.is_empty() => {
                let condition = self.instance_of(rows.way.set).condition(condition)?;
                return Ok(Reached::Rows(rows.narrowed(condition)));
            }
            PathSegmentKind::Name(name)
                if casts(rows.way.set, name)
                    && segment.parens.is_empty()
                    && let Some(set) = kind_named(rows.way.set, name) =>
            {
                let narrowed = match set.condition() {
                    Some(condition) => rows.narrowed(condition),
                    None => rows,
                };
                return Ok(Reached::Rows(Rows { way: Way { set, ..narrowed.way }, ..narrowed }));
            }
            PathSegmentKind::Any(lambda) => {
                let rows = match lambda {
                    Some(lambda) => {
                        let condition = self.lambda(rows.way.set, lambda)?;
                        rows.narrowed(condition)
                    }
                    None => rows,
                };
                Typed::new(Expr::Any(rows.way.related(), rows.filter.map(Box::new)), Kind::Boolean)
            }
            PathSegmentKind::All(lambda) => {
                let condition = self.lambda(rows.way.set, lambda)?;
                let condition = match rows.filter {
                    Some(filter) => Expr::Case(vec![(filter, condition), (truth(), truth())]),
                    None => condition,
                };
                Typed::new(Expr::All(rows.way.related(), Box::new(condition)), Kind::Boolean)
            }
            PathSegmentKind::Count(options) => {
                let mut rows = rows;
                if let Some(options) = options {
                    let scope = self.instance_of(rows.way.set);
                    let QueryOptions { filter, search, .. } = &**options;
                    if let Some(filter) = filter {
                        rows = rows.narrowed(scope.condition(filter)?);
                    }
                    if let Some(search) = search {
                        rows = rows.narrowed(scope.search(&search.value));
                    }
                }
                Typed::new(Expr::Count(rows.way.related(), rows.filter.map(Box::new)), Kind::Integer)
            }
            PathSegmentKind::Aggregate(_) => {
                return Err(refused(segment.at.0, "aggregates of related entities"));
            }
            PathSegmentKind::Filter(_) | PathSegmentKind::Annotation { .. } => {
                return Err(refused(segment.at.0, "keys and annotations behind a collection"));
            }
            PathSegmentKind::Name(_) => {
                let message = "any, all, $count or $filter can follow a collection";
                return Err(Error::new(ErrorKind::Malformed, "NOT_SINGLE", message)
                    .at(segment.at.0.start..segment.at.0.end));
            }
        };
        Ok(Reached::Value(typed))
    }

    fn lambda(&self, set: &'a SetSource, lambda: &Lambda) -> Result<Expr, Error> {
        let mut inside = self.clone();
        inside.frames.push(Frame { set, variable: Some(lambda.variable.clone()) });
        inside.condition(&lambda.predicate)
    }

    /// Of a related row, which is then what paths without a root begin at.
    fn instance_of(&self, set: &'a SetSource) -> Self {
        let mut inside = Self { set, ..self.clone() };
        inside.frames.push(Frame { set, variable: None });
        inside.this = inside.frames.len() - 1;
        inside
    }
}

fn truth() -> Expr {
    Value::Boolean(true).into()
}
