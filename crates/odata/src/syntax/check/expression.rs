//! Paths inside expressions, and the expressions around them.

use super::{Check, Mode, States, refuse, some};
use crate::syntax::{
    Class, Kind,
    ast::{
        Aggregate, AggregateOf, Expr, ExprKind, Name, Parens, ParensKind, Path, PathSegment, PathSegmentKind,
        Root,
    },
    parser::Result,
};

impl Check<'_> {
    pub(super) fn expr(&self, expr: &Expr) -> Result<()> {
        match &expr.kind {
            ExprKind::Literal(_) => Ok(()),
            ExprKind::Path(path) => self.path(path, Mode::Expression).map(|_| ()),
            ExprKind::Call(_, items)
            | ExprKind::Logical(_, items)
            | ExprKind::List(items)
            | ExprKind::Array(items) => items.iter().try_for_each(|item| self.expr(item)),
            ExprKind::Unary(_, of) => self.expr(of),
            ExprKind::Binary(_, left, right) => {
                self.expr(left)?;
                self.expr(right)
            }
            ExprKind::Object(members) => members.iter().try_for_each(|(_, value)| self.expr(value)),
            ExprKind::Case(branches) => branches.iter().try_for_each(|(condition, value)| {
                self.expr(condition)?;
                self.expr(value)
            }),
            ExprKind::Cast(of, _) | ExprKind::IsOf(of, _) => of.as_ref().map_or(Ok(()), |of| self.expr(of)),
        }
    }

    /// Follows a path to its end and answers what may be there.
    pub(super) fn path(&self, path: &Path, mode: Mode) -> Result<States> {
        let states = self.follow(path, &path.segments, mode)?;
        if states.without(States::OPEN).is_empty() {
            let last = path.segments.last().map_or(path.at, |last| last.at);
            return refuse("a type at the end of a path", last.0);
        }
        Ok(states)
    }

    pub(super) fn follow(&self, path: &Path, segments: &[PathSegment], mode: Mode) -> Result<States> {
        let mut states = match &path.root {
            Root::Instance => States::INSTANCE,
            Root::It | Root::This | Root::Variable(_) | Root::Alias(_) => States::ANY,
            Root::These => States::ENTITIES.and(States::COMPLEXES),
            Root::Service => States::NONE,
        };
        for (index, segment) in segments.iter().enumerate() {
            states = match (&path.root, &segment.kind) {
                (Root::Service, PathSegmentKind::Name(name)) if index == 0 => {
                    self.start(name, &segment.parens, mode)
                }
                (_, PathSegmentKind::Name(name)) => {
                    let variable = index == 0 && self.variable(path, name, &segment.parens);
                    let step = self.step(states, name, &segment.parens, mode);
                    if variable && mode == Mode::Expression { step.and(States::ANY) } else { step }
                }
                _ => self.special(states, segment)?,
            };
            self.arguments(&segment.parens)?;
            some(states, || described(segment), segment.at.0)?;
        }
        Ok(states)
    }

    fn variable(&self, path: &Path, name: &Name, parens: &[Parens]) -> bool {
        path.root == Root::Instance
            && name.namespace.is_none()
            && parens.is_empty()
            && self.is(Class::Variable, name)
    }

    /// A segment that is no name.
    fn special(&self, from: States, segment: &PathSegment) -> Result<States> {
        let collection = from.has(States::COLLECTION);
        Ok(match &segment.kind {
            PathSegmentKind::Annotation { term, .. } if self.qualified(term) => {
                if from.only(States::BINDS).is_empty() { States::NONE } else { States::ANY }
            }
            PathSegmentKind::Count(options) => {
                if let Some(options) = options {
                    self.options(options)?;
                }
                value(collection)
            }
            PathSegmentKind::Filter(filter) => {
                self.expr(filter)?;
                match segment.parens.as_slice() {
                    [] => from.only(States::COLLECTION),
                    [one] if from.has(States::MANY) && one.kind != ParensKind::Empty => States::ENTITY,
                    _ => States::NONE,
                }
            }
            PathSegmentKind::Any(Some(lambda)) | PathSegmentKind::All(lambda) => {
                self.expr(&lambda.predicate)?;
                value(collection)
            }
            PathSegmentKind::Any(None) => value(collection),
            PathSegmentKind::Aggregate(aggregate) => {
                self.aggregate(aggregate)?;
                value(collection)
            }
            PathSegmentKind::Annotation { .. } | PathSegmentKind::Name(_) => States::NONE,
        })
    }

    fn arguments(&self, parens: &[Parens]) -> Result<()> {
        parens.iter().try_for_each(|parens| match &parens.kind {
            ParensKind::Named(arguments) => {
                arguments.iter().try_for_each(|argument| self.expr(&argument.value))
            }
            ParensKind::Empty | ParensKind::Key(_) => Ok(()),
        })
    }

    pub(super) fn aggregate(&self, aggregate: &Aggregate) -> Result<()> {
        for path in aggregate.from.iter().flat_map(|from| &from.by) {
            self.path(path, Mode::Group)?;
        }
        match &aggregate.of {
            AggregateOf::Value(Expr { kind: ExprKind::Path(path), .. }, _) => self.through(path),
            AggregateOf::Value(value, _) => self.expr(value),
            AggregateOf::Count(path) => match path.segments.split_last() {
                None | Some((_, [])) => Ok(()),
                Some((_, before)) => self.follow(path, before, Mode::Aggregate).map(|_| ()),
            },
            AggregateOf::Custom(path) => {
                let Some((last, before)) = path.segments.split_last() else { return Ok(()) };
                self.follow(path, before, Mode::Aggregate)?;
                match &last.kind {
                    PathSegmentKind::Name(name)
                        if last.parens.is_empty()
                            && name.namespace.is_none()
                            && self.is(Class::CustomAggregate, name) =>
                    {
                        Ok(())
                    }
                    _ => refuse(&format!("{} without `with`", described(last)), last.at.0),
                }
            }
        }
    }

    /// A path that is aggregated: through collections, or as in any expression.
    fn through(&self, path: &Path) -> Result<()> {
        match self.path(path, Mode::Aggregate) {
            Ok(_) => Ok(()),
            Err(error) => self.path(path, Mode::Expression).map(|_| ()).map_err(|_| error),
        }
    }

    /// A collection that can be joined.
    pub(super) fn collection(&self, path: &Path) -> Result<()> {
        if self.path(path, Mode::Aggregate)?.has(States::MANY) {
            return Ok(());
        }
        refuse("what is no collection", path.at.0)
    }

    /// Whether a function of this name may be called on what a transformation works on.
    pub(super) fn transforms(&self, path: &Path) -> Result<()> {
        for segment in &path.segments {
            self.arguments(&segment.parens)?;
            let PathSegmentKind::Name(name) = &segment.kind else { continue };
            let known = [Kind::Entities, Kind::Complexes, Kind::Primitives]
                .iter()
                .any(|kind| self.is(Class::Function(*kind), name));
            if !(known && self.qualified(name)) {
                return refuse(&described(segment), segment.at.0);
            }
        }
        Ok(())
    }
}

fn value(fits: bool) -> States {
    if fits { States::PRIMITIVE } else { States::NONE }
}

fn described(segment: &PathSegment) -> String {
    match &segment.kind {
        PathSegmentKind::Name(name) => format!("`{name}`"),
        PathSegmentKind::Annotation { term, .. } => format!("`@{term}`"),
        PathSegmentKind::Count(_) => "`$count`".to_owned(),
        PathSegmentKind::Filter(_) => "`$filter`".to_owned(),
        PathSegmentKind::Any(_) => "`any`".to_owned(),
        PathSegmentKind::All(_) => "`all`".to_owned(),
        PathSegmentKind::Aggregate(_) => "`aggregate`".to_owned(),
    }
}
