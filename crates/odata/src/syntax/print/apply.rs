//! Transformations.

use super::Printer;
use crate::syntax::ast::{
    Aggregate, AggregateMethod, AggregateOf, Apply, ApplyAs, GroupBy, Hierarchy, Rollup, Transformation,
    TransformationKind,
};

impl Printer {
    pub(super) fn apply(&mut self, apply: &Apply) {
        self.list(&apply.steps, "/", Self::transformation);
    }

    /// A comma and transformations, if there are any.
    fn then(&mut self, apply: Option<&Apply>) {
        if let Some(apply) = apply {
            self.put(",");
            self.apply(apply);
        }
    }

    fn transformation(&mut self, step: &Transformation) {
        self.put(word(&step.kind));
        match &step.kind {
            TransformationKind::Identity => return,
            TransformationKind::Custom(path) => return self.path(path),
            _ => self.put("("),
        }
        self.inside(&step.kind);
        self.put(")");
    }

    /// What stands in the parentheses of a transformation.
    fn inside(&mut self, kind: &TransformationKind) {
        match kind {
            TransformationKind::Aggregate(items) => self.list(items, ",", Self::aggregate),
            TransformationKind::Compute(items) => self.compute(items),
            TransformationKind::Concat(parts) => self.list(parts, ",", Self::apply),
            TransformationKind::GroupBy(elements, apply) => {
                self.put("(");
                self.list(elements, ",", Self::group);
                self.put(")");
                self.then(apply.as_ref());
            }
            TransformationKind::Join { property, alias, apply, .. } => {
                self.path(property);
                self.put(" as ");
                self.data(&alias.value);
                self.then(apply.as_ref());
            }
            TransformationKind::Nest(items) => self.list(items, ",", Self::apply_as),
            TransformationKind::AddNested(path, items) => {
                self.path(path);
                self.put(",");
                self.list(items, ",", Self::apply_as);
            }
            TransformationKind::Filter(filter) => self.expr(filter, 0),
            TransformationKind::Search(search) => self.search(search, 0),
            TransformationKind::OrderBy(items) => self.orderby(items),
            TransformationKind::Top(number) | TransformationKind::Skip(number) => {
                self.put(&number.to_string());
            }
            TransformationKind::Ranked(_, amount, by) => {
                self.expr(amount, 0);
                self.put(",");
                self.expr(by, 0);
            }
            TransformationKind::Relatives { hierarchy, start, distance, keep_start, .. } => {
                self.hierarchy(hierarchy);
                self.then(Some(start));
                if let Some(distance) = distance {
                    self.put(&format!(",{distance}"));
                }
                if *keep_start {
                    self.put(",keep start");
                }
            }
            TransformationKind::Traverse { hierarchy, preorder, start, orderby } => {
                self.hierarchy(hierarchy);
                self.put(if *preorder { ",preorder" } else { ",postorder" });
                self.then(start.as_ref());
                if let Some(first) = orderby.first() {
                    self.put(",");
                    // A call of a qualified function would read as a transformation.
                    let (open, close) = if start.is_none() { ("(", ")") } else { ("", "") };
                    self.put(open);
                    self.expr(&first.value, 0);
                    self.put(close);
                    self.put(if first.descending { " desc" } else { "" });
                    for item in &orderby[1..] {
                        self.put(",");
                        self.orderby(std::slice::from_ref(item));
                    }
                }
            }
            TransformationKind::Identity | TransformationKind::Custom(_) => {}
        }
    }

    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) {
        match &aggregate.of {
            AggregateOf::Value(value, method) => {
                self.expr(value, 0);
                self.method(method);
            }
            AggregateOf::Count(path) | AggregateOf::Custom(path) => self.path(path),
        }
        for from in &aggregate.from {
            self.put(" from ");
            self.list(&from.by, ",", Self::path);
            if let Some(method) = &from.method {
                self.method(method);
            }
        }
        if let Some(alias) = &aggregate.alias {
            self.put(" as ");
            self.data(&alias.value);
        }
    }

    fn method(&mut self, method: &AggregateMethod) {
        self.put(" with ");
        match method {
            AggregateMethod::Sum => self.put("sum"),
            AggregateMethod::Min => self.put("min"),
            AggregateMethod::Max => self.put("max"),
            AggregateMethod::Average => self.put("average"),
            AggregateMethod::CountDistinct => self.put("countdistinct"),
            AggregateMethod::Custom(name) => self.name(name),
        }
    }

    fn apply_as(&mut self, item: &ApplyAs) {
        self.apply(&item.apply);
        self.put(" as ");
        self.data(&item.alias.value);
    }

    fn group(&mut self, element: &GroupBy) {
        match element {
            GroupBy::Path(path) => self.path(path),
            GroupBy::Rollup(rollup) => {
                self.put("rollup(");
                match rollup {
                    Rollup::Named(name) => self.data(name),
                    Rollup::Levels(levels) => self.list(levels, ",", Self::path),
                }
                self.put(")");
            }
            GroupBy::Recursive(hierarchy, start) => {
                self.put("rolluprecursive(");
                self.hierarchy(hierarchy);
                self.then(start.as_ref());
                self.put(")");
            }
        }
    }

    fn hierarchy(&mut self, hierarchy: &Hierarchy) {
        self.path(&hierarchy.nodes);
        self.put(",");
        self.data(&hierarchy.qualifier);
        self.put(",");
        self.path(&hierarchy.node);
    }
}

/// The name of a transformation; a function of the service has its own.
fn word(kind: &TransformationKind) -> &'static str {
    match kind {
        TransformationKind::Aggregate(_) => "aggregate",
        TransformationKind::Compute(_) => "compute",
        TransformationKind::Concat(_) => "concat",
        TransformationKind::GroupBy(..) => "groupby",
        TransformationKind::Join { outer: true, .. } => "outerjoin",
        TransformationKind::Join { .. } => "join",
        TransformationKind::Nest(_) => "nest",
        TransformationKind::AddNested(..) => "addnested",
        TransformationKind::Filter(_) => "filter",
        TransformationKind::Search(_) => "search",
        TransformationKind::Identity => "identity",
        TransformationKind::OrderBy(_) => "orderby",
        TransformationKind::Top(_) => "top",
        TransformationKind::Skip(_) => "skip",
        TransformationKind::Ranked(ranking, ..) => ranking.name(),
        TransformationKind::Relatives { ancestors: true, .. } => "ancestors",
        TransformationKind::Relatives { .. } => "descendants",
        TransformationKind::Traverse { .. } => "traverse",
        TransformationKind::Custom(_) => "",
    }
}
