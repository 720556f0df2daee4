//! Requests answered later (OData-Protocol 4.01, section 11.6): `Prefer: respond-async` gets the address of a status monitor,
//! which in the end gives the answer itself.
//!
//! **Architecture Invariant:** what is kept is bounded in number, bytes and age, each tenant has its fair share, and only who asked finds
//! it. A request that may
//! have changed something is never said to be cancelled.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::{
    HeaderName, Method, StatusCode,
    header::{ALLOW, LOCATION, RETRY_AFTER},
};
use futures::FutureExt;
use gridkeep_model::{AccountId, AppId, TenantId, rights::Rights};
use gridkeep_odata::header::{Preference, Preferences, wants_message};
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::oneshot, task::AbortHandle, time::timeout};

use super::{answer::Answer, asked::Asked, dispatch::Service, refusal::Refusal};
use crate::{error::ApiError, fair::Fair, language::Language, secret::hex};

/// Requests kept for one person, or for all guests together.
const MOST: usize = 16;
/// Requests under way at once.
const MOST_RUNNING: usize = 16;
/// Bytes of all bodies kept.
const MOST_BYTES: usize = 64 << 20;
/// How long an answer waits for who asked.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
/// How long a request may take.
const LONGEST: Duration = Duration::from_mins(2);
/// The longest `wait` that is heeded; then the answer comes later.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// First segment of the addresses of status monitors, which no resource has.
const MONITORS: &str = "$status/";

const ASYNC_RESULT: HeaderName = HeaderName::from_static("asyncresult");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What a tenant answers later, with what all have in common. Clones share it.
#[derive(Clone)]
pub struct Later {
    tenant: TenantId,
    fair: Fair,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    /// By token.
    requests: BTreeMap<String, Request>,
    /// How many there have been.
    count: u64,
}

struct Request {
    /// The older, the smaller.
    number: u64,
    tenant: TenantId,
    owner: Owner,
    /// What they might do when they asked: whoever may do something else by now asks anew.
    rights: Arc<Rights>,
    since: Timestamp,
    /// It may change something: once begun, it is not cancelled.
    changes: bool,
    /// Of the request's body or, when it is done, of the answer's.
    bytes: usize,
    state: State,
}

/// Who asked of which app.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Owner(AppId, Option<AccountId>);

enum State {
    /// Until the task is spawned there is nothing to abort.
    Running(Option<AbortHandle>),
    Done(Answer),
}

impl Later {
    /// Of a first tenant.
    pub fn new(tenant: TenantId, fair: Fair) -> Self {
        Self { tenant, fair, kept: Arc::default() }
    }

    /// Of another tenant, within the same bounds.
    #[must_use]
    pub fn of(&self, tenant: TenantId) -> Self {
        Self { tenant, ..self.clone() }
    }

    /// Answers a request, now or later.
    pub(super) async fn respond(&self, service: Service, asked: Asked) -> Result<Answer, Refusal> {
        // Whoever looks as somebody else has nothing of theirs: neither what they wait for nor their places.
        let looks = service.caller.grant.looks;
        if let Some(token) = asked.path().strip_prefix(MONITORS) {
            asked.obeyed()?;
            if looks {
                return Err(ApiError::NotFound.into());
            }
            return Ok(self.monitor(&service, &asked, token)?.speaking(asked.version()?));
        }
        let preferences = asked.preferences()?;
        let batch = asked.method == Method::POST && asked.path().eq_ignore_ascii_case("$batch");
        let read = asked.method == Method::GET || asked.queried().is_ok_and(|queried| queried.is_some());
        if looks || !(preferences.respond_async() && (batch || read)) {
            return service.answer(&asked).await;
        }
        Box::pin(self.respond_later(service, asked, &preferences, batch)).await
    }

