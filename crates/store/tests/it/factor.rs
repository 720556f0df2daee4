//! Second factors: what a try costs, and what it uses up.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, FactorId};
use gridkeep_store::{
    Accepted, Control, Factor, FactorKind, HalfSignIn, Joins, Kept, NewAccount, Offer, Removal, Tried,
};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::world::{begin, open, places};

async fn ann(control: &Control) -> AccountId {
    let (clock, mut rng) = (StepClock::default(), SeededRng::default());
    let new = NewAccount {
        id: AccountId::new(&clock, &mut rng),
        email: "ann@example.com".to_owned(),
        skeleton: "ann".to_owned(),
        name: "Ann".to_owned(),
        password: "$old$".to_owned(),
        created: clock.now(),
    };
    control.create_account(new, Joins::default()).await.unwrap().id
}

fn factor(account: AccountId, number: u8, kind: FactorKind, now: Timestamp) -> Factor {
    Factor {
        id: id(number),
        account,
        kind,
        name: "Phone".to_owned(),
        sealed: vec![number; 40],
        credential: (kind == FactorKind::Passkey).then_some([number; 32]),
        mark: 7,
        proven: true,
        created: now,
        used: None,
        since: (kind == FactorKind::Passkey).then_some(now),
    }
}

fn id(number: u8) -> FactorId {
    FactorId::from_uuid(uuid::Uuid::from_bytes([number; 16]))
}

async fn half(control: &Control, account: AccountId, number: u8, now: Timestamp) -> bool {
    let half = HalfSignIn { token: [number; 32], account, created: now, expires: now + 5.minutes() };
    control.begin_half(half, "$old$").await.unwrap()
}

/// A code that is right or not, and the step it is of.
fn code(right: bool, mark: u64) -> Offer {
    Offer::Factor(
        FactorKind::OneTime,
        Box::new(move |all| {
            let own = all.first().filter(|own| right && own.mark < mark)?;
            Some(Accepted { factor: own.id, mark, spends: None })
        }),
    )
}

fn shown(challenge: u8, now: Timestamp) -> gridkeep_store::Judge {
    Box::new(move |all| {
        let spends = Some(([challenge; 32], now + 5.minutes()));
        Some(Accepted { factor: all.first()?.id, mark: 9, spends })
    })
}

