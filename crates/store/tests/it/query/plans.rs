//! How the databases find what is asked for: conditions and orders an index answers must go on being answered by it.

use super::*;
use gridkeep_model::query::{Field, Function, Related};

/// Enough rows that a walk through all of them is never the better way.
const ROWS: usize = 20_000;

fn large(run: impl FnOnce(&World, &tokio::runtime::Runtime)) {
    at(&Place::Folder(tempfile::TempDir::new().unwrap()), run);
}

fn at(place: &Place, run: impl FnOnce(&World, &tokio::runtime::Runtime)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut world = runtime.block_on(World::new(place));
    let templates = rows(&mut world);
    let mut rows = Vec::with_capacity(ROWS);
    for number in 0..ROWS {
        let mut values = templates[number % templates.len()].values.clone();
        values[0] = text(&format!("name {}", number % 7_001));
        values[1] = Value::Integer((number % 5_003) as i64);
        values[2] = decimal(&format!("{}.{:02}", number % 3_001, number % 100), 2);
        values[9] = decimal(&format!("{}.{number:018}", number % 3_001), 18);
        values[10] = Value::Guid(uuid::Uuid::from_u128((number as u128 % 4_001) << 64));
        values[11] = Value::Duration(jiff::SignedDuration::from_secs(number as i64 % 5_003));
        rows.push(Row { id: world.row_id(), version: 1, values });
    }
    runtime.block_on(world.table(
        &table(),
        &["text", "integer", "money", "date", "long", "guid", "length"],
        rows,
    ));
    let related = related_rows(&mut world, &templates);
    runtime.block_on(world.table(&related_table(), &["key", "number", "of"], related));
    run(&world, &runtime);
}

#[test]
fn indexes_answer_what_they_can() {
    large(|world, runtime| {
        let explain = |filter: Option<Expr>, order: Vec<Order>, page: Page| {
            let query = Query { table: "all".into(), filter, order, page, ..Query::unlimited() };
            let app = world.app;
            let lines: Result<Vec<String>, StoreError> =
                runtime.block_on(world.tenant.read(move |reader| reader.explain(app, &query)));
            lines.unwrap().join("; ")
        };
        let column = |id: &str| Expr::column(id);
        let compare = |id: &str, operator: Operator, value: Value| column(id).compare(operator, value.into());
        // The table's number is 1, and so are its columns' in their order.
        let check = |filter: Expr, expect: &str| {
            let found = explain(Some(filter.clone()), vec![], Page::first(50));
            assert!(found.contains(expect), "{filter:?}: {found}");
        };
        let (by_text, by_integer, by_money) = ("r1_c1 (<expr>", "r1_c2 (c2", "r1_c3 (c3");
        check(compare("text", Operator::Eq, text("name 7")), by_text);
        check(compare("text", Operator::Gt, text("name 999")), by_text);
        check(compare("integer", Operator::Eq, Value::Integer(7)), by_integer);
        check(compare("integer", Operator::Eq, Value::Decimal("7.00".parse().unwrap())), by_integer);
        check(compare("integer", Operator::Ge, Value::Decimal("5000.5".parse().unwrap())), by_integer);
        check(compare("money", Operator::Eq, Value::Integer(7)), by_money);
        check(compare("money", Operator::Lt, Value::Decimal("0.005".parse().unwrap())), by_money);
        check(Expr::from(Value::Integer(7)).compare(Operator::Eq, column("money")), by_money);
        check(compare("money", Operator::Eq, Value::Integer(7)).and(column("boolean")), by_money);
        let (long, number) = ("r1_c10 (c10", |text: &str| Value::Decimal(text.parse().unwrap()));
        check(compare("long", Operator::Eq, number("7.000000000000000007")), long);
        check(compare("long", Operator::Ge, Value::Integer(3_000)), long);
        check(compare("long", Operator::Lt, number("0.0000000000000005")), long);
        check(compare("guid", Operator::Eq, Value::Guid(uuid::Uuid::from_u128(7 << 64))), "r1_c11 (c11");
        let second = Value::Duration(jiff::SignedDuration::from_secs(1));
        check(compare("length", Operator::Lt, second), "r1_c12 (c12");
        let own = Related { scope: 0, path: vec![by_id()] };
        let pointed = Expr::Any(own, None).and(Expr::is_row(RowId::from_uuid(uuid::Uuid::nil())));
        check(pointed, "r2_c6 (c6");
        check(column("text").one_of([text("name 7"), text("name 8")]), by_text);
        check(
            column("integer").one_of([Value::Integer(1), Value::Decimal("2.0".parse().unwrap())]),
            by_integer,
        );
        check(column("text").call(Function::Begins, ["NAME 700".into()]), by_text);
        check(column("text").call(Function::StartsWith, ["name 700".into()]), by_text);
        check(column("text").is_null(), by_text);
        check(Expr::is_row(RowId::from_uuid(uuid::Uuid::nil())), "sqlite_autoindex_r1_1 (id=?)");
        // Either of two indexes, each for its part.
        let either = compare("integer", Operator::Eq, Value::Integer(7)).or(compare(
            "money",
            Operator::Eq,
            Value::Integer(7),
        ));
        check(either.clone(), by_integer);
        check(either, by_money);
    });
}