    /// Begins to answer, and says where the answer will be.
    async fn respond_later(
        &self,
        service: Service,
        asked: Asked,
        preferences: &Preferences,
        batch: bool,
    ) -> Result<Answer, Refusal> {
        asked.obeyed()?;
        let request = Request {
            number: 0,
            tenant: self.tenant,
            owner: Owner::of(&service),
            rights: service.caller.grant.rights.clone(),
            since: service.time.now(),
            changes: batch,
            bytes: asked.body.len(),
            state: State::Running(None),
        };
        let token = hex(&service.chance.bytes::<16>());
        if !self.kept().admit(&token, request, self.fair) {
            // The preference is one: without room the answer comes now.
            return service.answer(&asked).await;
        }
        let address = format!("{}{MONITORS}{token}", service.root);
        let version = asked.version()?;
        let finished = self.begin(service, Asked { within: true, ..asked }, token.clone());
        let wait = preferences.wait().map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
        if let Some(wait) = wait
            && timeout(wait, finished).await.is_ok()
            && let Some(Request { state: State::Done(answer), .. }) = self.kept().requests.remove(&token)
        {
            return Ok(answer);
        }
        let applied = preferences.applied(|preference| {
            matches!(preference, Preference::RespondAsync | Preference::Wait(_)).then(|| preference.clone())
        });
        Ok(pending(&address).with(PREFERENCE_APPLIED, &applied.unwrap_or_default()).speaking(version))
    }

    /// Begins to answer; says when that is done.
    fn begin(&self, service: Service, asked: Asked, token: String) -> oneshot::Receiver<()> {
        let (done, finished) = oneshot::channel();
        let (kept, fair) = (Arc::downgrade(&self.kept), self.fair);
        let name = token.clone();
        let task = tokio::spawn(async move {
            let (language, time) = (service.language, service.time.clone());
            let work = async { service.answer(&asked).await?.whole().await };
            let work = AssertUnwindSafe(work).catch_unwind();
            let answered = match timeout(LONGEST, work).await {
                Ok(Ok(answered)) => answered,
                Ok(Err(_)) => Err(ApiError::internal("panic in a request answered later").into()),
                Err(_) => Err(ApiError::TimedOut.into()),
            };
            let answer = answered.unwrap_or_else(|refusal| said(&refusal, language));
            let answer = answer.speaking(asked.version().unwrap_or_default());
            if let Some(kept) = kept.upgrade() {
                lock(&kept).settle(&token, answer, fair, time.now(), language);
            }
            let _ = done.send(());
        });
        if let Some(Request { state: State::Running(handle), .. }) = self.kept().requests.get_mut(&name) {
            *handle = Some(task.abort_handle());
        }
        finished
    }

