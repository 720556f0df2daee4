//! The databases answer what `Query::select` answers in memory.

mod expressions;
mod groups;
mod one;
mod operators;
mod paging;
mod patterns;
mod places;
mod plans;
mod random;
mod steps;

use std::sync::OnceLock;

use gridkeep_model::{
    ColumnType, Row, RowId, TableSchema, Value,
    query::{Expr, Operator, Order, Page, Part, Query, Relation, Tables},
};
use gridkeep_store::{Found, StoreError};
use serde_json::json;

use crate::world::{Place, World, places, schema, text};

/// Whether there is a smaller and a larger among values of this type.
fn ordered(column_type: ColumnType) -> bool {
    column_type != ColumnType::Binary
}

/// A column of each type, and values that are told apart only by exactness: none but text has fewer than three sizes.
fn columns() -> &'static [(&'static str, ColumnType, Vec<Value>)] {
    static COLUMNS: OnceLock<Vec<(&str, ColumnType, Vec<Value>)>> = OnceLock::new();
    COLUMNS.get_or_init(|| {
        let long = "x".repeat(80);
        let cases = [
            (
                "text",
                ColumnType::Text,
                json!([
                    "",
                    " ",
                    "apple",
                    "Apple",
                    "APPLE PIE",
                    "banana",
                    "Äpfel",
                    "äpfel",
                    "Straße",
                    "STRASSE",
                    "ΟΔΟΣ",
                    "οδος",
                    "100%",
                    "100 %",
                    "1000",
                    "a_b",
                    "axb",
                    "a\\b",
                    "O'Brien",
                    "\"quoted\"",
                    "007",
                    "7",
                    "💶",
                    "İ",
                    "ı",
                    "ﬁn",
                    format!("{long}a"),
                    format!("{long}b"),
                    "z\u{10FFFF}",
                    "\u{D7FF}",
                ]),
            ),
            (
                "integer",
                ColumnType::Integer,
                json!([
                    -9_007_199_254_740_991_i64,
                    -1,
                    0,
                    1,
                    2,
                    10,
                    9_007_199_254_740_990_i64,
                    9_007_199_254_740_991_i64
                ]),
            ),
            (
                "money",
                ColumnType::Decimal { scale: 2 },
                json!([
                    "-0.01",
                    "0.00",
                    "0.01",
                    "0.10",
                    "0.30",
                    "9.99",
                    "10.00",
                    "92233720368547758.06",
                    "92233720368547758.07",
                    "-92233720368547758.08"
                ]),
            ),
            (
                "fine",
                ColumnType::Decimal { scale: 9 },
                json!(["0.000000001", "0.1", "-1.5", "9223372036.854775807"]),
            ),
            (
                "double",
                ColumnType::Double,
                json!([-1.5e300, -1e-300, 0.0, 1e-300, 0.1, 0.300_000_000_000_000_04, 0.3, 1e300]),
            ),
            ("boolean", ColumnType::Boolean, json!([true, false])),
            (
                "date",
                ColumnType::Date,
                json!(["0001-01-01", "1899-12-31", "2024-02-29", "2026-11-21", "9999-12-31"]),
            ),
            (
                "time",
                ColumnType::Time,
                json!([
                    "00:00:00",
                    "08:30:00",
                    "08:30:00.000001",
                    "08:30:00.5",
                    "08:30:01",
                    "23:59:59.999999"
                ]),
            ),
            (
                "moment",
                ColumnType::DateTime,
                json!([
                    "0001-01-01T00:00:00",
                    "2026-11-21T08:30:00",
                    "2026-11-21T08:30:00.25",
                    "2026-11-21T08:30:01",
                    "9999-12-31T23:59:59.999999"
                ]),
            ),
            (
                "long",
                ColumnType::Decimal { scale: 18 },
                json!([
                    "-9999999999.999999999999999999",
                    "-9.5",
                    "-0.000000000000000001",
                    "0",
                    "0.000000000000000001",
                    "0.1",
                    "10",
                    "9999999999.999999999999999998",
                    "9999999999.999999999999999999"
                ]),
            ),
            (
                "guid",
                ColumnType::Guid,
                json!([
                    "00000000-0000-0000-0000-000000000000",
                    "01234567-89ab-cdef-0123-456789abcdef",
                    "7fffffff-ffff-ffff-ffff-ffffffffffff",
                    "80000000-0000-0000-0000-000000000000",
                    "ffffffff-ffff-ffff-ffff-ffffffffffff"
                ]),
            ),
            (
                "length",
                ColumnType::Duration,
                json!([
                    "-P106751991DT4H54.775808S",
                    "-P1D",
                    "-PT0.000001S",
                    "PT0S",
                    "PT1H30M",
                    "PT1H30M0.5S",
                    "P400DT2H3M4.56S",
                    "P106751991DT4H54.775807S"
                ]),
            ),
            ("bytes", ColumnType::Binary, json!(["", "AA", "AAA", "_w", "__4", "AQID", "QUJDREVG"])),
        ];
        let read = |column_type, values: &serde_json::Value| {
            let values = values.as_array().unwrap().iter();
            values.map(|json| Value::from_json(column_type, json).unwrap()).collect()
        };
        cases
            .iter()
            .map(|(id, column_type, values)| (*id, *column_type, read(*column_type, values)))
            .collect()
    })
}

fn table() -> TableSchema {
    let columns: Vec<_> = columns().iter().map(|(id, column_type, _)| (*id, *column_type)).collect();
    schema("all", &columns)
}

