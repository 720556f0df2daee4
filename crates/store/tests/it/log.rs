//! The log of a database is copied into its file while writers go on.

use gridkeep_model::{ColumnType, RowId, Value};
use gridkeep_store::{Backend, Store, StoreError};
use uuid::Uuid;

use crate::world::{World, all, config, places, schema, text};

/// Rows of one commit, each of which takes a page of the log and more.
const ROWS: u64 = 600;
const COMMITS: u64 = 34;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_log_is_copied_and_begins_anew() {
    for place in places() {
        let Backend::Sqlite { folder } = place.backend() else { continue };
        let world = World::new(&place).await;
        world
            .table(
                &schema("goods", &[("name", ColumnType::Text), ("n", ColumnType::Integer)]),
                &["n"],
                vec![],
            )
            .await;
        let app = world.app;
        let mut longest = 0;
        for commit in 0..COMMITS {
            let rows = (0..ROWS).map(move |row| {
                let number = commit * ROWS + row;
                let id = RowId::from_uuid(Uuid::from_u128(u128::from(number) + 1));
                (id, vec![text(&"x".repeat(2_000)), Value::Integer((number * 7_919 % 10_007) as i64)])
            });
            let written = world.tenant.write(move |work| work.insert_rows(app, "goods", rows)).await;
            assert_eq!(written.map_err(|error: StoreError| error).unwrap(), ROWS);
            let log = std::fs::read_dir(folder.join("tenants")).unwrap().flatten();
            let log = log.filter(|file| file.file_name().to_string_lossy().ends_with("-wal"));
            longest = log.map(|file| file.metadata().unwrap().len()).fold(longest, u64::max);
        }
        // Of some 40,000 pages; whoever writes waits at 16,000 behind the commit that gets there.
        assert!(longest < 18_500 * 4_120, "{} pages", longest / 4_120);
        assert!(longest > 7_000 * 4_120, "{} pages", longest / 4_120);
        let count = world.tenant.read(move |reader| reader.rows(app, &all("goods", &[]))).await;
        assert_eq!(count.map_err(|error: StoreError| error).unwrap().total, Some(ROWS * COMMITS));
        // What is in the file and the log is the same after all is closed.
        let id = world.tenant.id();
        let World { tenant, store, .. } = world;
        drop(tenant);
        store.close().await.unwrap();
        drop(store);
        let again = Store::open(config(place.backend())).await.unwrap();
        let tenant = again.tenant(id).await.unwrap().unwrap();
        let count = tenant.read(move |reader| reader.rows(app, &all("goods", &[]))).await;
        assert_eq!(count.map_err(|error: StoreError| error).unwrap().total, Some(ROWS * COMMITS));
    }
}
