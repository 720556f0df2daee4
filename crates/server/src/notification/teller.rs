//! Tells handlers of a tenant what happened: at least once each, again with growing pauses, until they have it or are given up.
//!
//! **Architecture Invariant:** nothing here runs within a work that tells of something. Addresses are asked like those of identity
//! providers, by the same [`Caller`] and within its bounds.

use std::sync::Arc;

use axum::http::Method;
use futures::future::join_all;
use gridkeep_model::{EventId, HandlerId, MailId};
use gridkeep_objects::bucket::{self, Credentials, Place};
use gridkeep_store::{Delivery, DeliveryState, Handler, HandlerKind};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{message::Message, secret::Secrets};
use crate::{
    chance::{Chance, Time},
    company::{CallError, Caller, Company, Whose},
    error::ApiError,
    language::Language,
    mail::Post,
    site::Site,
    tenancy::Tenancy,
};

/// What a delivery waits between tries, in minutes; from then on it is given up.
const WAITS: [i64; 8] = [1, 5, 15, 60, 180, 360, 720, 720];
/// How long one try may take until somebody else may try.
const HELD: SignedDuration = SignedDuration::from_mins(5);
/// Deliveries of a handler that are taken up at once: they are tried one after the other.
const AT_ONCE: u32 = 4;
/// How long what waits for a handler is worked off until others' news is looked for.
const ROUND: SignedDuration = SignedDuration::from_secs(20);
/// How often an event may be sent again by hand.
pub(super) const AGAIN: u32 = 5;
/// Mails that a handler gets in an hour; those beyond wait.
const MAILS: u64 = 30;
const CROWDED: SignedDuration = SignedDuration::from_mins(20);
/// What a delivery waits for which there was no place.
const BUSY: SignedDuration = SignedDuration::from_mins(1);
/// How long events are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Tells handlers. Cheap to clone.
#[derive(Clone)]
pub struct Teller(Arc<Inner>);

struct Inner {
    tenancy: Tenancy,
    caller: Caller,
    /// Seals the keys of buckets.
    company: Company,
    secrets: Secrets,
    post: Post,
    site: Site,
    time: Time,
    chance: Chance,
    turn: Semaphore,
}

/// Why a handler was not told.
enum Untold {
    /// Nobody was asked, for want of a place.
    Busy,
    /// What was answered instead.
    Said(String),
}

impl From<String> for Untold {
    fn from(answer: String) -> Self {
        Self::Said(answer)
    }
}

impl From<CallError> for Untold {
    fn from(error: CallError) -> Self {
        if error == CallError::Busy { Self::Busy } else { Self::Said(error.to_string()) }
    }
}

impl Teller {
    /// Of this tenant, at this place.
    pub fn new(
        (tenancy, site): (Tenancy, Site),
        (caller, company): (Caller, Company),
        secrets: Secrets,
        post: Post,
        (time, chance): (Time, Chance),
    ) -> Self {
        let turn = Semaphore::new(1);
        Self(Arc::new(Inner { tenancy, caller, company, secrets, post, site, time, chance, turn }))
    }

    /// The same for another tenant.
    #[must_use]
    pub fn at(&self, tenancy: Tenancy, site: Site) -> Self {
        let Inner { caller, company, secrets, post, time, chance, .. } = &*self.0;
        let (ways, both) = ((caller.clone(), company.clone()), (time.clone(), chance.clone()));
        Self::new((tenancy, site), ways, secrets.clone(), post.clone(), both)
    }

    pub(super) fn tenancy(&self) -> &Tenancy {
        &self.0.tenancy
    }

    pub(super) fn time(&self) -> &Time {
        &self.0.time
    }

    pub(super) fn id(&self) -> HandlerId {
        self.0.chance.with(|rng| HandlerId::new(self.0.time.clock(), rng))
    }

    fn whose(&self) -> Whose {
        Whose::at(&self.0.tenancy, &self.0.site)
    }

    /// Whether requests may go to an address.
    pub(super) fn takes(&self, address: &str) -> bool {
        self.0.caller.takes(&self.whose(), address)
    }

