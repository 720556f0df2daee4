//! What a list asks for, as JSON, and how it becomes a [`Query`]: the same for the row service and the local preview.

use serde::{Deserialize, Serialize};

use super::{Expr, Function, Operator, Order, Page, Query};
use crate::{
    ColumnType, RowId, Value,
    definition::{Sort, TableDefinition},
    transaction::{Problem, Reason},
};

/// Rows a list wants to show.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RowsRequest {
    /// The order; by row age when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Words to find, each in at least one of `search_columns`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub search: String,
    /// Where to look for them; all text columns when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub search_columns: Vec<String>,
    /// Conditions, all of which must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<RowsFilter>,
    /// Only the row with this id: a detail that was opened by its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RowId>,
    /// At most this many rows, capped at [`RowsRequest::MAX_LIMIT`]; 100 when 0.
    pub limit: u32,
    /// Rows to skip.
    pub offset: u64,
    /// Also count all rows that match.
    pub count: bool,
}

/// One condition of a [`RowsRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowsFilter {
    /// The column's id.
    pub column: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what, in the JSON form of [`Value`]; null means blank, with `eq` and `ne` only. A list means any of its values, with
    /// `eq` only and at most [`RowsRequest::MAX_LIMIT`] of them.
    pub value: serde_json::Value,
}

/// A page of rows. Each row is an array: id, version, then one value a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RowsPage {
    /// Column ids, once for all rows.
    pub columns: Vec<String>,
    /// The rows: `[id, version, value, ...]`.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// How many rows match in all; `None` unless asked for.
    pub total: Option<u64>,
}

impl RowsRequest {
    /// The most rows one request gives.
    pub const MAX_LIMIT: u32 = 1_000;
    /// The most words a search looks for; further ones are ignored.
    const MAX_WORDS: usize = 8;

    /// The query it stands for. Fails with the place of the first column or value that does not fit the table.
    pub fn to_query(&self, table: &TableDefinition) -> Result<Query, Problem> {
        let mut all: Vec<Expr> = self.id.map(Expr::is_row).into_iter().collect();
        for (index, filter) in self.filters.iter().enumerate() {
            all.push(condition(table, filter, index)?);
        }
        let text_columns = self.search_columns(table)?;
        for word in self.search.split_whitespace().take(Self::MAX_WORDS) {
            // No text holds a zero character, and no database takes one.
            let columns = if word.contains('\0') { &[][..] } else { &text_columns };
            let finds = |column: &String| Expr::column(column).call(Function::Finds, [word.into()]);
            all.push(Expr::Or(columns.iter().map(finds).collect()));
        }
        let order = match &self.sort {
            Some(sort) => {
                known(table, &sort.column, 0)?;
                vec![Order::column(&sort.column, sort.descending)]
            }
            None => Vec::new(),
        };
        let limit = if self.limit == 0 { 100 } else { self.limit.min(Self::MAX_LIMIT) };
        let filter = if all.is_empty() { None } else { Some(Expr::And(all)) };
        let page = Page { limit, offset: self.offset, after: None };
        Ok(Query { table: table.id.clone(), filter, order, page, count: self.count, ..Query::default() })
    }

    fn search_columns(&self, table: &TableDefinition) -> Result<Vec<String>, Problem> {
        if self.search_columns.is_empty() {
            let texts = table.columns.iter().filter(|column| column.column_type == ColumnType::Text);
            return Ok(texts.map(|column| column.id.clone()).collect());
        }
        let mut columns = Vec::new();
        for id in &self.search_columns {
            if known(table, id, 0)? == ColumnType::Text {
                columns.push(id.clone());
            }
        }
        Ok(columns)
    }
}

fn condition(table: &TableDefinition, filter: &RowsFilter, index: usize) -> Result<Expr, Problem> {
    let column_type = known(table, &filter.column, index)?;
    let wrong = |error| Problem::new(index, Some(&filter.column), Reason::Value { error });
    if let (serde_json::Value::Array(values), Operator::Eq) = (&filter.value, filter.operator)
        && values.len() <= RowsRequest::MAX_LIMIT as usize
    {
        let value = |json| Ok(Value::from_json(column_type, json).map_err(wrong)?.into());
        let values: Result<_, Problem> = values.iter().map(value).collect();
        return Ok(Expr::In(Box::new(Expr::column(&filter.column)), values?));
    }
    let value = Value::from_json(column_type, &filter.value).map_err(wrong)?;
    let column = Expr::column(&filter.column);
    Ok(match (value, filter.operator) {
        (Value::Null, Operator::Eq | Operator::Ne) => column.compare(filter.operator, Value::Null.into()),
        (Value::Null, _) => return Err(wrong(crate::data::ValueError::WrongType)),
        // A blank is not another value to a person, as it would be to OData.
        (value, Operator::Ne) => (!column.clone().is_null()).and(column.compare(Operator::Ne, value.into())),
        (value, operator) => column.compare(operator, value.into()),
    })
}

fn known(table: &TableDefinition, id: &str, index: usize) -> Result<ColumnType, Problem> {
    let unknown = || Problem::new(index, Some(id), Reason::UnknownColumn);
    table.column(id).map(|column| column.column_type).ok_or_else(unknown)
}
