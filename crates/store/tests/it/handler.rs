//! Who is told of events, and what becomes of each.

use gridkeep_model::{Clock, EventId, HandlerId};
use gridkeep_store::{
    Backlog, BucketKey, DeliveryState, Handler, HandlerKind, RowWork, StoreError, audit::NewEvent,
};
use jiff::SignedDuration;
use serde_json::json;

use crate::world::{World, places};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_comes_to_each_handler_once_or_is_given_up() {
    for place in places() {
        let mut world = World::new(&place).await;
        let now = world.clock.now();
        let mut handler = |name: &str, events: &[&str], enabled: bool| Handler {
            id: HandlerId::new(&*world.clock, &mut world.rng),
            name: name.to_owned(),
            kind: HandlerKind::Webhook,
            target: "https://hooks.example/x".to_owned(),
            events: events.iter().map(|name| (*name).to_owned()).collect(),
            enabled,
            secret: 1,
            language: "en".to_owned(),
            key: None,
            created: now,
        };
        let (all, some, none, off) = (
            handler("all", &[], true),
            handler("some", &["A", "B"], true),
            handler("none", &["C"], true),
            handler("off", &[], false),
        );
        let key = BucketKey { id: "key".to_owned(), region: "eu".to_owned(), sealed: vec![1, 2] };
        let none = Handler { kind: HandlerKind::Bucket, key: Some(key), ..none };
        let ids = [all.id, some.id, none.id, off.id];
        let mut event = |name: &str| NewEvent {
            id: EventId::new(&*world.clock, &mut world.rng),
            name: name.to_owned(),
            sequence: None,
            body: json!({"x": 1}),
            at: now,
        };
        // Of one millisecond, and with ids that stand the other way round: the order is that of their commits.
        let mut events = [event("A"), event("D")];
        if events[0].id < events[1].id {
            let (one, other) = (events[0].id, events[1].id);
            (events[0].id, events[1].id) = (other, one);
        }
        let first = events[0].id;
        let later = now + SignedDuration::from_mins(5);
        let done = world.tenant.change(move |work: &mut RowWork<'_>| {
            for one in [&all, &some, &none, &off] {
                work.put_handler(one)?;
            }
            assert!(!work.is_told_due(now)?);
            for one in &events {
                work.tell(one)?;
            }
            assert!(work.is_told_due(now)?);
            assert!(!work.spread_events(now)?);
            assert!(!work.spread_events(now)?);
            assert_eq!(work.handler(some.id)?.as_ref(), Some(&some));
            let backlogs = ids.iter().map(|id| work.backlog(*id)).collect::<Result<Vec<_>, _>>()?;
            assert_eq!(backlogs.iter().map(|one| one.waiting).collect::<Vec<_>>(), [2, 1, 0, 0]);
            assert_eq!(work.handler(none.id)?.as_ref(), Some(&none));
            let taken = work.take_deliveries(all.id, 1, now, later)?;
            assert_eq!((taken.len(), taken[0].tries, taken[0].name.as_str()), (1, 1, "A"));
            let taken = work.take_deliveries(all.id, 9, now, later)?;
            assert_eq!((taken.len(), taken[0].name.as_str()), (1, "D"));
            assert_eq!(work.take_deliveries(all.id, 9, now, later)?.len(), 0);
            assert_eq!(work.take_deliveries(some.id, 9, now, later)?.len(), 1);
            assert_eq!(work.take_deliveries(none.id, 9, now, later)?.len(), 0);
            // Whoever took them died: they are taken again.
            let again = work.take_deliveries(all.id, 9, later, later)?;
            assert_eq!((again.len(), again[0].tries, again[0].event), (2, 2, first));
            let mut dead = again.into_iter().next().unwrap();
            dead.state = DeliveryState::Dead;
            dead.due = None;
            dead.answer = Some("500".to_owned());
            work.settle_delivery(&dead, later)?;
            assert_eq!(work.backlog(all.id)?, Backlog { waiting: 1, dead: 1 });
            let told = work.told("A", 9)?;
            assert_eq!((told.len(), told[0].deliveries.len(), told[0].body.as_str()), (1, 2, r#"{"x":1}"#));
            assert_eq!(work.deliver_again((first, none.id), 2, later)?, None);
            for expect in [true, true, false] {
                assert_eq!(work.deliver_again((first, all.id), 2, later)?, Some(expect));
            }
            let mut taken = work.take_deliveries(all.id, 1, later, later)?.remove(0);
            assert_eq!((taken.event, taken.tries, taken.again), (first, 1, 2));
            taken.state = DeliveryState::Done;
            work.settle_delivery(&taken, later)?;
            assert_eq!(work.delivered_since(taken.handler, later)?, 1);
            let listed = work.deliveries(all.id, 9)?;
            assert_eq!(listed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["D", "A"]);
            assert!(work.delete_handler(all.id)? && !work.delete_handler(all.id)?);
            assert_eq!(work.forget_events(now)?, 0);
            assert_eq!(work.forget_events(later)?, 2);
            assert_eq!(work.backlog(some.id)?, Backlog::default());
            Ok::<_, StoreError>(())
        });
        done.await.unwrap();
    }
}