    fn monitor(&self, service: &Service, asked: &Asked, token: &str) -> Result<Answer, Refusal> {
        let mut kept = self.kept();
        kept.forget_old(service.time.now());
        let owner = Owner::of(service);
        let rights = &service.caller.grant.rights;
        let is_theirs = |request: &&Request| request.owner == owner && request.rights == *rights;
        let request = kept.requests.get(token).filter(is_theirs);
        let request = request.ok_or(ApiError::NotFound)?;
        let allowed = if request.changes { "GET, HEAD, OPTIONS" } else { "GET, HEAD, DELETE, OPTIONS" };
        match &asked.method {
            &Method::GET | &Method::HEAD => Ok(match &request.state {
                State::Running(_) => pending(&format!("{}{MONITORS}{token}", service.root)),
                State::Done(answer) => {
                    let message = wants_message(asked.header("accept"), asked.header("odata-maxversion"));
                    if message { whole(answer) } else { result(answer) }
                }
            }),
            &Method::DELETE if !request.changes => {
                if let State::Running(Some(task)) = &request.state {
                    task.abort();
                }
                kept.requests.remove(token);
                Ok(Answer::empty(StatusCode::NO_CONTENT))
            }
            &Method::OPTIONS => Ok(Answer::empty(StatusCode::NO_CONTENT).with(ALLOW, allowed)),
            _ => Err(Refusal::Method(allowed)),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        lock(&self.kept)
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Kept {
    /// Nobody is left to ask for what is still under way.
    fn drop(&mut self) {
        for request in self.requests.values() {
            if let State::Running(Some(task)) = &request.state {
                task.abort();
            }
        }
    }
}

impl Owner {
    fn of(service: &Service) -> Self {
        let grant = &service.caller.grant;
        Self(grant.app.id, grant.person.as_ref().map(|person| person.id))
    }
}

impl Kept {
    /// Makes room and takes a request in; `false` when there is none.
    fn admit(&mut self, token: &str, request: Request, fair: Fair) -> bool {
        self.forget_old(request.since);
        let running = |own: bool| {
            let these = self.requests.values().filter(|one| (one.tenant == request.tenant) == own);
            these.filter(|one| one.is_running()).count()
        };
        if !fair.allows(running(true) + 1, running(false), MOST_RUNNING) {
            return false;
        }
        while self.requests.values().filter(|one| one.owner == request.owner).count() >= MOST
            || !self.fits(&request, request.bytes, fair)
        {
            // The oldest answer of the same caller goes; nobody's goes for somebody else.
            let mine =
                self.requests.iter().filter(|(_, one)| one.owner == request.owner && !one.is_running());
            let oldest = mine.min_by_key(|(_, one)| one.number).map(|(token, _)| token.clone());
            let Some(oldest) = oldest else { return false };
            self.requests.remove(&oldest);
        }
        self.count += 1;
        self.requests.insert(token.to_owned(), Request { number: self.count, ..request });
        true
    }

    /// Keeps an answer until it is asked for; what is too large for the room left is answered with that.
    fn settle(&mut self, token: &str, answer: Answer, fair: Fair, now: Timestamp, language: Language) {
        let Some(request) = self.requests.get_mut(token) else { return };
        request.bytes = 0;
        let Some(request) = self.requests.get(token) else { return };
        let fits = self.fits(request, answer.body.len(), fair);
        let Some(request) = self.requests.get_mut(token) else { return };
        let answer = if fits { answer } else { said(&ApiError::Overloaded.into(), language) };
        request.bytes = answer.body.len();
        request.since = now;
        request.state = State::Done(answer);
    }

    fn forget_old(&mut self, now: Timestamp) {
        self.requests.retain(|_, request| request.is_running() || now.duration_since(request.since) < KEPT);
    }

    /// Whether its tenant may have so many bytes more.
    fn fits(&self, request: &Request, bytes: usize, fair: Fair) -> bool {
        let sum = |own: bool| {
            let these = self.requests.values().filter(|one| (one.tenant == request.tenant) == own);
            these.map(|one| one.bytes).sum::<usize>()
        };
        fair.allows(sum(true) + bytes, sum(false), MOST_BYTES)
    }
}

impl Request {
    const fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }
}

/// A refusal as an answer; what only the log may know is noted there.
fn said(refusal: &Refusal, language: Language) -> Answer {
    refusal.log();
    refusal.answer(language)
}

fn pending(address: &str) -> Answer {
    Answer::empty(StatusCode::ACCEPTED).with(LOCATION, address).with(RETRY_AFTER, "1")
}

/// The answer as that of the monitor, with its status in a header.
fn result(answer: &Answer) -> Answer {
    let status = answer.status.as_u16().to_string();
    Answer { status: StatusCode::OK, ..answer.clone() }.with(ASYNC_RESULT, &status)
}

/// The answer as an HTTP message, for clients of 4.0.
fn whole(answer: &Answer) -> Answer {
    let reason = answer.status.canonical_reason().unwrap_or_default();
    let mut message = format!("HTTP/1.1 {} {reason}\r\n", answer.status.as_u16()).into_bytes();
    for (name, value) in &answer.headers {
        message.extend_from_slice(name.as_str().as_bytes());
        message.extend_from_slice(b": ");
        message.extend_from_slice(value.as_bytes());
        message.extend_from_slice(b"\r\n");
    }
    message.extend_from_slice(format!("content-length: {}\r\n\r\n", answer.body.len()).as_bytes());
    message.extend_from_slice(&answer.body);
    Answer::new(StatusCode::OK, "application/http", message)
}
