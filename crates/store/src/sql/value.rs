//! Values: what is calculated from a row.

use gridkeep_model::query::{At, Join, Node, Type, Typed};

use super::{Operation, Writer};

impl Writer<'_> {
    /// A value of any type, in the form its node gives it.
    pub(crate) fn plain(&mut self, typed: &Typed) {
        if typed.ty != Type::BOOLEAN || matches!(typed.node, Node::Literal(_) | Node::Field(..)) {
            return self.value(typed);
        }
        self.push("(");
        self.condition(typed, true);
        self.push(")");
    }

    pub(super) fn value(&mut self, typed: &Typed) {
        match &typed.node {
            Node::Literal(value) => self.literal(value, typed.ty),
            Node::Field(scope, path, at) => self.field(*scope, path, *at, false),
            Node::Negate(inner) => self.words.operation(self, Operation::Negate, &[inner], typed.ty),
            Node::Arithmetic(operator, left, right) => {
                let operation = Operation::Arithmetic(*operator);
                self.words.operation(self, operation, &[left, right], typed.ty);
            }
            Node::Call(function, arguments) => {
                let arguments: Vec<&Typed> = arguments.iter().collect();
                self.words.operation(self, Operation::Call(*function), &arguments, typed.ty);
            }
            Node::Case(branches) => {
                self.push("CASE");
                for (condition, value) in branches {
                    self.push(" WHEN ");
                    self.condition(condition, false);
                    self.push(" THEN ");
                    self.words.uniform(self, value);
                }
                self.push(" END");
            }
            Node::Cast(inner) => self.words.operation(self, Operation::Cast, &[inner], typed.ty),
            Node::Count(joins, condition) => self.count(joins, condition.as_deref()),
            // The rest are conditions.
            Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::IsNull(_)
            | Node::IsTrue(_)
            | Node::Compare(..)
            | Node::In(..)
            | Node::Matches(..)
            | Node::Any(..) => self.condition(typed, true),
        }
    }

    /// A part of a row in reach; `folded` for the folded twin of a text.
    pub(super) fn field(&mut self, scope: usize, path: &[Join], at: At, folded: bool) {
        let Some(index) = self.scopes.len().checked_sub(scope + 1) else { return self.push("NULL") };
        if !path.is_empty() {
            return self.reached(index, path, at, folded);
        }
        let scope = self.scopes[index].clone();
        let plus = match at {
            At::Column(column) => {
                scope.layout.columns.active.get(column).map_or("", |column| self.plus(&scope, column))
            }
            At::Id | At::Version => "",
        };
        let name = super::relation::name(scope.layout, at, folded);
        self.push(&format!("{plus}{}.{name}", scope.alias));
    }
}
