//! Stages: each a common table expression over the table or an earlier one, whose columns are named like those of a table,
//! so that what is asked of its rows is written as what is asked of a table's.
//!
//! **Architecture Invariant:** each knows a total order of its rows, in columns it has or adds for that alone. The rows of
//! groups have the same id, which orders nothing.

use gridkeep_model::query::{Groups, Over, Stage, Type, Typed, What};

use super::{Scope, Select, TEXT, Writer};
use crate::layout::{Columns, Layout, PhysicalColumn};

/// A key of a stage's order.
#[derive(Clone)]
struct Sort {
    /// As the rows over it see it.
    sql: String,
    descending: bool,
    /// The column that is there for the order only.
    hidden: Option<String>,
}

impl Sort {
    fn hidden(name: String, descending: bool) -> Self {
        Self { sql: format!("t.{name}"), descending, hidden: Some(name) }
    }

    fn plain(sql: String) -> Self {
        Self { sql, descending: false, hidden: None }
    }
}

/// The orders of stages, by their places.
pub(super) struct Sorts(Vec<Vec<Sort>>);

impl Sorts {
    fn of(&self, from: Option<usize>) -> Vec<Sort> {
        from.map_or_else(|| vec![Sort::plain("t.id".to_owned())], |from| self.0[from].clone())
    }

    /// Of the last one.
    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        let last = self.0.last().cloned().unwrap_or_default();
        sorted(writer, &last);
    }
}

/// Keys with commas between them: at least one.
fn sorted(writer: &mut Writer<'_>, keys: &[Sort]) {
    let key = |key: &Sort| {
        let direction = if key.descending { " DESC" } else { "" };
        format!("{}{direction}{}", key.sql, writer.words.nulls(key.descending))
    };
    let keys: Vec<String> = keys.iter().map(key).collect();
    // There is only one row when nothing orders them.
    writer.push(&if keys.is_empty() { "(SELECT 1)".to_owned() } else { keys.join(", ") });
}

impl Layout {
    /// The rows of a stage.
    pub(crate) fn of_stage(stage: &Stage) -> Self {
        let column = |(number, column): (u32, &gridkeep_model::Column)| PhysicalColumn {
            number,
            id: column.id.clone(),
            column_type: column.column_type,
            indexed: false,
        };
        let active = (1..).zip(&stage.schema.columns).map(column).collect();
        let columns = Columns { active, ..Columns::default() };
        Self { table: stage.schema.id.clone(), number: 0, columns }
    }
}

impl<'a> Select<'a> {
    /// `WITH s0 AS (...), s1 AS (...) `; nothing without stages. Up to the one at `last`.
    pub(super) fn stages(&self, writer: &mut Writer<'a>, last: usize) -> Sorts {
        let mut sorts = Sorts(Vec::new());
        let (scopes, grouped) = (std::mem::take(&mut writer.scopes), writer.grouped);
        for (at, stage) in self.plan.stages.iter().enumerate().take(last + 1) {
            writer.push(if at == 0 { "WITH " } else { ", " });
            writer.push(&format!("s{at} AS ("));
            let order = self.stage(writer, at, stage, &sorts);
            writer.push(")");
            sorts.0.push(order);
        }
        if !self.plan.stages.is_empty() {
            writer.push(" ");
        }
        (writer.scopes, writer.grouped) = (scopes, grouped);
        sorts
    }

