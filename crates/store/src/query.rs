//! `model::Query` to SQL.
//!
//! **Architecture Invariant:** the answer is that of `Query::select` in memory. Values are bound; names come from the
//! table's layout, never from the query.

use gridkeep_model::{
    ColumnType, Value,
    query::{Filter, Operator, Order, Query, SORT_KEY_CHARS, fold, sort_key},
};
use sea_query::{
    Alias, Cond, Condition, Expr, ExprTrait, Func, NullOrdering, Order as Direction, Query as Sql,
    SelectStatement,
};

use crate::{
    StoreError,
    layout::{Layout, PhysicalColumn},
};

/// Conditions one filter may have, and how deep they may go.
const MAX_CONDITIONS: usize = 1_000;
const MAX_DEPTH: usize = 32;

/// What the databases differ in, as far as a query is concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// [`crate::dialect::Link::position_function`]
    pub(crate) position: &'static str,
    /// Which way to take.
    pub(crate) way: Way,
}

/// How a sorted page of a filtered table is found. SQLite does not weigh the end of a page against a sort, so it is told
/// by a `+` before an operand, which keeps an index from being used for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the database likes.
    Free,
    /// Along the index of the order, whose first column has this number, until the page is full: many rows fit the filter.
    Ordered(u32),
    /// By the filter, sorted afterwards: few rows fit it.
    Filtered,
}

/// The rows a query asks for: id, version, then the active columns. `page` is left out for a stream.
pub(crate) fn rows(
    layout: &Layout,
    query: &Query,
    dialect: Dialect,
    page: bool,
) -> Result<SelectStatement, StoreError> {
    let mut select = Sql::select();
    select.column(Alias::new("id")).column(Alias::new("version"));
    for column in &layout.columns.active {
        select.column(Alias::new(column.name()));
    }
    select.from(Alias::new(layout.name()));
    restrict(&mut select, layout, query, dialect)?;
    order(&mut select, layout, &query.order, dialect.way == Way::Filtered)?;
    if page {
        select.limit(u64::from(query.page.limit)).offset(query.page.offset);
    }
    Ok(select)
}

/// How many rows the filter keeps, counted no further than `most`.
pub(crate) fn count_to(
    layout: &Layout,
    query: &Query,
    dialect: Dialect,
    most: u64,
) -> Result<SelectStatement, StoreError> {
    let mut kept = Sql::select();
    kept.expr(Expr::cust("1")).from(Alias::new(layout.name())).limit(most);
    restrict(&mut kept, layout, query, dialect)?;
    let mut select = Sql::select();
    select.expr(Expr::cust("count(*)")).from_subquery(kept, Alias::new("kept"));
    Ok(select)
}

/// How many rows the filter keeps.
pub(crate) fn count(layout: &Layout, query: &Query, dialect: Dialect) -> Result<SelectStatement, StoreError> {
    let mut select = Sql::select();
    select.expr(Expr::cust("count(*)")).from(Alias::new(layout.name()));
    restrict(&mut select, layout, query, dialect)?;
    Ok(select)
}

/// What a column is ordered by: a text by the head of its folded form, which an index can hold.
pub(crate) fn order_key(column: &PhysicalColumn) -> String {
    column.folded().map_or_else(|| column.name(), |folded| format!("substr({folded}, 1, {SORT_KEY_CHARS})"))
}

fn order(
    select: &mut SelectStatement,
    layout: &Layout,
    keys: &[Order],
    sorted: bool,
) -> Result<(), StoreError> {
    let plus = if sorted { "+" } else { "" };
    let direction = |descending: bool| if descending { Direction::Desc } else { Direction::Asc };
    for key in keys {
        let column = layout.column(&key.column)?;
        let nulls = if key.descending { NullOrdering::Last } else { NullOrdering::First };
        let key_of_order = Expr::cust(format!("{plus}{}", order_key(column)));
        select.order_by_expr_with_nulls(key_of_order, direction(key.descending), nulls);
    }
    let descending = keys.last().is_some_and(|key| key.descending);
    select.order_by(Alias::new("id"), direction(descending));
    Ok(())
}

fn restrict(
    select: &mut SelectStatement,
    layout: &Layout,
    query: &Query,
    dialect: Dialect,
) -> Result<(), StoreError> {
    if let Some(filter) = &query.filter {
        let mut left = MAX_CONDITIONS;
        let condition = Conditions { layout, dialect, left: &mut left }.all_of(filter)?;
        select.cond_where(condition);
    }
    Ok(())
}

struct Conditions<'a> {
    layout: &'a Layout,
    dialect: Dialect,
    left: &'a mut usize,
}

