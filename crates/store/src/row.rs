//! Rows of published tables: read through [`Query`], written through [`RowChange`].
//!
//! **Architecture Invariant:** whatever changes rows writes the change log in the same work.

use std::ops::ControlFlow;

use gridkeep_model::{
    AppId, ColumnType, Query, Row, RowChange, RowId, Value,
    query::{Expr, Found, Operator, Page},
};
use sea_query::Value as Bound;

use crate::{
    ChangeKind, Reader, StoreError, Work,
    change::NewChange,
    dialect::Cells,
    layout::Layout,
    sql::{Key, Layouts, Select, Shape, Way},
};

/// Rows written or removed before their changes are: memory stays bounded, however many there are.
const CHUNK: usize = 10_000;

fn read_row(types: impl ExactSizeIterator<Item = ColumnType>, cells: &dyn Cells) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(types.len());
    for (index, column_type) in types.enumerate() {
        values.push(cells.value(index + 2, column_type)?);
    }
    Ok(Row { id: RowId::from_uuid(cells.get(0)?), version: cells.count(1)?, values })
}

/// The row of a query's answer.
fn read_found(shape: &Shape, cells: &dyn Cells) -> Result<Row, StoreError> {
    read_row(shape.values.iter().copied(), cells)
}

/// The keys of that row, its id behind them.
fn read_keys(shape: &Shape, row: &Row, cells: &dyn Cells) -> Result<Vec<Value>, StoreError> {
    let mut keys = Vec::with_capacity(shape.keys.len() + 1);
    for key in &shape.keys {
        keys.push(match *key {
            Key::Id => Value::Guid(row.id.uuid()),
            Key::Version => Value::Integer(row.version as i64),
            Key::Value(index) => row.values[index].clone(),
            Key::Cell(index, ty) => cells.typed(index, ty)?,
        });
    }
    keys.push(Value::Guid(row.id.uuid()));
    Ok(keys)
}

/// `id, version, c1, c2, ...`
fn columns(layout: &Layout) -> String {
    let mut names = vec!["id".to_owned(), "version".to_owned()];
    names.extend(layout.columns.active.iter().map(crate::layout::PhysicalColumn::name));
    names.join(", ")
}

