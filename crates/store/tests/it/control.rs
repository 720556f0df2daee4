//! Accounts, sessions and tenants.

use std::collections::HashSet;

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, TenantId};
use gridkeep_store::{NewAccount, Session, Store, StoreError, WrappedKey};
use jiff::ToSpan;

use crate::world::{Place, config, open, places};

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
        let people: Vec<_> =
            (0..32).map(|number| person(&clock, &mut rng, &format!("p{}@example.com", number / 2))).collect();
        let racing = people.into_iter().map(|new| {
            let control = store.control().clone();
            tokio::spawn(async move { control.create_account(new).await.unwrap() })
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
        assert!(!store.control().is_empty().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_begin_last_and_end() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let (clock, mut rng) = (StepClock::default(), SeededRng::default());
        let ann = control.create_account(person(&clock, &mut rng, " Ann@Example.COM ")).await.unwrap();
        assert_eq!((ann.email.as_str(), ann.administrator), ("ann@example.com", true));
        let (found, password) = control.account_by_email("ANN@example.com").await.unwrap().unwrap();
        assert_eq!((&found, password.as_str()), (&ann, "$argon2id$..."));
        assert_eq!(control.account(ann.id).await.unwrap().unwrap(), ann);
        let names = control.accounts_by_email(&["ann@example.com".into(), "eve@example.com".into()]).await;
        assert_eq!(names.unwrap(), std::slice::from_ref(&ann));

        let now = clock.now();
        let session =
            Session { token: [9; 32], account: ann.id, created: now, expires: now + 1.hour(), seen: now };
        control.create_session(session.clone()).await.unwrap();
        let found = control.session([9; 32], now + 59.minutes()).await.unwrap();
        assert_eq!(found, Some((session, ann.clone())));
        assert!(control.session([8; 32], now).await.unwrap().is_none());
        assert!(control.session([9; 32], now + 1.hour()).await.unwrap().is_none());
        control.see_session([9; 32], now + 30.minutes(), now + 90.minutes()).await.unwrap();
        assert!(control.session([9; 32], now + 80.minutes()).await.unwrap().is_some());
        control.end_session([9; 32]).await.unwrap();
        assert!(control.session([9; 32], now).await.unwrap().is_none());
        assert!(control.set_password(ann.id, "other").await.unwrap());
        assert!(!control.renew_password(ann.id, "$argon2id$...", "renewed").await.unwrap());
        assert_eq!(control.account_by_email("ann@example.com").await.unwrap().unwrap().1, "other");

        let tenant = TenantId::new(&clock, &mut rng);
        store.create_tenant(tenant, "Home", now).await.unwrap();
        control.set_member(tenant, ann.id, false, now).await.unwrap();
        control.set_member(tenant, ann.id, true, now).await.unwrap();
        assert_eq!(control.memberships(ann.id).await.unwrap(), [(tenant, true)]);
        assert_eq!(control.tenants().await.unwrap()[0].name, "Home");
        control.remove_member(tenant, ann.id).await.unwrap();
        assert!(control.memberships(ann.id).await.unwrap().is_empty());
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
