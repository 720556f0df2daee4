//! What waits for an approval: page by page, and gone with its end.

use gridkeep_model::{AccountId, ChallengeId, Clock, SessionId};
use gridkeep_store::{MOST_IN_VAIN, Pending, PendingState, RowWork, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::world::{World, places};

fn id(number: u128) -> ChallengeId {
    ChallengeId::from_uuid(uuid::Uuid::from_u128(number))
}

fn account(number: u128) -> AccountId {
    AccountId::from_uuid(uuid::Uuid::from_u128(number))
}

fn pending(number: u128, by: u128, state: PendingState, now: Timestamp) -> Pending {
    let session = (state == PendingState::Open).then(|| SessionId::from_uuid(uuid::Uuid::from_u128(number)));
    Pending {
        id: id(number),
        account: account(by),
        session,
        app: None,
        state,
        content: Some(format!("{{\"number\":{number}}}")),
        hash: [1; 32],
        request: [2; 32],
        nonce: [3; 32],
        tries: 0,
        created: now,
        expires: now + SignedDuration::from_mins(5),
        approval: None,
        summary: (state == PendingState::Waiting).then(|| format!("{number}")),
        verdict: None,
    }
}

fn content(work: &mut RowWork<'_>, number: u128) -> Result<(PendingState, Option<String>), StoreError> {
    let found = work.pending(id(number))?.unwrap();
    Ok((found.state, found.content))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_over_nothing_is_kept_that_was_asked_for() {
    for place in places() {
        let world = World::new(&place).await;
        let now = world.clock.now();
        world
            .tenant
            .change(move |work| {
                for number in 1..=5 {
                    assert!(work.put_pending(&pending(number, 9, PendingState::Open, now))?);
                }
                let kept = |number: u128| Some(format!("{{\"number\":{number}}}"));
                // Approved, it is kept until it is done, with who approved it.
                let later = now + SignedDuration::from_mins(2);
                assert!(work.approve_pending(id(1), "Ann", now, later)?);
                assert_eq!(content(work, 1)?, (PendingState::Approved, kept(1)));
                assert!(work.turn_pending(id(1), PendingState::Approved, PendingState::Done, now)?);
                assert_eq!(content(work, 1)?, (PendingState::Done, None));
                assert_eq!(work.pending(id(1))?.unwrap().approval, None);
                // What could not be done after all is told from what was done, and keeps no more.
                assert!(work.turn_pending(id(1), PendingState::Done, PendingState::Failed, now)?);
                for (number, end) in [(2, PendingState::Failed), (3, PendingState::Cancelled)] {
                    assert!(work.turn_pending(id(number), PendingState::Open, end, now)?);
                    assert_eq!(content(work, number)?, (end, None));
                }
                assert_eq!(content(work, 4)?, (PendingState::Open, kept(4)));
                // Time ends one too, when anybody looks, and nobody need.
                assert!(!work.keeps_expired(now)?);
                assert_eq!(work.forget_expired(now)?, 0);
                let late = now + SignedDuration::from_mins(5);
                assert!(work.keeps_expired(late)?);
                assert_eq!(work.forget_expired(late)?, 2);
                assert!(!work.keeps_expired(late)?);
                assert_eq!(content(work, 4)?, (PendingState::Open, None));
                assert!(!work.turn_pending(id(4), PendingState::Open, PendingState::Done, late)?);
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_found_page_by_page() {
    for place in places() {
        let world = World::new(&place).await;
        let now = world.clock.now();
        world
            .tenant
            .change(move |work| {
                for number in 1..=6 {
                    let state = if number % 2 == 0 { PendingState::Waiting } else { PendingState::Open };
                    let by = if number > 4 { 8 } else { 7 };
                    assert!(work.put_pending(&pending(number, by, state, now))?);
                }
                assert!(work.turn_pending(id(3), PendingState::Open, PendingState::Cancelled, now)?);
                let numbers = |found: Vec<Pending>| {
                    found.iter().map(|pending| pending.id.uuid().as_u128()).collect::<Vec<_>>()
                };
                // Of one's own what came without one; of others what is open too.
                assert_eq!(numbers(work.own_waiting(account(7), now, (None, 1))?), [2]);
                assert_eq!(numbers(work.own_waiting(account(7), now, (Some(id(2)), 9))?), [4]);
                assert_eq!(numbers(work.others_waiting(account(8), now, (None, 2))?), [1, 2]);
                assert_eq!(numbers(work.others_waiting(account(8), now, (Some(id(2)), 2))?), [4]);
                assert_eq!(numbers(work.others_waiting(account(7), now, (None, 9))?), [5, 6]);
                let late = now + SignedDuration::from_mins(5);
                assert_eq!(numbers(work.others_waiting(account(7), late, (None, 9))?), [] as [u128; 0]);
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_approved_for_others_finds_what_is_not_carried_on() {
    for place in places() {
        let world = World::new(&place).await;
        let now = world.clock.now();
        world
            .tenant
            .change(move |work| {
                let (until, late) =
                    (now + SignedDuration::from_hours(1), now + SignedDuration::from_hours(2));
                for number in 1..=6 {
                    let waits = pending(number, 7, PendingState::Waiting, now);
                    assert!(work.put_pending(&waits)?);
                    if number == 6 {
                        continue;
                    }
                    let until = if number == 5 { late } else { until };
                    assert!(work.approve_pending(id(number), "{}", now, until)?);
                    work.tell_pending(&waits, "{}", account(if number == 2 { 9 } else { 8 }))?;
                }
                // Of one's own, and asked at once: nobody else is told, and nothing is to be taken back.
                let open = pending(10, 8, PendingState::Open, now);
                assert!(work.put_pending(&open)?);
                assert!(work.approve_pending(id(10), "{}", now, until)?);
                let mut given = |by, at, page| {
                    let found = work.given(account(by), at, page)?;
                    let numbers = found.iter().map(|pending| pending.id.uuid().as_u128());
                    Ok::<_, StoreError>(numbers.collect::<Vec<_>>())
                };
                assert_eq!(given(8, now, (None, 2))?, [1, 3]);
                assert_eq!(given(8, now, (Some(id(3)), 9))?, [4, 5]);
                assert_eq!(given(8, until, (None, 9))?, [5]);
                assert_eq!(given(9, now, (None, 9))?, [2]);
                assert_eq!(given(7, now, (None, 9))?, [] as [u128; 0]);
                assert!(work.turn_pending(id(1), PendingState::Approved, PendingState::Done, now)?);
                assert!(work.turn_pending(id(3), PendingState::Approved, PendingState::Cancelled, now)?);
                let left = work.given(account(8), now, (None, 9))?;
                assert_eq!(left.iter().map(|pending| pending.id).collect::<Vec<_>>(), [id(4), id(5)]);
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_much_and_finishes_nothing_waits() {
    for place in places() {
        let world = World::new(&place).await;
        let now = world.clock.now();
        world
            .tenant
            .change(move |work| {
                let most = u128::from(MOST_IN_VAIN);
                // All in the same session of theirs, unless it is another's turn.
                let session = |number| Some(SessionId::from_uuid(uuid::Uuid::from_u128(number)));
                let pending = |number, by, state, now| Pending {
                    session: session(by),
                    ..pending(number, by, state, now)
                };
                // What is done counts for nothing, however much it is.
                for number in 1..=most + 10 {
                    assert!(work.put_pending(&pending(number, 7, PendingState::Open, now))?, "{number}");
                    work.turn_pending(id(number), PendingState::Open, PendingState::Done, now)?;
                }
                for number in 2 * most..3 * most {
                    assert!(work.put_pending(&pending(number, 7, PendingState::Open, now))?, "{number}");
                    work.turn_pending(id(number), PendingState::Open, PendingState::Cancelled, now)?;
                }
                let refused = pending(4 * most, 7, PendingState::Open, now);
                assert!(!work.put_pending(&refused)?);
                assert_eq!(work.pending(refused.id)?, None);
                // So may they in another session, until as much was begun there; and so may keys of theirs, apart from both.
                let elsewhere =
                    Pending { session: session(70), ..pending(7 * most, 7, PendingState::Open, now) };
                assert!(work.put_pending(&elsewhere)?);
                let by_key =
                    |number| Pending { session: None, ..pending(number, 7, PendingState::Waiting, now) };
                for number in 8 * most..9 * most {
                    assert!(work.put_pending(&by_key(number))?, "{number}");
                }
                assert!(!work.put_pending(&by_key(10 * most))?);
                let elsewhere = Pending { id: id(11 * most), ..elsewhere };
                assert!(work.put_pending(&elsewhere)?);
                // Others may, and so may they after an hour.
                assert!(work.put_pending(&pending(5 * most, 8, PendingState::Open, now))?);
                let later = now + SignedDuration::from_hours(1);
                assert!(work.put_pending(&pending(6 * most, 7, PendingState::Open, later))?);
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
}
