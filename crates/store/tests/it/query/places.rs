//! Pages far from the beginning are found from places that are known; what comes or goes between is never missed.

use super::*;
use gridkeep_model::{RowChange, query::Function};

const ROWS: usize = 2_500;

#[test]
fn a_page_from_a_known_place_is_the_page() {
    for place in places() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let mut world = runtime.block_on(World::new(&place));
        let templates = rows(&mut world);
        let mut all = Vec::with_capacity(ROWS);
        for number in 0..ROWS {
            let mut row = templates[number % templates.len()].clone();
            row.values[1] = Value::Integer((number % 40) as i64);
            all.push(Row { id: world.row_id(), version: 1, values: row.values });
        }
        let early = all.remove(7);
        runtime.block_on(world.table(&table(), &["integer"], all));
        let app = world.app;
        let pages = |query: &Query, offsets: &[u64]| {
            let ask = |page: Page| {
                let query = Query { page, ..query.clone() };
                let found = world.tenant.read(move |reader| reader.rows(app, &query));
                runtime.block_on(found).map_err(|error: StoreError| error).unwrap()
            };
            let whole = ask(Page::first(10_000)).rows;
            for &offset in offsets {
                let page = Page { limit: 300, offset, after: None };
                let found = ask(page);
                let from = whole.len().min(offset as usize);
                let to = whole.len().min(from + 300);
                assert_eq!(found.rows, whole[from..to], "{offset} of {query:?}");
                assert_eq!(found.next.is_some(), to < whole.len());
            }
        };
        let length = Expr::column("text").call(Function::Length, []);
        let orders = [
            vec![],
            vec![Order::column("integer", true)],
            vec![Order::column("text", false), Order::column("boolean", true)],
            vec![Order { expr: length, descending: false }],
        ];
        let some = Expr::column("integer").compare(Operator::Ge, Value::Integer(3).into());
        let offsets = [600, 300, 900, 0, 299, 1_201, 600, 1_200, 2_400, 9_000, 900];
        for order in &orders {
            for filter in [None, Some(some.clone())] {
                let query = Query { table: "all".into(), filter, order: order.clone(), ..Query::unlimited() };
                pages(&query, &offsets);
            }
        }
        // A row that comes in before the known places moves them all.
        let change = RowChange::Insert { table: "all".into(), id: early.id, values: early.values };
        let written = world.tenant.change(move |work| work.apply(app, 1, std::slice::from_ref(&change)));
        runtime.block_on(written).map_err(|error: StoreError| error).unwrap();
        for order in orders {
            pages(&Query { table: "all".into(), order, ..Query::unlimited() }, &offsets);
        }
    }
}
