//! A checked query as SQL.
//!
//! **Architecture Invariant:** the answer is that of `Query::select` in memory. Values are bound; names come from the
//! tables' layouts, never from the query. What the databases say differently is in [`Words`], which `dialect` speaks.

mod condition;
mod page;
mod relation;
mod stage;
mod value;

use std::{collections::HashMap, sync::Arc};

use gridkeep_model::{
    ColumnType, TableSchema, Value,
    data::duration,
    query::{Arithmetic, At, Function, Node, Reduce, SORT_KEY_CHARS, Type, Typed, sort_key},
};
use sea_query::Value as Bound;

pub(crate) use page::{Key, Phase, Select, Shape};

use crate::{
    StoreError,
    laid::Laid,
    layout::{Layout, PhysicalColumn},
};

/// A statement and the values of its placeholders.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) values: Vec<Bound>,
}

/// The tables of a query, as they are stored.
#[derive(Debug, Default)]
pub(crate) struct Layouts {
    layouts: HashMap<String, Arc<Laid>>,
}

impl Layouts {
    pub(crate) fn add(&mut self, laid: Arc<Laid>) {
        self.layouts.insert(laid.table.clone(), laid);
    }

    pub(crate) fn schema(&self, table: &str) -> Option<&TableSchema> {
        self.layouts.get(table).map(|laid| &laid.schema)
    }

    /// One of them that must be there.
    pub(crate) fn table(&self, table: &str) -> Result<&Layout, StoreError> {
        self.layout(table).ok_or_else(|| StoreError::UnknownTable(table.to_owned()))
    }

    pub(crate) fn layout(&self, table: &str) -> Option<&Layout> {
        self.layouts.get(table).map(|laid| &***laid)
    }
}

/// How a sorted page of a filtered table is found. SQLite does not weigh the end of a page against a sort, so it is told
/// by a `+` before an operand, which keeps an index from being used for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Way {
    /// As the database likes.
    #[default]
    Free,
    /// Along the index of the order until the page is full: many rows fit the filter.
    Ordered(Along),
    /// By the filter, sorted afterwards: few rows fit it.
    Filtered,
}

/// Along which index rows are walked in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Along {
    /// The number of the order's first column, 0 for the id.
    pub(crate) first: u32,
    /// That of the column before it in the index, of which the filter wants one value.
    pub(crate) of: Option<u32>,
}

/// What a function is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Negate,
    Arithmetic(Arithmetic),
    Call(Function),
    Cast,
}

