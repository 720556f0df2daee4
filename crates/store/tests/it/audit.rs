//! The log that is only added to.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, EventId, TenantId};
use gridkeep_store::{
    Backend, KeyOwner, StoreError,
    audit::{NewEntry, NewEvent},
};
use serde_json::json;

use crate::world::{Place, World, places};

pub(crate) fn entry(world: &mut World, number: u64) -> NewEntry {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    NewEntry::new("checkpoint.passed", world.clock.now(), seed)
        .about("EXPENSE_APPROVE")
        .fact("number", number)
        .personal("user", Some(AccountId::from_uuid(uuid::Uuid::from_u128(number.into()))), "Ann")
}

/// The tenant that [`World::new`] makes.
fn tenant() -> TenantId {
    TenantId::new(&StepClock::default(), &mut SeededRng::default())
}

/// Makes the file of the tenant's database, in a format that others than the store can open.
fn make(place: &Place) {
    if let Backend::Sqlite { folder } = place.backend() {
        std::fs::create_dir_all(folder.join("tenants")).unwrap();
        assert_eq!(tamper(place, "CREATE TABLE made (up TEXT); DROP TABLE made"), None);
    }
}

/// Runs statements on the tenant's database behind the store's back, which is closed on SQLite; what went wrong.
pub(crate) fn tamper(place: &Place, sql: &str) -> Option<String> {
    let name = tenant().uuid().simple().to_string();
    match place.backend() {
        Backend::Sqlite { folder } => {
            let connection =
                rusqlite::Connection::open(folder.join("tenants").join(format!("{name}.db"))).unwrap();
            // The key of `TestKeys` for a tenant: its first byte is the length of the owner's name.
            let owner = format!("{:?}", KeyOwner::Tenant(tenant()));
            let key = format!("{:02x}{}", owner.len(), "07".repeat(31));
            let key = format!("PRAGMA key = \"x'{key}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256");
            connection.execute_batch(&key).unwrap();
            connection.execute_batch(sql).err().map(|error| error.to_string())
        }
        Backend::Postgres { url } => {
            let sql = format!("SET search_path TO t_{name}; {sql}");
            let run = move || {
                let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
                let ended = client.batch_execute(&sql).err();
                ended.map(|error| error.as_db_error().unwrap().message().to_owned())
            };
            std::thread::spawn(run).join().unwrap()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_what_is_not_added() {
    for place in places() {
        make(&place);
        let mut world = World::new(&place).await;
        let one = entry(&mut world, 1);
        world.tenant.write(move |work| work.audit(&one)).await.unwrap();
        drop(world);
        for sql in [
            "UPDATE audit SET facts = '{}'",
            "UPDATE audit SET sequence = 2 WHERE sequence = 1",
            "DELETE FROM audit",
            "UPDATE audit_values SET value = 'Ben'",
            "DELETE FROM audit_heads; UPDATE audit_heads SET size = 0",
        ] {
            let refused = tamper(&place, sql);
            // Signed heads there are none yet: SQLite's triggers are asked once a row.
            if let (Backend::Sqlite { .. }, true) = (place.backend(), sql.contains("heads")) {
                continue;
            }
            let refused = refused.unwrap();
            let words = ["only added to", "kept or erased", "permission denied"];
            assert!(words.iter().any(|words| refused.contains(words)), "{sql}: {refused}");
        }
        let again = "audit (sequence, kind, subject, time, facts, commitments, previous, hash)
            SELECT sequence, 'other', subject, time, facts, commitments, previous, hash FROM audit";
        assert!(tamper(&place, &format!("INSERT INTO {again}")).is_some());
        if let Backend::Sqlite { .. } = place.backend() {
            let refused = tamper(&place, &format!("INSERT OR REPLACE INTO {again}")).unwrap();
            assert!(refused.contains("only added to"), "{refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_follow_one_another_and_go_with_their_work() {
    for place in places() {
        let mut world = World::new(&place).await;
        let entries: Vec<NewEntry> = (1..=5).map(|number| entry(&mut world, number)).collect();
        let (first, second) = (entries[0].clone(), entries[1].clone());
        let event = NewEvent {
            id: EventId::new(&*world.clock, &mut world.rng),
            name: "SECURITY_CHECKPOINT_SUCCESS".to_owned(),
            sequence: Some(2),
            body: json!({}),
            at: world.clock.now(),
        };
        let written = world.tenant.change(move |work| {
            let one = work.audit(&first)?;
            let two = work.audit(&second)?;
            work.tell(&event)?;
            Ok::<_, StoreError>((one, two))
        });
        assert_eq!(written.await.unwrap(), (1, 2));
        let third = entries[2].clone();
        let failed = world.tenant.write(move |work| {
            assert_eq!(work.audit(&third)?, 3);
            Err::<(), _>(StoreError::Busy)
        });
        assert!(failed.await.is_err());
        // Many at once, committed together.
        let tenant = &world.tenant;
        let mut numbers = Vec::new();
        let works = entries.into_iter().map(|entry| {
            let tenant = tenant.clone();
            tokio::spawn(async move { tenant.change(move |work| work.audit(&entry)).await.unwrap() })
        });
        for work in works.collect::<Vec<_>>() {
            numbers.push(work.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, [3, 4, 5, 6, 7]);
    }
}