/// Rows in which every value of every column occurs, with nulls, and many values together.
fn rows(world: &mut World) -> Vec<Row> {
    let mut rows = Vec::new();
    for number in 0..120 {
        let value = |(index, (_, _, values)): (usize, &(&str, ColumnType, Vec<Value>))| {
            let at = (number * (index + 1) + index) % (values.len() + 2);
            values.get(at).cloned().unwrap_or(Value::Null)
        };
        let values = columns().iter().enumerate().map(value).collect();
        rows.push(Row { id: world.row_id(), version: 1, values });
    }
    rows
}

/// A table that rows of the first are related to: by text and by number, several by some, none by others.
fn related_table() -> TableSchema {
    schema(
        "related",
        &[
            ("key", ColumnType::Text),
            ("number", ColumnType::Integer),
            ("amount", ColumnType::Decimal { scale: 2 }),
            ("note", ColumnType::Text),
            ("open", ColumnType::Boolean),
            ("of", ColumnType::Guid),
        ],
    )
}

fn related_rows(world: &mut World, all: &[Row]) -> Vec<Row> {
    let (texts, integers) = (&columns()[0].2, &columns()[1].2);
    let mut rows = Vec::new();
    for number in 0..60_usize {
        let pick = |values: &[Value], step: usize| values.get(number * step % (values.len() + 3)).cloned();
        let values = vec![
            pick(texts, 7).unwrap_or(Value::Null),
            pick(integers, 3).unwrap_or(Value::Null),
            if number % 7 == 0 {
                Value::Null
            } else {
                decimal(&format!("{}.{:02}", number, number * 3 % 100), 2)
            },
            if number % 5 == 0 { Value::Null } else { text(["a", "B", "ß", "ä1"][number % 4]) },
            [Value::Null, Value::Boolean(true), Value::Boolean(false)][number % 3].clone(),
            all.get(number * number % 130).map_or(Value::Null, |row| Value::Guid(row.id.uuid())),
        ];
        rows.push(Row { id: world.row_id(), version: 1, values });
    }
    rows
}

/// The related rows with the same text.
fn by_text() -> Relation {
    let part = |id: &str| Part::Column(id.to_owned());
    Relation { table: "related".into(), on: vec![(part("text"), part("key"))], only: None }
}

/// The related rows with the same number that are open, as far as anybody may see.
fn by_number() -> Relation {
    let part = |id: &str| Part::Column(id.to_owned());
    let only = Expr::column("open").compare(Operator::Ne, Value::Boolean(false).into());
    Relation {
        table: "related".into(),
        on: vec![(part("integer"), part("number"))],
        only: Some(Box::new(only)),
    }
}

/// The related rows that point to the row.
fn by_id() -> Relation {
    Relation { table: "related".into(), on: vec![(Part::Id, Part::Column("of".into()))], only: None }
}

/// From a related row back to all those with its text.
fn back() -> Relation {
    let part = |id: &str| Part::Column(id.to_owned());
    Relation { table: "all".into(), on: vec![(part("key"), part("text"))], only: None }
}

fn decimal(text: &str, scale: u8) -> Value {
    Value::decimal(text, scale).unwrap()
}

/// The databases under test and the rows that are in them.
struct Bench {
    worlds: Vec<World>,
    rows: Vec<Row>,
    related: Vec<Row>,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn tables(&self) -> Tables<'_> {
        Tables::of(table(), &self.rows).with(related_table(), &self.related)
    }

    fn ask(&self, world: &World, query: &Query) -> Result<Found, StoreError> {
        let (app, asked) = (world.app, query.clone());
        self.runtime.block_on(world.tenant.read(move |reader| reader.rows(app, &asked)))
    }

    /// What all give alike.
    fn check(&self, query: &Query) -> Found {
        let expect = query.select(&self.tables()).unwrap_or_else(|error| panic!("{error}: {query:#?}"));
        for (number, world) in self.worlds.iter().enumerate() {
            let found =
                self.ask(world, query).unwrap_or_else(|error| panic!("{number}: {error}: {query:#?}"));
            let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<RowId>>();
            assert_eq!(ids(&found.rows), ids(&expect.rows), "{number}: {query:?}");
            assert_eq!(found, expect, "{number}: {query:?}");
        }
        expect
    }

    fn all(&self, filter: impl Into<Expr>) -> Found {
        let filter = Some(filter.into());
        self.check(&Query {
            table: "all".into(),
            filter,
            page: Page::first(1_000),
            count: true,
            ..Query::unlimited()
        })
    }
}

/// Runs the checks on all databases at once; half of them keep indexes.
fn bench(run: impl FnOnce(&Bench)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let places: Vec<Place> = places().into_iter().chain(places()).collect();
    let mut worlds = Vec::new();
    let (mut inserted, mut related) = (Vec::new(), Vec::new());
    for (number, place) in places.iter().enumerate() {
        let mut world = runtime.block_on(World::new(place));
        if inserted.is_empty() {
            inserted = rows(&mut world);
            related = related_rows(&mut world, &inserted);
        }
        let indexed: &[&str] = &[
            "text", "integer", "money", "fine", "double", "boolean", "date", "time", "moment", "long",
            "guid", "length", "bytes",
        ];
        let indexed = if number < places.len() / 2 { indexed } else { &indexed[..3] };
        runtime.block_on(world.table(&table(), indexed, inserted.clone()));
        let indexed: &[&str] = if number < places.len() / 2 { &["key", "number", "of"] } else { &[] };
        runtime.block_on(world.table(&related_table(), indexed, related.clone()));
        worlds.push(world);
    }
    run(&Bench { worlds, rows: inserted, related, runtime });
}

const OPERATORS: [Operator; 6] =
    [Operator::Eq, Operator::Ne, Operator::Gt, Operator::Ge, Operator::Lt, Operator::Le];
