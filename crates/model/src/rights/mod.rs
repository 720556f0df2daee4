//! What somebody may do with an app: one value, made where an app is reached, that everything behind takes.
//!
//! **Architecture Invariant:** rights narrow what the definition gives a role. Rows and columns that are not seen are not seen
//! on any way ([`Sight`] is part of every query); what is changed was seen before, and is the person's to change after.

mod grant;
mod narrow;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

pub use grant::{Grant, Level, RowsOf, TableGrant};

use crate::{
    AppDefinition, Row, Value,
    definition::{Role, TableDefinition},
    query::{Expr, Query, Seen, SeenTable, Sight, Tables},
};

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Reach {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// Those for which this is true, over the table's own columns.
    Only(Expr),
}

/// What somebody may do with the rows of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableRights {
    /// Rows that are read.
    pub see: Reach,
    /// What an added row must be.
    pub insert: Reach,
    /// What a row must be before it is changed, and after.
    pub update: Reach,
    /// Rows that are removed.
    pub delete: Reach,
    /// Columns that are as if they were not there.
    pub hidden: BTreeSet<String>,
    /// Columns that are seen and not changed.
    pub read_only: BTreeSet<String>,
    /// Columns that are filled when a row is added without a value there.
    pub fill: BTreeMap<String, Value>,
}

/// What grants leave of what the definition gives a role.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    /// By table id; of a table that is not among them nothing is left.
    pub tables: BTreeMap<String, TableRights>,
    /// Ids of the actions that may be run.
    pub actions: BTreeSet<String>,
}

/// What somebody may do with an app.
#[derive(Debug, Clone, PartialEq)]
pub struct Rights {
    /// What they are to it.
    pub role: Role,
    /// What grants leave of that; `None` when all of it.
    pub limits: Option<Limits>,
    sight: Sight,
    shape: String,
}

/// A grant that reaches somebody, its conditions bound to them.
#[derive(Debug, Clone)]
pub struct Bound<'a> {
    /// What is granted.
    pub grant: &'a Grant,
    /// The condition on rows by table id; one of which nothing is known here lets no row through.
    pub only: BTreeMap<String, Expr>,
    /// The person's address.
    pub address: Option<&'a str>,
}

/// Whoever asks for a transaction.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// What they are to the app.
    pub role: Role,
    /// What grants leave of that.
    pub limits: Option<&'a Limits>,
}

impl From<Role> for Asker<'_> {
    fn from(role: Role) -> Self {
        Self { role, limits: None }
    }
}

impl<'a> From<&'a Rights> for Asker<'a> {
    fn from(rights: &'a Rights) -> Self {
        Self { role: rights.role, limits: rights.limits.as_ref() }
    }
}

impl Asker<'_> {
    /// The rights on a table, when grants say something about it; `Some(None)` when they leave nothing.
    pub fn limited(&self, table: &str) -> Option<Option<&TableRights>> {
        self.limits.map(|limits| limits.tables.get(table))
    }
}

impl Reach {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::None, reach) | (reach, Self::None) => reach,
            (Self::Only(one), Self::Only(other)) if one == other => Self::Only(one),
            (Self::Only(one), Self::Only(other)) => Self::Only(one.or(other)),
        }
    }

    /// Whether it is any row at all.
    pub const fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether a row of this table is among them.
    pub fn has(&self, table: &TableDefinition, row: &Row) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(only) => {
                let query =
                    Query { table: table.id.clone(), filter: Some(only.clone()), ..Query::unlimited() };
                let query = Query { columns: Some(Vec::new()), ..query };
                let rows = std::slice::from_ref(row);
                query.select(&Tables::of(table.schema(), rows)).is_ok_and(|found| !found.rows.is_empty())
            }
        }
    }

    const fn letter(&self) -> char {
        match self {
            Self::None => '-',
            Self::All => 'a',
            Self::Only(_) => 'o',
        }
    }
}

impl TableRights {
    /// What a role has by the definition.
    fn of_role(table: &TableDefinition, role: Role) -> Self {
        let reach = |roles: &[Role]| {
            if role == Role::Maker || roles.contains(&role) { Reach::All } else { Reach::None }
        };
        let access = &table.access;
        Self {
            see: reach(&access.see),
            insert: reach(&access.insert),
            update: reach(&access.update),
            delete: reach(&access.delete),
            ..Self::default()
        }
    }

    /// What a grant leaves of that.
    fn granted(self, table: &TableDefinition, bound: &Bound<'_>) -> Self {
        let said = bound.grant.tables.get(&table.id);
        let level = bound.grant.level_on(&table.id);
        let rows = match said.map(|said| &said.rows) {
            None | Some(RowsOf::All) => Reach::All,
            Some(RowsOf::Own { .. } | RowsOf::Where { .. }) => {
                bound.only.get(&table.id).cloned().map_or(Reach::None, Reach::Only)
            }
        };
        let within = |reach: Reach, may: bool| match reach {
            Reach::None => Reach::None,
            _ if !may => Reach::None,
            _ => rows.clone(),
        };
        // Without a condition nothing says which rows are one's own; one may be added all the same.
        let reads = level >= Level::View && !(level == Level::Submit && rows == Reach::All);
        let changes = level >= Level::Edit;
        let mut rights = Self {
            see: within(self.see, reads),
            insert: within(self.insert, level >= Level::Submit),
            update: within(self.update, changes),
            delete: within(self.delete, changes),
            ..Self::default()
        };
        if let Some(said) = said {
            rights.hidden.clone_from(&said.hidden);
            rights.read_only.clone_from(&said.read_only);
            if let (RowsOf::Own { column }, Some(address)) = (&said.rows, bound.address)
                && rights.insert.is_some()
            {
                rights.fill.insert(column.clone(), Value::Text(address.to_owned()));
            }
        }
        rights
    }

