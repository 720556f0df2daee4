//! What a list asks for, as JSON, and how it becomes a [`Query`]: the same for the row service and the local preview.
//!
//! A column is named by its id, or as `column/other`: the column `other` of the row that the value of `column` refers to. So
//! people find and sort rows by the names they see in place of keys.
//!
//! **Architecture Invariant:** what a person may not see cannot be searched, sorted by or compared either: a path into a table
//! whose rows are not theirs to see is an unknown column.

use serde::{Deserialize, Serialize};

use super::{Expr, Field, Function, Operator, Order, Page, Part, Query, Relation};
use crate::{
    ColumnType, RowId, Value,
    definition::{AppDefinition, Role, Sort, TableDefinition},
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
    /// Where to look for them; all text columns of the table itself when empty.
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
    /// The column's id, or a path to a column of the row it refers to.
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

    /// The query it stands for, asked by this role. Fails with the place of the first column or value that does not fit the
    /// table.
    pub fn to_query(
        &self,
        definition: &AppDefinition,
        table: &TableDefinition,
        role: Role,
    ) -> Result<Query, Problem> {
        let places = Places { definition, table, role };
        let mut all: Vec<Expr> = self.id.map(Expr::is_row).into_iter().collect();
        for (index, filter) in self.filters.iter().enumerate() {
            all.push(condition(&places, filter, index)?);
        }
        let searched = self.searched(&places)?;
        for word in self.search.split_whitespace().take(Self::MAX_WORDS) {
            // No text holds a zero character, and no database takes one.
            let columns = if word.contains('\0') { &[][..] } else { &searched };
            let finds = |column: &Expr| column.clone().call(Function::Finds, [word.into()]);
            all.push(Expr::Or(columns.iter().map(finds).collect()));
        }
        let order = match &self.sort {
            Some(sort) => vec![Order { expr: places.find(&sort.column, 0)?.0, descending: sort.descending }],
            None => Vec::new(),
        };
        let limit = if self.limit == 0 { 100 } else { self.limit.min(Self::MAX_LIMIT) };
        let filter = if all.is_empty() { None } else { Some(Expr::And(all)) };
        let page = Page { limit, offset: self.offset, after: None };
        Ok(Query { table: table.id.clone(), filter, order, page, count: self.count, ..Query::default() })
    }

    /// Where its words are looked for.
    fn searched(&self, places: &Places<'_>) -> Result<Vec<Expr>, Problem> {
        if self.search_columns.is_empty() {
            let texts = places.table.columns.iter().filter(|column| column.column_type == ColumnType::Text);
            return Ok(texts.map(|column| Expr::column(&column.id)).collect());
        }
        let mut found = Vec::new();
        for id in &self.search_columns {
            let (expr, column_type) = places.find(id, 0)?;
            if column_type == ColumnType::Text {
                found.push(expr);
            }
        }
        Ok(found)
    }
}

fn condition(places: &Places<'_>, filter: &RowsFilter, index: usize) -> Result<Expr, Problem> {
    let (column, column_type) = places.find(&filter.column, index)?;
    let wrong = |error| Problem::new(index, Some(&filter.column), Reason::Value { error });
    if let (serde_json::Value::Array(values), Operator::Eq) = (&filter.value, filter.operator)
        && values.len() <= RowsRequest::MAX_LIMIT as usize
    {
        let value = |json| Ok(Value::from_json(column_type, json).map_err(wrong)?.into());
        let values: Result<_, Problem> = values.iter().map(value).collect();
        return Ok(Expr::In(Box::new(column), values?));
    }
    let value = Value::from_json(column_type, &filter.value).map_err(wrong)?;
    Ok(match (value, filter.operator) {
        (Value::Null, Operator::Eq | Operator::Ne) => column.compare(filter.operator, Value::Null.into()),
        (Value::Null, _) => return Err(wrong(crate::data::ValueError::WrongType)),
        // A blank is not another value to a person, as it would be to OData.
        (value, Operator::Ne) => (!column.clone().is_null()).and(column.compare(Operator::Ne, value.into())),
        (value, operator) => column.compare(operator, value.into()),
    })
}

/// What columns can be named.
struct Places<'a> {
    definition: &'a AppDefinition,
    table: &'a TableDefinition,
    role: Role,
}

