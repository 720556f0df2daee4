//! One row by what names it is the row that any other way of asking finds: by its id, by a value that one row has or many,
//! or none, with an index or without.

use super::*;

#[test]
fn one_row_is_the_row() {
    bench(|bench| {
        let ask = |filter: Expr, columns: Option<Vec<String>>| {
            let page = Page::first(1);
            bench.check(&Query {
                table: "all".into(),
                filter: Some(filter),
                columns,
                page,
                ..Query::unlimited()
            })
        };
        let some = || Some(vec!["money".to_owned(), "text".to_owned()]);
        for row in bench.rows.iter().take(3) {
            for columns in [None, some(), Some(Vec::new())] {
                assert_eq!(ask(Expr::is_row(row.id), columns).rows.len(), 1);
            }
        }
        assert!(ask(Expr::is_row(RowId::from_uuid(uuid::Uuid::nil())), None).rows.is_empty());
        for (id, _, values) in columns() {
            for value in values {
                // The second time the statement is known.
                for columns in [None, some(), some()] {
                    let equal = Expr::column(*id).compare(Operator::Eq, value.clone().into());
                    ask(equal, columns);
                }
            }
            ask(Expr::column(*id).compare(Operator::Eq, Value::Null.into()), None);
        }
        // Values that hardly two rows have.
        for (column, place) in [("amount", 2), ("of", 5)] {
            for row in bench.related.iter().filter(|row| !row.values[place].is_null()) {
                let equal = Expr::column(column).compare(Operator::Eq, row.values[place].clone().into());
                let (filter, page) = (Some(equal), Page::first(1));
                let query = Query { table: "related".into(), filter, page, ..Query::unlimited() };
                assert_eq!(bench.check(&query).rows.len(), 1);
            }
        }
        // Numbers of another type, which may be equal all the same.
        for (id, value) in [
            ("integer", decimal("2.00", 2)),
            ("integer", decimal("2.50", 2)),
            ("money", decimal("0.10", 3)),
            ("money", decimal("0.101", 3)),
            ("money", Value::Integer(10)),
            ("double", Value::Integer(0)),
            ("double", decimal("0.1", 1)),
        ] {
            ask(Expr::column(id).compare(Operator::Eq, value.into()), some());
        }
    });
}