    /// A handler's secret, as it is shown once.
    pub(super) fn secret(&self, handler: &Handler) -> Option<String> {
        let secret = || self.0.secrets.of(self.0.tenancy.id(), handler.id, handler.secret);
        (handler.kind == HandlerKind::Webhook).then(|| secret().shown())
    }

    /// Does what is due, unless that is being done already; how many were tried.
    pub async fn work_off(&self) -> Result<usize, ApiError> {
        let Ok(_turn) = self.0.turn.try_acquire() else { return Ok(0) };
        let tenancy = &self.0.tenancy;
        let now = self.0.time.now();
        if !tenancy.read_short(move |reader| Ok(reader.is_told_due(now)?)).await? {
            return Ok(0);
        }
        while tenancy.change(move |work| Ok(work.spread_events(now)?)).await? {}
        let handlers = tenancy.read(|reader| Ok(reader.handlers()?)).await?;
        let each = handlers.into_iter().map(|handler| self.work_off_of(handler.id));
        join_all(each).await.into_iter().sum()
    }

    /// Tells one handler what waits for it, in its order; the others are told meanwhile.
    async fn work_off_of(&self, handler: HandlerId) -> Result<usize, ApiError> {
        let (tenancy, end) = (&self.0.tenancy, self.0.time.after(ROUND));
        let mut tried = 0;
        while self.0.time.now() < end {
            let (now, held) = (self.0.time.now(), self.0.time.after(HELD));
            let taken =
                tenancy.change(move |work| Ok(work.take_deliveries(handler, AT_ONCE, now, held)?)).await?;
            if taken.is_empty() {
                break;
            }
            tried += taken.len();
            for delivery in taken {
                // It is held for a while, and tried again then.
                if let Err(error) = self.try_one(delivery).await {
                    tracing::warn!(error.code = error.code(), "a handler could not be told");
                }
            }
        }
        Ok(tried)
    }

    /// Forgets what was told long ago.
    pub async fn forget(&self) -> Result<u64, ApiError> {
        let before = self.0.time.now().saturating_sub(KEPT).map_err(ApiError::internal)?;
        self.0.tenancy.change(move |work| Ok(work.forget_events(before)?)).await
    }

    /// Lets a delivery be tried once more at once.
    pub(super) async fn again(&self, event: EventId, handler: HandlerId) -> Result<(), ApiError> {
        let now = self.0.time.now();
        let again =
            self.0.tenancy.change(move |work| Ok(work.deliver_again((event, handler), AGAIN, now)?));
        match again.await? {
            None => Err(ApiError::NotFound),
            Some(false) => Err(ApiError::SentTooOften(AGAIN)),
            Some(true) => Ok(()),
        }
    }

    /// A bucket's key as it is kept.
    pub(super) fn seal(&self, handler: HandlerId, key: &SecretString) -> Result<Vec<u8>, ApiError> {
        self.0.company.seal(&self.sealed_for(handler), key.expose_secret().as_bytes())
    }

    /// What the key of a bucket is bound to.
    fn sealed_for(&self, handler: HandlerId) -> Vec<u8> {
        [b"bucket".as_slice(), self.0.tenancy.id().uuid().as_bytes(), handler.uuid().as_bytes()].concat()
    }