#[test]
fn sorted_pages_are_walks_along_an_index() {
    large(|world, runtime| {
        let explain = |query: Query| {
            let app = world.app;
            let lines: Result<Vec<String>, StoreError> =
                runtime.block_on(world.tenant.read(move |reader| reader.explain(app, &query)));
            lines.unwrap().join("; ")
        };
        let id = Value::Guid(uuid::Uuid::nil());
        let of = |filter: Option<Expr>, order: Vec<Order>, after: Option<Vec<Value>>| {
            explain(Query {
                table: "all".into(),
                filter,
                order,
                page: Page { limit: 50, offset: 0, after },
                ..Query::unlimited()
            })
        };
        for descending in [false, true] {
            for (column, value, index) in [
                ("text", text("name 700"), "r1_c1"),
                ("money", Value::Decimal("7.00".parse().unwrap()), "r1_c3"),
            ] {
                let order = vec![Order::column(column, descending)];
                let found = of(None, order.clone(), None);
                assert!(found.contains(index) && !found.contains("TEMP B-TREE"), "{found}");
                // Behind a row: the index is entered at its place, not walked from its end.
                let found = of(None, order, Some(vec![value, id.clone()]));
                let entered = found.contains(&format!("SEARCH t USING INDEX {index}"));
                assert!(entered && !found.contains("SCAN") && !found.contains("TEMP B-TREE"), "{found}");
            }
            let two = vec![Order::column("money", descending), Order::column("text", !descending)];
            let keys = vec![Value::Decimal("7.00".parse().unwrap()), text("name 7"), id.clone()];
            let found = of(None, two, Some(keys));
            assert!(found.contains("SEARCH t USING INDEX r1_c3"), "{found}");
        }
        let found = of(None, vec![], Some(vec![id]));
        assert!(found.contains("sqlite_autoindex_r1_1 (id>?)") && !found.contains("TEMP B-TREE"), "{found}");
        // A filter that keeps many rows is looked at along the order; one that keeps few is sorted.
        let money = |value| Expr::column("money").compare(Operator::Ge, Value::Integer(value).into());
        let found = of(Some(money(5)), vec![Order::column("text", false)], None);
        assert!(found.contains("SCAN t USING INDEX r1_c1"), "{found}");
        let found = of(Some(money(3_000)), vec![Order::column("text", false)], None);
        assert!(found.contains("SEARCH t USING INDEX r1_c3") && found.contains("TEMP B-TREE"), "{found}");
    });
}

#[test]
fn a_pair_of_columns_is_one_walk() {
    let mut places = places();
    places.retain(|place| matches!(place, Place::Server { .. }));
    places.push(Place::Folder(tempfile::TempDir::new().unwrap()));
    for place in &places {
        at(place, |world, runtime| {
            let app = world.app;
            let pair = |pairs: &'static [(&'static str, &'static str)]| {
                let made = world.tenant.write(move |work| work.put_pairs(app, "all", pairs));
                runtime.block_on(made).map_err(|error: StoreError| error).unwrap();
            };
            // Explanations are kept ready like statements: each time of other columns.
            let find = |column: &str, descending: bool, more: Option<Expr>, after: Option<Vec<Value>>| {
                let columns = Some(vec![column.to_owned()]);
                let filter = Expr::column("boolean").compare(Operator::Eq, Value::Boolean(true).into());
                let filter = Some(more.into_iter().fold(filter, Expr::and));
                let order = vec![Order::column("money", descending)];
                let page = Page { limit: 50, offset: 0, after };
                let query = Query { table: "all".into(), filter, columns, order, page, ..Query::unlimited() };
                let lines: Result<Vec<String>, StoreError> =
                    runtime.block_on(world.tenant.read(move |reader| reader.explain(app, &query)));
                lines.unwrap().join("; ")
            };
            let at = table().columns.iter().position(|column| column.id == "boolean").unwrap() + 1;
            let pair_name = format!("r1_c{at}_c3");
            let number = |text: &str| Value::Decimal(text.parse().unwrap());
            let above = Expr::column("money").compare(Operator::Gt, number("5.00").into());
            let after = vec![number("7.00"), Value::Guid(uuid::Uuid::nil())];
            let check = |column: &str, paired: bool| {
                for descending in [false, true] {
                    for more in [None, Some(above.clone())] {
                        for after in [None, Some(after.clone())] {
                            let found = find(column, descending, more.clone(), after);
                            if matches!(place, Place::Server { .. }) {
                                // Sorts, and looks along whichever index it likes, when so few rows fit.
                                assert!(paired || !found.contains(&pair_name), "{found}");
                            } else {
                                assert_eq!(found.contains(&pair_name), paired, "{found}");
                                assert!(!paired || !found.contains("TEMP B-TREE"), "{found}");
                            }
                        }
                    }
                }
            };
            pair(&[("boolean", "money"), ("boolean", "money"), ("money", "money"), ("bytes", "money")]);
            check("text", true);
            pair(&[("text", "boolean")]);
            check("integer", false);
            pair(&[("boolean", "money"), ("text", "boolean")]);
            check("guid", true);
        });
    }
}

