//! What a work has learnt of new rows is what it would find by looking for each.

use gridkeep_model::{AppId, ColumnType, Row, RowChange, RowId, Value};
use gridkeep_store::{RowWork, StoreError};
use uuid::Uuid;

use crate::world::{World, places, schema, text};

fn id(number: u64) -> RowId {
    RowId::from_uuid(Uuid::from_u128(u128::from(number)))
}

fn values(number: u64) -> Vec<Value> {
    vec![Value::Integer(number as i64), text(&format!("Number {number}"))]
}

fn insert(number: u64) -> RowChange {
    RowChange::Insert { table: "goods".into(), id: id(number), values: values(number) }
}

/// Which of these are there, and whose numbers are taken.
fn there(work: &mut RowWork<'_>, app: AppId, numbers: &[u64]) -> Result<Vec<(bool, bool)>, StoreError> {
    let one = |number: &u64| {
        let row = work.row(app, "goods", id(*number))?;
        assert!(row.as_ref().is_none_or(|row| row.values == values(*number)), "{row:?}");
        let taken = work.key_taken(app, "goods", "n", &Value::Integer(*number as i64), id(0))?;
        let own = work.key_taken(app, "goods", "n", &Value::Integer(*number as i64), id(*number))?;
        assert!(!own, "{number}");
        Ok((row.is_some(), taken))
    };
    numbers.iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_rows_are_told_by_their_order() {
    for indexed in [&["n"][..], &[]] {
        for place in places() {
            let world = World::new(&place).await;
            let goods = schema("goods", &[("n", ColumnType::Integer), ("name", ColumnType::Text)]);
            let rows = [10, 20, 30].map(|number| Row { id: id(number), version: 1, values: values(number) });
            world.table(&goods, indexed, rows.to_vec()).await;
            let app = world.app;
            let change = move |work: &mut RowWork<'_>| {
                let (yes, no) = ((true, true), (false, false));
                let found = there(work, app, &[25, 27, 31, 20, 30, 5, 40, 10])?;
                assert_eq!(found, [no, no, no, yes, yes, no, no, yes]);
                // In one statement or several, in order or not.
                let new: Vec<RowChange> = (31..231).chain([25, 5]).map(insert).collect();
                let sequence = work.apply(app, 1, &new)?;
                assert_eq!(sequence, 3 + 202);
                let found = there(work, app, &[231, 100, 232, 230, 5, 25, 26, 30])?;
                assert_eq!(found, [no, yes, no, yes, yes, yes, no, yes]);
                work.apply(
                    app,
                    1,
                    &[RowChange::Delete { table: "goods".into(), id: id(230), base_version: 1 }],
                )?;
                assert_eq!(there(work, app, &[230, 229, 231])?, [no, yes, no]);
                Ok::<_, StoreError>(())
            };
            world.tenant.change(change).await.unwrap();
            let log = world.tenant.read(move |reader| reader.changes(app, 3, 1_000)).await;
            let log = log.map_err(|error: StoreError| error).unwrap();
            let logged: Vec<Option<RowId>> = log.iter().map(|change| change.row).collect();
            let expect = (31..231).chain([25, 5, 230]).map(|number| Some(id(number)));
            assert_eq!(logged, expect.collect::<Vec<_>>());
            // One whose id is taken leaves nothing of the others.
            let again = move |work: &mut RowWork<'_>| {
                let new: Vec<RowChange> = (300..380).chain([100]).chain(400..402).map(insert).collect();
                work.apply(app, 1, &new)
            };
            let refused = world.tenant.change(again).await;
            assert!(
                matches!(refused, Err(StoreError::Conflict { row, .. }) if row == id(100)),
                "{refused:?}"
            );
            let none = move |work: &mut RowWork<'_>| there(work, app, &[300, 379, 400]);
            assert_eq!(world.tenant.change(none).await.unwrap(), [(false, false); 3]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_table_has_nothing_that_is_greater() {
    for place in places() {
        let world = World::new(&place).await;
        world
            .table(
                &schema("goods", &[("n", ColumnType::Integer), ("name", ColumnType::Text)]),
                &["n"],
                vec![],
            )
            .await;
        let app = world.app;
        let change = move |work: &mut RowWork<'_>| {
            assert_eq!(there(work, app, &[1, 2, 3])?, [(false, false); 3]);
            work.apply(
                app,
                1,
                &[RowChange::Insert {
                    table: "goods".into(),
                    id: id(7),
                    values: vec![Value::Null, Value::Null],
                }],
            )?;
            let taken = |work: &mut RowWork<'_>, number| {
                work.key_taken(app, "goods", "n", &Value::Integer(number), id(0))
            };
            assert!(!taken(work, -5)? && !taken(work, i64::MIN)? && !taken(work, 0)?);
            Ok::<_, StoreError>(())
        };
        world.tenant.change(change).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_looked_for_at_once_is_what_is_found_one_by_one() {
    let columns = [("n", ColumnType::Integer), ("name", ColumnType::Text)];
    for place in places() {
        let world = World::new(&place).await;
        let rows = (0..1_200).map(|number| 2 * number + 1).map(|number| Row {
            id: id(number),
            version: 1,
            values: values(number),
        });
        world.table(&schema("goods", &columns), &["n", "name"], rows.collect()).await;
        let app = world.app;
        let change = move |work: &mut RowWork<'_>| {
            // Among them such as are beyond all there are, and more than one statement looks for.
            let asked: Vec<u64> = (0..1_300).chain([2_398, 2_399, 2_400, 9_999]).collect();
            work.look_for_rows(app, "goods", &asked.iter().map(|number| id(*number)).collect())?;
            for (column, place) in [("n", 0), ("name", 1)] {
                let keys: Vec<Value> =
                    asked.iter().map(|number| values(*number).swap_remove(place)).collect();
                work.look_for_keys(app, "goods", column, &keys)?;
            }
            for number in asked {
                let (odd, own) = (number % 2 == 1 && number < 2_400, values(number));
                let row = work.row(app, "goods", id(number))?;
                assert_eq!(row, odd.then(|| Row { id: id(number), version: 1, values: own.clone() }));
                for (column, value) in ["n", "name"].into_iter().zip(own) {
                    for (except, taken) in [(id(0), odd), (id(number), false), (id(number + 2), odd)] {
                        let found = work.key_taken(app, "goods", column, &value, except)?;
                        assert_eq!(found, taken, "{column} {number} {except}");
                    }
                }
            }
            // What it changes itself is known from then on.
            work.apply(
                app,
                1,
                &[RowChange::Delete { table: "goods".into(), id: id(7), base_version: 1 }, insert(8)],
            )?;
            assert_eq!(
                there(work, app, &[6, 7, 8, 9])?,
                [(false, false), (false, false), (true, true), (true, true)]
            );
            assert!(work.key_taken(app, "goods", "name", &text("Number 8"), id(0))?);
            Ok::<_, StoreError>(())
        };
        world.tenant.change(change).await.unwrap();
    }
}
