//! Related entities of a page: read along with it, from the same state of the database.
//!
//! **Architecture Invariant:** one answer holds at most [`MOST_EXPANDED`] related entities, and reading it touches no more
//! than a few times as many. What does not fit is behind a next link: first fewer entities of the collection itself are
//! given, then fewer related ones of each.

use std::collections::HashMap;

use gridkeep_model::{
    AppId, Query, Row, RowId, Value,
    query::{Expr, Found, Page, Part, Sight},
};
use gridkeep_odata::{
    Error, ErrorKind,
    bind::{Expansion, Kind, RelatedRead, Spot},
    project::Link,
};
use gridkeep_store::{Head, Reader};

use super::{dispatch::Service, refusal::Refusal, short};
use crate::error::ApiError;

/// Related entities of one answer, all expansions together.
const MOST_EXPANDED: usize = 10_000;
/// Values that one query looks for: each is a node of its expression.
const CHUNK: usize = 1_000;
/// Rows up to which each gets a query of its own when only a few of its many related ones are wanted.
const FEW: usize = 200;

/// What is to be read of related rows: [`RelatedRead`] without what it borrows.
pub(super) struct Plan {
    link: Link,
    many: bool,
    here: Spot,
    there: Spot,
    query: Query,
    skip: usize,
    top: Option<usize>,
    /// Those of each row are transformed by themselves.
    made: bool,
    nested: Vec<Option<Self>>,
}

/// What was read of them, for each row of those they belong to.
#[derive(Default)]
pub(super) struct Branch {
    /// Each once.
    pub(super) rows: Vec<Row>,
    /// For each row here the places of its own, in order.
    pub(super) of: Vec<Vec<usize>>,
    /// For each row here whether more of its own follow.
    pub(super) more: Vec<bool>,
    /// What was read of them in turn.
    pub(super) nested: Vec<Option<Self>>,
}

/// A page and what was read along with it.
pub(super) struct Harvest {
    pub(super) found: Found,
    pub(super) head: Option<Head>,
    pub(super) branches: Vec<Option<Branch>>,
    /// How many entities fewer than asked the page was made to have.
    pub(super) cut: u64,
}

/// How much may still be read.
struct Room {
    left: usize,
    /// Of each row's related ones.
    page: usize,
}

