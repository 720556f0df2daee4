//! A published table changes from version to version, and back.

use gridkeep_model::{ColumnType, Row, RowChange, TableSchema, Value};
use gridkeep_store::{ChangeKind, StoreError, Unconvertible};

use crate::world::{World, all, places, schema, text};

const MONEY: ColumnType = ColumnType::Decimal { scale: 2 };

impl World {
    async fn put(
        &self,
        schema: &TableSchema,
        indexed: &'static [&'static str],
    ) -> Result<(), Vec<Unconvertible>> {
        let (app, schema) = (self.app, schema.clone());
        let put = self.tenant.write(move |work| match work.put_table(app, &schema, indexed)? {
            Ok(()) => Ok(()),
            Err(problems) => Err(Refused::Problems(problems)),
        });
        match put.await {
            Ok(()) => Ok(()),
            Err(Refused::Problems(problems)) => Err(problems),
            Err(Refused::Store(error)) => panic!("{error}"),
        }
    }

    async fn rows(&self) -> Vec<Row> {
        let app = self.app;
        let found = self.tenant.read(move |reader| reader.rows(app, &all("goods", &[])));
        found.await.map_err(|error: StoreError| error).unwrap().rows
    }

    async fn values(&self) -> Vec<Vec<Value>> {
        self.rows().await.into_iter().map(|row| row.values).collect()
    }
}

