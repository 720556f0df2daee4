//! How many rows a second the JSON writer makes, beside serde_json over the same rows in the same run.
//!
//! `cargo run --release -p gridkeep-odata --example rows`
#![expect(clippy::print_stdout, reason = "figures for a person")]

use std::time::Instant;

use gridkeep_model::Value;
use gridkeep_odata::{
    edm::{Primitive, TypeRef},
    json::{Shape, Style, Writer},
};
use jiff::civil;
use serde::Serialize;

const ROWS: usize = 1_000_000;
const ROUNDS: usize = 5;

/// The same seven columns as a struct, as a program would write them whose tables are known when it is compiled.
#[derive(Serialize)]
struct Order<'a> {
    #[serde(rename = "ID")]
    id: &'a Value,
    #[serde(rename = "Customer")]
    customer: &'a Value,
    #[serde(rename = "Amount")]
    amount: &'a Value,
    #[serde(rename = "Quantity")]
    quantity: &'a Value,
    #[serde(rename = "Weight")]
    weight: &'a Value,
    #[serde(rename = "Day")]
    day: &'a Value,
    #[serde(rename = "Changed")]
    changed: &'a Value,
}

fn main() {
    let rows: Vec<[Value; 7]> = (0..1000_u32)
        .map(|number| {
            [
                Value::Guid(uuid::Uuid::from_u128(0x0190_AAAA << 96 | u128::from(number))),
                Value::Text(format!("Customer {number:05} & Söhne")),
                Value::Decimal(rust_decimal::Decimal::new(i64::from(number) * 137 + 1250, 2)),
                Value::Integer(i64::from(number) * 3),
                Value::Double(f64::from(number) / 7.0),
                Value::Date(civil::date(2026, 1 + (number % 12) as i8, 1 + (number % 28) as i8)),
                Value::DateTime(civil::date(2026, 11, 21).at(8, (number % 60) as i8, 5, 0)),
            ]
        })
        .collect();
    let each = || (0..ROWS / rows.len()).flat_map(|_| &rows);

    let kinds = [
        ("ID", Primitive::Guid),
        ("Customer", Primitive::String),
        ("Amount", Primitive::Decimal),
        ("Quantity", Primitive::Int64),
        ("Weight", Primitive::Double),
        ("Day", Primitive::Date),
        ("Changed", Primitive::DateTimeOffset),
    ]
    .map(|(name, primitive)| (name, TypeRef::primitive(primitive), false));
    let ours = || {
        let mut writer = Writer::over(Vec::with_capacity(80 << 10), Style::default());
        let shape =
            Shape::new(writer.style(), kinds.iter().map(|(name, kind, default)| (*name, kind, *default)));
        let mut bytes = 0;
        writer.begin_collection(Some("$metadata#Orders"), None);
        for (row, version) in each().zip(1..) {
            writer.begin_object();
            writer.row_etag(version);
            writer.row(&shape, row);
            writer.end_object();
            if writer.buffered() > 64 << 10 {
                bytes += writer.take().len();
            }
        }
        writer.end_collection(None, None);
        bytes + writer.finish().len()
    };
    let theirs = || {
        let mut out = Vec::with_capacity(80 << 10);
        let mut bytes = 0;
        for [id, customer, amount, quantity, weight, day, changed] in each() {
            let order = Order { id, customer, amount, quantity, weight, day, changed };
            if serde_json::to_writer(&mut out, &order).is_ok() {
                out.push(b',');
            }
            if out.len() > 64 << 10 {
                bytes += out.len();
                out.clear();
            }
        }
        bytes + out.len()
    };
    measure("odata::json", ours);
    measure("serde_json", theirs);
}

fn measure(name: &str, write: impl Fn() -> usize) {
    let mut best = f64::INFINITY;
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        bytes = write();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let rate = ROWS as f64 / best;
    println!("{name}: {rate:.0} rows/s of 7 columns, {} bytes a row, best of {ROUNDS}", bytes / ROWS);
}
