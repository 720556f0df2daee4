//! Pages behind a row: together they are the whole, also while rows come and go.

use super::*;
use gridkeep_model::{RowChange, query::Function};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

/// Orders of every kind: nulls, ties, both directions, columns with and without an index, expressions.
fn orders() -> Vec<Vec<Order>> {
    let mut orders = vec![vec![]];
    for (id, ..) in columns().iter().filter(|(_, column_type, _)| ordered(*column_type)) {
        for descending in [false, true] {
            orders.push(vec![Order::column(*id, descending)]);
            orders.push(vec![Order::column("boolean", !descending), Order::column(*id, descending)]);
        }
    }
    let length = Expr::column("text").call(Function::Length, []);
    let share = Expr::column("money")
        .arithmetic(gridkeep_model::query::Arithmetic::Div, Value::Decimal("3".parse().unwrap()).into());
    for descending in [false, true] {
        let by = |expr: &Expr| Order { expr: expr.clone(), descending };
        orders.push(vec![by(&length), Order::column("date", true), Order::column("time", false)]);
        orders.push(vec![by(&share)]);
        orders.push(vec![by(&Expr::id())]);
        orders.push(vec![by(&Value::Integer(1).into()), Order::column("text", !descending)]);
        orders.push(vec![by(&Expr::column("text").call(Function::ToUpper, []))]);
    }
    orders
}

/// All pages of a query, one after the other.
fn walk(query: &Query, mut page: impl FnMut(&Query) -> Found) -> Vec<Row> {
    let (mut query, mut rows) = (query.clone(), Vec::new());
    loop {
        let found = page(&query);
        rows.extend(found.rows);
        if found.next.is_none() {
            return rows;
        }
        query.page.after = found.next;
    }
}

#[test]
fn pages_are_the_whole() {
    bench(|bench| {
        let few = Expr::column("integer").compare(Operator::Ge, Value::Integer(1).into());
        for (number, order) in orders().into_iter().enumerate() {
            let filter = (number % 3 == 0).then(|| few.clone());
            let query =
                Query { table: "all".into(), filter, order, page: Page::first(1_000), ..Query::unlimited() };
            let whole = bench.check(&query).rows;
            for limit in [1, 7, 40, 120] {
                if limit == 1 && number % 5 > 0 {
                    continue;
                }
                let query = Query { page: Page::first(limit), ..query.clone() };
                assert_eq!(walk(&query, |query| bench.check(query)), whole, "{query:?}");
            }
            // What is behind a row can be skipped too.
            let first = bench.check(&Query { page: Page::first(11), ..query.clone() });
            let page = Page { limit: 30, offset: 25, after: first.next };
            let rest = bench.check(&Query { page, ..query });
            let expect: Vec<Row> = whole.into_iter().skip(36).take(30).collect();
            assert_eq!(rest.rows, expect);
        }
    });
}

#[test]
fn keys_of_another_order_are_refused() {
    bench(|bench| {
        let order = vec![Order::column("money", false)];
        let id = Value::Guid(bench.rows[3].id.uuid());
        for after in [
            vec![],
            vec![id.clone()],
            vec![Value::Null],
            vec![text("x"), id.clone()],
            vec![Value::Decimal("0.001".parse().unwrap()), id.clone()],
            vec![Value::Null, Value::Null, id.clone()],
            vec![id.clone(), Value::Null],
        ] {
            let page = Page { after: Some(after.clone()), ..Page::default() };
            let query = Query { table: "all".into(), order: order.clone(), page, ..Query::unlimited() };
            assert!(query.select(&bench.tables()).is_err(), "{after:?}");
            for world in &bench.worlds {
                assert!(bench.ask(world, &query).is_err(), "{after:?}");
            }
        }
        // At another scale it is the same key.
        let after = Some(vec![Value::Decimal("0.1".parse().unwrap()), id]);
        let page = Page { after, ..Page::default() };
        bench.check(&Query { table: "all".into(), order, page, ..Query::unlimited() });
    });
}

#[test]
fn no_row_is_missed_or_repeated_while_others_come_and_go() {
    bench(|bench| {
        let moves = prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), 0..200_usize), 30);
        let strategy = (prop::sample::select(orders()), 5_u32..30, moves);
        let config =
            Config { cases: 24, failure_persistence: None, max_shrink_iters: 50, ..Config::default() };
        let next_id = std::cell::Cell::new(1_u128 << 100);
        TestRunner::new(config)
            .run(&strategy, |(order, limit, moves)| {
                for world in &bench.worlds {
                    let rows = bench.ask(world, &everything()).unwrap().rows;
                    let stays: Vec<RowId> = rows.iter().step_by(2).map(|row| row.id).collect();
                    let goes: Vec<RowId> = rows.iter().skip(1).step_by(2).map(|row| row.id).collect();
                    let mut moves = moves.iter();
                    let (page, table) = (Page::first(limit), "all".to_owned());
                    let query = Query { table, order: order.clone(), page, ..Query::unlimited() };
                    let walked = walk(&query, |query| {
                        let found = bench.ask(world, query).unwrap();
                        let Some((which, comes, like)) = moves.next() else { return found };
                        let change = if *comes {
                            next_id.set(next_id.get() + (1 << 90));
                            let id = RowId::from_uuid(uuid::Uuid::from_u128(next_id.get()));
                            let values = bench.rows[like % bench.rows.len()].values.clone();
                            RowChange::Insert { table: "all".into(), id, values }
                        } else {
                            RowChange::Delete { table: "all".into(), id: *which.get(&goes), base_version: 1 }
                        };
                        change_rows(bench, world, change);
                        found
                    });
                    let ids: Vec<RowId> = walked.iter().map(|row| row.id).collect();
                    let unique: std::collections::HashSet<&RowId> = ids.iter().collect();
                    prop_assert_eq!(unique.len(), ids.len(), "a row came twice: {:?}", order);
                    for id in &stays {
                        prop_assert!(unique.contains(id), "a row is missed: {:?}", order);
                    }
                }
                Ok(())
            })
            .unwrap();
    });
}

fn everything() -> Query {
    Query { table: "all".into(), page: Page::first(5_000), ..Query::unlimited() }
}

/// A row that is gone already stays gone.
fn change_rows(bench: &Bench, world: &World, change: RowChange) {
    let app = world.app;
    let work = world.tenant.write(move |work| match work.apply(app, 1, &[change]) {
        Err(StoreError::Conflict { .. }) => Ok(()),
        other => other.map(drop),
    });
    bench.runtime.block_on(work).unwrap_or_else(|error: StoreError| panic!("{error}"));
}
