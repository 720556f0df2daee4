//! The one way rows are read: OData's `$filter`, a list in the client and a sync all become a [`Query`].

mod expr;
mod request;
mod select;

pub use expr::{Arithmetic, Expr, Field, Function, Part, QUOTIENT_SCALE, Related, Relation};
pub use request::{RowsFilter, RowsPage, RowsRequest};
pub use select::{SORT_KEY_CHARS, fold, sort_key};

use serde::{Deserialize, Serialize};

use crate::{RowId, Value};

/// What to read from one table. Column ids are those of the table's schema; `store` refuses unknown ones.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// [`crate::TableSchema::id`].
    pub table: String,
    /// Rows to keep; all when absent.
    pub filter: Option<Filter>,
    /// Order of the rows; the row's id always follows as the last key, so that the order is total. It descends when the
    /// key before it does: the page of a sorted list is then one walk along an index.
    pub order: Vec<Order>,
    /// Which part of them.
    pub page: Page,
    /// Also count all rows that the filter keeps.
    pub count: bool,
}

/// A condition on a row. Comparisons with null are never true, except [`Filter::IsNull`]. [`Query::select`] says what
/// each means.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them; true when empty.
    And(Vec<Filter>),
    /// Any of them; false when empty.
    Or(Vec<Filter>),
    /// Not; a null comparison inside counts as false before it is turned round.
    Not(Box<Filter>),
    /// The row with this id.
    Id(RowId),
    /// A column compared with a value of its own type.
    Compare {
        /// The column.
        column: String,
        /// How.
        operator: Operator,
        /// With what; never null.
        value: Value,
    },
    /// The column is null.
    IsNull(String),
    /// The column equals one of these values.
    In {
        /// The column.
        column: String,
        /// Values of its own type.
        values: Vec<Value>,
    },
    /// A text column contains this text, without regard to case.
    Contains {
        /// The column.
        column: String,
        /// What to find; `%` and `_` mean themselves.
        text: String,
    },
    /// A text column starts with this text, without regard to case.
    StartsWith {
        /// The column.
        column: String,
        /// What to find; `%` and `_` mean themselves.
        text: String,
    },
}

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// One key of an order. Null comes before everything else when ascending, on both databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: String,
    /// Largest first.
    pub descending: bool,
}

/// Which part of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most this many rows.
    pub limit: u32,
    /// Rows to skip: a list that jumps needs it. Long walks use keyset paging once the OData issue brings it.
    pub offset: u64,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 100, offset: 0 }
    }
}
