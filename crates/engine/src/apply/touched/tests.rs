//! What is counted is what is there: beside the definition, which looks at every row each time, and beside transactions of one operation.

use std::collections::BTreeMap;

use gridkeep_model::{
    AppDefinition, Operation, Transaction, TransactionId, Workbook, definition::Role, query::Expr,
    transaction::Reason,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    LoadOptions,
    apply::{RowFormulas, Rows, apply},
};

fn id(number: u8) -> RowId {
    RowId::from_uuid(Uuid::from_u128(number.into()))
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        (0..3_i64).prop_map(Value::Integer),
        (0..3_i64, 0..2_u32).prop_map(|(number, scale)| Value::Decimal(Decimal::new(number * 10, scale))),
        prop_oneof![Just(0.0), Just(-0.0), Just(1.0)].prop_map(Value::Double),
        "[ab]?".prop_map(Value::Text),
    ]
}

fn rows() -> impl Strategy<Value = Option<Row>> {
    proptest::option::weighted(0.8, proptest::collection::vec(values(), 2))
        .prop_map(|values| values.map(|values| Row { id: id(0), version: 1, values }))
}

/// Whether a row has a value, by looking at all of them.
fn by_looking(touched: &Touched, table: &str, column: usize, value: &Value, except: RowId) -> Has {
    let has = |row: &Option<Row>| row.as_ref().is_some_and(|row| row.values.get(column) == Some(value));
    let others: Vec<&Two> = touched.of(table).filter(|(id, _)| *id != except).map(|(_, two)| two).collect();
    match (others.iter().any(|two| has(&two.now)), others.iter().any(|two| has(&two.before))) {
        (true, _) => Has::Now,
        (false, true) => Has::Before,
        (false, false) => Has::Never,
    }
}

/// Rows of one table whose first column is the key.
#[derive(Default, Clone)]
struct Memory(BTreeMap<RowId, Row>);

impl Rows for Memory {
    type Error = std::convert::Infallible;

    fn row(&mut self, _: &str, id: RowId) -> Result<Option<Row>, Self::Error> {
        Ok(self.0.get(&id).cloned())
    }

    fn key_taken(&mut self, _: &str, _: &str, value: &Value, except: RowId) -> Result<bool, Self::Error> {
        Ok(self.0.values().any(|row| row.id != except && row.values[0] == *value))
    }

    fn matching(&mut self, _: &str, _: &Expr, _: usize) -> Result<Vec<Row>, Self::Error> {
        Ok(Vec::new())
    }
}

/// A list with a key, whose rows refer to others of it and choose from those.
fn definition() -> AppDefinition {
    let column = |id: &str, offset: u32| json!({ "id": id, "title": id, "offset": offset, "type": { "name": "text" }, "kind": "text" });
    let mut parent = column("parent", 1);
    parent["validation"] = json!({ "choices": { "from": "range", "binding": { "kind": "column", "table": "t", "column": "key" } } });
    serde_json::from_value(json!({
        "schemaVersion": 1, "name": "T", "icon": "list", "accent": "#000000", "language": "en", "screens": [],
        "tables": [{ "id": "t", "title": "T", "key": "key", "columns": [column("key", 0), parent],
            "source": { "from": "range", "sheet": "S", "range": "A1:B2" } }],
    }))
    .expect("a definition")
}

/// Few rows and few keys, so that they meet.
fn operations() -> impl Strategy<Value = Vec<(u8, u8, Option<u8>, Option<u8>)>> {
    proptest::collection::vec(
        (0..3_u8, 0..6_u8, proptest::option::of(0..4_u8), proptest::option::weighted(0.3, 0..4_u8)),
        0..24,
    )
}

/// What comes of operations, each a transaction of its own or all of them in one: the rows, and which operations are refused and why.
fn run(before: &Memory, operations: &[Operation], in_one: bool) -> (Memory, Vec<(usize, Reason)>) {
    let (definition, options) =
        (definition(), LoadOptions::at("2026-11-23T05:00:00".parse().expect("a moment")));
    let mut formulas = RowFormulas::new(&Workbook::default(), &definition, &options).expect("loads");
    let (mut memory, mut refused) = (before.clone(), Vec::new());
    let size = if in_one { operations.len().max(1) } else { 1 };
    for (index, some) in operations.chunks(size).enumerate() {
        let transaction =
            Transaction { id: TransactionId::from_uuid(Uuid::nil()), operations: some.to_vec() };
        let Ok(result) = apply(&definition, &transaction, Role::Maker, &mut memory, &mut formulas);
        match result {
            Ok(changes) => {
                for change in changes.rows {
                    match change {
                        gridkeep_model::RowChange::Insert { id, values, .. } => {
                            drop(memory.0.insert(id, Row { id, version: 1, values }));
                        }
                        gridkeep_model::RowChange::Update { id, base_version, values, .. } => {
                            drop(memory.0.insert(id, Row { id, version: base_version + 1, values }));
                        }
                        gridkeep_model::RowChange::Delete { id, .. } => drop(memory.0.remove(&id)),
                    }
                }
            }
            Err(problems) => {
                refused.extend(problems.into_iter().map(|one| (index * size + one.operation, one.reason)));
            }
        }
    }
    (memory, refused)
}

proptest! {
    #[test]
    fn counted_is_looked_at(
        steps in proptest::collection::vec((0..5_u8, rows(), values(), 0..2_usize, 0..6_u8), 1..60)
    ) {
        let mut touched = Touched::default();
        for (number, row, asked, column, except) in steps {
            let table = if number == 4 { "other" } else { "t" };
            if touched.get(table, id(number)).is_none() {
                touched.add(table, id(number), row);
            } else {
                touched.put(table, id(number), row);
            }
            let expect = by_looking(&touched, "t", column, &asked, id(except));
            prop_assert_eq!(touched.has("t", column, &asked, id(except)), expect);
        }
    }

    #[test]
    fn one_transaction_is_as_many_of_one_operation(before in proptest::collection::btree_set(0..4_u8, 0..4), asked in operations()) {
        let key = |key: u8| format!("k{key}");
        let row = |(number, own): (usize, u8)| {
            let values = vec![Value::Text(key(own)), Value::Null];
            (id(number as u8), Row { id: id(number as u8), version: 1, values })
        };
        let memory = Memory(before.into_iter().enumerate().map(row).collect());
        // Each names the version that the row has by then, where those before it were done.
        let mut operations = Vec::new();
        for (kind, number, own, parent) in asked {
            let mut values = BTreeMap::from([("key".to_owned(), json!(own.map(key)))]);
            values.extend(parent.map(|parent| ("parent".to_owned(), json!(key(parent)))));
            let (so_far, _) = run(&memory, &operations, false);
            let base_version = so_far.0.get(&id(number)).map_or(1, |row| row.version);
            let (table, id) = ("t".to_owned(), id(number));
            operations.push(match kind {
                0 => Operation::Insert { table, id, values },
                1 => Operation::Update { table, id, base_version, values },
                _ => Operation::Delete { table, id, base_version },
            });
        }
        let ((one, refused), (many, alone)) = (run(&memory, &operations, true), run(&memory, &operations, false));
        prop_assert_eq!(&refused, &alone);
        prop_assert_eq!(one.0, if refused.is_empty() { many.0 } else { memory.0 });
    }
}
