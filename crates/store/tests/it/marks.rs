//! What was read at a mark holds as long as the mark does: tables that change are seen at once, rows leave marks alone.

use gridkeep_model::{ColumnType, Row, RowChange};
use gridkeep_store::{Mark, StoreError};

use crate::world::{Place, World, all, places, schema, text};

#[tokio::test(flavor = "multi_thread")]
async fn marks_end_with_whatever_is_not_rows() {
    for place in places() {
        let mut world = World::new(&place).await;
        let kept = matches!(place, Place::Folder(_));
        let (narrow, wide) = (
            schema("goods", &[("name", ColumnType::Text)]),
            schema("goods", &[("name", ColumnType::Text), ("kind", ColumnType::Text)]),
        );
        let ids = [world.row_id(), world.row_id()];
        let row = Row { id: ids[0], version: 1, values: vec![text("bolt")] };
        world.table(&narrow, &[], vec![row]).await;
        let app = world.app;
        let tenant = world.tenant.clone();
        let mark = || -> Option<Mark> { tenant.mark() };
        let read = async || {
            let found = tenant.read(move |reader| reader.rows(app, &all("goods", &[]))).await;
            found.map_err(|error: StoreError| error).unwrap()
        };
        let first = mark();
        assert_eq!(first.is_some(), kept);
        assert_eq!(read().await.schema.columns.len(), 1);
        let insert = RowChange::Insert { table: "goods".into(), id: ids[1], values: vec![text("nut")] };
        let changed = tenant.change(move |work| work.apply(app, 1, std::slice::from_ref(&insert))).await;
        changed.map_err(|error: StoreError| error).unwrap();
        assert_eq!((mark(), read().await.rows.len()), (first, 2));
        // Within the work, and after it, the table is the new one.
        let within = tenant.write(move |work| {
            assert!(work.put_table(app, &wide, &[])?.is_ok());
            work.rows(app, &all("goods", &[]))
        });
        let within = within.await.map_err(|error: StoreError| error).unwrap();
        assert_eq!(within.schema.columns.len(), 2);
        assert!(mark().is_some() == kept && (!kept || mark() != first));
        assert_eq!(read().await.schema.columns.len(), 2);
        let second = mark();
        // A work that fails may have changed nothing; the mark ends all the same.
        let failed = tenant.write(|_| Err::<(), _>(StoreError::Busy)).await;
        assert!(failed.is_err() && (!kept || mark() != second));
        let gone = tenant.write(move |work| work.delete_app(app)).await;
        assert!(gone.map_err(|error: StoreError| error).unwrap());
        let found = tenant.read(move |reader| reader.rows(app, &all("goods", &[]))).await;
        assert!(matches!(found, Err(StoreError::UnknownTable(_))), "{found:?}");
    }
}

/// Readers and writers of rows beside a maker who adds and drops a column: nobody ever sees a row of another width than
/// its schema, or a table that is not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_and_its_rows_always_fit() {
    for place in places() {
        let mut world = World::new(&place).await;
        let narrow = schema("goods", &[("name", ColumnType::Text)]);
        let wide = schema("goods", &[("kind", ColumnType::Integer), ("name", ColumnType::Text)]);
        let rows = (0..50).map(|_| Row { id: world.row_id(), version: 1, values: vec![text("bolt")] });
        let rows = rows.collect();
        world.table(&narrow, &[], rows).await;
        let (app, tenant) = (world.app, world.tenant.clone());
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let tenant = tenant.clone();
                tokio::spawn(async move {
                    for _ in 0..60 {
                        let found = tenant.read(move |reader| reader.rows(app, &all("goods", &[]))).await;
                        let found = found.map_err(|error: StoreError| error).unwrap();
                        let width = found.schema.columns.len();
                        assert!(found.rows.iter().all(|row| row.values.len() == width));
                        assert!(found.rows.iter().all(|row| row.values[width - 1] == text("bolt")));
                    }
                })
            })
            .collect();
        for turn in 0..20 {
            let schema = if turn % 2 == 0 { wide.clone() } else { narrow.clone() };
            let put = tenant.write(move |work| Ok(work.put_table(app, &schema, &[])?.is_ok())).await;
            assert!(put.map_err(|error: StoreError| error).unwrap());
        }
        for reader in readers {
            reader.await.unwrap();
        }
    }
}
