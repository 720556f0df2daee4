//! Rows read through [`Query`].

use std::ops::ControlFlow;

use gridkeep_model::{
    AppId, Query, Row, RowId, Value,
    query::{Expr, Found, MAX_GROUPS, Operator, Page, Plan, QueryError, Stage, What, sort_key},
};

use crate::{
    Head, Reader, StoreError,
    count::{Counts, Kind},
    layout::Layout,
    one::Tried,
    shown::{Onlooker, Rows, Seen, Shown, read_row},
    sql::{Layouts, Phase, Select, Shape, Statement, Way, Words, order_key},
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

/// Steps of the database's machine that a look at a row takes, about.
const STEPS_A_ROW: u64 = 16;
/// From how far on places are kept, and up to where: what is beyond is not there.
const FAR: u64 = 500;
const MOST_SKIPPED: u64 = 1 << 40;

/// A page that was found.
#[derive(Default)]
struct Walked {
    way: Way,
    /// The keys of its last row, when there is more.
    next: Option<Vec<Value>>,
}

/// What is to be walked, whichever way.
struct Walk<'a> {
    select: &'a Select<'a>,
    page: &'a Page,
    shape: Shape,
    phases: Vec<Phase>,
}

impl<'a> Walk<'a> {
    fn new(select: &'a Select<'a>, page: &'a Page) -> Self {
        Self { select, page, shape: select.shape(true), phases: select.phases() }
    }

    /// Whether the database skips the rows before the page, which it does not count: with another phase to come they are
    /// skipped here.
    fn skips_itself(&self) -> bool {
        self.phases.len() == 1
    }

    /// The statement of the first phase.
    fn first(&self, way: Way) -> Statement {
        let phase = self.phases.first().copied().unwrap_or(Phase::All);
        self.statement(way, phase, (0, self.page.offset))
    }

    /// That of a phase, with so many rows found and so many still to be skipped before it.
    fn statement(&self, way: Way, phase: Phase, (found, skip): (usize, u64)) -> Statement {
        // One more than is shown says whether there is more.
        let wanted = (self.page.limit as usize + 1 - found) as u64;
        let part = if self.skips_itself() { (wanted, skip) } else { (wanted.saturating_add(skip), 0) };
        self.select.rows(way, phase, &self.shape, Some(part))
    }
}

/// A query from a known place, and what its places are kept under.
struct Placed<'a> {
    counts: &'a Counts,
    named: String,
    head: Head,
    query: Query,
}

impl<'a> Reader<'a> {
    /// The row with this id.
    pub fn row(&mut self, app: AppId, table: &str, id: RowId) -> Result<Option<Row>, StoreError> {
        let layout = self.layout(app, table)?;
        let types = layout.columns.active.iter().map(|column| column.column_type);
        self.link.first(&layout.by_id, &[id.uuid().into()], |cells| read_row(types.clone(), cells))
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
        let mut found = Rows::default();
        let Shown { schema, next } = self.show(app, query, &mut found)?;
        Ok(Found { rows: found.rows, total: found.total, schema, next })
    }

    /// Shows the rows a query asks for, one after the other, as they are found.
    pub fn show(
        &mut self,
        app: AppId,
        query: &Query,
        onlooker: &mut dyn Onlooker,
    ) -> Result<Shown, StoreError> {
        let begun = match self.one(app, query, onlooker)? {
            Tried::Shown(shown) => return Ok(shown),
            Tried::InVain => true,
            Tried::Not => false,
        };
        let placed = self.placed(app, query)?;
        let from = placed.as_ref().map_or(query, |placed| &placed.query);
        let prepared = self.prepare(app, from)?;
        let select = prepared.select(from)?;
        self.few_groups(&select)?;
        let total = if query.count { Some(self.count_of(app, &select)?) } else { None };
        let Walked { next, .. } = self.page(&select, &from.page, (total, begun), onlooker)?;
        if let (Some(Placed { counts, named, head, .. }), Some(next)) = (placed, &next) {
            let before = query.page.offset + u64::from(query.page.limit);
            counts.keep_place(named, head, before, next.clone());
        }
        Ok(Shown { schema: prepared.plan.schema, next })
    }