impl Plan {
    /// Of what is to be expanded, as far as it is seen; none for those of which only the number is wanted.
    pub(super) fn all(expanded: &[Expansion<'_>], sight: &Sight) -> Vec<Option<Self>> {
        expanded
            .iter()
            .map(|expansion| {
                let RelatedRead { here, there, read, skip, top, .. } = expansion.related.as_ref()?;
                let most = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
                Some(Self {
                    link: expansion.navigation.link.clone(),
                    many: expansion.navigation.many,
                    here: *here,
                    there: *there,
                    query: read.query.clone().seen(sight.clone()),
                    skip: most(*skip),
                    top: top.map(most),
                    made: read.made.is_some(),
                    nested: Self::all(&read.shape.expanded, sight),
                })
            })
            .collect()
    }

    /// The related rows of these; none when there is no room for them.
    fn read(
        &self,
        reader: &mut Reader<'_>,
        app: AppId,
        rows: &[Row],
        room: &mut Room,
    ) -> Result<Option<Branch>, ApiError> {
        let keys: Vec<Value> = rows.iter().map(|row| part(row, self.here)).collect();
        if self.made && rows.len() > FEW {
            return Ok(None);
        }
        let windowed = self.made || self.many && (self.top.is_some() || self.skip > 0) && rows.len() <= FEW;
        let together = if windowed { None } else { self.together(reader, app, &keys, room)? };
        let found = match together {
            Some(found) => Some(found),
            None if self.many => self.one_by_one(reader, app, &keys, room)?,
            None => None,
        };
        let Some(mut branch) = found else { return Ok(None) };
        let Some(left) = room.left.checked_sub(branch.rows.len()) else { return Ok(None) };
        room.left = left;
        let Some(nested) = read(reader, app, &self.nested, &branch.rows, room)? else { return Ok(None) };
        branch.nested = nested;
        Ok(Some(branch))
    }

    /// In one query for up to [`CHUNK`] rows here; none when they have more than there is room for.
    fn together(
        &self,
        reader: &mut Reader<'_>,
        app: AppId,
        keys: &[Value],
        room: &Room,
    ) -> Result<Option<Branch>, ApiError> {
        // What each row here looks for, and each of that once.
        let Some(sought) = self.sought(reader, app, keys, room)? else { return Ok(None) };
        let mut wanted: Vec<Value> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut named: Vec<Vec<usize>> = Vec::with_capacity(keys.len());
        for values in sought {
            let places = values.into_iter().map(|value| {
                *known.entry(text(&value)).or_insert_with(|| {
                    wanted.push(value);
                    wanted.len() - 1
                })
            });
            named.push(places.collect());
        }
        if wanted.len() > CHUNK && matches!(self.link, Link::Between { .. }) {
            // Rows of several queries would have no common order.
            return Ok(None);
        }
        let mut rows: Vec<Row> = Vec::new();
        let mut found: Vec<Vec<usize>> = vec![Vec::new(); wanted.len()];
        for chunk in wanted.chunks(CHUNK) {
            let these = expression(&self.link.there()).one_of(padded(chunk));
            let most = room.left + 1 - rows.len().min(room.left);
            let page = Page::first(u32::try_from(most).unwrap_or(u32::MAX));
            let more = reader.rows(app, &self.narrowed(these, page))?;
            for row in more.rows {
                if let Some(place) = known.get(&text(&part(&row, self.there))) {
                    found[*place].push(rows.len());
                    rows.push(row);
                }
            }
            if rows.len() > room.left {
                return Ok(None);
            }
        }
        let mut of: Vec<Vec<usize>> = Vec::with_capacity(named.len());
        let mut more = Vec::with_capacity(named.len());
        for places in named {
            let mut own: Vec<usize> = places.iter().flat_map(|place| found[*place].iter().copied()).collect();
            own.sort_unstable();
            let window = self.window(room);
            let behind = own.len() > self.skip.saturating_add(window);
            more.push(self.many && behind && self.top.is_none_or(|top| top > window));
            of.push(own.into_iter().skip(self.skip).take(window).collect());
        }
        Ok(Some(kept(rows, of, more)))
    }

    /// With a query for each row here; none when they may have more than there is room for.
    fn one_by_one(
        &self,
        reader: &mut Reader<'_>,
        app: AppId,
        keys: &[Value],
        room: &Room,
    ) -> Result<Option<Branch>, ApiError> {
        let window = self.window(room);
        if keys.len() > CHUNK {
            return Ok(None);
        }
        let mut branch = Branch::default();
        let mut places: HashMap<RowId, usize> = HashMap::new();
        for key in keys {
            let page = Page {
                limit: u32::try_from(window).unwrap_or(u32::MAX),
                offset: self.skip as u64,
                after: None,
            };
            // Of nothing something can be made too.
            let found = if key.is_null() && !self.made || window == 0 {
                None
            } else {
                Some(reader.rows(app, &self.narrowed(self.link.condition(key), page))?)
            };
            let next = found.as_ref().is_some_and(|found| found.next.is_some());
            branch.more.push(next && self.top.is_none_or(|top| top > window));
            let own = found.map(|found| found.rows).unwrap_or_default().into_iter().map(|row| {
                if self.made {
                    // Groups have no ids.
                    branch.rows.push(row);
                    return branch.rows.len() - 1;
                }
                *places.entry(row.id).or_insert_with(|| {
                    branch.rows.push(row);
                    branch.rows.len() - 1
                })
            });
            branch.of.push(own.collect());
            if branch.rows.len() > room.left {
                return Ok(None);
            }
        }
        Ok(Some(branch))
    }

    /// For each row here what its related ones have; none when that is too much.
    fn sought(
        &self,
        reader: &mut Reader<'_>,
        app: AppId,
        keys: &[Value],
        room: &Room,
    ) -> Result<Option<Vec<Vec<Value>>>, ApiError> {
        let Link::Between { table, here, there } = &self.link else {
            let own = |key: &Value| if key.is_null() { Vec::new() } else { vec![key.clone()] };
            return Ok(Some(keys.iter().map(own).collect()));
        };
        let mut pairs: HashMap<String, Vec<Value>> = HashMap::new();
        let mut count = 0;
        for chunk in keys.chunks(CHUNK) {
            let query = Query {
                table: table.clone(),
                filter: Some(Expr::column(here).one_of(padded(chunk))),
                columns: Some(vec![here.clone(), there.clone()]),
                page: Page::first(u32::try_from(room.left + 1).unwrap_or(u32::MAX)),
                sight: self.query.sight.clone(),
                ..Query::default()
            };
            for row in reader.rows(app, &query)?.rows {
                if let [from, to] = row.values.as_slice() {
                    count += 1;
                    pairs.entry(text(from)).or_default().push(to.clone());
                }
            }
            if count > room.left {
                return Ok(None);
            }
        }
        Ok(Some(keys.iter().map(|key| pairs.get(&text(key)).cloned().unwrap_or_default()).collect()))
    }

    /// How many of each row's are given, after those that are passed over.
    fn window(&self, room: &Room) -> usize {
        if self.many { self.top.map_or(room.page, |top| top.min(room.page)) } else { 1 }
    }

    fn narrowed(&self, condition: Expr, page: Page) -> Query {
        let filter = Some(match self.query.filter.clone() {
            Some(filter) => filter.and(condition),
            None => condition,
        });
        Query { filter, page, count: false, ..self.query.clone() }
    }
}

/// A page with what is expanded of its rows, of each at most so many before a next link; none when even one of each is
/// too much. With the place in the log, when changes are to be tracked.
pub(super) fn harvest(
    reader: &mut Reader<'_>,
    app: AppId,
    mut query: Query,
    plans: &[Option<Plan>],
    (most_related, tracks): (usize, bool),
) -> Result<Option<Harvest>, ApiError> {
    let head = if tracks { reader.head(app)? } else { None };
    let asked = query.page.limit;
    let mut page = most_related;
    loop {
        let found = reader.rows(app, &query)?;
        if plans.is_empty() {
            return Ok(Some(Harvest { found, head, branches: Vec::new(), cut: 0 }));
        }
        let mut room = Room { left: MOST_EXPANDED, page };
        if let Some(branches) = read(reader, app, plans, &found.rows, &mut room)? {
            let cut = (asked - query.page.limit).into();
            return Ok(Some(Harvest { found, head, branches, cut }));
        }
        match u32::try_from(found.rows.len()).unwrap_or(u32::MAX) {
            0 | 1 if page > 1 => page /= 2,
            0 | 1 => return Ok(None),
            more => query.page.limit = more / 2,
        }
    }
}

fn read(
    reader: &mut Reader<'_>,
    app: AppId,
    plans: &[Option<Plan>],
    rows: &[Row],
    room: &mut Room,
) -> Result<Option<Vec<Option<Branch>>>, ApiError> {
    let mut branches = Vec::with_capacity(plans.len());
    for plan in plans {
        let Some(plan) = plan else {
            branches.push(None);
            continue;
        };
        let Some(branch) = plan.read(reader, app, rows, room)? else { return Ok(None) };
        branches.push(Some(branch));
    }
    Ok(Some(branches))
}

/// Without the rows that nothing shows.
fn kept(rows: Vec<Row>, of: Vec<Vec<usize>>, more: Vec<bool>) -> Branch {
    let mut places = vec![usize::MAX; rows.len()];
    for place in of.iter().flatten() {
        places[*place] = 0;
    }
    let mut left = Vec::new();
    for (row, place) in rows.into_iter().zip(&mut places) {
        if *place == 0 {
            *place = left.len();
            left.push(row);
        }
    }
    let of = of.into_iter().map(|own| own.into_iter().map(|place| places[place]).collect()).collect();
    Branch { rows: left, of, more, nested: Vec::new() }
}

/// A part of a row.
pub(super) fn part(row: &Row, spot: Spot) -> Value {
    match spot {
        Spot::Id => Value::Guid(row.id.uuid()),
        Spot::Value(index) => row.values.get(index).cloned().unwrap_or(Value::Null),
    }
}

fn expression(part: &Part) -> Expr {
    match part {
        Part::Column(id) => Expr::column(id),
        Part::Id | Part::Version => Expr::id(),
    }
}

/// What makes equal values of one column equal texts.
fn text(value: &Value) -> String {
    value.to_json().to_string()
}

/// As many values as a power of two, so that queries for a few more rows have the same text; the last one comes again.
fn padded(values: &[Value]) -> impl Iterator<Item = Value> {
    let missing = values.len().next_power_of_two().min(CHUNK).saturating_sub(values.len());
    values.iter().chain(std::iter::repeat_n(values.last(), missing).flatten()).cloned()
}

/// The keys of the last row that is given, one of so many, for the page behind it.
pub(super) fn keys(related: &RelatedRead<'_>, row: &Row, given: usize) -> Vec<Value> {
    if related.read.made.is_some() {
        let behind = related.skip.saturating_add(given as u64);
        return vec![Value::Integer(i64::try_from(behind).unwrap_or(i64::MAX))];
    }
    let key = |(spot, kind): &(Spot, Kind)| match part(row, *spot) {
        Value::Text(id) if *kind == Kind::Guid => id.parse().map_or(Value::Null, Value::Guid),
        value => value,
    };
    related.keys.iter().map(key).chain([Value::Guid(row.id.uuid())]).collect()
}

impl Service {
    /// Reads a page with what is expanded of it, all from one state of the database.
    pub(super) async fn harvest(
        &self,
        query: Query,
        expanded: &[Expansion<'_>],
        (most_related, tracks): (u32, bool),
    ) -> Result<Harvest, Refusal> {
        let sight = self.caller.grant.rights.sight();
        let (app, plans) = (self.caller.grant.app.id, Plan::all(expanded, &sight));
        let query = query.seen(sight);
        let short = plans.is_empty() && short::is_short(&query);
        let along = (most_related as usize, tracks);
        let read = move |reader: &mut Reader<'_>| harvest(reader, app, query.clone(), &plans, along);
        Ok(short::read(&self.tenancy, short, read).await?.ok_or_else(|| {
            let message = format!("the expanded entities of one entity are more than {MOST_EXPANDED}");
            Error::new(ErrorKind::TooLarge, "TOO_MANY_EXPANDED", message).about("$expand")
        })?)
    }
}
