//! Counted tries, known browsers and login events.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, LoginEventId, TenantId};
use gridkeep_store::{
    Control, Fold, Joins, LoginEvent, LoginFilter, LoginMethod, LoginResult, NewAccount, TenantRole, Tries,
};
use jiff::{Timestamp, ToSpan};

use crate::world::{open, places};

async fn failures(control: &Control, what: [u8; 32], now: Timestamp) -> u32 {
    control.tally(now, move |tally| tally.tries(&what)).await.unwrap().failures
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_count_until_their_time_is_over() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let start = StepClock::default().now();
        let (what, other) = ([1; 32], [2; 32]);
        for second in 0..3 {
            let now = start + second.seconds();
            control.tally(now, move |tally| tally.count(&what, now + 1.hour())).await.unwrap();
        }
        let now = start + 10.seconds();
        let found = control.tally(now, move |tally| tally.tries(&what)).await.unwrap();
        assert_eq!(found, Tries { failures: 3, last: start + 2.seconds() });
        assert_eq!(failures(control, other, now).await, 0);
        control.tally(now, move |tally| tally.take_back(&what)).await.unwrap();
        assert_eq!(failures(control, what, now).await, 2);
        // Over: as if never tried, also when it is tried again.
        let later = start + 2.hours();
        assert_eq!(failures(control, what, later).await, 0);
        control.tally(later, move |tally| tally.count(&what, later + 1.hour())).await.unwrap();
        assert_eq!(failures(control, what, later).await, 1);
        control.tally(later, move |tally| tally.forget(&what)).await.unwrap();
        assert_eq!(failures(control, what, later).await, 0);
        // At the same moment, each counts.
        let many = (0..20).map(|_| {
            let control = control.clone();
            tokio::spawn(async move {
                let count = move |tally: &mut gridkeep_store::Tally<'_>| {
                    tally.count(&other, later + 1.hour())?;
                    tally.tries(&other)
                };
                control.tally(later, count).await.unwrap().failures
            })
        });
        let mut seen = Vec::new();
        for one in many.collect::<Vec<_>>() {
            seen.push(one.await.unwrap());
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..=20).collect::<Vec<_>>());
        // What may be used once is used once.
        let spend = |now: Timestamp| control.tally(now, move |tally| tally.spend(&[3; 32], now + 1.hour()));
        assert_eq!((spend(later).await.unwrap(), spend(later).await.unwrap()), (true, false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_new_only_to_an_account_that_has_others() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let (clock, mut rng) = (StepClock::default(), SeededRng::new(1));
        let account = control
            .create_account(
                NewAccount {
                    id: AccountId::new(&clock, &mut rng),
                    email: "ada@example.com".to_owned(),
                    skeleton: "ada@example.com".to_owned(),
                    name: "Ada".to_owned(),
                    password: "$".to_owned(),
                    created: clock.now(),
                },
                Joins::default(),
            )
            .await
            .unwrap()
            .id;
        let start = clock.now();
        let check = async |browser: u8, day: i64, expect: bool| {
            let now = start + (24 * day).hours();
            let found = control.know_browser(account, [browser; 32], now, now - (24 * 400).hours()).await;
            assert_eq!(found.unwrap(), Some(expect), "{browser} {day}");
        };
        check(1, 0, false).await;
        check(1, 1, false).await;
        check(2, 2, true).await;
        check(2, 3, false).await;
        // The first one was not seen for long: forgotten, and new again.
        check(2, 402, false).await;
        check(1, 403, true).await;
        let knows = |browser: u8| control.tally(start, move |tally| tally.knows(&[browser; 32]));
        assert_eq!((knows(1).await.unwrap(), knows(9).await.unwrap()), (true, false));
        control.forget_browsers(account).await.unwrap();
        assert!(!knows(1).await.unwrap());
        // Only so many: the oldest go.
        for number in 0..40 {
            let now = start + number.seconds();
            control.know_browser(account, [number as u8 + 100; 32], now, start - 1.hour()).await.unwrap();
        }
        let knows = |browser: u8| control.tally(start, move |tally| tally.knows(&[browser; 32]));
        assert_eq!((knows(100).await.unwrap(), knows(139).await.unwrap()), (false, true));
        // Whoever only claims an address has no browser that its owner would be taken by.
        let claim = control
            .create_account(
                NewAccount {
                    id: AccountId::new(&clock, &mut rng),
                    email: "ada@example.com".to_owned(),
                    skeleton: "ada@example.com".to_owned(),
                    name: "Eve".to_owned(),
                    password: "$".to_owned(),
                    created: clock.now(),
                },
                Joins::default(),
            )
            .await
            .unwrap();
        let noted = control.know_browser(claim.id, [9; 32], start, start - 1.hour()).await.unwrap();
        assert_eq!((noted, knows(9).await.unwrap()), (None, false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_nothing_came_of_are_forgotten() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let (clock, mut rng) = (StepClock::default(), SeededRng::new(1));
        let mut ids = Vec::new();
        for name in ["first", "idle", "member", "proven", "late"] {
            let email = format!("{name}@example.com");
            let new = NewAccount {
                id: AccountId::new(&clock, &mut rng),
                skeleton: email.clone(),
                email,
                name: name.to_owned(),
                password: "$".to_owned(),
                created: clock.now() + if name == "late" { 48.hours() } else { 0.hours() },
            };
            let made = match name {
                "proven" => control
                    .import_account(new, Joins::default(), |one, other| one == other)
                    .await
                    .unwrap()
                    .unwrap(),
                _ => control.create_account(new, Joins::default()).await.unwrap(),
            };
            ids.push(made.id);
        }
        let now = clock.now();
        let tenant = TenantId::new(&clock, &mut rng);
        store.create_tenant(tenant, "home", now).await.unwrap();
        control.add_member(tenant, ids[2], TenantRole::Member, now).await.unwrap();
        assert_eq!(control.forget_claims(now + 24.hours()).await.unwrap(), 1);
        assert_eq!(control.forget_claims(now + 24.hours()).await.unwrap(), 0);
        for (id, there) in ids.iter().zip([true, false, true, true, true]) {
            assert_eq!(control.account(*id).await.unwrap().is_some(), there, "{id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_events_are_found_page_by_page_and_forgotten() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let (clock, mut rng) = (StepClock::default(), SeededRng::new(1));
        let (ada, ben) = (AccountId::new(&clock, &mut rng), AccountId::new(&clock, &mut rng));
        let (mut ids, mut times) = (Vec::new(), Vec::new());
        for number in 0..6_u8 {
            let id = LoginEventId::new(&clock, &mut rng);
            ids.push(id);
            times.push(clock.now());
            let event = LoginEvent {
                id,
                at: times[times.len() - 1],
                account: Some(if number % 2 == 0 { ada } else { ben }),
                address: Some("ada@example.com".to_owned()),
                api_key: None,
                method: LoginMethod::Password,
                result: if number == 4 { LoginResult::Wrong } else { LoginResult::Done },
                network: Some("192.0.2.1".to_owned()),
                agent: None,
                times: 1,
                last: times[times.len() - 1],
            };
            control.note_login(event.clone(), None).await.unwrap();
            let found = control.logins(LoginFilter::default(), 1).await.unwrap();
            assert_eq!(found, [event]);
        }
        let check = async |filter: LoginFilter, most: u32, expect: &[usize]| {
            let found: Vec<_> = control
                .logins(filter.clone(), most)
                .await
                .unwrap()
                .into_iter()
                .map(|event| event.id)
                .collect();
            assert_eq!(found, expect.iter().map(|index| ids[*index]).collect::<Vec<_>>(), "{filter:?}");
        };
        let all = LoginFilter::default;
        check(all(), 2, &[5, 4]).await;
        check(LoginFilter { before: Some(ids[4]), ..all() }, 2, &[3, 2]).await;
        check(LoginFilter { account: Some(ben), ..all() }, 9, &[5, 3, 1]).await;
        check(LoginFilter { result: Some(LoginResult::Wrong), ..all() }, 9, &[4]).await;
        check(LoginFilter { address: Some("eve@example.com".to_owned()), ..all() }, 9, &[]).await;
        check(LoginFilter { from: Some(times[1]), until: Some(times[3]), ..all() }, 9, &[2, 1]).await;
        assert_eq!(control.forget_logins(times[2]).await.unwrap(), 2);
        check(all(), 9, &[5, 4, 3, 2]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_alike_is_one_event_and_nobody_fills_the_log() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let (clock, mut rng) = (StepClock::default(), SeededRng::new(1));
        let ada = AccountId::new(&clock, &mut rng);
        let start = clock.now();
        let mut note = async |hash: u8, account: Option<AccountId>, times: u32| {
            let at = clock.now();
            let event = LoginEvent {
                id: LoginEventId::new(&clock, &mut rng),
                at,
                account,
                address: Some(format!("{hash}@example.com")),
                api_key: None,
                method: LoginMethod::Password,
                result: LoginResult::Wrong,
                network: Some("192.0.2.1".to_owned()),
                agent: None,
                times,
                last: at,
            };
            let fold =
                Fold { own: [hash; 32], network: [100 + hash; 32], crowd: [255; 32], since: start, most: 3 };
            control.note_login(event, Some(fold)).await.unwrap();
            at
        };
        note(1, None, 1).await;
        let last = note(1, None, 2).await;
        let found = control.logins(LoginFilter::default(), 9).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].times, found[0].last), (3, last));
        assert!(found[0].at < last);
        // Of a fourth made-up address the network is kept, of a seventh nothing; what is known by then goes on counting, and
        // somebody's account always does.
        for hash in [2, 3, 4, 5, 8, 4, 9, 10, 1] {
            note(hash, None, 1).await;
        }
        for hash in [6, 7] {
            note(hash, Some(ada), 1).await;
        }
        let found = control.logins(LoginFilter::default(), 9).await.unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|event| (event.address.as_deref(), event.network.is_some(), event.times))
            .collect();
        let expect = [
            (Some("7@example.com"), true, 1),
            (Some("6@example.com"), true, 1),
            (None, false, 2),
            (None, true, 1),
            (None, true, 1),
            (None, true, 2),
            (Some("3@example.com"), true, 1),
            (Some("2@example.com"), true, 1),
            (Some("1@example.com"), true, 4),
        ];
        assert_eq!(found, expect);
    }
}