impl Reader<'_> {
    /// The row with this id.
    pub fn row(&mut self, app: AppId, table: &str, id: RowId) -> Result<Option<Row>, StoreError> {
        let layout = self.layout(app, table)?;
        let sql = format!("SELECT {} FROM {} WHERE id = $1", columns(&layout), layout.name());
        let types = layout.columns.active.iter().map(|column| column.column_type);
        self.link.first(&sql, &[id.uuid().into()], |cells| read_row(types.clone(), cells))
    }

    /// The layouts of all tables a query looks at.
    pub(crate) fn layouts(&mut self, app: AppId, query: &Query) -> Result<Layouts, StoreError> {
        let mut layouts = Layouts::default();
        for table in query.tables()? {
            layouts.add(self.layout(app, table)?);
        }
        Ok(layouts)
    }

    /// The rows a query asks for.
    pub fn rows(&mut self, app: AppId, query: &Query) -> Result<Found, StoreError> {
        let layouts = self.layouts(app, query)?;
        let plan = query.plan(&|table| layouts.schema(table))?;
        let table = layouts.table(&query.table)?;
        let select = Select { words: self.link.words(), layouts: &layouts, table, plan: &plan };
        let way = self.way(app, &select, &query.page)?;
        let shape = select.shape(true);
        let (mut rows, mut next) = (Vec::new(), None);
        let (limit, mut skip) = (u64::from(query.page.limit), query.page.offset);
        let phases = select.phases();
        for phase in &phases {
            let wanted = limit - rows.len() as u64;
            if wanted == 0 && !rows.is_empty() {
                break;
            }
            // What the database skips it does not count: with another walk to come, it is skipped here.
            let (part, here) = if phases.len() == 1 {
                ((wanted, skip), 0)
            } else {
                ((wanted.saturating_add(skip), 0), skip)
            };
            let statement = select.rows(way, *phase, &shape, Some(part));
            let mut skipped = 0;
            self.link.query(&statement.sql, &statement.values, &mut |cells| {
                if skipped < here {
                    skipped += 1;
                    return Ok(ControlFlow::Continue(()));
                }
                let row = read_found(&shape, cells)?;
                if rows.len() as u64 + 1 == limit {
                    next = Some(read_keys(&shape, &row, cells)?);
                }
                rows.push(row);
                Ok(ControlFlow::Continue(()))
            })?;
            skip -= skipped;
        }
        let total = if query.count { Some(self.count_of(app, &select)?) } else { None };
        Ok(Found { rows, total, schema: plan.schema, next })
    }

    /// How many rows a query's filter keeps.
    pub fn count(&mut self, app: AppId, query: &Query) -> Result<u64, StoreError> {
        let layouts = self.layouts(app, query)?;
        let plan = query.plan(&|table| layouts.schema(table))?;
        let table = layouts.table(&query.table)?;
        let select = Select { words: self.link.words(), layouts: &layouts, table, plan: &plan };
        self.count_of(app, &select)
    }

    fn count_of(&mut self, app: AppId, select: &Select<'_>) -> Result<u64, StoreError> {
        let statement = select.count(None);
        let count = |link: &mut dyn crate::dialect::Link| {
            let found = link.first(&statement.sql, &statement.values, |cells| cells.count(0))?;
            Ok::<_, StoreError>(found.unwrap_or(0))
        };
        let Some(counts) = self.counts else { return count(self.link) };
        let head = self.head(app)?.ok_or(StoreError::UnknownApp(app))?;
        // The statement names the physical tables, which are one app's.
        let asked = format!("{} {:?}", statement.sql, statement.values);
        if let Some(known) = counts.find(&asked, head) {
            return Ok(known);
        }
        let count = count(self.link)?;
        counts.keep(asked, head, count);
        Ok(count)
    }

    /// Which way to a page of a filtered and sorted table is shorter. Along the order's index about `page / share` rows are
    /// looked at, where `share` is that of the rows the filter keeps; by the filter all those it keeps. So the index wins
    /// when the filter keeps more than the root of `page * rows`. Known ways are used until many rows have changed.
    fn way(&mut self, app: AppId, select: &Select<'_>, page: &Page) -> Result<Way, StoreError> {
        let (Some(counts), Some(first), true) =
            (self.counts, select.plan.first_column(), select.plan.filter.is_some())
        else {
            return Ok(Way::Free);
        };
        let column = &select.table.columns.active[first];
        if !column.indexed || !self.link.wants_ways() {
            return Ok(Way::Free);
        }
        let head = self.head(app)?.ok_or(StoreError::UnknownApp(app))?;
        let wanted = page.offset.saturating_add(page.limit.into()).max(1).next_power_of_two();
        let statement = select.count(Some(1));
        let asked = format!("{} {wanted} {} {:?}", column.number, statement.sql, statement.values);
        if let Some(ordered) = counts.find_way(&asked, head) {
            return Ok(if ordered { Way::Ordered(column.number) } else { Way::Filtered });
        }
        let all = gridkeep_model::query::Plan { filter: None, ..select.plan.clone() };
        let rows = self.count_of(app, &Select { plan: &all, ..*select })?;
        let enough = wanted.saturating_mul(rows).isqrt() + 1;
        let statement = select.count(Some(enough));
        let kept = self.link.first(&statement.sql, &statement.values, |cells| cells.count(0))?.unwrap_or(0);
        let ordered = kept >= enough;
        counts.keep_way(asked, head, rows, ordered);
        Ok(if ordered { Way::Ordered(column.number) } else { Way::Filtered })
    }

    /// Shows all rows a query's filter keeps, in its order and without regard to its page, one at a time, in bounded
    /// memory. Only within a read.
    pub(crate) fn each_row(
        &mut self,
        select: &Select<'_>,
        each: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let shape = select.shape(false);
        let statement = select.rows(Way::Free, crate::sql::Phase::All, &shape, None);
        self.link.stream(&statement.sql, &statement.values, &mut |cells| Ok(each(read_found(&shape, cells)?)))
    }

    /// Whether another row than `except` has this value in this column; null is never taken.
    pub fn key_taken(
        &mut self,
        app: AppId,
        table: &str,
        column: &str,
        value: &Value,
        except: RowId,
    ) -> Result<bool, StoreError> {
        if value.is_null() {
            return Ok(false);
        }
        let equal = Expr::column(column).compare(Operator::Eq, value.clone().into());
        let query = Query {
            table: table.to_owned(),
            filter: Some(equal.and(!Expr::is_row(except))),
            columns: Some(Vec::new()),
            page: Page::first(1),
            ..Query::default()
        };
        Ok(!self.rows(app, &query)?.rows.is_empty())
    }
}