/// What the databases say differently.
pub(crate) trait Words: Sync {
    /// What follows a key of an order, so that nulls are the smallest.
    fn nulls(&self, descending: bool) -> &'static str;
    /// What a placeholder is cast to, where that must be said.
    fn bound_type(&self, ty: Type) -> Option<&'static str>;
    /// The function that finds a text in another: 0 when it is not there.
    fn position(&self) -> &'static str;
    /// What makes a text compare by its bytes.
    fn collation(&self) -> &'static str;
    /// An operation of arguments that are no nulls by themselves, with a result of this type.
    fn operation(&self, writer: &mut Writer<'_>, operation: Operation, arguments: &[&Typed], ty: Type);
    /// An integer or decimal so that it compares with the other one, and whether it is still the plain value.
    fn comparable(&self, writer: &mut Writer<'_>, number: &Typed, other: &Typed);
    /// Whether the two compare as they are.
    fn compare_plainly(&self, writer: &Writer<'_>, left: &Typed, right: &Typed) -> bool;
    /// A value in the one form that all values of its type have when they are calculated.
    fn uniform(&self, writer: &mut Writer<'_>, value: &Typed);
    /// The folded form of a text that has no folded twin.
    fn fold(&self, writer: &mut Writer<'_>, text: &Typed);
    /// What is known of a group: a value of all its rows, none for their number.
    fn aggregate(&self, writer: &mut Writer<'_>, reduce: Reduce, of: Option<&Typed>, ty: Type);
    /// The folded form of the first or last text of a group.
    fn extreme_folded(&self, writer: &mut Writer<'_>, reduce: Reduce, of: &Typed);
    /// The sum of a number over the window `w`, of the number's own type.
    fn running(&self, writer: &mut Writer<'_>, of: &Typed);
    /// Whether a text matches a pattern.
    fn matches(&self, writer: &mut Writer<'_>, text: &Typed, pattern: &str);
}

/// A row in reach.
#[derive(Clone)]
struct Scope<'a> {
    alias: String,
    layout: &'a Layout,
}

/// Writes one statement, from its beginning to its end.
pub(crate) struct Writer<'a> {
    words: &'static dyn Words,
    layouts: &'a Layouts,
    way: Way,
    statement: Statement,
    scopes: Vec<Scope<'a>>,
    aliases: usize,
    /// Whether the row itself is one of a stage, whose numbers may be calculated.
    pub(crate) grouped: bool,
}

/// What a column is ordered by: a text by the head of its folded form, which an index can hold.
pub(crate) fn order_key(column: &PhysicalColumn) -> String {
    column.folded().map_or_else(|| column.name(), |folded| format!("substr({folded}, 1, {SORT_KEY_CHARS})"))
}

impl<'a> Writer<'a> {
    fn new(words: &'static dyn Words, layouts: &'a Layouts, table: &'a Layout, way: Way) -> Self {
        let scopes = vec![Scope { alias: "t".to_owned(), layout: table }];
        Self { words, layouts, way, statement: Statement::default(), scopes, aliases: 0, grouped: false }
    }

    /// Appends SQL.
    pub(crate) fn push(&mut self, sql: &str) {
        self.statement.sql.push_str(sql);
    }

    /// Appends a placeholder for a value.
    pub(crate) fn bind(&mut self, value: impl Into<Bound>, ty: Type) {
        self.statement.values.push(value.into());
        let place = self.statement.values.len();
        let sql = match self.words.bound_type(ty) {
            Some(name) => format!("CAST(${place} AS {name})"),
            None => format!("${place}"),
        };
        self.push(&sql);
    }

    /// Appends a placeholder for a constant of an expression.
    fn literal(&mut self, value: &Value, ty: Type) {
        match value {
            Value::Null => match self.words.bound_type(ty) {
                Some(name) => self.push(&format!("CAST(NULL AS {name})")),
                None => self.push("NULL"),
            },
            Value::Boolean(true) => self.push("TRUE"),
            Value::Boolean(false) => self.push("FALSE"),
            Value::Text(text) => self.bind(text.as_str(), ty),
            Value::Integer(integer) => self.bind(*integer, ty),
            Value::Decimal(number) => self.bind(*number, ty),
            Value::Double(double) => self.bind(*double, ty),
            Value::Date(date) => self.bind(*date, ty),
            Value::Time(time) => self.bind(*time, ty),
            Value::DateTime(moment) => self.bind(*moment, ty),
            Value::Guid(id) => self.bind(*id, ty),
            Value::Duration(duration) => self.bind(duration::micros(*duration), ty),
            Value::Binary(bytes) => self.bind(bytes.as_slice(), ty),
        }
    }

    /// The physical column that a part of the row in this scope is, when it is a column of the row itself.
    fn column(&self, typed: &Typed) -> Option<(&Scope<'a>, &'a PhysicalColumn)> {
        let Node::Field(scope, path, At::Column(index)) = &typed.node else { return None };
        if !path.is_empty() {
            return None;
        }
        let scope = self.scopes.get(self.scopes.len().checked_sub(scope + 1)?)?;
        Some((scope, scope.layout.columns.active.get(*index)?))
    }

    /// Keeps an index from being used for an operand, when the order's is to be walked instead.
    fn plus(&self, scope: &Scope<'_>, column: &PhysicalColumn) -> &'static str {
        match self.way {
            Way::Ordered(Along { first, of })
                if scope.alias == "t" && first != column.number && of != Some(column.number) =>
            {
                "+"
            }
            _ => "",
        }
    }
}

/// The sort key of a literal text.
fn key_of(typed: &Typed) -> Option<String> {
    match typed.as_literal() {
        Some(Value::Text(text)) => Some(sort_key(text)),
        _ => None,
    }
}

const TEXT: ColumnType = ColumnType::Text;
