//! Publish, read, change, ask again, go back: the way of an app through the store.

use gridkeep_model::{ColumnType, Outcome, Row, RowChange, TransactionId, Value};
use gridkeep_store::{Audience, ChangeKind, Recall, StoreError};

use crate::world::{Place, World, all, contains_bytes, definition, places, schema, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_published_changed_and_rolled_back() {
    for place in places() {
        let mut world = World::new(&place).await;
        let goods = schema("goods", &[("name", ColumnType::Text), ("pieces", ColumnType::Integer)]);
        let row =
            |id, name: &str, pieces| Row { id, version: 1, values: vec![text(name), Value::Integer(pieces)] };
        let (first, second, third) = (world.row_id(), world.row_id(), world.row_id());
        world.table(&goods, &["name"], vec![row(first, "Screw", 5), row(second, "bolt", 7)]).await;
        let (app, clock) = (world.app, world.clock.clone());

        let found =
            world.tenant.read(move |reader| reader.rows(app, &all("goods", &[("name", false)]))).await;
        let found = found.map_err(|error: StoreError| error).unwrap();
        assert_eq!(found.total, Some(2));
        assert_eq!(found.rows, [row(second, "bolt", 7), row(first, "Screw", 5)]);
        assert_eq!(found.schema, goods);

        // One transaction of three steps, its answer kept with it.
        let id = TransactionId::new(&*world.clock, &mut world.rng);
        let changes = vec![
            RowChange::Insert { table: "goods".into(), id: third, values: vec![text("Nut"), Value::Null] },
            RowChange::Update {
                table: "goods".into(),
                id: first,
                base_version: 1,
                values: vec![text("Screw"), Value::Integer(4)],
            },
            RowChange::Delete { table: "goods".into(), id: second, base_version: 1 },
        ];
        let applied = changes.clone();
        let sequence = world
            .tenant
            .write(move |work| {
                assert_eq!(work.recall(app, id, &[1; 32])?, Recall::New);
                let sequence = work.apply(app, 1, &applied)?;
                work.remember(app, id, &[1; 32], &Outcome::Applied { sequence, rows: vec![] }, &*clock)?;
                Ok::<_, StoreError>(sequence)
            })
            .await
            .unwrap();
        assert_eq!(sequence, 5);
        let (answer, other, log, after, taken, free) = world
            .tenant
            .read(move |reader| {
                Ok::<_, StoreError>((
                    reader.recall(app, id, &[1; 32])?,
                    reader.recall(app, id, &[2; 32])?,
                    reader.changes(app, 2, 10)?,
                    reader.row(app, "goods", first)?,
                    reader.key_taken(app, "goods", "name", &text("Screw"), third)?,
                    reader.key_taken(app, "goods", "name", &text("Screw"), first)?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(answer, Recall::Known(Outcome::Applied { sequence: 5, rows: vec![] }));
        assert_eq!(other, Recall::Different);
        let kinds: Vec<_> =
            log.iter().map(|entry| (entry.sequence, entry.row, entry.kind, entry.version)).collect();
        assert_eq!(
            kinds,
            [
                (3, Some(third), ChangeKind::Insert, 1),
                (4, Some(first), ChangeKind::Update, 2),
                (5, Some(second), ChangeKind::Delete, 1)
            ]
        );
        assert_eq!(after.unwrap(), Row { version: 2, ..row(first, "Screw", 4) });
        assert!(taken && !free);

        // The same changes again do not fit any more, and leave nothing behind.
        let refused = world.tenant.write(move |work| work.apply(app, 1, &changes)).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
        let refused = world.tenant.write(move |work| work.apply(app, 9, &[])).await;
        assert!(matches!(refused, Err(StoreError::Stale { given: 9, current: 1 })), "{refused:?}");

        assert_eq!(world.publish("Stock 2", false).await, 2);
        let clock = world.clock.clone();
        let (back, people) = world
            .tenant
            .write(move |work| {
                assert_eq!(work.app(app)?.unwrap().current.name, "Stock 2");
                assert!(!work.roll_back(app, 7, &*clock)?);
                assert!(work.roll_back(app, 1, &*clock)?);
                work.set_audience(app, Audience::Public, &*clock)?;
                work.set_people(app, &[" Ann@Example.com".into(), "bob@example.com".into()], &*clock)?;
                Ok::<_, StoreError>((work.app(app)?.unwrap(), work.people(app)?))
            })
            .await
            .unwrap();
        assert_eq!((back.current.version, back.versions, back.audience), (1, 2, Audience::Public));
        assert_eq!(people, ["ann@example.com", "bob@example.com"]);
        let (mine, hers, nobodys, json, head) = world
            .tenant
            .read({
                let owner = world.owner;
                move |reader| {
                    let stranger = gridkeep_model::AccountId::from_uuid(app.uuid());
                    Ok::<_, StoreError>((
                        reader.apps_of(owner, "x@example.com")?,
                        reader.apps_of(stranger, "ANN@example.com")?,
                        reader.apps_of(stranger, "eve@example.com")?,
                        reader.definition(app, 2)?.unwrap(),
                        reader.head(app)?.unwrap(),
                    ))
                }
            })
            .await
            .unwrap();
        assert_eq!((mine.len(), hers.len(), nobodys.len()), (1, 1, 0));
        assert_eq!(json, serde_json::to_string(&definition("Stock 2")).unwrap());
        assert_eq!(head.sequence, 5);

        // Closed and opened again it is all there; on disk nothing of it can be read.
        let tenant = world.tenant.id();
        let World { store, tenant: handle, .. } = world;
        drop(handle);
        store.close().await.unwrap();
        let handle = store.tenant(tenant).await.unwrap().unwrap();
        let rows = handle.read(move |reader| reader.rows(app, &all("goods", &[]))).await;
        assert_eq!(rows.map_err(|error: StoreError| error).unwrap().rows.len(), 2);
        if let Place::Folder(folder) = &place {
            let file = folder.path().join(format!("tenants/{}.db", tenant.uuid().simple()));
            assert!(!contains_bytes(&file, b"SQLite format") && !contains_bytes(&file, b"Screw"));
        }
        let gone = handle
            .write(move |work| {
                Ok::<_, StoreError>((work.delete_app(app)?, work.apps()?.len(), work.delete_app(app)?))
            })
            .await
            .unwrap();
        assert_eq!(gone, (true, 0, false));
        assert!(matches!(store.erase_tenant(tenant).await, Err(StoreError::Busy)));
        drop(handle);
        assert!(store.erase_tenant(tenant).await.unwrap());
        assert!(store.tenant(tenant).await.unwrap().is_none());
    }
}
