//! Handlers and deliveries as the web sees them.

use gridkeep_model::HandlerId;
use gridkeep_store::{Backlog, Delivery, DeliveryState, Handler};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::teller::AGAIN;

/// Who is told of events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventHandler)]
pub(super) struct HandlerView {
    #[schema(value_type = String, format = Uuid)]
    pub(super) id: HandlerId,
    pub(super) name: String,
    /// `mail`, `webhook` or `bucket`.
    pub(super) kind: &'static str,
    /// The mail address, or the address that requests go to; of a bucket, what the addresses of its objects begin with.
    pub(super) target: String,
    /// Names of events; all when there are none.
    pub(super) events: Vec<String>,
    pub(super) enabled: bool,
    /// Of a bucket: the name of the key that requests are signed with.
    pub(super) key_id: Option<String>,
    /// Of a bucket: the region that they are signed for.
    pub(super) region: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(super) created: Timestamp,
    /// Events that wait for their next try.
    pub(super) waiting: u64,
    /// Events that were given up.
    pub(super) dead: u64,
}

impl HandlerView {
    pub(super) fn new(backlog: Backlog, handler: Handler) -> Self {
        let (key_id, region) = handler.key.map(|key| (key.id, key.region)).unzip();
        Self {
            id: handler.id,
            name: handler.name,
            kind: handler.kind.word(),
            target: handler.target,
            events: handler.events,
            enabled: handler.enabled,
            key_id,
            region,
            created: handler.created,
            waiting: backlog.waiting,
            dead: backlog.dead,
        }
    }
}

/// A handler with the secret its requests are signed with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MadeEventHandler)]
pub(super) struct MadeView {
    pub(super) handler: HandlerView,
    /// Shown this once (Standard Webhooks); null where it stays the same, and for mails.
    pub(super) secret: Option<String>,
}

/// An event on its way to a handler.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventDelivery)]
pub(super) struct DeliveryView {
    #[schema(value_type = String, format = Uuid)]
    event: Uuid,
    #[schema(value_type = String, format = Uuid)]
    handler: Uuid,
    /// The event's name.
    name: String,
    /// The row of the log it is about.
    sequence: Option<u64>,
    /// `waiting`, `done` or `dead`.
    state: &'static str,
    tries: u64,
    /// When it is tried next.
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Timestamp>,
    /// What was said at the last try.
    answer: Option<String>,
    /// Whether somebody may have it sent again.
    may_again: bool,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            event: delivery.event.uuid(),
            handler: delivery.handler.uuid(),
            name: delivery.name,
            sequence: delivery.sequence,
            state: delivery.state.word(),
            tries: delivery.tries,
            due: delivery.due,
            answer: delivery.answer,
            may_again: delivery.state != DeliveryState::Waiting && delivery.again < u64::from(AGAIN),
            at: delivery.at,
        }
    }
}
