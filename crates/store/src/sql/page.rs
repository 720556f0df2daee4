//! Whole statements: a page of rows, all of them, how many there are.

use gridkeep_model::{
    ColumnType, Value,
    query::{At, Node, Operator, Plan, Type, Typed},
};

use super::{Along, Layouts, Statement, TEXT, Way, Words, Writer, stage::Sorts};
use crate::layout::{Layout, PhysicalColumn};

/// The statements of one query.
#[derive(Clone, Copy)]
pub(crate) struct Select<'a> {
    pub(crate) words: &'static dyn Words,
    pub(crate) layouts: &'a Layouts,
    pub(crate) table: &'a Layout,
    /// What the rows of each stage have.
    pub(crate) stages: &'a [Layout],
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

/// Which rows behind the page's keys. They are walked one part after the other, each of which is one range of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// All rows: no keys are given.
    All,
    /// Those with the same first key.
    Tie,
    /// Those whose first key is behind the given one, neither being null.
    Beyond,
    /// Those of both, where one comparison says so.
    Behind,
    /// Those whose first key is null, when the given one is not, or the other way round.
    Later {
        /// Whether it is null.
        null: bool,
    },
}

impl<'a> Select<'a> {
    /// What a row of [`Select::rows`] has in it.
    pub(crate) fn shape(&self, keys: bool) -> Shape {
        let keys = keys && self.stages.is_empty();
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

    /// The index along which the rows of a filter may be walked in their order. `None` when there is no filter, no such
    /// index, or the filter names single rows.
    pub(crate) fn along(&self) -> Option<Along> {
        let filter = self.plan.filter.as_ref().filter(|_| self.stages.is_empty())?;
        let parts = if let Node::And(parts) = &filter.node { parts } else { std::slice::from_ref(filter) };
        let is_id = |side: &Typed| matches!(&side.node, Node::Field(0, path, At::Id) if path.is_empty());
        let single = |part: &Typed| match &part.node {
            Node::Compare(Operator::Eq, side, _) | Node::In(side, _) => is_id(side),
            _ => false,
        };
        if parts.iter().any(single) {
            return None;
        }
        let Some(first) = self.keys().first().copied() else { return Some(Along { first: 0, of: None }) };
        let column = self.own(&self.plan.order[first].0)?;
        let one = |part: &Typed| match &part.node {
            Node::Compare(Operator::Eq, side, value) if value.as_literal().is_some() => self.own(side),
            _ => None,
        };
        let of = parts.iter().filter_map(one).map(|of| of.number);
        let of = of.clone().find(|of| self.table.columns.pairs.contains(&(*of, column.number)));
        (column.indexed || of.is_some()).then_some(Along { first: column.number, of })
    }

    /// The column that a part of the row is.
    fn own(&self, typed: &Typed) -> Option<&'a PhysicalColumn> {
        let Node::Field(0, path, At::Column(index)) = &typed.node else { return None };
        self.table.columns.active.get(*index).filter(|_| path.is_empty())
    }

    /// The keys that differ from row to row.
    fn keys(&self) -> Vec<usize> {
        let differs = |index: &usize| self.plan.order[*index].0.as_literal().is_none();
        (0..self.plan.order.len()).filter(differs).collect()
    }

    /// The walks a page needs, one after the other until it is full.
    pub(crate) fn phases(&self) -> Vec<Phase> {
        let Some(after) = &self.plan.after else { return vec![Phase::All] };
        let keys = self.keys();
        let Some(first) = keys.first().copied() else { return vec![Phase::Behind] };
        let ((key, descending), value) = (&self.plan.order[first], &after[first]);
        if value.is_null() {
            // Null is the smallest.
            return if *descending {
                vec![Phase::Tie]
            } else {
                vec![Phase::Tie, Phase::Later { null: false }]
            };
        }
        // SQLite finds a place by key and id together only for a plain column.
        let together = keys.len() == 1 && *descending == self.plan.descends() && key.ty != Type::Column(TEXT);
        let mut phases = if together { vec![Phase::Behind] } else { vec![Phase::Tie, Phase::Beyond] };
        if *descending && key.nullable {
            phases.push(Phase::Later { null: true });
        }
        phases
    }

