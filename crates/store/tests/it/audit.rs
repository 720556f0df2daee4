//! The log that is only added to.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, EventId, TenantId};
use gridkeep_store::{
    Backend, KeyOwner, Reader, StoreError,
    audit::{
        AuditFilter, Fault, NewEntry, NewEvent, Verifier,
        tree::{Hash, extends, includes},
    },
};
use serde_json::json;

use crate::world::{Place, World, open, places};

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

/// What a verification finds, after closing the store and opening it again.
async fn faults(place: &Place, heads: Vec<(u64, Hash)>) -> Vec<Fault> {
    let store = open(place).await;
    let tenant = store.tenant(tenant()).await.unwrap().unwrap();
    let mut verifier = Verifier::new(heads);
    loop {
        let step = tenant.read(move |reader| {
            let ended = reader.audit_verify(&mut verifier, 100)?;
            Ok::<_, StoreError>((verifier, ended))
        });
        let (next, ended) = step.await.unwrap();
        verifier = next;
        if ended {
            break;
        }
    }
    drop(tenant);
    store.close().await.unwrap();
    verifier.faults().to_vec()
}

/// Takes away what refuses changes, as somebody with the database's own rights can.
fn unguard(place: &Place) -> String {
    match place.backend() {
        Backend::Sqlite { .. } => "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_values_no_update; ".to_owned(),
        Backend::Postgres { .. } => "GRANT ALL ON audit, audit_values TO CURRENT_USER; DROP TRIGGER audit_keep ON audit; DROP TRIGGER audit_values_keep ON audit_values; ".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_found() {
    let zeros = |place: &Place| match place.backend() {
        Backend::Sqlite { .. } => "zeroblob(32)".to_owned(),
        Backend::Postgres { .. } => "decode(repeat('00', 32), 'hex')".to_owned(),
    };
    let copy = "INSERT INTO audit_end SELECT 1, size, hash, peaks FROM ended";
    for place in places() {
        make(&place);
        let mut world = World::new(&place).await;
        let entries: Vec<NewEntry> = (1..=600).map(|number| entry(&mut world, number)).collect();
        let early: Vec<NewEntry> = entries[..590].to_vec();
        let add = async |entries: Vec<NewEntry>| {
            let added = world.tenant.write(move |work| {
                for entry in entries {
                    work.audit(&entry)?;
                }
                work.audit_peaks()
            });
            added.await.unwrap()
        };
        let before = add(early).await;
        drop(world.store.close().await);
        // The end as it was, which whoever cuts rows off puts back.
        drop(world);
        assert_eq!(tamper(&place, "CREATE TABLE ended AS SELECT * FROM audit_end"), None);
        let store = open(&place).await;
        let late = entries[590..].to_vec();
        let again = store.tenant(tenant()).await.unwrap().unwrap();
        let whole = again
            .write(move |work| {
                for entry in late {
                    work.audit(&entry)?;
                }
                work.audit_peaks()
            })
            .await
            .unwrap();
        let (account, now) = (AccountId::from_uuid(uuid::Uuid::from_u128(7)), jiff::Timestamp::UNIX_EPOCH);
        for expect in [1, 0] {
            let erased = again.write(move |work| work.erase_from_audit(account, &[], (now, [9; 32])));
            assert_eq!(erased.await.unwrap(), expect);
        }
        let last = again.read(|reader| reader.audit_size().and_then(|_| reader.audit_peaks())).await.unwrap();
        drop(again);
        store.close().await.unwrap();
        drop(store);
        let heads =
            vec![(before.size(), before.root()), (whole.size(), whole.root()), (last.size(), last.root())];
        assert_eq!(faults(&place, heads.clone()).await, []);
        assert_eq!(faults(&place, vec![(601, [1; 32])]).await, [Fault::Rewritten { head: 601 }]);
        assert_eq!(
            faults(&place, vec![(700, last.root())]).await,
            [Fault::Truncated { head: 700, size: 601 }]
        );
        // Each on its own, undone behind it.
        assert_eq!(
            tamper(
                &place,
                "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_values AS SELECT * FROM audit_values; CREATE TABLE kept_end AS SELECT * FROM audit_end; CREATE TABLE kept_nodes AS SELECT * FROM audit_nodes"
            ),
            None
        );
        assert_eq!(tamper(&place, &unguard(&place)), None);
        let restore = "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DELETE FROM audit_values; INSERT INTO audit_values SELECT * FROM kept_values; DELETE FROM audit_end; INSERT INTO audit_end SELECT * FROM kept_end; DELETE FROM audit_nodes; INSERT INTO audit_nodes SELECT * FROM kept_nodes;";
        let zero = zeros(&place);
        let check = async |sql: &str, expect: &[Fault]| {
            assert_eq!(tamper(&place, sql), None, "{sql}");
            assert_eq!(faults(&place, heads.clone()).await, expect, "{sql}");
            assert_eq!(tamper(&place, restore), None);
        };
        for set in [
            "kind = 'checkpoint.denied'",
            "subject = 'OTHER'",
            "time = time + 1",
            "facts = '{\"number\":1}'",
            "commitments = replace(commitments, 'user', 'usor')",
        ] {
            let found = if set.starts_with("commitments") {
                vec![Fault::Edited(300), Fault::Value(300, "user".to_owned()), Fault::ValuesGone(1)]
            } else {
                vec![Fault::Edited(300)]
            };
            check(&format!("UPDATE audit SET {set} WHERE sequence = 300"), &found).await;
        }
        let swapped = "UPDATE audit SET sequence = -1 WHERE sequence = 20; UPDATE audit SET sequence = 20 WHERE sequence = 21;
            UPDATE audit SET sequence = 21 WHERE sequence = -1";
        assert_eq!(tamper(&place, swapped), None);
        let found = faults(&place, heads.clone()).await;
        for fault in [
            Fault::Unchained(20),
            Fault::Edited(20),
            Fault::Unchained(21),
            Fault::Edited(21),
            Fault::Unchained(22),
        ] {
            assert!(found.contains(&fault), "{found:?}");
        }
        assert_eq!(tamper(&place, restore), None);
        assert_eq!(tamper(&place, "DELETE FROM audit WHERE sequence = 20"), None);
        let found = faults(&place, heads.clone()).await;
        assert_eq!(found[0], Fault::Missing { from: 20, to: 20 });
        assert_eq!(tamper(&place, restore), None);
        // The row's own hash is made to fit as well.
        assert_eq!(
            tamper(
                &place,
                &format!(
                    "UPDATE audit SET hash = (SELECT hash FROM kept WHERE sequence = 1) WHERE sequence = 300; UPDATE audit SET previous = {zero} WHERE sequence = 5"
                )
            ),
            None
        );
        let found = faults(&place, heads.clone()).await;
        for fault in [Fault::Edited(300), Fault::Unchained(301), Fault::Rewritten { head: 590 }] {
            assert!(found.contains(&fault), "{found:?}");
        }
        assert_eq!(tamper(&place, restore), None);
        let wrong = "UPDATE audit_values SET value = 'Ben' WHERE sequence = 30";
        check(wrong, &[Fault::Value(30, "user".to_owned())]).await;
        check("DELETE FROM audit_values WHERE sequence = 30", &[Fault::ValuesGone(1)]).await;
        let node = format!("UPDATE audit_nodes SET hash = {zero} WHERE number = 1");
        check(&node, &[Fault::Node { from: 257, to: 512 }]).await;
        check("UPDATE audit_end SET size = 602", &[Fault::End]).await;
        // Cut off at the end, with all that is kept beside it.
        let cut = format!(
            "DELETE FROM audit WHERE sequence > 590; DELETE FROM audit_values WHERE sequence > 590; DELETE FROM audit_end; {copy}"
        );
        let gone = Fault::ValuesGone(1);
        let (whole, last) =
            (Fault::Truncated { head: 600, size: 590 }, Fault::Truncated { head: 601, size: 590 });
        check(&cut, &[gone, whole, last]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_need_no_other_rows() {
    for place in places() {
        let mut world = World::new(&place).await;
        let entries: Vec<NewEntry> = (1..=700).map(|number| entry(&mut world, number)).collect();
        let added = world.tenant.write(move |work| {
            let mut roots = vec![work.audit_peaks()?.root()];
            for entry in entries {
                work.audit(&entry)?;
                roots.push(work.audit_peaks()?.root());
            }
            Ok::<_, StoreError>(roots)
        });
        let roots = added.await.unwrap();
        let proven = world.tenant.read(move |reader| {
            for sequence in [1, 2, 255, 256, 257, 512, 600, 699, 700] {
                let hash = reader.audit_entry(sequence)?.unwrap().hash;
                for size in [sequence, 513.max(sequence), 700] {
                    let path = reader.audit_inclusion(sequence, size)?.unwrap();
                    assert!(
                        includes(&hash, sequence - 1, size, &path, &roots[size as usize]),
                        "{sequence} {size}"
                    );
                    let path = reader.audit_consistency(sequence, size)?.unwrap();
                    let (first, second) = (&roots[sequence as usize], &roots[size as usize]);
                    assert!(extends((sequence, first), (size, second), &path), "{sequence} {size}");
                }
            }
            assert_eq!(reader.audit_inclusion(0, 700)?, None);
            assert_eq!(reader.audit_inclusion(7, 701)?, None);
            assert_eq!(reader.audit_consistency(0, 7)?, None);
            let page = |reader: &mut Reader<'_>, filter: AuditFilter| {
                let page = reader.audit_page(&filter, 2)?;
                Ok::<_, StoreError>(page.into_iter().map(|entry| entry.sequence).collect::<Vec<_>>())
            };
            let all = AuditFilter::default;
            let who = AccountId::from_uuid(uuid::Uuid::from_u128(40));
            assert_eq!(page(reader, all())?, [700, 699]);
            assert_eq!(page(reader, AuditFilter { before: Some(3), ..all() })?, [2, 1]);
            assert_eq!(page(reader, AuditFilter { account: Some(who), ..all() })?, [40]);
            let kind = |kind: &str| AuditFilter { kind: Some(kind.to_owned()), before: Some(2), ..all() };
            assert_eq!(page(reader, kind("checkpoint"))?, [1]);
            assert_eq!(page(reader, kind("checkpoint.passed"))?, [1]);
            assert_eq!(page(reader, kind("check"))?, [] as [u64; 0]);
            let at = reader.audit_entry(1)?.unwrap().time;
            let at = jiff::Timestamp::from_millisecond(at).unwrap();
            let from = AuditFilter {
                from: Some(at),
                until: Some(at),
                subject: Some("EXPENSE_APPROVE".to_owned()),
                ..all()
            };
            assert_eq!(page(reader, from)?, [] as [u64; 0]);
            let values = reader.audit_values(&[3, 700])?;
            assert_eq!(
                values
                    .iter()
                    .map(|one| (one.sequence, one.name.as_str(), one.value.as_str()))
                    .collect::<Vec<_>>(),
                [(3, "user", "Ann"), (700, "user", "Ann")]
            );
            Ok::<_, StoreError>(())
        });
        proven.await.unwrap();
    }
}