    fn source(&self, from: Option<usize>) -> &'a Layout {
        from.map_or(self.table, |from| &self.stages[from])
    }

    /// What is written next is about the rows of this stage.
    fn enter(&self, writer: &mut Writer<'a>, from: Option<usize>) {
        writer.scopes = vec![Scope { alias: "t".to_owned(), layout: self.source(from) }];
        writer.grouped = from.is_some();
    }

    fn stage(&self, writer: &mut Writer<'a>, at: usize, stage: &Stage, sorts: &Sorts) -> Vec<Sort> {
        let before = sorts.of(stage.from);
        let own = &self.stages[at];
        self.enter(writer, stage.from);
        match &stage.what {
            What::Filter(condition) => {
                self.kept(writer, stage.from, own, &before);
                self.from(writer, stage.from, Some(condition));
                before
            }
            What::Keep => {
                self.kept(writer, stage.from, own, &before);
                self.from(writer, stage.from, None);
                before
            }
            What::Compute(all) => {
                let known = self.kept(writer, stage.from, own, &before);
                for (typed, column) in all.iter().zip(own.columns.active.iter().skip(known)) {
                    writer.push(", ");
                    value(writer, typed, column, false);
                }
                self.from(writer, stage.from, None);
                before
            }
            What::Group(groups) => self.group(writer, stage.from, own, groups),
            What::Order(keys) => {
                self.kept(writer, stage.from, own, &before);
                let mut order = Vec::new();
                for (number, (key, descending)) in keys.iter().enumerate() {
                    let name = format!("k{at}_{number}");
                    writer.push(", ");
                    sort_key(writer, key);
                    writer.push(&format!(" AS {name}"));
                    order.push(Sort::hidden(name, *descending));
                }
                self.from(writer, stage.from, None);
                order.extend(before);
                order
            }
            What::Regroup(by) => {
                self.kept(writer, stage.from, own, &before);
                self.from(writer, stage.from, None);
                let mut order = exact(by.iter().map(|index| &own.columns.active[*index]));
                order.extend(before);
                order
            }
            What::Part { skip, take } => {
                self.kept(writer, stage.from, own, &before);
                self.from(writer, stage.from, None);
                writer.push(" ORDER BY ");
                sorted(writer, &before);
                writer.push(" LIMIT ");
                let take = take.unwrap_or(u64::MAX);
                writer.bind(i64::try_from(take).unwrap_or(i64::MAX), Type::INTEGER);
                writer.push(" OFFSET ");
                writer.bind(i64::try_from(*skip).unwrap_or(i64::MAX), Type::INTEGER);
                before
            }
            What::Window { over, within, order } => {
                let known = self.kept(writer, stage.from, own, &before);
                let words = writer.words;
                writer.push(", ");
                match over {
                    Over::Number => writer.push("row_number() OVER w"),
                    Over::SumTo(of) | Over::SumAll(of) => words.running(writer, of),
                    Over::MaxBefore(of) => {
                        writer.push("max(");
                        writer.plain(of);
                        writer.push(") OVER w");
                    }
                }
                writer.push(&format!(" AS {}", own.columns.active[known].name()));
                self.from(writer, stage.from, None);
                self.window(writer, stage.from, over, within, order, &before);
                before
            }
            What::Concat(parts) => {
                for (number, (from, columns)) in parts.iter().enumerate() {
                    if number > 0 {
                        writer.push(" UNION ALL ");
                    }
                    self.enter(writer, *from);
                    writer.push("SELECT t.id AS id, t.version AS version");
                    for (typed, column) in columns.iter().zip(&own.columns.active) {
                        writer.push(", ");
                        value(writer, typed, column, true);
                    }
                    writer.push(&format!(", {number} AS b{at}, row_number() OVER (ORDER BY "));
                    sorted(writer, &sorts.of(*from));
                    writer.push(&format!(") AS n{at}"));
                    self.from(writer, *from, None);
                }
                vec![Sort::hidden(format!("b{at}"), false), Sort::hidden(format!("n{at}"), false)]
            }
        }
    }

    /// `SELECT id, version, ...`: the columns that stay as they are, with those of the order; and how many they are.
    fn kept(&self, writer: &mut Writer<'a>, from: Option<usize>, own: &Layout, order: &[Sort]) -> usize {
        writer.push("SELECT t.id AS id, t.version AS version");
        let mut known = 0;
        for (old, new) in self.source(from).columns.active.iter().zip(&own.columns.active) {
            writer.push(&format!(", t.{} AS {}", old.name(), new.name()));
            if let (Some(old), Some(new)) = (old.folded(), new.folded()) {
                writer.push(&format!(", t.{old} AS {new}"));
            }
            known += 1;
        }
        for hidden in order.iter().filter_map(|key| key.hidden.as_ref()) {
            writer.push(&format!(", t.{hidden} AS {hidden}"));
        }
        known
    }

    fn from(&self, writer: &mut Writer<'a>, from: Option<usize>, condition: Option<&Typed>) {
        match from {
            Some(from) => writer.push(&format!(" FROM s{from} AS t")),
            None => writer.push(&format!(" FROM {} AS t", self.table.name())),
        }
        let filter = self.plan.filter.as_ref().filter(|_| from.is_none());
        let mut word = " WHERE ";
        for condition in filter.into_iter().chain(condition) {
            writer.push(word);
            writer.condition(condition, false);
            word = " AND ";
        }
    }

    fn group(&self, writer: &mut Writer<'a>, from: Option<usize>, own: &Layout, group: &Groups) -> Vec<Sort> {
        writer.push("SELECT ");
        let mut places = 0;
        for (by, column) in group.by.iter().zip(&own.columns.active) {
            value(writer, by, column, true);
            writer.push(", ");
            places += if column.folded().is_some() { 2 } else { 1 };
        }
        let aggregates = own.columns.active.iter().skip(group.by.len());
        for ((reduce, of, ty), column) in group.aggregates.iter().zip(aggregates) {
            let words = writer.words;
            words.aggregate(writer, *reduce, of.as_ref(), *ty);
            writer.push(&format!(" AS {}, ", column.name()));
            if let (Some(folded), Some(of)) = (column.folded(), of) {
                words.extreme_folded(writer, *reduce, of);
                writer.push(&format!(" AS {folded}, "));
            }
        }
        if places == 0 {
            // Without keys it is one group only because something is aggregated, be it nothing.
            writer.push("count(*) AS c0, ");
        }
        writer.bind(uuid::Uuid::nil(), Type::GUID);
        writer.push(" AS id, ");
        writer.bind(0_i64, Type::INTEGER);
        writer.push(" AS version");
        self.from(writer, from, None);
        if places > 0 {
            let places: Vec<String> = (1..=places).map(|place: usize| place.to_string()).collect();
            writer.push(&format!(" GROUP BY {}", places.join(", ")));
        }
        exact(own.columns.active.iter().take(group.by.len()))
    }

    /// `WINDOW w AS (...)`
    fn window(
        &self,
        writer: &mut Writer<'a>,
        from: Option<usize>,
        over: &Over,
        within: &[usize],
        order: &[(Typed, bool)],
        before: &[Sort],
    ) {
        writer.push(" WINDOW w AS (");
        if !within.is_empty() {
            let columns = &self.source(from).columns.active;
            let names: Vec<String> =
                within.iter().map(|index| format!("t.{}", columns[*index].name())).collect();
            writer.push(&format!("PARTITION BY {} ", names.join(", ")));
        }
        let frame = match over {
            Over::SumAll(_) => return writer.push(")"),
            Over::Number => "",
            Over::SumTo(_) => " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
            Over::MaxBefore(_) => " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
        };
        writer.push("ORDER BY ");
        for (key, descending) in order {
            sort_key(writer, key);
            let direction = if *descending { " DESC" } else { "" };
            writer.push(&format!("{direction}{}, ", writer.words.nulls(*descending)));
        }
        sorted(writer, before);
        writer.push(frame);
        writer.push(")");
    }
}

