//! Many at once: each work on its own, committed together; reads beside them; streams that stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use gridkeep_model::{Clock, ColumnType, Row, RowChange, TenantId, Value, query::Query};
use gridkeep_store::{RowWork, Store, StoreConfig, StoreError, StoreLimits, Tenant};

use crate::world::{World, all, config, places, schema, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn works_at_once_keep_order_and_each_other_out() {
    for place in places() {
        let mut world = World::new(&place).await;
        world.table(&schema("goods", &[("pieces", ColumnType::Integer)]), &[], vec![]).await;
        let counter = world.row_id();
        let insert =
            RowChange::Insert { table: "goods".into(), id: counter, values: vec![Value::Integer(0)] };
        let app = world.app;
        let made = world.tenant.write(move |work| work.apply(app, 1, &[insert]));
        made.await.map_err(|error: StoreError| error).unwrap();

        // 200 works read, add one, write. Every fifth fails after it has written; every seventh breaks down. Most of them
        // can be run again, some cannot.
        let add = move |work: &mut RowWork<'_>, number: u64| {
            let row = work.row(app, "goods", counter)?.unwrap();
            let Value::Integer(pieces) = row.values[0] else { panic!("no number") };
            let change = RowChange::Update {
                table: "goods".into(),
                id: counter,
                base_version: row.version,
                values: vec![Value::Integer(pieces + 1)],
            };
            let sequence = work.apply(app, 1, &[change])?;
            match number {
                number if number % 5 == 0 => Err(StoreError::TimedOut),
                number if number % 7 == 0 => panic!("a work that breaks down (expected in this test)"),
                _ => Ok(sequence),
            }
        };
        let works = (0..200_u64).map(|number| {
            let tenant = world.tenant.clone();
            tokio::spawn(async move {
                if number % 11 == 0 {
                    tenant.write(move |work| add(work, number)).await
                } else {
                    tenant.change(move |work| add(work, number)).await
                }
            })
        });
        let works: Vec<_> = works.collect();
        let mut sequences = Vec::new();
        for (number, work) in works.into_iter().enumerate() {
            match work.await.unwrap() {
                Ok(sequence) => sequences.push(sequence),
                Err(StoreError::TimedOut) => assert_eq!(number % 5, 0),
                Err(StoreError::Panicked) => assert_eq!(number % 7, 0),
                Err(error) => panic!("{error}"),
            }
        }
        let good = sequences.len() as u64;
        sequences.sort_unstable();
        assert_eq!(sequences, (2..2 + good).collect::<Vec<_>>());
        let after = world.tenant.read(move |reader| reader.row(app, "goods", counter)).await;
        let after = after.map_err(|error: StoreError| error).unwrap().unwrap();
        assert_eq!((after.version, &after.values[0]), (good + 1, &Value::Integer(good as i64)));
        let log = world.tenant.read(move |reader| reader.changes(app, 0, 1_000)).await;
        let log = log.map_err(|error: StoreError| error).unwrap();
        assert!(log.iter().map(|change| change.sequence).eq(1..=good + 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_shows_one_state_and_stops_when_nobody_listens() {
    for place in places() {
        let mut world = World::new(&place).await;
        let goods = schema("goods", &[("name", ColumnType::Text), ("pieces", ColumnType::Integer)]);
        let mut rows = Vec::new();
        for number in 0..3_000 {
            let values = vec![text(&format!("Item {number}")), Value::Integer(number)];
            rows.push(Row { id: world.row_id(), version: 1, values });
        }
        world.table(&goods, &["name"], rows.clone()).await;
        let query = || Query { table: "goods".into(), ..Query::unlimited() };
        let mut stream = world.tenant.stream(world.app, query()).await.unwrap();
        assert_eq!((&stream.schema, stream.head.sequence), (&goods, 3_000));

        // Cleared while it is read: the stream goes on with the state it began with.
        let first = stream.next().await.unwrap().unwrap();
        let app = world.app;
        let cleared = world.tenant.write(move |work| work.clear_table(app, "goods")).await;
        assert_eq!(cleared.map_err(|error: StoreError| error).unwrap(), 3_000);
        let mut found = first;
        while let Some(batch) = stream.next().await {
            found.extend(batch.unwrap());
        }
        assert_eq!(found, rows);
        let mut empty = world.tenant.stream(app, query()).await.unwrap();
        assert!(empty.next().await.is_none());
        let unknown = Query { table: "nowhere".into(), ..Query::unlimited() };
        assert!(matches!(world.tenant.stream(app, unknown).await, Err(StoreError::UnknownTable(_))));

        // Ten streams, twice as many as may run at once and more, each dropped after its first rows.
        let again = rows.into_iter().map(|row| (row.id, row.values));
        let again: Vec<_> = again.collect();
        let filled = world.tenant.write(move |work| work.insert_rows(app, "goods", again)).await;
        filled.map_err(|error: StoreError| error).unwrap();
        for _ in 0..10 {
            let mut stream = world.tenant.stream(app, query()).await.unwrap();
            stream.next().await.unwrap().unwrap();
        }
        let rows = world.tenant.read(move |reader| reader.rows(app, &all("goods", &[]))).await;
        assert_eq!(rows.map_err(|error: StoreError| error).unwrap().total, Some(3_000));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_that_takes_too_long_is_stopped_and_leaves_its_connection_well() {
    for place in places() {
        let limits =
            StoreLimits { read_time: Duration::from_millis(300), readers: 1, ..StoreLimits::default() };
        let store = Store::open(StoreConfig { limits, ..config(place.backend()) }).await.unwrap();
        let clock = gridkeep_kit::StepClock::default();
        let id = TenantId::new(&clock, &mut gridkeep_kit::SeededRng::default());
        let tenant = store.create_tenant(id, "Slow", clock.now()).await.unwrap();
        let (running, runs) = mpsc::channel();
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&turns);
        let endless = tenant.read(move |reader| {
            let _ = running.send(());
            while counted.fetch_add(1, Ordering::Relaxed) < usize::MAX {
                reader.apps()?;
            }
            Ok::<(), StoreError>(())
        });
        let answer = endless.await;
        assert!(matches!(answer, Err(StoreError::TimedOut)), "{answer:?}");
        runs.recv().unwrap();
        assert!(turns.load(Ordering::Relaxed) > 0);
        // The only reader serves again.
        for _ in 0..3 {
            assert_eq!(count_apps(&tenant).await, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_tenants_are_closed_and_opened_again() {
    for place in places() {
        let limits = StoreLimits { open_tenants: 2, ..StoreLimits::default() };
        let store = Store::open(StoreConfig { limits, ..config(place.backend()) }).await.unwrap();
        let (clock, mut rng) = (gridkeep_kit::StepClock::default(), gridkeep_kit::SeededRng::default());
        let mut ids = Vec::new();
        for number in 0..6 {
            let id = TenantId::new(&clock, &mut rng);
            store.create_tenant(id, &format!("Tenant {number}"), clock.now()).await.unwrap();
            ids.push(id);
        }
        for id in ids.iter().chain(ids.iter().rev()) {
            let tenant = store.tenant(*id).await.unwrap().unwrap();
            assert_eq!(tenant.id(), *id);
            assert_eq!(count_apps(&tenant).await, 0);
        }
        assert!(store.tenant(TenantId::new(&clock, &mut rng)).await.unwrap().is_none());
        assert_eq!(store.control().tenants().await.unwrap().len(), 6);
    }
}

async fn count_apps(tenant: &Tenant) -> usize {
    let read = tenant.read(|reader| {
        let apps = reader.apps()?;
        Ok::<_, StoreError>(apps.len())
    });
    read.await.unwrap()
}