    /// The rows: id, version, columns, computed values, then the keys that are not among them. `part` is limit and offset.
    pub(crate) fn rows(&self, way: Way, phase: Phase, shape: &Shape, part: Option<(u64, u64)>) -> Statement {
        let mut writer = self.writer(way);
        let sorts = self.stages(&mut writer, self.stages.len());
        writer.push("SELECT t.id, t.version");
        for index in &self.plan.columns {
            writer.push(", t.");
            writer.push(&self.layout().columns.active[*index].name());
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
        self.order(&mut writer, way, phase, &sorts);
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
        self.stages(&mut writer, self.stages.len());
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

    /// How many rows a stage has, counted no further than `most`.
    pub(crate) fn count_stage(&self, stage: usize, most: u64) -> Statement {
        let mut writer = self.writer(Way::Free);
        self.stages(&mut writer, stage);
        writer.push(&format!("SELECT count(*) FROM (SELECT 1 FROM s{stage} LIMIT "));
        writer.bind(i64::try_from(most).unwrap_or(i64::MAX), Type::INTEGER);
        writer.push(") AS made");
        writer.statement
    }

    /// What the rows have that are shown: the table's, or those of the last stage.
    pub(super) fn layout(&self) -> &'a Layout {
        self.stages.last().unwrap_or(self.table)
    }

    fn writer(&self, way: Way) -> Writer<'a> {
        let writer = Writer::new(self.words, self.layouts, self.layout(), way);
        Writer { grouped: !self.stages.is_empty(), ..writer }
    }

    fn restrict(&self, writer: &mut Writer<'a>, phase: Phase) {
        let mut word = " WHERE ";
        if let Some(last) = self.stages.len().checked_sub(1) {
            return writer.push(&format!(" FROM s{last} AS t"));
        }
        writer.push(&format!(" FROM {} AS t", self.table.name()));
        if let Some(filter) = &self.plan.filter {
            writer.push(word);
            word = " AND ";
            writer.condition(filter, false);
        }
        if phase == Phase::All {
            return;
        }
        writer.push(word);
        let keys = self.keys();
        let Some((&first, rest)) = keys.split_first() else { return self.behind(writer, &[]) };
        let sign = if self.plan.order[first].1 { " < " } else { " > " };
        match phase {
            Phase::All => {}
            Phase::Tie => {
                self.key(writer, first);
                if self.is_null(first) {
                    writer.push(" IS NULL");
                } else {
                    writer.push(" = ");
                    self.given(writer, first);
                }
                writer.push(" AND ");
                self.behind(writer, rest);
            }
            Phase::Beyond => {
                self.key(writer, first);
                writer.push(sign);
                self.given(writer, first);
            }
            Phase::Behind => {
                writer.push("(");
                self.key(writer, first);
                writer.push(&format!(", t.id){sign}("));
                self.given(writer, first);
                writer.push(", ");
                self.id(writer);
                writer.push(")");
            }
            Phase::Later { null } => {
                self.key(writer, first);
                writer.push(if null { " IS NULL" } else { " IS NOT NULL" });
            }
        }
    }

    fn is_null(&self, index: usize) -> bool {
        self.plan.after.as_ref().is_some_and(|after| after[index].is_null())
    }

    fn order(&self, writer: &mut Writer<'_>, way: Way, phase: Phase, sorts: &Sorts) {
        writer.push(" ORDER BY ");
        let direction = |descending: bool| if descending { " DESC" } else { "" };
        // The first key of a tie, or null, is the same in all rows, which SQLite does not see of a text's.
        let same = matches!(phase, Phase::Tie | Phase::Later { null: true });
        for index in self.keys().into_iter().skip(same.into()) {
            let (_, descending) = &self.plan.order[index];
            if way == Way::Filtered {
                writer.push("+");
            }
            self.key(writer, index);
            writer.push(direction(*descending));
            writer.push(writer.words.nulls(*descending));
            writer.push(", ");
        }
        if !self.stages.is_empty() {
            return sorts.write(writer);
        }
        // Sorted by the first key, or by the id when there is none.
        writer.push(if way == Way::Filtered && self.keys().is_empty() { "+t.id" } else { "t.id" });
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
        } else if key.ty.scale().is_none() || writer.words.compare_plainly(writer, key, &given) {
            writer.plain(&given);
        } else {
            writer.words.uniform(writer, &given);
        }
    }

    fn id(&self, writer: &mut Writer<'_>) {
        let id = self.plan.after.as_ref().and_then(|after| after.last());
        if let Some(Value::Guid(id)) = id {
            writer.bind(*id, Type::GUID);
        }
    }

    /// Behind the given ones of these keys, those before being the same.
    fn behind(&self, writer: &mut Writer<'_>, keys: &[usize]) {
        let Some((&index, rest)) = keys.split_first() else {
            let sign = if self.plan.descends() { "<" } else { ">" };
            writer.push(&format!("t.id {sign} "));
            return self.id(writer);
        };
        let (_, descending) = self.plan.order[index];
        let null = self.is_null(index);
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