impl Places<'_> {
    /// A column by its id or path.
    fn find(&self, named: &str, index: usize) -> Result<(Expr, ColumnType), Problem> {
        let found = match named.split_once('/') {
            None => self.table.column(named).map(|column| (Expr::column(named), column.column_type)),
            Some((column, other)) => self.referred(column, other),
        };
        found.ok_or_else(|| Problem::new(index, Some(named), Reason::UnknownColumn))
    }

    fn referred(&self, column: &str, other: &str) -> Option<(Expr, ColumnType)> {
        let refers = self.table.column(column)?.refers.as_ref()?;
        let table = self.definition.table(&refers.table)?;
        let part = |id: &str| Part::Column(id.to_owned());
        let named = table.column(other).filter(|_| table.may_see(self.role))?;
        let relation =
            Relation { table: table.id.clone(), on: vec![(part(column), part(&refers.column))], only: None };
        let field = Field { scope: 0, path: vec![relation], part: part(other) };
        Some((field.into(), named.column_type))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Row, query::Tables};

    fn definition() -> AppDefinition {
        let column = |id: &str, refers: Option<&str>| {
            let mut column = json!({ "id": id, "title": id, "type": { "name": "text" }, "kind": "text" });
            if let Some(table) = refers {
                column["refers"] = json!({ "table": table, "column": "code" });
            }
            column
        };
        let table = |id: &str, columns: Vec<serde_json::Value>, see: &[&str]| {
            json!({ "id": id, "title": id, "source": { "from": "table", "name": id }, "key": "code", "columns": columns,
                "access": { "see": see, "insert": [], "update": [], "delete": [] } })
        };
        serde_json::from_value(json!({
            "schemaVersion": 1, "name": "T", "icon": "list", "accent": "#000000", "language": "en", "screens": [],
            "tables": [
                table("orders", vec![column("code", None), column("who", Some("people")), column("spy", Some("secret"))], &["member"]),
                table("people", vec![column("code", None), column("name", None)], &["member"]),
                table("secret", vec![column("code", None), column("name", None)], &[]),
            ],
        }))
        .expect("a definition")
    }

    fn found(request: serde_json::Value, role: Role) -> Result<String, Problem> {
        let row = |number: u128, values: &[&str]| Row {
            id: RowId::from_uuid(uuid::Uuid::from_u128(number)),
            version: 1,
            values: values
                .iter()
                .map(|text| if text.is_empty() { Value::Null } else { Value::Text((*text).into()) })
                .collect(),
        };
        let orders = [
            row(1, &["o1", "p2", "s1"]),
            row(2, &["o2", "p1", ""]),
            row(3, &["o3", "", ""]),
            row(4, &["o4", "gone", ""]),
        ];
        let people = [row(5, &["p1", "Zoe Adler"]), row(6, &["p2", "Ann Bell"])];
        let secret = [row(7, &["s1", "Bond"])];
        let definition = definition();
        let request: RowsRequest = serde_json::from_value(request).expect("a request");
        let query = request.to_query(&definition, definition.table("orders").expect("orders"), role)?;
        let query = query.seen(crate::query::Sight::Everything);
        let tables = Tables::of(definition.tables[0].schema(), &orders)
            .with(definition.tables[1].schema(), &people)
            .with(definition.tables[2].schema(), &secret);
        let rows = query.select(&tables).expect("a good query").rows;
        let codes = rows.iter().map(|row| match &row.values[0] {
            Value::Text(code) => code.as_str(),
            other => panic!("{other:?}"),
        });
        Ok(codes.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn people_find_and_order_rows_by_the_names_they_see() {
        let check = |request: serde_json::Value, expect: &str| {
            assert_eq!(found(request.clone(), Role::Member).expect("allowed"), expect, "{request}");
        };
        let by_name = json!(["code", "who", "who/name"]);
        check(json!({ "search": "ann", "searchColumns": by_name }), "o1");
        check(json!({ "search": "ann p2", "searchColumns": by_name }), "o1");
        check(json!({ "search": "p1", "searchColumns": by_name }), "o2");
        check(json!({ "search": "gone", "searchColumns": by_name }), "o4");
        check(json!({ "search": "ann", "searchColumns": ["code", "who"] }), "");
        check(json!({ "search": "ann" }), "");
        check(json!({ "filters": [{ "column": "who/name", "operator": "eq", "value": "Zoe Adler" }] }), "o2");
        check(json!({ "filters": [{ "column": "who/name", "operator": "eq", "value": null }] }), "o3 o4");
        check(json!({ "sort": { "column": "who/name" } }), "o3 o4 o1 o2");
        check(json!({ "sort": { "column": "who/name", "descending": true } }), "o2 o1 o4 o3");
    }

    #[test]
    fn what_is_hidden_or_unknown_cannot_be_named() {
        let check = |named: &str, role: Role, expect: bool| {
            let requests = [
                json!({ "search": "bond", "searchColumns": [named] }),
                json!({ "sort": { "column": named } }),
                json!({ "filters": [{ "column": named, "operator": "eq", "value": "x" }] }),
            ];
            for request in requests {
                let answer = found(request, role);
                assert_eq!(answer.is_ok(), expect, "{named} {role:?}");
                if let Err(problem) = answer {
                    assert_eq!(problem.reason, Reason::UnknownColumn);
                }
            }
        };
        check("spy/name", Role::Member, false);
        check("spy/name", Role::Maker, true);
        for named in ["who/none", "code/name", "none/name", "who/name/name", "/name", "who/", "/"] {
            check(named, Role::Maker, false);
        }
    }
}
