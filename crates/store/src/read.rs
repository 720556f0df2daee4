//! Rows read through [`Query`].

use std::ops::ControlFlow;

use gridkeep_model::{
    AppId, ColumnType, Query, Row, RowId, Value,
    query::{Expr, Found, MAX_GROUPS, Operator, Page, Plan, QueryError, Stage, What},
};

use crate::{
    Head, Reader, StoreError,
    count::Counts,
    dialect::Cells,
    layout::Layout,
    sql::{Key, Layouts, Phase, Select, Shape, Way, Words},
};

/// A query that fits its tables.
pub(crate) struct Prepared {
    layouts: Layouts,
    pub(crate) plan: Plan,
    stages: Vec<Layout>,
    words: &'static dyn Words,
}

impl Prepared {
    pub(crate) fn select(&self, query: &Query) -> Result<Select<'_>, StoreError> {
        let table = self.layouts.table(&query.table)?;
        let stages = &self.stages;
        Ok(Select { words: self.words, layouts: &self.layouts, table, stages, plan: &self.plan })
    }
}

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

    /// Checks a query against its tables as they are stored.
    pub(crate) fn prepare(&mut self, app: AppId, query: &Query) -> Result<Prepared, StoreError> {
        let mut layouts = Layouts::default();
        for table in query.tables()? {
            layouts.add(self.layout(app, table)?);
        }
        let plan = query.plan(&|table| layouts.schema(table))?;
        let stages = plan.stages.iter().map(Layout::of_stage).collect();
        Ok(Prepared { layouts, plan, stages, words: self.link.words() })
    }

    /// The rows a query asks for.
    pub fn rows(&mut self, app: AppId, query: &Query) -> Result<Found, StoreError> {
        let prepared = self.prepare(app, query)?;
        let select = prepared.select(query)?;
        self.few_groups(app, &select)?;
        let (rows, next) = self.page(app, &select, &query.page)?;
        let total = if query.count { Some(self.count_of(app, &select)?) } else { None };
        Ok(Found { rows, total, schema: prepared.plan.schema, next })
    }

    fn page(
        &mut self,
        app: AppId,
        select: &Select<'_>,
        page: &Page,
    ) -> Result<(Vec<Row>, Option<Vec<Value>>), StoreError> {
        let (mut rows, mut last, mut more) = (Vec::new(), None, false);
        if page.limit == 0 {
            return Ok((rows, None));
        }
        let way = self.way(app, select, page)?;
        let shape = select.shape(true);
        let (limit, mut skip) = (page.limit as usize, page.offset);
        let phases = select.phases();
        for phase in &phases {
            // One more than is shown says whether there is more.
            let wanted = (limit + 1 - rows.len()) as u64;
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
                if rows.len() == limit {
                    more = true;
                    return Ok(ControlFlow::Break(()));
                }
                let row = read_found(&shape, cells)?;
                if rows.len() + 1 == limit && select.stages.is_empty() {
                    last = Some(read_keys(&shape, &row, cells)?);
                }
                rows.push(row);
                Ok(ControlFlow::Continue(()))
            })?;
            if more {
                break;
            }
            skip -= skipped;
        }
        let next = if select.stages.is_empty() { last } else { page.behind() };
        Ok((rows, next.filter(|_| more)))
    }

    /// How the database would find the rows of a query, in its own words: for measurements and tests.
    pub fn explain(&mut self, app: AppId, query: &Query) -> Result<Vec<String>, StoreError> {
        let prepared = self.prepare(app, query)?;
        let select = prepared.select(query)?;
        let way = self.way(app, &select, &query.page)?;
        let shape = select.shape(true);
        let part = (u64::from(query.page.limit), query.page.offset);
        let mut lines = Vec::new();
        for phase in select.phases() {
            let statement = select.rows(way, phase, &shape, Some(part));
            let (explain, cell) = self.link.explain();
            let sql = format!("{explain} {}", statement.sql);
            lines.extend(self.link.all(&sql, &statement.values, |cells| cells.get::<String>(cell))?);
        }
        Ok(lines)
    }

    /// How many rows a query's filter keeps.
    pub fn count(&mut self, app: AppId, query: &Query) -> Result<u64, StoreError> {
        let prepared = self.prepare(app, query)?;
        let select = prepared.select(query)?;
        self.few_groups(app, &select)?;
        self.count_of(app, &select)
    }

    /// Refuses more groups than a query may make; a small table has no more.
    fn few_groups(&mut self, app: AppId, select: &Select<'_>) -> Result<(), StoreError> {
        let most = MAX_GROUPS as u64;
        let grouped = |(at, stage): (usize, &Stage)| matches!(stage.what, What::Group(_)).then_some(at);
        let stages: Vec<usize> = select.plan.stages.iter().enumerate().filter_map(grouped).collect();
        if stages.is_empty() {
            return Ok(());
        }
        let rows = match self.counts {
            Some(counts) => {
                let head = self.head(app)?.ok_or(StoreError::UnknownApp(app))?;
                self.size(select, counts, head)?
            }
            None => u64::MAX,
        };
        if rows <= most {
            return Ok(());
        }
        for stage in stages {
            let statement = select.count_stage(stage, most + 1);
            let made = self.link.first(&statement.sql, &statement.values, |cells| cells.count(0))?;
            if made.unwrap_or(0) > most {
                return Err(QueryError::Groups.into());
            }
        }
        Ok(())
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
        let (Some(counts), Some(first), true) = (self.counts, select.first(), self.link.wants_ways()) else {
            return Ok(Way::Free);
        };
        let of = |ordered: u64| if ordered == 1 { Way::Ordered(first) } else { Way::Filtered };
        let head = self.head(app)?.ok_or(StoreError::UnknownApp(app))?;
        let wanted = page.offset.saturating_add(page.limit.into()).max(1).next_power_of_two();
        let statement = select.count(Some(1));
        let asked = format!("{first} {wanted} {} {:?}", statement.sql, statement.values);
        if let Some(ordered) = counts.about(&asked, head) {
            return Ok(of(ordered));
        }
        let rows = self.size(select, counts, head)?;
        let enough = wanted.saturating_mul(rows).isqrt() + 1;
        let statement = select.count(Some(enough));
        let kept = self.link.first(&statement.sql, &statement.values, |cells| cells.count(0))?.unwrap_or(0);
        let ordered = u64::from(kept >= enough);
        counts.keep_about(asked, head, rows, ordered);
        Ok(of(ordered))
    }

    /// About how many rows a table has.
    fn size(&mut self, select: &Select<'_>, counts: &Counts, head: Head) -> Result<u64, StoreError> {
        let table = select.table.name();
        if let Some(rows) = counts.about(&table, head) {
            return Ok(rows);
        }
        let sql = format!("SELECT count(*) FROM {table}");
        let rows = self.link.first(&sql, &[], |cells| cells.count(0))?.unwrap_or(0);
        counts.keep_about(table, head, rows, rows);
        Ok(rows)
    }

    /// Shows all rows a query's filter keeps, in its order and without regard to its page, one at a time, in bounded
    /// memory. Only within a read.
    pub(crate) fn each_row(
        &mut self,
        select: &Select<'_>,
        each: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let shape = select.shape(false);
        let statement = select.rows(Way::Free, Phase::All, &shape, None);
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