impl Conditions<'_> {
    /// The top of a filter: an `And` there becomes separate conditions, which planners like.
    fn all_of(&mut self, filter: &Filter) -> Result<Condition, StoreError> {
        let mut all = Cond::all();
        match filter {
            Filter::And(filters) => {
                for filter in filters {
                    all = all.add(self.expr(filter, 0, false)?);
                }
            }
            filter => all = all.add(self.expr(filter, 0, false)?),
        }
        Ok(all)
    }

    /// `two_valued`: within a `Not`, a comparison with null must be false, not unknown.
    fn expr(&mut self, filter: &Filter, depth: usize, two_valued: bool) -> Result<Expr, StoreError> {
        *self.left = self.left.checked_sub(1).ok_or(StoreError::Filter)?;
        if depth > MAX_DEPTH {
            return Err(StoreError::Filter);
        }
        let (column, condition) = match filter {
            Filter::And(filters) => return self.joined(filters, depth, two_valued, true),
            Filter::Or(filters) => return self.joined(filters, depth, two_valued, false),
            Filter::Not(filter) => return Ok(self.expr(filter, depth + 1, true)?.not()),
            Filter::Id(id) => return Ok(Expr::col(Alias::new("id")).eq(id.uuid())),
            Filter::IsNull(column) => {
                let column = self.layout.column(column)?;
                return Ok(self.operand(column, &column.name()).is_null());
            }
            Filter::Compare { column, operator, value } => {
                let column = self.layout.column(column)?;
                if value.is_null() {
                    return Ok(never());
                }
                (column, self.compare(column, *operator, value)?)
            }
            Filter::In { column, values } => {
                let column = self.layout.column(column)?;
                let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
                *self.left = self.left.checked_sub(values.len()).ok_or(StoreError::Filter)?;
                if values.is_empty() {
                    return Ok(never());
                }
                (column, self.one_of(column, &values)?)
            }
            Filter::Contains { column, text } => {
                let column = self.layout.column(column)?;
                let Some(folded) = column.folded() else { return Ok(never()) };
                // A text a database cannot hold is in no row.
                if text.contains('\0') {
                    return Ok(never());
                }
                let position = Func::cust(Alias::new(self.dialect.position))
                    .arg(Expr::col(Alias::new(folded)))
                    .arg(Expr::val(fold(text)));
                (column, Expr::from(position).gt(Expr::cust("0")))
            }
            Filter::StartsWith { column, text } => {
                let column = self.layout.column(column)?;
                if column.folded().is_none() || text.contains('\0') {
                    return Ok(never());
                }
                (column, self.starts_with(column, &fold(text)))
            }
        };
        if two_valued {
            return Ok(Expr::col(Alias::new(column.name())).is_not_null().and(condition));
        }
        Ok(condition)
    }

    fn joined(
        &mut self,
        filters: &[Filter],
        depth: usize,
        two_valued: bool,
        all: bool,
    ) -> Result<Expr, StoreError> {
        let mut joined: Option<Expr> = None;
        for filter in filters {
            let next = self.expr(filter, depth + 1, two_valued)?;
            joined = Some(match joined {
                None => next,
                Some(before) if all => before.and(next),
                Some(before) => before.or(next),
            });
        }
        Ok(joined.unwrap_or_else(|| Expr::cust(if all { "1 = 1" } else { "1 = 0" })))
    }

    /// What a comparison looks at; kept from using an index when the order's is to be walked instead.
    fn operand(&self, column: &PhysicalColumn, sql: &str) -> Expr {
        match self.dialect.way {
            Way::Ordered(first) if first != column.number => Expr::cust(format!("+{sql}")),
            _ => Expr::cust(sql.to_owned()),
        }
    }

    fn compare(
        &self,
        column: &PhysicalColumn,
        operator: Operator,
        value: &Value,
    ) -> Result<Expr, StoreError> {
        let plain = self.operand(column, &column.name());
        let equal = |value| Ok::<_, StoreError>(plain.clone().eq(bound(column, value)?));
        if let (Value::Text(text), ColumnType::Text) = (value, column.column_type) {
            column.bind(value)?;
            let (key, place) = (self.operand(column, &order_key(column)), Expr::val(sort_key(text)));
            return Ok(match operator {
                // Equal texts have equal keys: an index on the key finds them.
                Operator::Eq => key.eq(place).and(equal(value)?),
                Operator::Ne => plain.ne(bound(column, value)?),
                Operator::Gt => key.gt(place),
                Operator::Ge => key.gte(place),
                Operator::Lt => key.lt(place),
                Operator::Le => key.lte(place),
            });
        }
        let value = bound(column, value)?;
        Ok(match operator {
            Operator::Eq => plain.eq(value),
            Operator::Ne => plain.ne(value),
            Operator::Gt => plain.gt(value),
            Operator::Ge => plain.gte(value),
            Operator::Lt => plain.lt(value),
            Operator::Le => plain.lte(value),
        })
    }

    fn one_of(&self, column: &PhysicalColumn, values: &[&Value]) -> Result<Expr, StoreError> {
        let mut list = Vec::with_capacity(values.len());
        let mut keys = Vec::new();
        for value in values {
            list.push(bound(column, value)?);
            if let Value::Text(text) = value {
                keys.push(Expr::val(sort_key(text)));
            }
        }
        let plain = self.operand(column, &column.name()).is_in(list);
        if keys.is_empty() {
            Ok(plain)
        } else {
            Ok(self.operand(column, &order_key(column)).is_in(keys).and(plain))
        }
    }

    fn starts_with(&self, column: &PhysicalColumn, start: &str) -> Expr {
        let folded = column.folded().unwrap_or_default();
        let length = start.chars().count();
        // `substr` of a constant length, so that the statement's text stays the same for texts of one length.
        let exact = self.operand(column, &format!("substr({folded}, 1, {length})")).eq(Expr::val(start));
        if length == 0 {
            return self.operand(column, &folded).is_not_null();
        }
        // The key's order narrows it down to a range an index can walk.
        let key: String = start.chars().take(SORT_KEY_CHARS).collect();
        let order = self.operand(column, &order_key(column));
        let mut found = order.clone().gte(Expr::val(key.clone())).and(exact);
        if let Some(end) = next_prefix(&key) {
            found = order.lt(Expr::val(end)).and(found);
        }
        found
    }
}

fn never() -> Expr {
    Expr::cust("1 = 0")
}

fn bound(column: &PhysicalColumn, value: &Value) -> Result<Expr, StoreError> {
    Ok(Expr::val(column.bind(value)?))
}

/// The first text after all those that start with this one.
fn next_prefix(start: &str) -> Option<String> {
    let mut characters: Vec<char> = start.chars().collect();
    while let Some(last) = characters.pop() {
        // The gap of the surrogates is stepped over.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}