/// The order of columns, texts too that are in one place of an order.
fn exact<'c>(columns: impl Iterator<Item = &'c PhysicalColumn>) -> Vec<Sort> {
    let mut order = Vec::new();
    for column in columns {
        let folded = column.folded();
        order.extend(
            folded.map(|folded| Sort::plain(format!("substr(t.{folded}, 1, {})", super::SORT_KEY_CHARS))),
        );
        order.push(Sort::plain(format!("t.{}", column.name())));
    }
    order
}

/// What rows are ordered by. A constant orders nothing, and a number would be a column's place.
fn sort_key(writer: &mut Writer<'_>, key: &Typed) {
    if key.ty == Type::Column(TEXT) { writer.text_key(key) } else { writer.plain(key) }
}

/// A value and, of a text, its folded form, under the names of a column. `uniform`: in the one form that calculated
/// values of its type have.
fn value(writer: &mut Writer<'_>, typed: &Typed, column: &PhysicalColumn, uniform: bool) {
    let words = writer.words;
    if uniform {
        words.uniform(writer, typed);
    } else {
        writer.plain(typed);
    }
    let Some(folded) = column.folded() else { return writer.push(&format!(" AS {}", column.name())) };
    writer.push(words.collation());
    writer.push(&format!(" AS {}, ", column.name()));
    if typed.is_null() {
        writer.plain(typed);
    } else {
        writer.folded(typed);
    }
    writer.push(words.collation());
    writer.push(&format!(" AS {folded}"));
}
