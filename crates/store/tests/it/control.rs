//! Accounts, sessions and tenants.

use std::collections::HashSet;

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, SessionId, TenantId};
use gridkeep_store::{Joins, MOST_SESSIONS, NewAccount, Store, StoreError, TenantRole, WrappedKey};
use jiff::ToSpan;

use crate::world::{Place, begin, config, open, places};

fn person(clock: &StepClock, rng: &mut SeededRng, email: &str) -> NewAccount {
    NewAccount {
        id: AccountId::new(clock, rng),
        email: email.to_owned(),
        skeleton: email.to_owned(),
        name: "Somebody".to_owned(),
        password: "$argon2id$...".to_owned(),
        created: clock.now(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_many_at_once_becomes_administrator() {
    for place in places() {
        let store = open(&place).await;
        let (clock, mut rng) = (StepClock::default(), SeededRng::default());
        assert!(store.control().is_empty().await.unwrap());
        // What it joins comes with it, or it does not come either.
        let home = TenantId::new(&clock, &mut rng);
        let joins = Joins { home: Some(home), others: Some((home, TenantRole::Member)) };
        let lost = person(&clock, &mut rng, "p0@example.com");
        store.control().create_account(lost, joins).await.unwrap_err();
        assert!(store.control().is_empty().await.unwrap());
        store.create_tenant(home, "home", clock.now()).await.unwrap();
        let people: Vec<_> =
            (0..32).map(|number| person(&clock, &mut rng, &format!("p{}@example.com", number / 2))).collect();
        let racing = people.into_iter().map(|new| {
            let control = store.control().clone();
            tokio::spawn(async move { control.create_account(new, joins).await.unwrap() })
        });
        let racing: Vec<_> = racing.collect();
        let mut made = Vec::new();
        for racer in racing {
            made.push(racer.await.unwrap());
        }
        // Whoever comes claims an address; one is the administrator, and proven.
        assert_eq!(made.len(), 32);
        assert_eq!(made.iter().map(|account| &account.email).collect::<HashSet<_>>().len(), 16);
        assert!(made.iter().all(|account| account.administrator == account.confirmed.is_some()));
        assert_eq!(made.iter().filter(|account| account.administrator).count(), 1);
        for account in &made {
            let expect = if account.administrator { TenantRole::Owner } else { TenantRole::Member };
            assert_eq!(store.control().role_of(home, account.id).await.unwrap(), Some(expect));
        }
        assert!(!store.control().is_empty().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_begin_last_and_end() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let (clock, mut rng) = (StepClock::default(), SeededRng::default());
        let ann = control
            .create_account(person(&clock, &mut rng, " Ann@Example.COM "), Joins::default())
            .await
            .unwrap();
        assert_eq!((ann.email.as_str(), ann.administrator), ("ann@example.com", true));
        let (found, password) = control.account_by_email("ANN@example.com").await.unwrap().unwrap();
        assert_eq!((&found, password.as_str()), (&ann, "$argon2id$..."));
        assert_eq!(control.account(ann.id).await.unwrap().unwrap(), ann);
        let names = control.accounts_by_email(&["ann@example.com".into(), "eve@example.com".into()]).await;
        assert_eq!(names.unwrap(), std::slice::from_ref(&ann));

        let now = clock.now();
        let tenant = TenantId::new(&clock, &mut rng);
        store.create_tenant(tenant, "home", now).await.unwrap();
        let session = begin(ann.id, 9, now);
        control.create_session(session.clone()).await.unwrap();
        let found = control.session([9; 32], tenant, now + 59.minutes()).await.unwrap();
        assert_eq!(found, Some((session.clone(), ann.clone(), None)));
        assert!(control.session([8; 32], tenant, now).await.unwrap().is_none());
        assert!(control.session([9; 32], tenant, now + 1.hour()).await.unwrap().is_none());
        // Whoever may do what is the same after a look at the clock as before.
        let mark = control.mark();
        control.see_session(&session, tenant, now + 30.minutes(), now + 90.minutes()).await.unwrap();
        assert_eq!(control.mark(), mark);
        assert!(control.session([9; 32], tenant, now + 80.minutes()).await.unwrap().is_some());
        control.end_session([9; 32]).await.unwrap();
        assert!(control.session([9; 32], tenant, now).await.unwrap().is_none());
        assert!(control.set_password(ann.id, "other").await.unwrap());
        assert!(!control.renew_password(ann.id, "$argon2id$...", "renewed").await.unwrap());
        assert_eq!(control.account_by_email("ann@example.com").await.unwrap().unwrap().1, "other");

        assert_eq!(control.tenants().await.unwrap()[0].name, "home");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_and_ends_their_sessions_and_no_others() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let (clock, mut rng) = (StepClock::default(), SeededRng::default());
        let ann = control
            .create_account(person(&clock, &mut rng, "ann@example.com"), Joins::default())
            .await
            .unwrap();
        let ben = control
            .create_account(person(&clock, &mut rng, "ben@example.com"), Joins::default())
            .await
            .unwrap();
        let now = clock.now();
        for (account, number) in [(ann.id, 1), (ann.id, 2), (ann.id, 3), (ben.id, 4)] {
            let session = begin(account, number, now + i64::from(number).seconds());
            control.create_session(session).await.unwrap();
        }
        let seen = async |account| {
            let sessions = control.sessions_of(account, now).await.unwrap();
            sessions.into_iter().map(|session| session.token.unwrap()[0]).collect::<Vec<_>>()
        };
        assert_eq!(seen(ann.id).await, [3, 2, 1]);
        let id = |number: u8| SessionId::from_uuid(uuid::Uuid::from_bytes([number; 16]));
        assert!(!control.end_session_of(ann.id, id(4)).await.unwrap());
        assert!(control.end_session_of(ann.id, id(2)).await.unwrap());
        assert!(!control.end_session_of(ann.id, id(2)).await.unwrap());
        control.end_other_sessions(ann.id, id(3)).await.unwrap();
        assert_eq!((seen(ann.id).await, seen(ben.id).await), (vec![3], vec![4]));
        assert!(control.sessions_of(ann.id, now + 1.hour() + 3.seconds()).await.unwrap().is_empty());
        // The place not used for longest makes room.
        for number in 0..MOST_SESSIONS as u8 {
            let session = begin(ann.id, 100 + number, now + 10.seconds());
            control.create_session(session).await.unwrap();
        }
        let all = seen(ann.id).await;
        assert_eq!((all.len(), all.contains(&3), all.contains(&100)), (MOST_SESSIONS, false, true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_used_by_one_process_and_opened_by_its_key_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let place = Place::Folder(folder);
    let store = open(&place).await;
    let second = Store::open(config(place.backend())).await;
    assert!(matches!(second, Err(StoreError::InUse { .. })));
    assert_eq!(store.rewrap_keys().await.unwrap(), 1);
    let wrapped = |text: &str| WrappedKey(text.as_bytes().to_vec());
    let first = store.control().secret("identity", wrapped("Identity")).await.unwrap();
    let second = store.control().secret("identity", wrapped("another")).await.unwrap();
    assert_eq!((&first, &second), (&wrapped("Identity"), &first), "whoever was first counts");
    assert_eq!(store.rewrap_keys().await.unwrap(), 2);
    drop(store);
    let Place::Folder(folder) = &place else { return };
    let database = folder.path().join("control.db");
    let bytes = std::fs::read(&database).unwrap();
    std::fs::write(&database, vec![0x55; bytes.len()]).unwrap();
    let damaged = Store::open(config(place.backend())).await;
    assert!(matches!(damaged, Err(StoreError::WrongKey { .. })));
}
