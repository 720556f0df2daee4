//! `$search` as a condition: every word is found in some text property, without regard to case.

use gridkeep_model::{
    Value,
    query::{Expr, Function},
};

use super::{Kind, Scope};
use crate::{
    project::{Member, MemberSource},
    syntax::ast::Search,
};

impl<'a> Scope<'a> {
    /// Rows that a search finds; none where the set has no text.
    pub fn search(&self, search: &Search) -> Expr {
        match search {
            Search::Word(text) | Search::Phrase(text) => self.finds(text),
            Search::Not(inner) => Expr::Not(Box::new(self.search(inner))),
            Search::And(all) => Expr::And(all.iter().map(|one| self.search(one)).collect()),
            Search::Or(any) => Expr::Or(any.iter().map(|one| self.search(one)).collect()),
            Search::Text(text) => Expr::And(text.split_whitespace().map(|word| self.finds(word)).collect()),
        }
    }

    fn finds(&self, text: &str) -> Expr {
        let parts = |member: &'a Member| match &member.source {
            MemberSource::Complex { members } => members.as_slice(),
            _ => std::slice::from_ref(member),
        };
        let members = self.set.members.iter().filter(|_| !self.grouped).flat_map(parts);
        let own = members.filter_map(|member| match &member.source {
            MemberSource::Column { id, kind: gridkeep_model::ColumnType::Text } => Some(Expr::column(id)),
            _ => None,
        });
        // Groups have only what they are grouped by and what is computed.
        let others = self.computed.iter().filter(|(_, typed)| self.grouped && typed.kind == Kind::Text);
        let columns = own.chain(others.map(|(_, typed)| typed.expr.clone()));
        // A row whose text is null is not found; within NOT that must be false, not unknown.
        let found = columns.map(|column| {
            let present = column.clone().compare(gridkeep_model::query::Operator::Ne, Value::Null.into());
            present.and(column.call(Function::Finds, [Expr::from(text)]))
        });
        Expr::Or(found.collect())
    }
}
