//! Whole statements: a page of rows, all of them, how many there are.

use gridkeep_model::{
    ColumnType, Value,
    query::{At, Node, Plan, Type, Typed},
};

use super::{Layouts, Statement, TEXT, Way, Words, Writer};
use crate::layout::Layout;

/// The statements of one query.
#[derive(Clone, Copy)]
pub(crate) struct Select<'a> {
    pub(crate) words: &'static dyn Words,
    pub(crate) layouts: &'a Layouts,
    pub(crate) table: &'a Layout,
    pub(crate) plan: &'a Plan,
}

/// What is in a row of an answer: id, version, then values of these types, then keys.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    pub(crate) values: Vec<ColumnType>,
    /// Where the keys of the row are; empty when nobody asks for them.
    pub(crate) keys: Vec<Key>,
}

/// Where a key of the order is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// The row's id.
    Id,
    /// The row's version.
    Version,
    /// Among the row's values.
    Value(usize),
    /// In this cell.
    Cell(usize, Type),
}

/// Which rows behind the page's keys: those whose first key is null and those whose is not are walked one after the other,
/// each along the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// All rows: no keys are given.
    All,
    /// Those whose first key is null as the given one is, or is not as that.
    Same,
    /// The others, all of which come later: whose first key is null, or not.
    Later { null: bool },
}

impl<'a> Select<'a> {
    /// What a row of [`Select::rows`] has in it.
    pub(crate) fn shape(&self, keys: bool) -> Shape {
        let values: Vec<ColumnType> =
            self.plan.schema.columns.iter().map(|column| column.column_type).collect();
        let mut extra = values.len() + 2;
        let mut place = |key: &Typed| {
            let known = match &key.node {
                Node::Field(0, path, At::Id) if path.is_empty() => Some(Key::Id),
                Node::Field(0, path, At::Version) if path.is_empty() => Some(Key::Version),
                Node::Field(0, path, At::Column(index)) if path.is_empty() => {
                    self.plan.columns.iter().position(|column| column == index).map(Key::Value)
                }
                _ => None,
            };
            known.unwrap_or_else(|| {
                extra += 1;
                Key::Cell(extra - 1, key.ty)
            })
        };
        let keys =
            if keys { self.plan.order.iter().map(|(key, _)| place(key)).collect() } else { Vec::new() };
        Shape { values, keys }
    }

    /// The keys that differ from row to row.
    fn keys(&self) -> Vec<usize> {
        let differs = |index: &usize| self.plan.order[*index].0.as_literal().is_none();
        (0..self.plan.order.len()).filter(differs).collect()
    }

    /// How many walks a page needs.
    pub(crate) fn phases(&self) -> Vec<Phase> {
        let Some(after) = &self.plan.after else { return vec![Phase::All] };
        let Some(first) = self.keys().first().copied() else { return vec![Phase::Same] };
        let ((key, descending), value) = (&self.plan.order[first], &after[first]);
        let mut phases = vec![Phase::Same];
        // Null is the smallest: behind it come the others, or it behind them.
        if key.nullable && value.is_null() != *descending {
            phases.push(Phase::Later { null: !value.is_null() });
        }
        phases
    }

    /// The rows: id, version, columns, computed values, then the keys that are not among them. `part` is limit and offset.
    pub(crate) fn rows(&self, way: Way, phase: Phase, shape: &Shape, part: Option<(u64, u64)>) -> Statement {
        let mut writer = self.writer(way);
        writer.push("SELECT t.id, t.version");
        for index in &self.plan.columns {
            writer.push(", t.");
            writer.push(&self.table.columns.active[*index].name());
        }
        for computed in &self.plan.computed {
            writer.push(", ");
            writer.plain(computed);
        }
        for (key, (typed, _)) in shape.keys.iter().zip(&self.plan.order) {
            if let Key::Cell(..) = key {
                writer.push(", ");
                writer.plain(typed);
            }
        }
        self.restrict(&mut writer, phase);
        self.order(&mut writer, way);
        if let Some((limit, offset)) = part {
            writer.push(" LIMIT ");
            writer.bind(i64::try_from(limit).unwrap_or(i64::MAX), Type::INTEGER);
            writer.push(" OFFSET ");
            writer.bind(i64::try_from(offset).unwrap_or(i64::MAX), Type::INTEGER);
        }
        writer.statement
    }

    /// How many rows the filter keeps, counted no further than `most`.
    pub(crate) fn count(&self, most: Option<u64>) -> Statement {
        let mut writer = self.writer(Way::Free);
        let Some(most) = most else {
            writer.push("SELECT count(*)");
            self.restrict(&mut writer, Phase::All);
            return writer.statement;
        };
        writer.push("SELECT count(*) FROM (SELECT 1");
        self.restrict(&mut writer, Phase::All);
        writer.push(" LIMIT ");
        writer.bind(i64::try_from(most).unwrap_or(i64::MAX), Type::INTEGER);
        writer.push(") AS kept");
        writer.statement
    }