    fn is_some(&self) -> bool {
        self.see.is_some() || self.insert.is_some()
    }

    /// Together with what another grant gives: rows of either, and the columns that both show, or one of them for all rows. So
    /// nobody sees a column of a row by one grant that another hides, where only the other lets them see the row.
    fn and(mut self, other: Self) -> Self {
        if !other.is_some() {
            return self;
        }
        if !self.is_some() {
            return other;
        }
        let columns = |of: fn(&Self) -> &BTreeSet<String>, free: fn(&Self, &str) -> bool| {
            let all = of(&self).union(of(&other));
            let kept = all.filter(|column| !free(&self, column) && !free(&other, column));
            kept.cloned().collect()
        };
        let hidden = columns(|rights| &rights.hidden, Self::shows_all);
        let read_only = columns(|rights| &rights.read_only, Self::changes_all);
        for (column, value) in other.fill {
            self.fill.entry(column).or_insert(value);
        }
        Self {
            see: self.see.or(other.see),
            insert: self.insert.or(other.insert),
            update: self.update.or(other.update),
            delete: self.delete.or(other.delete),
            hidden,
            read_only,
            fill: self.fill,
        }
    }

    /// Whether a column is seen in all rows.
    fn shows_all(&self, column: &str) -> bool {
        self.see == Reach::All && !self.hidden.contains(column)
    }

    /// Whether a column is set in all rows, those to be added too.
    fn changes_all(&self, column: &str) -> bool {
        self.shows_all(column)
            && self.insert == Reach::All
            && self.update == Reach::All
            && !self.read_only.contains(column)
    }
}

impl Rights {
    /// Of a maker: everything.
    pub fn maker() -> Self {
        Self { role: Role::Maker, limits: None, sight: Sight::Everything, shape: String::new() }
    }

    /// What the definition gives a role.
    pub fn of_role(definition: &AppDefinition, role: Role) -> Self {
        if role == Role::Maker {
            return Self::maker();
        }
        let seen = definition.tables.iter().filter(|table| table.may_see(role));
        let seen = seen.map(|table| (table.id.clone(), SeenTable::default())).collect();
        Self { role, limits: None, sight: Sight::Seen(Arc::new(Seen(seen))), shape: String::new() }
    }

    /// What these grants together leave of what the definition gives a role. Without any that is nothing.
    pub fn granted(definition: &AppDefinition, role: Role, grants: &[Bound<'_>]) -> Self {
        if role == Role::Maker {
            return Self::maker();
        }
        if grants.iter().any(|bound| bound.grant.is_whole()) {
            return Self::of_role(definition, role);
        }
        let mut limits = Limits::default();
        for table in &definition.tables {
            let own = grants.iter().map(|bound| TableRights::of_role(table, role).granted(table, bound));
            let all = own.reduce(TableRights::and).unwrap_or_default();
            if all.is_some() {
                limits.tables.insert(table.id.clone(), all);
            }
        }
        for action in definition.actions.iter().filter(|action| action.may_run(role)) {
            let seen = |table: &String| limits.tables.get(table).is_some_and(|table| table.see.is_some());
            if action.table.as_ref().is_none_or(seen)
                && grants.iter().any(|bound| bound.grant.runs(&action.id))
            {
                limits.actions.insert(action.id.clone());
            }
        }
        Self { role, sight: limits.sight(), shape: limits.shape(), limits: Some(limits) }
    }

    /// What queries look at.
    pub fn sight(&self) -> Sight {
        self.sight.clone()
    }

    /// What tells rights apart that make another app of the definition: those of two people who only see other rows are
    /// the same. Empty when nothing is narrowed.
    pub fn shape(&self) -> &str {
        &self.shape
    }

    /// Whether only some rows of a table are seen.
    pub fn sees_some_rows(&self, table: &str) -> bool {
        self.sight.sees(table) && !self.sight.sees_all_rows(table)
    }

    /// Whether all of every table is seen.
    pub fn sees_everything(&self, definition: &AppDefinition) -> bool {
        let all = |table: &TableDefinition| {
            self.sight.sees_all_rows(&table.id) && self.sight.sees_columns(&table.id, None)
        };
        definition.tables.iter().all(all)
    }

    /// Whether an action may be run.
    pub fn runs(&self, action: &str) -> bool {
        self.limits.as_ref().is_none_or(|limits| limits.actions.contains(action))
    }
}

impl Limits {
    fn sight(&self) -> Sight {
        let seen = |(id, rights): (&String, &TableRights)| {
            let only = match &rights.see {
                Reach::None => return None,
                Reach::All => None,
                Reach::Only(only) => Some(only.clone()),
            };
            Some((id.clone(), SeenTable { only, hidden: rights.hidden.clone() }))
        };
        Sight::Seen(Arc::new(Seen(self.tables.iter().filter_map(seen).collect())))
    }

    fn shape(&self) -> String {
        // Not empty, even where nothing is left.
        let mut shape = String::from("limited\n");
        for (id, rights) in &self.tables {
            let TableRights { see, insert, update, delete, hidden, read_only, .. } = rights;
            let letters: String = [see, insert, update, delete].iter().map(|reach| reach.letter()).collect();
            // Writing to a text never fails.
            let _ = write!(shape, "{id} {letters}");
            for column in hidden {
                let _ = write!(shape, " -{column}");
            }
            for column in read_only {
                let _ = write!(shape, " ={column}");
            }
            shape.push('\n');
        }
        for action in &self.actions {
            let _ = writeln!(shape, "!{action}");
        }
        shape
    }
}

#[cfg(test)]
mod tests;
