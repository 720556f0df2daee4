//! The one way rows are read: OData's query options, a list in the client and a sync all become a [`Query`].

mod cast;
mod check;
mod eval;
mod expr;
mod fit;
mod group;
mod moment;
pub mod number;
mod pattern;
mod plan;
mod rank;
mod request;
mod run;
mod select;
mod sight;
mod signature;
mod stage;
mod step;
mod sum;
pub mod text;
mod typed;

pub use cast::cast;
pub use check::{MAX_DEPTH, MAX_NODES, Schemas};
pub use eval::{arithmetic, call, negate};
pub use expr::{Arithmetic, Expr, Field, Function, Part, QUOTIENT_SCALE, Related, Relation};
pub use group::{Aggregate, Group, Groups, Measure, Reduce};
pub use pattern::Pattern;
pub use plan::Plan;
pub use request::{RowsFilter, RowsPage, RowsRequest};
pub use select::Tables;
pub use sight::{Seen, SeenTable, Sight};
pub use stage::{Over, Stage, What};
pub use step::{Each, MAX_COPIES, MAX_GROUPS, Rank, Step, Until};
pub use sum::Sum;
pub use text::{SORT_KEY_CHARS, fold, sort_key};
pub use typed::{At, Join, Joins, Node, Type, Typed};

use serde::{Deserialize, Serialize};

use crate::{Row, TableSchema, Value};

/// What to read from one table. Columns are named by the ids of the table's schema; unknown ones are refused.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// [`TableSchema::id`].
    pub table: String,
    /// Rows to keep: those it is true for; all when absent.
    pub filter: Option<Expr>,
    /// What those become before everything that follows, which is then about that. Rows that are groups have no ids.
    pub steps: Vec<Step>,
    /// Ids of the columns to read, each row's values in this order; all when absent.
    pub columns: Option<Vec<String>>,
    /// Values to add behind those of the columns.
    pub compute: Vec<Computed>,
    /// Order of the rows; the row's id always follows as the last key, so that the order is total. It descends when the
    /// key before it does: the page of a sorted list is then one walk along an index. Behind steps it is the order they
    /// left the rows in that follows.
    pub order: Vec<Order>,
    /// Which part of them.
    pub page: Page,
    /// Also count all rows that the filter keeps.
    pub count: bool,
    /// What of the tables it may look at; nothing unless it is said.
    pub sight: Sight,
}

/// A value calculated for each row.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// What it is called in [`Found::schema`].
    pub name: String,
    /// What it is.
    pub expr: Expr,
}

/// One key of an order. Null comes before everything else when ascending, on both databases.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// By what.
    pub expr: Expr,
    /// Largest first.
    pub descending: bool,
}

/// Which part of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// At most this many rows.
    pub limit: u32,
    /// Rows to skip: a list that jumps needs it.
    pub offset: u64,
    /// Only rows behind the one with these keys, as [`Found::next`] gave them: long walks, which neither repeat nor miss a
    /// row because others come or go. [`Page::offset`] then counts from there.
    pub after: Option<Vec<Value>>,
}

/// What a query found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The page, each row with one value a column of `schema`.
    pub rows: Vec<Row>,
    /// How many rows the filter keeps, without regard to the page, when the query asked for it.
    pub total: Option<u64>,
    /// The columns of the rows.
    pub schema: TableSchema,
    /// For [`Page::after`] of the next page: the keys of the last row, its id behind them; behind steps, for
    /// [`Page::offset`], the number of rows up to there. `None` when nothing follows, and of a page of no rows.
    pub next: Option<Vec<Value>>,
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

/// Why a query cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// No such table.
    #[error("no table {0:?}")]
    UnknownTable(String),
    /// No such column.
    #[error("no column {column:?} in table {table:?}")]
    UnknownColumn {
        /// The table's id.
        table: String,
        /// The column's id.
        column: String,
    },
    /// A field of a row that is not in reach.
    #[error("a row that is not in reach")]
    Scope,
    /// Types that do not go together.
    #[error("{0}")]
    Type(&'static str),
    /// A constant that no database holds.
    #[error("a value {0}")]
    Literal(&'static str),
    /// Two values of a row with one name.
    #[error("two values are called {0:?}")]
    Taken(String),
    /// Beyond [`MAX_GROUPS`].
    #[error("the rows make more than {MAX_GROUPS} groups: filter them first, or group them by less")]
    Groups,
    /// Beyond [`MAX_NODES`], [`MAX_DEPTH`] or [`MAX_COPIES`].
    #[error("the query is too long or too deep")]
    Size,
    /// Keys of a page that are not those of the order.
    #[error("the page's keys are not those of its order")]
    After,
    /// Not known here.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
}

impl Query {
    /// One without limits, for everything that is not said: of the app itself, not of a person.
    pub fn unlimited() -> Self {
        Self { sight: Sight::Everything, ..Self::default() }
    }

    /// The same in this sight.
    #[must_use]
    pub fn seen(self, sight: Sight) -> Self {
        Self { sight, ..self }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 100, offset: 0, after: None }
    }
}

impl Page {
    /// The first rows.
    pub fn first(limit: u32) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Where the next page begins among rows without keys; `None` for a page of no rows.
    pub fn behind(&self) -> Option<Vec<Value>> {
        let behind = self.offset.saturating_add(self.limit.into());
        (self.limit > 0).then(|| vec![Value::Integer(i64::try_from(behind).unwrap_or(i64::MAX))])
    }
}

impl Order {
    /// By a column.
    pub fn column(id: impl Into<String>, descending: bool) -> Self {
        Self { expr: Expr::column(id), descending }
    }
}

impl Operator {
    /// The same with its sides exchanged.
    pub const fn flipped(self) -> Self {
        match self {
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            same => same,
        }
    }
}
