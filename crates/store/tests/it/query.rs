//! Every operator on every type: the databases answer what `Query::select` answers in memory.

use std::sync::OnceLock;

use gridkeep_model::{
    ColumnType, Row, RowId, TableSchema, Value,
    query::{Filter, Operator, Order, Page, Query},
};
use gridkeep_store::{Found, StoreError};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::json;

use crate::world::{World, places, schema, text};

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
            ("time", ColumnType::Time, json!(["00:00:00", "08:30:00", "08:30:01", "23:59:59"])),
            (
                "moment",
                ColumnType::DateTime,
                json!([
                    "0001-01-01T00:00:00",
                    "2026-11-21T08:30:00",
                    "2026-11-21T08:30:01",
                    "9999-12-31T23:59:59"
                ]),
            ),
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

/// The databases under test and the rows that are in them.
struct Bench {
    worlds: Vec<World>,
    rows: Vec<Row>,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn check(&self, query: &Query) {
        let (expect, total) = query.select(&table(), &self.rows);
        for world in &self.worlds {
            let (app, asked) = (world.app, query.clone());
            let found: Result<Found, StoreError> =
                self.runtime.block_on(world.tenant.read(move |reader| reader.rows(app, &asked)));
            let found = found.unwrap();
            let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<RowId>>();
            assert_eq!(ids(&found.rows), ids(&expect), "{query:?}");
            assert_eq!(found.rows, expect, "{query:?}");
            assert_eq!(found.total, total, "{query:?}");
        }
    }

    fn all(&self, filter: Filter) {
        let page = Page { limit: 1_000, offset: 0 };
        self.check(&Query { table: "all".into(), filter: Some(filter), order: vec![], page, count: true });
    }
}

/// Runs the checks on all databases at once; half of them keep indexes.
fn bench(run: impl FnOnce(&Bench)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let places = places();
    let mut worlds = Vec::new();
    let mut inserted = Vec::new();
    for (number, place) in places.iter().enumerate() {
        let mut world = runtime.block_on(World::new(place));
        inserted = rows(&mut world);
        let indexed: &[&str] = &["text", "integer", "money", "double", "boolean", "date", "moment"];
        let indexed = if number % 2 == 0 { indexed } else { &indexed[..3] };
        runtime.block_on(world.table(&table(), indexed, inserted.clone()));
        worlds.push(world);
    }
    run(&Bench { worlds, rows: inserted, runtime });
}

const OPERATORS: [Operator; 6] =
    [Operator::Eq, Operator::Ne, Operator::Gt, Operator::Ge, Operator::Lt, Operator::Le];

#[test]
fn every_operator_answers_alike_for_every_value_of_every_type() {
    bench(|bench| {
        for (id, _, values) in columns() {
            let column = || (*id).to_owned();
            for value in values {
                for operator in OPERATORS {
                    let compare = Filter::Compare { column: column(), operator, value: value.clone() };
                    bench.all(Filter::Not(Box::new(compare.clone())));
                    bench.all(compare);
                }
            }
            bench.all(Filter::IsNull(column()));
            bench.all(Filter::Not(Box::new(Filter::IsNull(column()))));
            bench.all(Filter::Compare { column: column(), operator: Operator::Ne, value: Value::Null });
            let some = || values.iter().step_by(2).cloned().chain([Value::Null]).collect();
            bench.all(Filter::In { column: column(), values: some() });
            bench.all(Filter::Not(Box::new(Filter::In { column: column(), values: some() })));
            bench.all(Filter::In { column: column(), values: vec![] });
            for descending in [false, true] {
                let order = vec![Order { column: column(), descending }];
                let page = Page { limit: 1_000, offset: 0 };
                bench.check(&Query {
                    table: "all".into(),
                    filter: None,
                    order: order.clone(),
                    page,
                    count: false,
                });
                let page = Page { limit: 7, offset: 30 };
                bench.check(&Query { table: "all".into(), filter: None, order, page, count: true });
            }
        }
        for needle in [
            "", "a", "A", "apple", "STRASSE", "straß", "ss", "οδοσ", "ΟΔΟΣ", "%", "_", "\\", "'", "i", "FI",
            "💶", "\0", "xxa",
        ] {
            for column in ["text", "integer"] {
                let (column, text) = (column.to_owned(), needle.to_owned());
                let contains = Filter::Contains { column: column.clone(), text: text.clone() };
                let starts = Filter::StartsWith { column, text };
                for filter in [contains, starts] {
                    bench.all(Filter::Not(Box::new(filter.clone())));
                    bench.all(filter);
                }
            }
        }
        for start in ["x".repeat(63), "x".repeat(64), "x".repeat(80), format!("{}A", "x".repeat(80))] {
            bench.all(Filter::StartsWith { column: "text".into(), text: start });
        }
        bench.all(Filter::Id(bench.rows[17].id));
        bench.all(Filter::And(vec![]));
        bench.all(Filter::Or(vec![]));
        bench.all(Filter::Not(Box::new(Filter::Or(vec![]))));
    });
}

