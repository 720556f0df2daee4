//! Rows on their way through transformations.

use gridkeep_model::query::{Expr, Order, Step};

use super::{computed, form::Form, kept, malformed, refused};
use crate::{
    Error, Span,
    bind::{Ground, Kind, Scope, Typed, apply::is_key},
    syntax::ast::{Alias, Apply, Compute, OrderBy, TransformationKind},
};

/// What the transformations so far make of the rows, and what their names mean.
#[derive(Clone)]
pub(super) struct Flow<'a> {
    pub(super) scope: Scope<'a>,
    /// On the rows of the table, before all steps.
    pub(super) conditions: Vec<Expr>,
    /// They are in an order that was asked for.
    pub(super) ordered: bool,
    /// The order of plain rows.
    pub(super) order: Vec<(Order, Kind)>,
    pub(super) steps: Vec<Step>,
    /// What the rows may look like.
    pub(super) forms: Vec<Form>,
    /// The column that tells a row's form, where there are several.
    pub(super) form_column: Option<usize>,
    /// The rows are the set's own as they are stored: values added to them are still expressions.
    pub(super) stored: bool,
    /// What is the same in all rows of the groups around: names and kinds.
    pub(super) within: Vec<(String, Kind)>,
}

impl<'a> Flow<'a> {
    /// All rows of a set that a condition is true for.
    pub(super) fn new(ground: Ground<'a>, filter: Option<Expr>, aliases: &'a [Alias]) -> Self {
        Self {
            scope: Scope::new(ground, aliases),
            conditions: filter.into_iter().collect(),
            ordered: false,
            order: Vec::new(),
            steps: Vec::new(),
            forms: vec![Form::entity()],
            form_column: None,
            stored: true,
            within: Vec::new(),
        }
    }

    /// Whether a plain read gives the same.
    pub(super) fn is_plain(&self) -> bool {
        self.stored && self.steps.is_empty()
    }

    pub(super) fn sequence(&mut self, apply: &Apply) -> Result<(), Error> {
        apply.steps.iter().try_for_each(|step| self.transformation(&step.kind, step.at.0))
    }

    fn transformation(&mut self, kind: &TransformationKind, at: Span) -> Result<(), Error> {
        match kind {
            TransformationKind::Identity => Ok(()),
            TransformationKind::Filter(condition) => {
                let condition = self.scope.condition(condition)?;
                self.filter(condition);
                Ok(())
            }
            TransformationKind::Search(search) => {
                let condition = self.scope.search(search);
                self.filter(condition);
                Ok(())
            }
            TransformationKind::Compute(all) => self.compute(all),
            TransformationKind::Aggregate(all) => self.aggregate(all),
            TransformationKind::GroupBy(by, rest) => self.groupby(by, rest.as_ref(), at),
            TransformationKind::OrderBy(keys) => {
                self.ordered = true;
                let mut keys = self.keys(keys)?;
                if self.is_plain() {
                    // What is in one place stays in the order it had.
                    keys.append(&mut self.order);
                    self.order = keys;
                } else {
                    self.steps.push(Step::Order(keys.into_iter().map(|(order, _)| order).collect()));
                }
                Ok(())
            }
            TransformationKind::Top(count) => {
                self.part(0, Some(*count));
                Ok(())
            }
            TransformationKind::Skip(count) => {
                self.part(*count, None);
                Ok(())
            }
            TransformationKind::Ranked(ranking, amount, by) => self.ranked(*ranking, amount, by),
            TransformationKind::Concat(parts) => self.concat(parts, at),
            TransformationKind::Nest(_) => Err(refused(at, "nest")),
            TransformationKind::AddNested(..) => Err(refused(at, "addnested")),
            TransformationKind::Join { outer, .. } => {
                Err(refused(at, if *outer { "outerjoin" } else { "join" }))
            }
            TransformationKind::Relatives { ancestors, .. } => {
                Err(refused(at, if *ancestors { "ancestors" } else { "descendants" }))
            }
            TransformationKind::Traverse { .. } => Err(refused(at, "traverse")),
            TransformationKind::Custom(path) => {
                Err(refused(path.at.0, "functions of the service as transformations"))
            }
        }
    }

    pub(super) fn filter(&mut self, condition: Expr) {
        if self.is_plain() {
            self.conditions.push(condition);
        } else {
            self.steps.push(Step::Filter(condition));
        }
    }

    /// Values with names.
    pub(super) fn compute(&mut self, all: &[Compute]) -> Result<(), Error> {
        for one in all {
            let (name, at) = (&one.alias.value, one.alias.at.0);
            let own = self.forms.iter().any(|form| form.entity) && self.scope.set.member(name).is_some();
            if own || self.forms.iter().any(|form| form.names.contains(name)) {
                return Err(malformed(at, "NAME_TAKEN", format!("there is a property {name} already")));
            }
            let typed = self.scope.expression(&one.value, None)?;
            if is_key(&typed) {
                return Err(refused(one.value.at.0, "keys as computed values"));
            }
            let kind = typed.kind;
            // A name that only some rows had is hidden in its column by what comes after.
            self.scope.computed.retain(|(known, _)| known != name);
            if self.is_plain() {
                self.scope.computed.push((name.clone(), typed));
            } else {
                self.steps.push(Step::Compute(vec![computed(name, typed.expr)]));
                self.scope.computed.push((name.clone(), kept(name, kind)));
            }
            self.forms.iter_mut().for_each(|form| form.names.push(name.clone()));
        }
        Ok(())
    }

    /// Keys of an order, and their kinds.
    pub(super) fn keys(&self, keys: &[OrderBy]) -> Result<Vec<(Order, Kind)>, Error> {
        let key = |key: &OrderBy| {
            let Typed { expr, kind } = self.scope.expression(&key.value, None)?;
            Ok((Order { expr, descending: key.descending }, kind))
        };
        keys.iter().map(key).collect()
    }

    fn part(&mut self, skip: u64, take: Option<u64>) {
        self.settle();
        self.steps.push(Step::Part { skip, take });
    }

    /// From plain rows to steps: the values added to them become columns, their order a step.
    pub(super) fn settle(&mut self) {
        if !self.is_plain() {
            return;
        }
        self.stored = false;
        let values: Vec<_> =
            self.scope.computed.iter().map(|(name, typed)| computed(name, typed.expr.clone())).collect();
        if !values.is_empty() {
            self.steps.push(Step::Compute(values));
        }
        for (name, typed) in &mut self.scope.computed {
            *typed = kept(name, typed.kind);
        }
        let order = std::mem::take(&mut self.order);
        if !order.is_empty() {
            self.steps.push(Step::Order(order.into_iter().map(|(order, _)| order).collect()));
        }
    }

    /// Makes sure that a property of all rows is in its own column; adds it where it is one of the set's.
    pub(super) fn own_column(&mut self, name: &str, typed: Typed) {
        if self.scope.computed.iter().all(|(known, _)| known != name) {
            self.steps.push(Step::Compute(vec![computed(name, typed.expr)]));
            self.scope.computed.push((name.to_owned(), kept(name, typed.kind)));
        }
    }
}