enum Refused {
    Problems(Vec<Unconvertible>),
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn json(rows: &[Vec<Value>]) -> String {
    serde_json::to_string(rows).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_come_go_and_come_back() {
    for place in places() {
        let mut world = World::new(&place).await;
        let first = schema("goods", &[("name", ColumnType::Text), ("price", ColumnType::Text)]);
        let ids = [world.row_id(), world.row_id(), world.row_id()];
        let row = |id, name, price| Row { id, version: 1, values: vec![text(name), price] };
        let rows = vec![
            row(ids[0], "Bolt", text("1.50")),
            row(ids[1], "Nut", Value::Null),
            row(ids[2], "Screw", text("12")),
        ];
        world.table(&first, &["name", "price"], rows).await;

        // Version 2: price becomes money, name goes, a column comes, another order.
        let second = schema("goods", &[("pieces", ColumnType::Integer), ("price", MONEY)]);
        world.put(&second, &["price"]).await.unwrap();
        assert_eq!(json(&world.values().await), r#"[[null,"1.50"],[null,null],[null,"12.00"]]"#);
        let app = world.app;
        let (log, found) = world
            .tenant
            .read(move |reader| {
                Ok::<_, StoreError>((reader.changes(app, 3, 10)?, reader.schema(app, "goods")?))
            })
            .await
            .unwrap();
        assert_eq!((log.len(), log[0].kind, log[0].row), (1, ChangeKind::Table, None));
        assert_eq!(found, Some(second.clone()));

        // People go on working with it.
        let change = RowChange::Update {
            table: "goods".into(),
            id: ids[0],
            base_version: 1,
            values: vec![Value::Integer(9), Value::Decimal("2.25".parse().unwrap())],
        };
        let work = world.tenant.write(move |work| work.apply(app, 1, &[change]));
        work.await.map_err(|error: StoreError| error).unwrap();

        // Back to version 1: the name is found again, the price is what it is now.
        world.put(&first, &["name"]).await.unwrap();
        let back = r#"[["Bolt","2.25"],["Nut",null],["Screw","12.00"]]"#;
        assert_eq!(json(&world.values().await), back);
        // And again to version 2: what was entered there is there.
        world.put(&second, &["price", "pieces"]).await.unwrap();
        assert_eq!(json(&world.values().await), r#"[[9,"2.25"],[null,null],[null,"12.00"]]"#);
        world.put(&first, &[]).await.unwrap();
        // Nothing to do, nothing said.
        let app = world.app;
        let head = || world.tenant.read(move |reader| reader.head(app));
        let before = head().await.map_err(|error: StoreError| error).unwrap();
        world.put(&first, &[]).await.unwrap();
        assert_eq!(head().await.map_err(|error: StoreError| error).unwrap(), before);

        // What does not convert is said, and nothing is changed.
        let third = schema("goods", &[("name", ColumnType::Integer), ("price", ColumnType::Integer)]);
        let problems = world.put(&third, &[]).await.unwrap_err();
        let told: Vec<_> =
            problems.iter().map(|problem| (problem.column.as_str(), problem.rows, problem.example)).collect();
        assert_eq!(told, [("name", 3, ids[0]), ("price", 2, ids[0])]);
        assert_eq!(json(&world.values().await), back);

        // An unknown index column, and a table made twice.
        let (again, app) = (first.clone(), world.app);
        let twice = world.tenant.write(move |work| work.create_table(app, &again, &[])).await;
        assert!(matches!(twice, Err(StoreError::Exists(_))));
        let strange = world.tenant.write(move |work| work.put_table(app, &first, &["colour"])).await;
        assert!(matches!(strange, Err(StoreError::UnknownColumn { .. })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_become_what_they_say() {
    for place in places() {
        let mut world = World::new(&place).await;
        let columns = |types: [ColumnType; 4]| {
            let names = ["owner", "took", "data", "price"];
            schema("goods", &names.into_iter().zip(types).collect::<Vec<_>>())
        };
        let first = columns([ColumnType::Text, ColumnType::Text, ColumnType::Text, MONEY]);
        let id = "01234567-89ab-cdef-0123-456789abcdef";
        let price = Value::Decimal("12.50".parse().unwrap());
        let values = vec![text(&id.to_uppercase()), text("PT90M"), text("__4"), price];
        let rows = vec![
            Row { id: world.row_id(), version: 1, values },
            Row { id: world.row_id(), version: 1, values: vec![Value::Null; 4] },
        ];
        world.table(&first, &["owner"], rows).await;
        let long = ColumnType::Decimal { scale: 18 };
        let second = columns([ColumnType::Guid, ColumnType::Duration, ColumnType::Binary, long]);
        world.put(&second, &["owner", "took", "data", "price"]).await.unwrap();
        let nulls = "[null,null,null,null]";
        let expect = format!(r#"[["{id}","PT1H30M","__4","12.500000000000000000"],{nulls}]"#);
        assert_eq!(json(&world.values().await), expect);
        world.put(&first, &[]).await.unwrap();
        assert_eq!(json(&world.values().await), format!(r#"[["{id}","PT1H30M","__4","12.50"],{nulls}]"#));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_texts_are_kept_and_indexed() {
    for place in places() {
        let mut world = World::new(&place).await;
        let notes = schema("goods", &[("note", ColumnType::Text)]);
        let long = |end: &str| text(&format!("{}{end}", "Ünïcode ".repeat(20_000)));
        let (first, second) = (world.row_id(), world.row_id());
        let rows = [(first, long("b")), (second, long("a"))];
        let rows = rows.into_iter().map(|(id, value)| Row { id, version: 1, values: vec![value] }).collect();
        world.table(&notes, &["note"], rows).await;
        let app = world.app;
        let taken = world.tenant.read(move |reader| {
            Ok::<_, StoreError>((
                reader.key_taken(app, "goods", "note", &long("b"), second)?,
                reader.key_taken(app, "goods", "note", &long("c"), second)?,
            ))
        });
        assert_eq!(taken.await.unwrap(), (true, false));
        assert_eq!(world.rows().await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_taken_by_an_equal_value_of_whichever_type() {
    for place in places() {
        let mut world = World::new(&place).await;
        let columns = [
            ("text", ColumnType::Text),
            ("integer", ColumnType::Integer),
            ("money", MONEY),
            ("double", ColumnType::Double),
            ("boolean", ColumnType::Boolean),
            ("date", ColumnType::Date),
            ("moment", ColumnType::DateTime),
        ];
        let value =
            |index: usize, json: serde_json::Value| Value::from_json(columns[index].1, &json).unwrap();
        let values = ["Ärger", "7", "7.50", "0", "true", "2026-11-22", "2026-11-22T03:00:00"];
        let values: Vec<Value> = (0..columns.len())
            .map(|index| match index {
                1 => value(1, 7.into()),
                3 => value(3, 0.into()),
                4 => value(4, true.into()),
                _ => value(index, values[index].into()),
            })
            .collect();
        let (own, other) = (world.row_id(), world.row_id());
        let row = Row { id: own, version: 1, values: values.clone() };
        world.table(&schema("goods", &columns), &["integer"], vec![row]).await;
        let app = world.app;
        let check = async |column: &'static str, value: Value, expect: bool| {
            let (asked, shown) = (value.clone(), value);
            let taken = world.tenant.read(move |reader| {
                Ok::<_, StoreError>((
                    reader.key_taken(app, "goods", column, &asked, other)?,
                    reader.key_taken(app, "goods", column, &asked, own)?,
                ))
            });
            assert_eq!(taken.await.unwrap(), (expect, false), "{column} {shown:?}");
        };
        for ((column, _), value) in columns.into_iter().zip(values) {
            check(column, value, true).await;
            check(column, Value::Null, false).await;
        }
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        check("text", text("ärger"), false).await;
        check("integer", decimal("7.0"), true).await;
        check("integer", decimal("7.5"), false).await;
        check("money", decimal("7.500"), true).await;
        check("money", decimal("7.501"), false).await;
        check("money", Value::Integer(7), false).await;
        check("double", Value::Double(-0.0), true).await;
    }
}