fn filters() -> impl Strategy<Value = Filter> {
    let column = || prop::sample::select(columns());
    let value = |values: Vec<Value>| prop::sample::select(values);
    let compare = column().prop_flat_map(move |(id, _, values)| {
        (Just(id), prop::sample::select(&OPERATORS[..]), value(values))
            .prop_map(|(id, operator, value)| Filter::Compare { column: id.to_owned(), operator, value })
    });
    let one_of = column().prop_flat_map(|(id, _, values)| {
        (Just(id), prop::sample::subsequence(values, 0..=2))
            .prop_map(|(id, values)| Filter::In { column: id.to_owned(), values })
    });
    let null = column().prop_map(|(id, ..)| Filter::IsNull(id.to_owned()));
    let contains = "[a-zA-Z%_ß ]{0,2}".prop_map(|text| Filter::Contains { column: "text".into(), text });
    let starts = "[a-zA-Z%_ß ]{0,2}".prop_map(|text| Filter::StartsWith { column: "text".into(), text });
    let leaf = prop_oneof![4 => compare, 1 => one_of, 1 => null, 1 => contains, 1 => starts];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn queries() -> impl Strategy<Value = Query> {
    let order =
        prop::collection::vec((prop::sample::select(columns()), any::<bool>()), 0..3).prop_map(|keys| {
            keys.into_iter()
                .map(|((id, ..), descending)| Order { column: id.to_owned(), descending })
                .collect()
        });
    (prop::option::of(filters()), order, 0_u32..40, 0_u64..130, any::<bool>()).prop_map(
        |(filter, order, limit, offset, count)| Query {
            table: "all".to_owned(),
            filter,
            order,
            page: Page { limit, offset },
            count,
        },
    )
}

#[test]
fn any_query_answers_as_in_memory() {
    bench(|bench| {
        let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
        TestRunner::new(config)
            .run(&queries(), |query| {
                bench.check(&query);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn what_does_not_fit_is_refused_alike() {
    bench(|bench| {
        let deep = (0..40).fold(Filter::And(vec![]), |filter, _| Filter::Not(Box::new(filter)));
        let wide = Filter::Or(vec![Filter::IsNull("text".into()); 1_001]);
        let of =
            |column: &str, value| Filter::Compare { column: column.into(), operator: Operator::Eq, value };
        let cases = [
            (deep, "too long or too deep"),
            (wide, "too long or too deep"),
            (of("nowhere", Value::Integer(1)), "no column"),
            (of("text\" OR 1=1 --", text("x")), "no column"),
            (of("integer", text("1")), "another type"),
            (of("money", Value::Decimal("0.001".parse().unwrap())), "places"),
            (of("double", Value::Double(f64::NAN)), "not finite"),
            (of("text", text("a\0b")), "zero character"),
        ];
        for (filter, expect) in cases {
            let query = Query { table: "all".into(), filter: Some(filter), ..Query::default() };
            for world in &bench.worlds {
                let (app, asked) = (world.app, query.clone());
                let found: Result<Found, StoreError> =
                    bench.runtime.block_on(world.tenant.read(move |reader| reader.rows(app, &asked)));
                let error = found.unwrap_err().to_string();
                assert!(error.contains(expect), "{error}: {query:?}");
            }
        }
    });
}
