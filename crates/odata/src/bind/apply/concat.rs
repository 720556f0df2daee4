//! `concat`: several sequences over the same rows, their results one after the other (section 3.2.2).

use gridkeep_model::{
    Value,
    query::{Computed, Expr, MAX_COPIES, Operator, Step},
};

use super::{computed, flow::Flow, form::Form, is_key, kept, malformed};
use crate::{
    Error, ErrorKind, Span,
    bind::{Kind, Typed},
    syntax::ast::Apply,
};

impl<'a> Flow<'a> {
    pub(super) fn concat(&mut self, parts: &[Apply], at: Span) -> Result<(), Error> {
        self.settle();
        let mut ends = Vec::with_capacity(parts.len());
        for part in parts {
            let mut end = Flow { steps: Vec::new(), ..self.clone() };
            end.sequence(part)?;
            ends.push(end);
        }
        self.put_together(ends, at)
    }

    /// Goes on with the rows of all these, which came from where this is.
    pub(super) fn put_together(&mut self, mut ends: Vec<Flow<'a>>, at: Span) -> Result<(), Error> {
        if ends.len() > MAX_COPIES {
            let message = format!("at most {MAX_COPIES} results are put together here");
            return Err(Error::new(ErrorKind::TooLarge, "TOO_LARGE", message).at(at.start..at.end));
        }
        let known = united(&mut ends, at)?;
        self.forms.clear();
        for end in &ends {
            for form in &end.forms {
                if !self.forms.contains(form) {
                    self.forms.push(form.clone());
                }
            }
        }
        self.form_column = None;
        if self.forms.len() > 1 {
            let number = ends.iter().filter_map(|end| end.form_column).max().map_or(0, |last| last + 1);
            for end in &mut ends {
                let expr = self.form_of(end);
                end.steps.push(Step::Compute(vec![Computed { name: Form::column(number), expr }]));
            }
            self.form_column = Some(number);
        }
        self.scope.grouped = self.forms.iter().all(|form| !form.entity);
        self.scope.computed = known;
        if !self.scope.grouped && self.forms.iter().any(|form| !form.entity) {
            self.key_of_entities();
        }
        self.steps.push(Step::Concat(ends.into_iter().map(|end| end.steps).collect()));
        Ok(())
    }

    /// The number that the form of one of its rows has here.
    fn form_of(&self, end: &Flow<'a>) -> Expr {
        let place = |form: &Form| {
            let place = self.forms.iter().position(|known| known == form).unwrap_or(0);
            Expr::from(Value::Integer(place as i64))
        };
        let Some(column) = end.form_column else {
            return end.forms.first().map_or(Value::Null.into(), place);
        };
        let before = Expr::column(Form::column(column));
        let branch = |(number, form): (usize, &Form)| {
            let same = before.clone().compare(Operator::Eq, Value::Integer(number as i64).into());
            (same, place(form))
        };
        Expr::Case(end.forms.iter().enumerate().map(branch).collect())
    }

    /// The key where only some of the rows are entities: null in the others, which have the id of none.
    fn key_of_entities(&mut self) {
        for member in &self.scope.set.members {
            let own = self.scope.value_of(member);
            if own.kind == Kind::Guid && own.expr == Expr::id() {
                let is = own.expr.clone().compare(Operator::Ne, Value::Guid(uuid::Uuid::nil()).into());
                let key = Expr::Case(vec![(is, own.expr)]);
                self.scope.computed.push((member.property.clone(), Typed::new(key, Kind::Guid)));
            }
        }
    }
}

/// The properties that rows of any have, each in a column of its name in all that have it.
fn united(ends: &mut [Flow<'_>], at: Span) -> Result<Vec<(String, Typed)>, Error> {
    let mut known: Vec<(String, Kind)> = Vec::new();
    for end in ends.iter() {
        for (name, typed) in end.scope.computed.iter().filter(|(_, typed)| !is_key(typed)) {
            let Some((_, kind)) = known.iter_mut().find(|(known, _)| known == name) else {
                known.push((name.clone(), typed.kind));
                continue;
            };
            let mismatch = || {
                let names = (kind.name(), typed.kind.name());
                let message = format!("{name} is {} in one result and {} in another", names.0, names.1);
                malformed(at, "TYPE_MISMATCH", message)
            };
            *kind = kind.joined(typed.kind).ok_or_else(mismatch)?;
        }
    }
    for end in ends.iter_mut().filter(|end| !end.scope.grouped) {
        for (name, kind) in &mut known {
            let there = end.scope.computed.iter().any(|(own, _)| own == name);
            let Some(own) = end.scope.set.member(name).filter(|_| !there) else { continue };
            let own = end.scope.value_of(own);
            let message = || format!("{name} is {} elsewhere", own.kind.name());
            *kind = kind.joined(own.kind).ok_or_else(|| malformed(at, "TYPE_MISMATCH", message()))?;
            end.steps.push(Step::Compute(vec![computed(name, own.expr)]));
        }
    }
    Ok(known
        .into_iter()
        .map(|(name, kind)| {
            let typed = kept(&name, kind);
            (name, typed)
        })
        .collect())
}
