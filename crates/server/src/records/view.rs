//! A login event as the web sees it.

use gridkeep_model::AccountId;
use gridkeep_store::{LoginEvent, LoginMethod, LoginResult};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};
use uuid::Uuid;

use crate::agent::Device;

/// Somebody's signing in, or trying to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LoginEvent)]
pub(super) struct EventView {
    /// Ordered by time.
    #[schema(value_type = String, format = Uuid)]
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whose account, as far as there is one.
    #[schema(value_type = Option<String>, format = Uuid)]
    account: Option<AccountId>,
    /// The address that was given.
    address: Option<String>,
    /// The API key that was shown.
    api_key: Option<Uuid>,
    /// How.
    #[schema(schema_with = methods)]
    method: &'static str,
    /// What came of it; `half` is the first of two steps, `slowed` wrong, and the next have to wait.
    #[schema(schema_with = results)]
    result: &'static str,
    /// The IP address it came from.
    network: Option<String>,
    /// What the browser or program calls itself.
    agent: Option<String>,
    /// The same in words.
    browser: Option<String>,
    /// How often: tries that failed alike within an hour are one event.
    times: u32,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    last: Timestamp,
}

fn methods() -> Object {
    words(LoginMethod::ALL.iter().map(|method| method.word()))
}

fn results() -> Object {
    words(LoginResult::ALL.iter().map(|result| result.word()))
}

fn words(words: impl Iterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

impl From<LoginEvent> for EventView {
    fn from(event: LoginEvent) -> Self {
        Self {
            id: event.id.uuid(),
            at: event.at,
            account: event.account,
            address: event.address,
            api_key: event.api_key.map(gridkeep_model::ApiKeyId::uuid),
            method: event.method.word(),
            result: event.result.word(),
            network: event.network,
            browser: Device::of(event.agent.as_deref()).told(),
            agent: event.agent,
            times: event.times,
            last: event.last,
        }
    }
}

/// A page of events, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoginEvents)]
pub(super) struct EventsView {
    /// At most 100.
    pub(super) events: Vec<EventView>,
    /// The `before` that gives the next page; null at the end.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(super) next: Option<Uuid>,
}

impl EventsView {
    /// Of one event more than a page holds, when there are that many.
    pub(super) fn new(mut events: Vec<LoginEvent>, page: u32) -> Self {
        let more = events.len() > page as usize;
        events.truncate(page as usize);
        let next = if more { events.last().map(|event| event.id.uuid()) } else { None };
        Self { events: events.into_iter().map(Into::into).collect(), next }
    }
}
