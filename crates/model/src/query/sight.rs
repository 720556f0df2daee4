//! What of an app's tables a query may look at: the rights of whoever asks, as a part of the query itself.
//!
//! **Architecture Invariant:** a query sees what its sight says, on whichever way it comes to a table: as its own, by a relation, in
//! a condition, an order, a group or a page's keys. A query that was given none sees nothing, so that whoever forgets to
//! say for whom it is asks in vain. Columns that are not seen are unknown, as if there were none; rows that are not seen
//! are not there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Expr, QueryError, Schemas};
use crate::TableSchema;

/// What may be looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Sight {
    /// Nothing: no table is known.
    #[default]
    Nothing,
    /// Every row of every table: whoever asks works for the app itself, or is its maker.
    Everything,
    /// These tables.
    Seen(Arc<Seen>),
}

/// The tables somebody sees, by id, with what of each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen(pub BTreeMap<String, SeenTable>);

/// What somebody sees of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeenTable {
    /// The rows for which this is true, over the table's own columns; all when absent. It may look at columns that are
    /// not seen.
    pub only: Option<Expr>,
    /// Ids of the columns that are not seen.
    pub hidden: BTreeSet<String>,
}

/// All of a table.
static ALL: SeenTable = SeenTable { only: None, hidden: BTreeSet::new() };

/// What stands before the place of a column that is not seen, instead of its id. No id begins so.
const MASK: char = '\0';

/// Whether a column is one that is not seen.
pub(super) fn is_masked(id: &str) -> bool {
    id.starts_with(MASK)
}

/// The tables of a query as it may look at them.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// Schemas with columns that are not seen under no name; places are those of the table.
    pub(super) seen: Schemas<'a>,
    /// Schemas as they are: what decides which rows are seen is not asked by whoever asks.
    all: Schemas<'a>,
    sight: &'a Sight,
}

impl Sight {
    /// What is seen of a table; `None` when nothing is.
    fn of(&self, table: &str) -> Option<&SeenTable> {
        match self {
            Self::Nothing => None,
            Self::Everything => Some(&ALL),
            Self::Seen(seen) => seen.0.get(table),
        }
    }

    /// Whether anything of a table is seen.
    pub fn sees(&self, table: &str) -> bool {
        self.of(table).is_some()
    }

    /// Whether every row of a table is seen.
    pub fn sees_all_rows(&self, table: &str) -> bool {
        self.of(table).is_some_and(|seen| seen.only.is_none())
    }

    /// Whether these columns of a table are seen, of at least some of its rows; all of its columns when there is no list.
    pub fn sees_columns(&self, table: &str, columns: Option<&[String]>) -> bool {
        let shown = |seen: &SeenTable| match columns {
            None => seen.hidden.is_empty(),
            Some(columns) => columns.iter().all(|column| !seen.hidden.contains(column)),
        };
        self.of(table).is_some_and(shown)
    }

    /// The rows of a table that are seen; `None` for all.
    pub(super) fn only(&self, table: &str) -> Option<&Expr> {
        self.of(table)?.only.as_ref()
    }

    /// The schemas of tables of which not all columns are seen, as they are seen.
    pub(super) fn masks(&self, schemas: Schemas<'_>) -> BTreeMap<String, TableSchema> {
        let Self::Seen(seen) = self else { return BTreeMap::new() };
        let masked = |(table, seen): (&String, &SeenTable)| {
            let mut schema = schemas(table).filter(|_| !seen.hidden.is_empty())?.clone();
            for (place, column) in schema.columns.iter_mut().enumerate() {
                if seen.hidden.contains(&column.id) {
                    column.id = format!("{MASK}{place}");
                }
            }
            Some((table.clone(), schema))
        };
        seen.0.iter().filter_map(masked).collect()
    }
}

impl<'a> View<'a> {
    pub(super) const fn new(seen: Schemas<'a>, all: Schemas<'a>, sight: &'a Sight) -> Self {
        Self { seen, all, sight }
    }

    /// Without limits: for what decides them.
    const fn unlimited(self) -> Self {
        Self { seen: self.all, all: self.all, sight: &Sight::Everything }
    }