#[test]
fn relations_join_along_indexes() {
    large(|world, runtime| {
        let check = |filter: Expr, expect: &str| {
            let query = Query { table: "all".into(), filter: Some(filter), ..Query::unlimited() };
            let app = world.app;
            let lines: Result<Vec<String>, StoreError> =
                runtime.block_on(world.tenant.read(move |reader| reader.explain(app, &query)));
            let found = lines.unwrap().join("; ");
            assert!(found.contains(expect), "{found}");
        };
        let related = |relation: Relation| Related { scope: 0, path: vec![relation] };
        let (by_key, by_its_number) = ("SEARCH j1 USING INDEX r2_c1", "SEARCH j1 USING INDEX r2_c2");
        check(Expr::Any(related(by_text()), None), by_key);
        check(Expr::All(related(by_number()), Box::new(Expr::column("open"))), by_its_number);
        let count = Expr::Count(related(by_number()), None);
        check(count.compare(Operator::Gt, Value::Integer(2).into()), by_its_number);
        let note: Expr = Field { scope: 0, path: vec![by_text()], part: Part::Column("note".into()) }.into();
        check(note.compare(Operator::Eq, "a".into()), by_key);
        let back = Expr::Any(Related { scope: 0, path: vec![by_number(), back()] }, None);
        check(back, "SEARCH j2 USING INDEX r1_c1");
    });
}

#[test]
fn postgres_finds_the_same_indexes() {
    for place in places().iter().filter(|place| matches!(place, Place::Server { .. })) {
        at(place, |world, runtime| {
            let check = |filter: Option<Expr>, order: Vec<Order>, after: Option<Vec<Value>>, expect: &str| {
                let page = Page { limit: 50, offset: 0, after };
                let query = Query { table: "all".into(), filter, order, page, ..Query::unlimited() };
                let app = world.app;
                let lines: Result<Vec<String>, StoreError> =
                    runtime.block_on(world.tenant.read(move |reader| reader.explain(app, &query)));
                let found = lines.unwrap().join("; ");
                assert!(found.contains(expect) && !found.contains("Seq Scan on r1"), "{found}");
            };
            let of = |id: &str, operator: Operator, value: Value| {
                Some(Expr::column(id).compare(operator, value.into()))
            };
            check(of("text", Operator::Eq, text("name 7")), vec![], None, "r1_c1");
            check(of("text", Operator::Gt, text("name 998")), vec![], None, "r1_c1");
            check(of("integer", Operator::Eq, Value::Integer(7)), vec![], None, "r1_c2");
            check(
                of("integer", Operator::Ge, Value::Decimal("5000.5".parse().unwrap())),
                vec![],
                None,
                "r1_c2",
            );
            check(of("money", Operator::Eq, Value::Integer(7)), vec![], None, "r1_c3");
            check(
                Some(Expr::column("text").call(Function::Begins, ["NAME 700".into()])),
                vec![],
                None,
                "r1_c1",
            );
            check(Some(Expr::column("text").one_of([text("name 7"), text("name 8")])), vec![], None, "r1_c1");
            let id = Value::Guid(uuid::Uuid::nil());
            for descending in [false, true] {
                let by_text = vec![Order::column("text", descending)];
                check(None, by_text.clone(), None, "r1_c1");
                check(None, by_text, Some(vec![text("name 700"), id.clone()]), "r1_c1");
                let by_money = vec![Order::column("money", descending)];
                let keys = vec![Value::Decimal("7.00".parse().unwrap()), id.clone()];
                check(None, by_money, Some(keys), "r1_c3");
            }
            let some = Expr::Any(Related { scope: 0, path: vec![by_text(), back()] }, None);
            check(
                Some(some.and(of("integer", Operator::Eq, Value::Integer(7)).unwrap())),
                vec![],
                None,
                "r1_c2",
            );
        });
    }
}
