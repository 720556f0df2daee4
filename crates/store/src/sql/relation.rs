//! Related rows: correlated subqueries that look along the indexes of the columns they join on.

use gridkeep_model::query::{At, Join, Joins, Type, Typed};

use super::{Scope, TEXT, Writer};
use crate::layout::Layout;

/// The physical name of a part of a row; `folded` for the folded twin of a text.
pub(super) fn name(layout: &Layout, at: At, folded: bool) -> String {
    match at {
        At::Id => "id".to_owned(),
        At::Version => "version".to_owned(),
        At::Column(index) => {
            let column = layout.columns.active.get(index);
            let twin = column.and_then(|column| column.folded().filter(|_| folded));
            twin.or_else(|| column.map(crate::layout::PhysicalColumn::name)).unwrap_or_default()
        }
    }
}

impl<'a> Writer<'a> {
    /// Whether a related row exists.
    pub(super) fn any(&mut self, joins: &Joins, condition: Option<&Typed>) {
        self.push("EXISTS (SELECT 1");
        self.related(joins, condition);
        self.push(")");
    }

    /// How many there are.
    pub(super) fn count(&mut self, joins: &Joins, condition: Option<&Typed>) {
        self.push("(SELECT count(*)");
        self.related(joins, condition);
        self.push(")");
    }

    fn related(&mut self, joins: &Joins, condition: Option<&Typed>) {
        let Some(from) = self.scopes.len().checked_sub(joins.scope + 1) else { return };
        let reached = self.names(&joins.path);
        self.list_tables(&reached);
        self.on(from, &joins.path, &reached);
        let (Some(condition), Some(last)) = (condition, reached.last()) else { return };
        self.push(" AND ");
        self.scopes.push(last.clone());
        self.condition(condition, false);
        self.scopes.pop();
    }

    /// A part of the row a path of to-one relations leads to.
    pub(super) fn reached(&mut self, from: usize, path: &[Join], at: At, folded: bool) {
        // The names of the rows are known before they are written.
        let reached = self.names(path);
        let Some(last) = reached.last() else { return self.push("NULL") };
        self.push(&format!("(SELECT {}.{}", last.alias, name(last.layout, at, folded)));
        self.list_tables(&reached);
        self.on(from, path, &reached);
        self.push(" ORDER BY ");
        let keys: Vec<String> = reached.iter().map(|scope| format!("{}.id", scope.alias)).collect();
        self.push(&keys.join(", "));
        self.push(" LIMIT 1)");
    }

    fn names(&mut self, path: &[Join]) -> Vec<Scope<'a>> {
        let layouts = self.layouts;
        let mut reached = Vec::with_capacity(path.len());
        for join in path {
            // Checked: the plan was made with these very layouts.
            let Some(layout) = layouts.layout(&join.table) else { continue };
            self.aliases += 1;
            reached.push(Scope { alias: format!("j{}", self.aliases), layout });
        }
        reached
    }

    fn list_tables(&mut self, reached: &[Scope<'a>]) {
        let tables: Vec<String> =
            reached.iter().map(|scope| format!("{} AS {}", scope.layout.name(), scope.alias)).collect();
        self.push(" FROM ");
        self.push(&tables.join(", "));
    }

    /// How each row belongs to the one before it.
    fn on(&mut self, from: usize, path: &[Join], reached: &[Scope<'a>]) {
        self.push(" WHERE ");
        let mut here = self.scopes[from].clone();
        let mut first = true;
        for (join, there) in path.iter().zip(reached) {
            for (own, other, ty) in &join.on {
                self.push(if first { "" } else { " AND " });
                first = false;
                if *ty == Type::Column(TEXT) {
                    // The index is on the key.
                    self.equal(&there.clone(), *other, &here, *own, true);
                    self.push(" AND ");
                }
                self.equal(&there.clone(), *other, &here, *own, false);
            }
            if let Some(only) = &join.only {
                self.push(if first { "" } else { " AND " });
                first = false;
                let outer = std::mem::replace(&mut self.scopes, vec![here.clone(), there.clone()]);
                self.condition(only, false);
                self.scopes = outer;
            }
            here = there.clone();
        }
        if first {
            self.push("TRUE");
        }
    }

    fn equal(&mut self, there: &Scope<'_>, other: At, here: &Scope<'_>, own: At, key: bool) {
        let side = |scope: &Scope<'_>, at: At| {
            let name = format!("{}.{}", scope.alias, name(scope.layout, at, key));
            if key { format!("substr({name}, 1, {})", super::SORT_KEY_CHARS) } else { name }
        };
        self.push(&format!("{} = {}", side(there, other), side(here, own)));
    }
}