    /// A page far from the beginning, from the nearest place that is known. `None` when it is not far, or its rows have no
    /// keys to go on behind.
    fn placed(&mut self, app: AppId, query: &Query) -> Result<Option<Placed<'a>>, StoreError> {
        let Page { limit, offset, after } = &query.page;
        let Some(counts) = self.counts else { return Ok(None) };
        let far = offset.saturating_add((*limit).into());
        if !query.steps.is_empty() || after.is_some() || query.count || !(FAR..MOST_SKIPPED).contains(&far) {
            return Ok(None);
        }
        let head = self.head(app)?.ok_or(StoreError::UnknownApp(app))?;
        let Query { table, filter, order, sight, .. } = query;
        let named = format!("{app} {:?}", (table, filter, order, sight));
        let mut query = query.clone();
        if let Some((before, keys)) = counts.place(&named, head, *offset) {
            query.page = Page { limit: *limit, offset: offset - before, after: Some(keys) };
        }
        Ok(Some(Placed { counts, named, head, query }))
    }

    /// A page by the shorter way. Along the order's index the page may be full soon, when many rows fit the filter, or only
    /// at its end; by the filter all that fit are found and sorted. Nobody knows beforehand which is shorter: the way that
    /// was so for the last query of this kind is tried first, and given up when it takes too long; then the other one, and
    /// so on with more patience. So it takes a few times as long as the shorter way, whatever the constants are. The onlooker
    /// may have been told already that rows come, perhaps several times.
    fn page(
        &mut self,
        select: &Select<'_>,
        page: &Page,
        (total, begun): (Option<u64>, bool),
        onlooker: &mut dyn Onlooker,
    ) -> Result<Walked, StoreError> {
        let walk = Walk::new(select, page);
        let along = if self.counts.is_some() { select.along() } else { None };
        let about = if along.is_some() { self.about(select)? } else { None };
        let (Some(counts), Some(along), Some(rows)) = (self.counts, along, about) else {
            if !begun {
                onlooker.begin(total, true);
            }
            let first = walk.first(Way::Free);
            return Ok(self.walk(&walk, (Way::Free, None), first, onlooker)?.unwrap_or_default());
        };
        if !begun {
            onlooker.begin(total, false);
        }
        let wanted = page.offset.saturating_add(page.limit.into()).max(1).next_power_of_two();
        let ordered = walk.first(Way::Ordered(along));
        let kind = Kind::of(&ordered, wanted);
        let known = counts.is_filtered(kind);
        let mut ready = (known != Some(true)).then_some(ordered);
        let mut ways = [Way::Ordered(along), Way::Filtered];
        if known == Some(true) {
            ways.reverse();
        }
        // Along the order about `page / share` rows are looked at, where `share` is that of the rows the filter keeps; by the
        // filter all those it keeps: both are the root of `page * rows` where neither is shorter.
        let looks = wanted.saturating_add(wanted.saturating_mul(rows).isqrt());
        let mut patience = looks.saturating_mul(STEPS_A_ROW).saturating_add(1_000);
        loop {
            for way in ways {
                onlooker.again();
                let first = ready.take().unwrap_or_else(|| walk.first(way));
                if let Some(walked) = self.walk(&walk, (way, Some(patience)), first, onlooker)? {
                    let filtered = way == Way::Filtered;
                    if known != Some(filtered) {
                        counts.keep_way(kind, filtered);
                    }
                    return Ok(walked);
                }
            }
            patience = patience.saturating_mul(4);
        }
    }

    /// About how many rows a table has; `None` where the database finds its ways by itself.
    fn about(&mut self, select: &Select<'_>) -> Result<Option<u64>, StoreError> {
        let table = select.table.name();
        let known = self.counts.and_then(|counts| counts.length(&table));
        if known.is_some() {
            return Ok(known);
        }
        let rows = self.link.about_rows(&table)?;
        if let (Some(counts), Some(rows)) = (self.counts, rows) {
            counts.keep_length(table, rows);
        }
        Ok(rows)
    }

    /// Looks for a page along one way; `None` when it took more steps than it may. `first` is the way's first statement.
    fn walk(
        &mut self,
        walk: &Walk<'_>,
        (way, patience): (Way, Option<u64>),
        first: Statement,
        onlooker: &mut dyn Onlooker,
    ) -> Result<Option<Walked>, StoreError> {
        let Walk { select, page, shape, phases } = walk;
        let (mut found, mut last, mut more) = (0, None, false);
        if page.limit == 0 {
            return Ok(Some(Walked::default()));
        }
        let (limit, mut skip) = (page.limit as usize, page.offset);
        let mut first = Some(first);
        for phase in phases {
            let statement = first.take().unwrap_or_else(|| walk.statement(way, *phase, (found, skip)));
            let here = if walk.skips_itself() { 0 } else { skip };
            let mut skipped = 0;
            let ended =
                self.link.query_within(patience, &statement.sql, &statement.values, &mut |cells| {
                    if skipped < here {
                        skipped += 1;
                        return Ok(ControlFlow::Continue(()));
                    }
                    if found == limit {
                        more = true;
                        return Ok(ControlFlow::Break(()));
                    }
                    let row = Seen::new(shape, cells);
                    found += 1;
                    if found == limit && select.stages.is_empty() {
                        last = Some(row.keys()?);
                    }
                    onlooker.row(&row)?;
                    Ok(ControlFlow::Continue(()))
                })?;
            if !ended {
                return Ok(None);
            }
            if more {
                break;
            }
            skip -= skipped;
        }
        let next = if select.stages.is_empty() { last } else { page.behind() };
        Ok(Some(Walked { way, next: next.filter(|_| more) }))
    }

    /// How the database would find the rows of a query, in its own words: for measurements and tests.
    pub fn explain(&mut self, app: AppId, query: &Query) -> Result<Vec<String>, StoreError> {
        let prepared = self.prepare(app, query)?;
        let select = prepared.select(query)?;
        let way = self.page(&select, &query.page, (None, false), &mut Rows::default())?.way;
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
        self.few_groups(&select)?;
        self.count_of(app, &select)
    }

    /// Refuses more groups than a query may make; a small table has no more.
    fn few_groups(&mut self, select: &Select<'_>) -> Result<(), StoreError> {
        let most = MAX_GROUPS as u64;
        let grouped = |(at, stage): (usize, &Stage)| matches!(stage.what, What::Group(_)).then_some(at);
        let stages: Vec<usize> = select.plan.stages.iter().enumerate().filter_map(grouped).collect();
        if stages.is_empty() {
            return Ok(());
        }
        let table = select.table.name();
        let rows = if let Some(rows) = self.link.about_rows(&table)? {
            rows
        } else {
            let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {}) AS kept", most + 1);
            self.link.first(&sql, &[], |cells| cells.count(0))?.unwrap_or(0)
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

    /// Shows all rows a query's filter keeps, in its order and without regard to its page, one at a time, in bounded
    /// memory. Only within a read.
    pub(crate) fn each_row(
        &mut self,
        select: &Select<'_>,
        each: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let shape = select.shape(false);
        let statement = select.rows(Way::Free, Phase::All, &shape, None);
        self.link
            .stream(&statement.sql, &statement.values, &mut |cells| Ok(each(Seen::new(&shape, cells).row()?)))
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
        let layout = self.layout(app, table)?;
        let physical = layout.column(column)?;
        let Ok(equal) = physical.bind(value) else {
            return self.key_equals(app, table, column, value, except);
        };
        let (name, column, mut bound) = (layout.name(), physical.name(), Vec::with_capacity(3));
        // Equal texts have equal keys, and the index is on the key.
        let sql = if let Value::Text(text) = value {
            bound.push(sort_key(text).into());
            let key = order_key(physical);
            format!("SELECT 1 FROM {name} WHERE {key} = $1 AND {column} = $2 AND id <> $3 LIMIT 1")
        } else {
            format!("SELECT 1 FROM {name} WHERE {column} = $1 AND id <> $2 LIMIT 1")
        };
        bound.push(equal);
        bound.push(except.uuid().into());
        Ok(self.link.first(&sql, &bound, |_| Ok(()))?.is_some())
    }

    /// The same for a value of another type than the column's: numbers of all kinds compare with each other.
    fn key_equals(
        &mut self,
        app: AppId,
        table: &str,
        column: &str,
        value: &Value,
        except: RowId,
    ) -> Result<bool, StoreError> {
        let equal = Expr::column(column).compare(Operator::Eq, value.clone().into());
        let query = Query {
            table: table.to_owned(),
            filter: Some(equal.and(!Expr::is_row(except))),
            columns: Some(Vec::new()),
            page: Page::first(1),
            ..Query::unlimited()
        };
        Ok(!self.rows(app, &query)?.rows.is_empty())
    }
}