async fn with_app(control: &Control, now: Timestamp) -> AccountId {
    let account = ann(control).await;
    let waiting = Factor { proven: false, ..factor(account, 1, FactorKind::OneTime, now) };
    control.propose_factor(waiting.clone()).await.unwrap();
    // Set up anew before it was proven: the first attempt counts for nothing.
    control.propose_factor(Factor { id: id(2), ..waiting }).await.unwrap();
    assert!(!control.prove_factor((account, id(1)), "App", 7, now).await.unwrap());
    assert!(control.prove_factor((account, id(2)), "App", 7, now).await.unwrap());
    assert!(!control.prove_factor((account, id(2)), "App", 7, now).await.unwrap());
    account
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_are_counted_and_what_is_right_is_used_up() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let now = StepClock::default().now();
        let account = with_app(control, now).await;
        let right = Tried::Right(account, "$old$".to_owned(), None);
        let attempt = async |token: u8, at: Timestamp, offer: Offer| {
            control.try_half([token; 32], at, offer).await.unwrap()
        };

        assert_eq!(attempt(1, now, code(true, 8)).await, Tried::Over);
        assert!(half(control, account, 1, now).await);
        assert_eq!(control.half([1; 32], now).await.unwrap(), Some(account));
        assert_eq!(attempt(1, now, code(false, 8)).await, Tried::Wrong);
        assert_eq!(attempt(1, now, code(true, 8)).await, right);
        // The half sign-in is used up, and so is the step.
        assert_eq!(attempt(1, now, code(true, 9)).await, Tried::Over);
        assert!(half(control, account, 2, now).await);
        assert_eq!(attempt(2, now, code(true, 8)).await, Tried::Wrong);
        // Five tries, of whatever kind.
        for _ in 0..4 {
            assert_eq!(attempt(2, now, Offer::Recovery(None)).await, Tried::Wrong);
        }
        assert_eq!(attempt(2, now, code(true, 9)).await, Tried::Over);
        assert_eq!(control.half([2; 32], now).await.unwrap(), None);
        // Five minutes.
        assert!(half(control, account, 3, now).await);
        assert_eq!(attempt(3, now + 5.minutes(), code(true, 9)).await, Tried::Over);
        // Given up, or the password is another.
        control.end_half([3; 32], now).await.unwrap();
        assert_eq!(attempt(3, now, code(true, 9)).await, Tried::Over);
        let other = HalfSignIn { token: [4; 32], account, created: now, expires: now + 5.minutes() };
        assert!(!control.begin_half(other, "$other$").await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knows_the_password_guesses_slower_and_slower() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let mut now = StepClock::default().now();
        let account = with_app(control, now).await;
        let mut token = 10;
        let mut attempt = async |now: Timestamp, offer: Offer| {
            token += 1;
            assert!(half(control, account, token, now).await);
            control.try_half([token; 32], now, offer).await.unwrap()
        };
        for _ in 0..5 {
            assert_eq!(attempt(now, code(false, 8)).await, Tried::Wrong);
        }
        for wait in [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
            assert_eq!(attempt(now, code(true, 8)).await, Tried::Wait(wait));
            now += SignedDuration::from_secs(wait as i64);
            assert_eq!(attempt(now, code(false, 8)).await, Tried::Wrong);
        }
        // Another kind counts apart; what is right lets all begin anew.
        control.set_recovery_codes(account, vec![[1; 32], [2; 32]]).await.unwrap();
        let right = Tried::Right(account, "$old$".to_owned(), None);
        assert_eq!(attempt(now, Offer::Recovery(Some([1; 32]))).await, right);
        assert_eq!(attempt(now, Offer::Recovery(Some([1; 32]))).await, Tried::Wrong);
        assert_eq!(control.safety(account).await.unwrap(), (1, true));
        assert_eq!(attempt(now, code(true, 8)).await, right);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_gets_through() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let now = StepClock::default().now();
        let account = with_app(control, now).await;
        for token in 1..=8 {
            assert!(half(control, account, token, now).await);
        }
        let racing = (1..=8_u8).map(|token| {
            let control = control.clone();
            tokio::spawn(async move { control.try_half([token; 32], now, code(true, 8)).await.unwrap() })
        });
        let mut through = 0;
        for racer in racing.collect::<Vec<_>>() {
            through += usize::from(matches!(racer.await.unwrap(), Tried::Right(..)));
        }
        assert_eq!(through, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_are_one_accounts_and_challenges_one_time() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let now = StepClock::default().now();
        let account = ann(control).await;
        let passkey = factor(account, 1, FactorKind::Passkey, now);
        let until = now + 5.minutes();
        assert!(control.add_passkey(passkey.clone(), ([1; 32], until)).await.unwrap());
        // The challenge again, and the credential again.
        let second = factor(account, 2, FactorKind::Passkey, now);
        assert!(!control.add_passkey(second.clone(), ([1; 32], until)).await.unwrap());
        let same = Factor { credential: passkey.credential, ..second.clone() };
        assert!(!control.add_passkey(same, ([2; 32], until)).await.unwrap());
        assert!(control.add_passkey(second, ([3; 32], until)).await.unwrap());
        assert_eq!(control.factors(account).await.unwrap()[0], passkey);

        let found = Some((passkey.clone(), "$old$".to_owned()));
        assert_eq!(control.try_passkey([1; 32], now, shown(4, now)).await.unwrap(), found);
        assert_eq!(control.try_passkey([1; 32], now, shown(4, now)).await.unwrap(), None);
        assert_eq!(control.try_passkey([9; 32], now, shown(5, now)).await.unwrap(), None);
        let used = control.factors(account).await.unwrap().remove(0);
        assert_eq!((used.mark, used.used), (9, Some(now)));
        assert!(control.rename_factor(account, id(1), "Key").await.unwrap());
        assert!(!control.rename_factor(account, id(9), "Key").await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_password_keeps_its_factor() {
    for place in places() {
        let store = open(&place).await;
        let control = store.control();
        let now = StepClock::default().now();
        let account = ann(control).await;
        let session = begin(account, 1, now);
        control.create_session(session.clone()).await.unwrap();
        let password = |hash: &str, alone| Kept { hash: hash.to_owned(), alone };
        let change = async |old: &str, new: Kept| {
            control.change_password(account, (old.to_owned(), new), session.id, None).await.unwrap()
        };
        assert!(!change("$old$", password("$short$", false)).await);
        assert!(
            control.add_passkey(factor(account, 1, FactorKind::Passkey, now), ([1; 32], now)).await.unwrap()
        );
        control.strengthen_session(session.id, "hwk", Some(now)).await.unwrap();
        control.strengthen_session(session.id, "hwk", Some(now)).await.unwrap();
        let methods = async || control.sessions_of(account, now).await.unwrap().remove(0).methods;
        assert_eq!(methods().await, "pwd hwk");
        control.set_recovery_codes(account, vec![[1; 32]]).await.unwrap();
        assert!(half(control, account, 5, now).await);
        assert!(change("$old$", password("$short$", false)).await);
        // Whoever waits with the old password waits for nothing.
        assert_eq!(control.half([5; 32], now).await.unwrap(), None);
        let remove = async || control.remove_factor(account, id(1), FactorKind::word).await.unwrap();
        assert_eq!(remove().await, Removal::PasswordTooShort);
        assert!(change("$short$", password("$long$", true)).await);
        let remove = async || control.remove_factor(account, id(1), |_| "hwk").await.unwrap();
        assert_eq!((remove().await, remove().await), (Removal::Done, Removal::Absent));
        assert_eq!((control.safety(account).await.unwrap(), methods().await), ((0, true), "pwd".to_owned()));
        let later = now + 1.minute();
        control.prove_session(session.id, later).await.unwrap();
        assert_eq!(control.sessions_of(account, now).await.unwrap()[0].authenticated, later);

        assert!(
            control.add_passkey(factor(account, 3, FactorKind::Passkey, now), ([3; 32], now)).await.unwrap()
        );
        assert!(control.reset_factors(account).await.unwrap());
        assert!(control.factors(account).await.unwrap().is_empty());
        assert!(control.sessions_of(account, now).await.unwrap().is_empty());
    }
}
