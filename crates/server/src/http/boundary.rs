//! Bounds work in progress and time, catches panics, writes error bodies and logs, once a request.
//!
//! **Architecture Invariant:** the log names the route (`/api/creations/{token}`), never the path, since a path can hold a
//! token; and never a body, cookie or cell.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Proxy, sending::Senders};
use crate::{
    error::{ApiError, ProblemDetails},
    fair::Fair,
    language::Language,
};

/// How much the server takes on.
#[derive(Clone)]
pub struct Boundary {
    places: Arc<Semaphore>,
    all: usize,
    fair: Fair,
    /// Those of one tenant that are taken.
    own: Arc<AtomicUsize>,
    senders: Senders,
    time_limit: Duration,
}

/// What one network may hold of all places by sending slowly: an eighth, so that it takes several to hold what one tenant may have.
const SLOW: usize = 8;

/// A place of a tenant that is taken, until it is dropped.
struct Place<'a> {
    own: &'a AtomicUsize,
    _permit: SemaphorePermit<'a>,
}

impl Boundary {
    /// At most this many requests at once, each answered within this time (bodies that stream may take longer). A proxy says where
    /// they come from.
    pub fn new(requests: usize, fair: Fair, proxy: Proxy, time_limit: Duration) -> Self {
        let places = Arc::new(Semaphore::new(requests));
        let senders = Senders::new(requests.div_ceil(SLOW), proxy);
        Self { places, all: requests, fair, own: Arc::default(), senders, time_limit }
    }

    /// In front of another tenant, which shares the places.
    #[must_use]
    pub fn of_another(&self) -> Self {
        Self { own: Arc::default(), ..self.clone() }
    }

    /// A place, unless all are taken or the tenant has its share.
    fn take(&self) -> Option<Place<'_>> {
        let permit = self.places.try_acquire().ok()?;
        let own = self.own.fetch_add(1, Ordering::Relaxed) + 1;
        let place = Place { own: &self.own, _permit: permit };
        let others = self.all.saturating_sub(self.places.available_permits()).saturating_sub(own);
        self.fair.allows(own, others, self.all).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.own.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Boundary {
    /// Passes a request to a tenant's rooms inwards and an answer outwards.
    pub(super) async fn pass(
        &self,
        request: Request,
        tenant: &str,
        inner: impl AsyncFnOnce(Request) -> Response,
    ) -> Response {
        let started = Instant::now();
        let language = Language::of(request.headers());
        let method = request.method().clone();
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map_or_else(|| Arc::from("-"), |path| Arc::<str>::from(path.as_str()));
        let response = match self.take() {
            Some(_place) => {
                let (request, sent) = self.senders.watch(request);
                let response = bounded(inner(request), self.time_limit).await;
                // What became of a body that was given up is nothing that whoever sent it did wrong.
                let is_over = sent.is_some_and(|sent| sent.is_over());
                if is_over { ApiError::Overloaded.into_response() } else { response }
            }
            None => ApiError::Overloaded.into_response(),
        };
        let error = response.extensions().get::<Arc<ApiError>>().cloned();
        let status = response.status().as_u16();
        let millis = started.elapsed().as_millis() as u64;
        match error.as_deref() {
            Some(error @ ApiError::Internal(cause)) => tracing::error!(
                tenant.name = tenant, http.method = %method, http.route = %route, http.status = status, duration.ms = millis,
                error.code = error.code(), error.cause = %chain(cause.as_ref()), "request failed"
            ),
            Some(error) => tracing::info!(
                tenant.name = tenant, http.method = %method, http.route = %route, http.status = status, duration.ms = millis,
                error.code = error.code(), "request refused"
            ),
            None => tracing::debug!(
                tenant.name = tenant, http.method = %method, http.route = %route, http.status = status, duration.ms = millis, "request"
            ),
        }
        match error {
            Some(error) if response.extensions().get::<OwnBody>().is_none() => {
                with_body(response, &error, language)
            }
            _ => response,
        }
    }
}

/// Marks an answer whose error is already said in its body, in a form of its own.
#[derive(Debug, Clone, Copy)]
pub struct OwnBody;

async fn bounded(work: impl Future<Output = Response>, time_limit: Duration) -> Response {
    let work = AssertUnwindSafe(work).catch_unwind();
    match tokio::time::timeout(time_limit, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => ApiError::internal(format!("panic: {}", panic_words(&*panic))).into_response(),
        Err(_) => ApiError::TimedOut.into_response(),
    }
}

/// What a panic said of itself.
pub fn panic_words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}

/// An error with all its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn with_body(mut response: Response, error: &ApiError, language: Language) -> Response {
    let body = serde_json::to_vec(&ProblemDetails::new(error, language)).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    *response.body_mut() = body.into();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slow_and_broken_work_is_answered() {
        let check = |response: &Response, code: &str| {
            let error = response.extensions().get::<Arc<ApiError>>().map(|error| error.code());
            assert_eq!(error, Some(code));
        };
        check(&bounded(std::future::pending(), Duration::ZERO).await, "timedOut");
        check(&bounded(async { panic!("a handler's mistake") }, Duration::from_mins(1)).await, "internal");
    }

    #[test]
    fn a_tenant_leaves_places_for_others() {
        let one = Boundary::new(8, Fair::Shared, Proxy(false), Duration::from_mins(1));
        let other = one.of_another();
        let take = |from: &'static Boundary| std::iter::from_fn(|| from.take()).take(9).collect::<Vec<_>>();
        let (one, other): (&'static _, &'static _) = (Box::leak(one.into()), Box::leak(other.into()));
        let held = take(one);
        assert_eq!(held.len(), 4);
        assert_eq!(take(other).len(), 2);
        drop(held);
        assert_eq!(take(other).len(), 4);
        assert_eq!(one.own.load(Ordering::Relaxed) + other.own.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn more_work_than_there_are_places_is_refused() {
        let boundary = Boundary::new(0, Fair::One, Proxy(false), Duration::from_mins(1));
        let router = axum::Router::new()
            .route("/", axum::routing::get(|| async { "here" }))
            .layer(super::super::Edge::bare(boundary));
        let request = Request::new(axum::body::Body::empty());
        let response =
            tower::ServiceExt::oneshot(router, request).await.unwrap_or_else(|never| match never {});
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::RETRY_AFTER]),
            (503, &HeaderValue::from(1))
        );
    }
}