    /// Which rows of a table are seen, with its schema as it is and the view to check that with; `None` for all.
    pub(super) fn only(self, table: &str) -> Result<Option<(Self, &'a TableSchema, &'a Expr)>, QueryError> {
        let Some(only) = self.sight.only(table) else { return Ok(None) };
        let schema = (self.all)(table).ok_or_else(|| QueryError::UnknownTable(table.to_owned()))?;
        Ok(Some((self.unlimited(), schema, only)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        Column, ColumnType, Query, Row, RowId, Value,
        query::{
            Aggregate, Computed, Each, Field, Group, Measure, Operator, Order, Part, Rank, Related, Relation,
            Step, Tables, Until,
        },
    };

    fn schema(id: &str, columns: &[&str]) -> TableSchema {
        let column = |id: &&str| Column { id: (*id).to_owned(), column_type: ColumnType::Text };
        TableSchema { id: id.to_owned(), columns: columns.iter().map(column).collect() }
    }

    fn row(number: u128, values: &[&str]) -> Row {
        let values = values.iter().map(|value| Value::Text((*value).to_owned())).collect();
        Row { id: RowId::from_uuid(Uuid::from_u128(number)), version: 1, values }
    }

    fn relation(table: &str, here: &str, there: &str) -> Relation {
        let part = |id: &str| Part::Column(id.to_owned());
        Relation { table: table.into(), on: vec![(part(here), part(there))], only: None }
    }

    fn equal(column: &str, value: &str) -> Expr {
        Expr::column(column).compare(Operator::Eq, value.into())
    }

    /// Two regions; of staff the pay is not seen, of the region south nothing is.
    fn sight() -> Sight {
        let of = |hidden: &[&str]| SeenTable {
            only: Some(equal("region", "north")),
            hidden: hidden.iter().map(|id| (*id).to_owned()).collect(),
        };
        let tables = [("staff".to_owned(), of(&["pay"])), ("site".to_owned(), of(&["region"]))];
        Sight::Seen(Arc::new(Seen(tables.into())))
    }

    fn asked(query: &Query) -> Result<String, QueryError> {
        let staff = [
            row(1, &["Ann", "north", "n1", "SECRET-1"]),
            row(2, &["Bob", "north", "s1", "SECRET-2"]),
            row(3, &["SECRET-3", "south", "n1", "SECRET-4"]),
        ];
        let site = [row(4, &["n1", "Harbour", "north"]), row(5, &["s1", "SECRET-5", "south"])];
        let pay = [row(6, &["SECRET-6"])];
        let tables = Tables::of(schema("staff", &["name", "region", "at", "pay"]), &staff)
            .with(schema("site", &["code", "title", "region"]), &site)
            .with(schema("pay", &["amount"]), &pay);
        let found = query.select(&tables)?;
        let columns: Vec<&str> = found.schema.columns.iter().map(|column| column.id.as_str()).collect();
        let rows: Vec<_> = found.rows.iter().map(|row| json!(row.values)).collect();
        Ok(format!("{columns:?} {} {:?}", json!(rows), found.total))
    }

    fn staff() -> Query {
        Query { table: "staff".into(), sight: sight(), ..Query::default() }
    }

    #[test]
    fn nothing_comes_out_that_is_not_seen() {
        let check = |query: Query, expect: &str| assert_eq!(asked(&query).unwrap(), expect);
        let all = r#"[["Ann","north","n1"],["Bob","north","s1"]]"#;
        check(Query { count: true, ..staff() }, &format!(r#"["name", "region", "at"] {all} Some(2)"#));
        // Whatever is asked, it is asked of those rows.
        let anybody = Expr::Or(vec![equal("region", "south"), Expr::And(Vec::new())]);
        check(Query { filter: Some(anybody), ..staff() }, &format!(r#"["name", "region", "at"] {all} None"#));
        // What a row refers to, is not seen there either; nor is it counted.
        let title = Field {
            scope: 0,
            path: vec![relation("site", "at", "code")],
            part: Part::Column("title".into()),
        };
        let title = Computed { name: "title".into(), expr: title.into() };
        let columns = Some(vec!["name".into()]);
        check(
            Query { columns: columns.clone(), compute: vec![title], ..staff() },
            r#"["name", "title"] [["Ann","Harbour"],["Bob",null]] None"#,
        );
        let back = Related { scope: 0, path: vec![relation("staff", "code", "at")] };
        let count = Computed { name: "count".into(), expr: Expr::Count(back.clone(), None) };
        let sites = Query { table: "site".into(), columns: Some(vec!["code".into()]), ..staff() };
        check(Query { compute: vec![count], ..sites.clone() }, r#"["code", "count"] [["n1",1]] None"#);
        let secret = Box::new(equal("name", "SECRET-3"));
        check(
            Query { filter: Some(Expr::Any(back.clone(), Some(secret.clone()))), ..sites.clone() },
            r#"["code"] [] None"#,
        );
        check(
            Query { filter: Some(Expr::All(back, Box::new(!*secret))), ..sites },
            r#"["code"] [["n1"]] None"#,
        );
        // Steps begin with those rows, and without those columns.
        let group = Group {
            by: vec![Computed { name: "at".into(), expr: Expr::column("at") }],
            aggregates: vec![Aggregate { name: "n".into(), measure: Measure::Count }],
        };
        let grouped = Query { steps: vec![Step::Group(group)], ..staff() };
        check(grouped, r#"["at", "n"] [["n1",1],["s1",1]] None"#);
        let kept = Query { steps: vec![Step::Part { skip: 1, take: None }], ..staff() };
        check(kept, r#"["name", "region", "at"] [["Bob","north","s1"]] None"#);
        let twice = Step::Concat(vec![Vec::new(), Vec::new()]);
        let both = Query { steps: vec![twice], page: super::super::Page::first(3), ..staff() };
        check(
            both,
            r#"["name", "region", "at"] [["Ann","north","n1"],["Bob","north","s1"],["Ann","north","n1"]] None"#,
        );
    }

    #[test]
    fn a_column_that_is_not_seen_is_unknown() {
        let check = |query: Query| {
            assert!(matches!(asked(&query), Err(QueryError::UnknownColumn { .. })), "{query:?}");
        };
        let pay = || Expr::column("pay");
        let named = |name: &str| Computed { name: name.into(), expr: pay() };
        check(Query { columns: Some(vec!["pay".into()]), ..staff() });
        check(Query { columns: Some(vec!["\u{0}3".into()]), ..staff() });
        check(Query { filter: Some(equal("\u{0}3", "SECRET-1")), ..staff() });
        check(Query { filter: Some(equal("pay", "SECRET-1")), ..staff() });
        check(Query { order: vec![Order::column("pay", true)], ..staff() });
        check(Query { compute: vec![named("x")], ..staff() });
        let steps = |step: Step| Query { steps: vec![step], ..staff() };
        check(steps(Step::Filter(equal("pay", "SECRET-1"))));
        check(steps(Step::Compute(vec![named("x")])));
        check(steps(Step::Order(vec![Order { expr: pay(), descending: false }])));
        check(steps(Step::Group(Group { by: vec![named("pay")], aggregates: Vec::new() })));
        let most = Measure::Max(pay());
        let most = vec![Aggregate { name: "x".into(), measure: most }];
        check(steps(Step::Group(Group { by: Vec::new(), aggregates: most })));
        check(steps(Step::Each(Each { by: vec!["pay".into()], steps: Vec::new() })));
        check(steps(Step::Rank(Rank { by: pay(), descending: true, until: Until::Count(1) })));
        let part = Step::Part { skip: 0, take: None };
        check(Query { steps: vec![part, Step::Filter(equal("pay", "SECRET-1"))], ..staff() });
        let join = relation("site", "pay", "code");
        check(Query { filter: Some(Expr::Any(Related { scope: 0, path: vec![join] }, None)), ..staff() });
        let join = relation("site", "at", "region");
        check(Query { filter: Some(Expr::Any(Related { scope: 0, path: vec![join] }, None)), ..staff() });
    }

    #[test]
    fn a_table_that_is_not_seen_is_not_there() {
        let check = |query: Query, table: &str| {
            assert_eq!(asked(&query), Err(QueryError::UnknownTable(table.to_owned())));
        };
        check(Query { table: "pay".into(), ..staff() }, "pay");
        let path = vec![relation("pay", "name", "amount")];
        check(Query { filter: Some(Expr::Any(Related { scope: 0, path }, None)), ..staff() }, "pay");
        // Whoever forgets to say for whom a query is, finds nothing.
        check(Query { table: "staff".into(), ..Query::default() }, "staff");
    }
}