    fn writer(&self, way: Way) -> Writer<'a> {
        Writer::new(self.words, self.layouts, self.table, way)
    }

    fn restrict(&self, writer: &mut Writer<'_>, phase: Phase) {
        writer.push(&format!(" FROM {} AS t", self.table.name()));
        let mut word = " WHERE ";
        if let Some(filter) = &self.plan.filter {
            writer.push(word);
            word = " AND ";
            writer.condition(filter, false);
        }
        match phase {
            Phase::All => {}
            Phase::Same => {
                writer.push(word);
                self.behind_first(writer);
            }
            Phase::Later { null } => {
                writer.push(word);
                if let Some(first) = self.keys().first() {
                    self.key(writer, *first);
                }
                writer.push(if null { " IS NULL" } else { " IS NOT NULL" });
            }
        }
    }

    fn order(&self, writer: &mut Writer<'_>, way: Way) {
        writer.push(" ORDER BY ");
        let direction = |descending: bool| if descending { " DESC" } else { "" };
        for index in self.keys() {
            let (_, descending) = &self.plan.order[index];
            if way == Way::Filtered {
                writer.push("+");
            }
            self.key(writer, index);
            writer.push(direction(*descending));
            writer.push(writer.words.nulls(*descending));
            writer.push(", ");
        }
        writer.push("t.id");
        writer.push(direction(self.plan.descends()));
    }

    /// What rows are ordered by.
    fn key(&self, writer: &mut Writer<'_>, index: usize) {
        let (key, _) = &self.plan.order[index];
        if key.ty == Type::Column(TEXT) { writer.text_key(key) } else { writer.plain(key) }
    }

    /// The same of the row the page begins behind.
    fn given(&self, writer: &mut Writer<'_>, index: usize) {
        let (Some(after), (key, _)) = (&self.plan.after, &self.plan.order[index]) else { return };
        let given = Typed::literal(after[index].clone(), key.ty);
        if key.ty == Type::Column(TEXT) {
            writer.text_key(&given);
        } else if key.ty.scale().is_none() || writer.words.compare_plainly(key, &given) {
            writer.plain(&given);
        } else {
            writer.words.uniform(writer, &given);
        }
    }

    fn id(&self, writer: &mut Writer<'_>) {
        let id = self.plan.after.as_ref().and_then(|after| after.last());
        if let Some(Value::Guid(id)) = id {
            writer.bind(*id, Type::Guid);
        }
    }

    /// Behind the given keys, among the rows whose first key is null as the given one is, or is not as that.
    fn behind_first(&self, writer: &mut Writer<'_>) {
        let keys = self.keys();
        let (Some(&first), Some(after)) = (keys.first(), &self.plan.after) else {
            return self.behind(writer, &[]);
        };
        let (_, descending) = self.plan.order[first];
        if after[first].is_null() {
            self.key(writer, first);
            writer.push(" IS NULL AND ");
            return self.behind(writer, &keys[1..]);
        }
        let sign = if descending { "<" } else { ">" };
        if keys.len() == 1 && descending == self.plan.descends() {
            // The id goes as the key does: one place in the index.
            writer.push("(");
            self.key(writer, first);
            writer.push(&format!(", t.id) {sign} ("));
            self.given(writer, first);
            writer.push(", ");
            self.id(writer);
            return writer.push(")");
        }
        self.key(writer, first);
        writer.push(&format!(" {sign}= "));
        self.given(writer, first);
        writer.push(" AND (");
        self.key(writer, first);
        writer.push(&format!(" {sign} "));
        self.given(writer, first);
        writer.push(" OR ");
        self.behind(writer, &keys[1..]);
        writer.push(")");
    }

    /// Behind the given ones of these keys, those before being the same.
    fn behind(&self, writer: &mut Writer<'_>, keys: &[usize]) {
        let Some((&index, rest)) = keys.split_first() else {
            let sign = if self.plan.descends() { "<" } else { ">" };
            writer.push(&format!("t.id {sign} "));
            return self.id(writer);
        };
        let (_, descending) = self.plan.order[index];
        let null = self.plan.after.as_ref().is_some_and(|after| after[index].is_null());
        writer.push("(");
        self.key(writer, index);
        match (null, descending) {
            (true, false) => {
                writer.push(" IS NOT NULL OR ");
                self.behind(writer, rest);
            }
            (true, true) => {
                writer.push(" IS NULL AND ");
                self.behind(writer, rest);
            }
            (false, descending) => {
                writer.push(if descending { " < " } else { " > " });
                self.given(writer, index);
                if descending {
                    writer.push(" OR ");
                    self.key(writer, index);
                    writer.push(" IS NULL");
                }
                writer.push(" OR (");
                self.key(writer, index);
                writer.push(" = ");
                self.given(writer, index);
                writer.push(" AND ");
                self.behind(writer, rest);
                writer.push(")");
            }
        }
        writer.push(")");
    }
}
