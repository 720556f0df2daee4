//! Who is told of events, and what becomes of each.

use gridkeep_model::{Clock, EventId, HandlerId};
use gridkeep_store::{Backlog, DeliveryState, Handler, HandlerKind, RowWork, StoreError, audit::NewEvent};
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
            created: now,
        };
        let (all, some, none, off) = (
            handler("all", &[], true),
            handler("some", &["A", "B"], true),
            handler("none", &["C"], true),
            handler("off", &[], false),
        );
        let ids = [all.id, some.id, none.id, off.id];
        let mut event = |name: &str| NewEvent {
            id: EventId::new(&*world.clock, &mut world.rng),
            name: name.to_owned(),
            sequence: None,
            body: json!({"x": 1}),
            at: now,
        };
        let events = [event("A"), event("D")];
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
            let taken = work.take_deliveries(2, now, later)?;
            assert_eq!((taken.len(), taken[0].tries, taken[0].name.as_str()), (2, 1, "A"));
            assert_eq!(work.take_deliveries(9, now, later)?.len(), 1);
            assert_eq!(work.take_deliveries(9, now, later)?.len(), 0);
            // Whoever took them died: they are taken again.
            let again = work.take_deliveries(9, later, later)?;
            assert_eq!((again.len(), again[0].tries), (3, 2));
            let mut dead = again.into_iter().find(|one| one.event == first && one.handler == all.id).unwrap();
            dead.state = DeliveryState::Dead;
            dead.due = None;
            dead.answer = Some("500".to_owned());
            work.settle_delivery(&dead, later)?;
            assert_eq!(work.backlog(all.id)?, Backlog { waiting: 1, dead: 1 });
            assert!(work.deliver_again(first, all.id, later)? && !work.deliver_again(first, none.id, later)?);
            let mut taken = work.take_deliveries(1, later, later)?.remove(0);
            taken.state = DeliveryState::Done;
            work.settle_delivery(&taken, later)?;
            assert_eq!(work.delivered_since(taken.handler, later)?, 1);
            assert_eq!(work.deliveries(all.id, 9)?.len(), 2);
            assert!(work.delete_handler(all.id)? && !work.delete_handler(all.id)?);
            assert_eq!(work.forget_events(now)?, 0);
            assert_eq!(work.forget_events(later)?, 2);
            assert_eq!(work.backlog(some.id)?, Backlog::default());
            Ok::<_, StoreError>(())
        });
        done.await.unwrap();
    }
}