    async fn try_one(&self, delivery: Delivery) -> Result<(), ApiError> {
        let inner = &self.0;
        let (asked, hour) =
            (delivery.clone(), inner.time.now().saturating_sub(SignedDuration::from_hours(1)));
        let hour = hour.map_err(ApiError::internal)?;
        let read = inner.tenancy.read(move |reader| {
            let Some(handler) = reader.handler(asked.handler)? else { return Ok(None) };
            let crowded =
                handler.kind == HandlerKind::Mail && reader.delivered_since(handler.id, hour)? >= MAILS;
            Ok(Some((handler, crowded, Message::read(reader, asked)?)))
        });
        // It was removed meanwhile, and its deliveries with it.
        let Some((handler, crowded, message)) = read.await? else { return Ok(()) };
        // What was not tried is no try.
        let later = |delivery: Delivery, wait| {
            let due = Some(inner.time.after(wait));
            self.settle(Delivery { tries: delivery.tries.saturating_sub(1), due, ..delivery })
        };
        if crowded {
            return later(delivery, CROWDED).await;
        }
        let told = if handler.enabled {
            self.tell(&handler, &delivery, &message).await
        } else {
            Err("off".to_owned().into())
        };
        let tries = usize::try_from(delivery.tries).unwrap_or(usize::MAX);
        let settled = match told {
            Ok(()) => Delivery { state: DeliveryState::Done, due: None, answer: None, ..delivery },
            Err(Untold::Busy) => return later(delivery, BUSY).await,
            Err(Untold::Said(answer)) => {
                let wait = WAITS.get(tries.saturating_sub(1)).filter(|_| handler.enabled);
                let due = wait.map(|minutes| inner.time.after(SignedDuration::from_mins(*minutes)));
                let state = if due.is_some() { DeliveryState::Waiting } else { DeliveryState::Dead };
                let answer = Some(answer.chars().filter(|c| !c.is_control()).take(300).collect());
                Delivery { state, due, answer, ..delivery }
            }
        };
        tracing::info!(
            handler.id = %settled.handler,
            event.id = %settled.event,
            delivery.state = settled.state.word(),
            delivery.tries = settled.tries,
            "handler tried"
        );
        self.settle(settled).await
    }

    async fn settle(&self, delivery: Delivery) -> Result<(), ApiError> {
        let now = self.0.time.now();
        self.0.tenancy.change(move |work| Ok(work.settle_delivery(&delivery, now)?)).await
    }

    async fn tell(&self, handler: &Handler, delivery: &Delivery, message: &Message) -> Result<(), Untold> {
        let inner = &self.0;
        match handler.kind {
            HandlerKind::Mail => {
                let id = inner.chance.with(|rng| MailId::new(inner.time.clock(), rng));
                let language = Language::of_definition(&handler.language);
                let (page, place) = (inner.site.page("/audit"), inner.site.link(""));
                let told = message.mail(inner.tenancy.id(), (page, &place), language);
                Ok(inner.post.tell(id, &handler.target, told, language).await?)
            }
            HandlerKind::Webhook => {
                let (id, body) = (delivery.event.to_string(), message.json(inner.tenancy.id()));
                let seconds = inner.time.now().as_second();
                let secret = inner.secrets.of(inner.tenancy.id(), handler.id, handler.secret);
                let headers = vec![
                    ("webhook-id", id.clone()),
                    ("webhook-timestamp", seconds.to_string()),
                    ("webhook-signature", secret.sign(&id, seconds, &body)),
                ];
                let to = (Method::POST, handler.target.as_str());
                Ok(inner.caller.send(&self.whose(), to, headers, body).await?)
            }
            HandlerKind::Bucket => self.keep(handler, message).await,
        }
    }

    /// Makes an object of a signed head, once and for all.
    async fn keep(&self, handler: &Handler, message: &Message) -> Result<(), Untold> {
        let inner = &self.0;
        let unfit = |what: &str| Untold::Said(what.to_owned());
        let (name, content) = message.object(inner.tenancy.id()).ok_or_else(|| unfit("no signed head"))?;
        let address = format!("{}/{name}", handler.target);
        let (host, path) = inner.caller.spoken(&self.whose(), &address).ok_or_else(|| unfit("no address"))?;
        let key = handler.key.as_ref().ok_or_else(|| unfit("no key"))?;
        let opened = inner.company.open(&self.sealed_for(handler.id), &key.sealed);
        let secret = opened.and_then(|opened| String::from_utf8(opened).ok()).map(SecretString::from);
        let secret = secret.ok_or_else(|| unfit("no key"))?;
        let credentials = Credentials { id: &key.id, region: &key.region, key: &secret };
        let place = Place { host: &host, path: &path };
        let headers = bucket::put(place, &credentials, content.as_bytes(), inner.time.now());
        match inner.caller.send(&self.whose(), (Method::PUT, &address), headers, content).await {
            // It is there already: an earlier try was not heard of. Its name says what is in it.
            Ok(()) | Err(CallError::Status(412)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