impl Work<'_> {
    /// Adds many rows at once, at version 1: the rows of a workbook when it is published. Answers how many.
    pub fn insert_rows(
        &mut self,
        app: AppId,
        table: &str,
        rows: impl IntoIterator<Item = (RowId, Vec<Value>)>,
    ) -> Result<u64, StoreError> {
        let layout = self.layout(app, table)?;
        let (names, kinds) = layout.physical();
        let mut rows = rows.into_iter();
        let mut written = 0;
        let mut changes = Vec::new();
        loop {
            let added = self.link.bulk(&layout.name(), &names, &kinds, &mut |values| {
                if changes.len() == CHUNK {
                    return Ok(false);
                }
                let Some((id, row)) = rows.next() else { return Ok(false) };
                values.push(id.uuid().into());
                values.push(1_i64.into());
                bind_all(&layout, &row, values)?;
                let (table, kind) = (layout.number, ChangeKind::Insert);
                changes.push(NewChange { table, row: Some(id), kind, version: 1 });
                Ok(true)
            })?;
            if added == 0 {
                break;
            }
            written += added;
            self.log(app, &changes)?;
            changes.clear();
        }
        if written > 0 {
            self.link.analyse(&layout.name())?;
        }
        Ok(written)
    }

    /// Removes all rows of a table. Answers how many.
    pub fn clear_table(&mut self, app: AppId, table: &str) -> Result<u64, StoreError> {
        let layout = self.layout(app, table)?;
        let name = layout.name();
        let sql = format!(
            "DELETE FROM {name} WHERE id IN (SELECT id FROM {name} ORDER BY id LIMIT {CHUNK}) RETURNING id, version"
        );
        let mut removed = 0;
        loop {
            let changes = self.link.all(&sql, &[], |cells| {
                let row = Some(RowId::from_uuid(cells.get(0)?));
                Ok(NewChange {
                    table: layout.number,
                    row,
                    kind: ChangeKind::Delete,
                    version: cells.count(1)?,
                })
            })?;
            if changes.is_empty() {
                return Ok(removed);
            }
            self.log(app, &changes)?;
            removed += changes.len() as u64;
        }
    }

    /// Writes what `engine::apply` made of a transaction; answers the app's change number after it. `version` is that of
    /// the definition the changes were made with: when it is no longer the current one the columns may be others, and
    /// nothing is written ([`StoreError::Stale`]). Base versions were checked in this same work; should one differ
    /// all the same, that is [`StoreError::Conflict`].
    pub fn apply(&mut self, app: AppId, version: u32, changes: &[RowChange]) -> Result<u64, StoreError> {
        let sql = "SELECT version FROM apps WHERE id = $1";
        let current = self.link.first(sql, &[app.uuid().into()], |cells| cells.small(0))?;
        let current = current.ok_or(StoreError::UnknownApp(app))?;
        if current != version {
            return Err(StoreError::Stale { given: version, current });
        }
        if changes.is_empty() {
            let head = self.head(app)?.ok_or(StoreError::UnknownApp(app))?;
            return Ok(head.sequence);
        }
        let mut layouts: Vec<Layout> = Vec::new();
        let mut log = Vec::with_capacity(changes.len());
        for change in changes {
            let table = table_of(change);
            let known = layouts.iter().position(|layout| layout.table == table);
            let at = if let Some(at) = known {
                at
            } else {
                layouts.push(self.layout(app, table)?);
                layouts.len() - 1
            };
            log.push(self.write(&layouts[at], change)?);
        }
        self.log(app, &log)
    }

    fn write(&mut self, layout: &Layout, change: &RowChange) -> Result<NewChange, StoreError> {
        let (row, kind, version, written) = match change {
            RowChange::Insert { id, values, .. } => {
                let (names, _) = layout.physical();
                let mut bound = vec![id.uuid().into(), Bound::from(1_i64)];
                bind_all(layout, values, &mut bound)?;
                let places: Vec<String> = (1..=bound.len()).map(|index| format!("${index}")).collect();
                let sql = format!(
                    "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
                    layout.name(),
                    names.join(", "),
                    places.join(", ")
                );
                (*id, ChangeKind::Insert, 1, self.link.execute(&sql, &bound)?)
            }
            RowChange::Update { id, base_version, values, .. } => {
                let (names, _) = layout.physical();
                let mut bound = vec![Bound::from(base_version + 1)];
                bind_all(layout, values, &mut bound)?;
                let sets: Vec<String> = names[1..]
                    .iter()
                    .enumerate()
                    .map(|(index, name)| format!("{name} = ${}", index + 1))
                    .collect();
                let (first, second) = (bound.len() + 1, bound.len() + 2);
                bound.push(id.uuid().into());
                bound.push((*base_version).into());
                let sql = format!(
                    "UPDATE {} SET {} WHERE id = ${first} AND version = ${second}",
                    layout.name(),
                    sets.join(", ")
                );
                (*id, ChangeKind::Update, base_version + 1, self.link.execute(&sql, &bound)?)
            }
            RowChange::Delete { id, base_version, .. } => {
                let sql = format!("DELETE FROM {} WHERE id = $1 AND version = $2", layout.name());
                let written = self.link.execute(&sql, &[id.uuid().into(), (*base_version).into()])?;
                (*id, ChangeKind::Delete, *base_version, written)
            }
        };
        if written == 0 {
            return Err(StoreError::Conflict { table: layout.table.clone(), row });
        }
        Ok(NewChange { table: layout.number, row: Some(row), kind, version })
    }
}

fn table_of(change: &RowChange) -> &str {
    match change {
        RowChange::Insert { table, .. }
        | RowChange::Update { table, .. }
        | RowChange::Delete { table, .. } => table,
    }
}

fn bind_all(layout: &Layout, values: &[Value], bound: &mut Vec<Bound>) -> Result<(), StoreError> {
    layout.check_width(values)?;
    for (column, value) in layout.columns.active.iter().zip(values) {
        column.bind_into(value, bound)?;
    }
    Ok(())
}
