//! What a request is answered with, on its way to a connection or into a batch.
//!
//! **Architecture Invariant:** an answer that fails after its head has gone ends visibly broken, without the end that its form
//! of transfer wants, so that nobody takes what there is of it for the whole (OData-Protocol 4.01, section 9.5).

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, VARY},
    },
    response::Response,
};
use bytes::Bytes;
use futures::{StreamExt as _, future::ready, stream};
use gridkeep_odata::header::{JsonFormat, Version};

use super::{
    parts::{Parts, Payload},
    refusal::Refusal,
};

/// Says which version an answer speaks; whoever leaves it out speaks the one the client asked for.
pub(super) const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");

/// Room for headers: those of security come to ours.
const HEADERS: usize = 16;

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// All of the body, or its beginning.
    pub(super) body: Bytes,
    /// What follows it.
    pub(super) parts: Option<Parts>,
    /// What comes after the headers instead, a piece at a time.
    pub(super) content: Coming,
}

/// A body that is not here yet.
#[derive(Clone, Default)]
pub(super) struct Coming(Option<Arc<Mutex<Option<Body>>>>);

impl std::fmt::Debug for Coming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Coming").field(&self.0.is_some()).finish()
    }
}

impl Coming {
    pub(super) fn new(body: Body) -> Self {
        Self(Some(Arc::new(Mutex::new(Some(body)))))
    }

    fn take(self) -> Option<Body> {
        self.0?.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Answer {
    /// Without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::with_capacity(HEADERS),
            body: Bytes::new(),
            parts: None,
            content: Coming::default(),
        }
    }

    /// A body of a type.
    pub(super) fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::empty(status) }.with(CONTENT_TYPE, content_type)
    }

    /// JSON in a format that was agreed upon.
    pub(super) fn json(format: JsonFormat, version: Version, body: impl Into<Bytes>) -> Self {
        Self::new(StatusCode::OK, &format.content_type(version), body)
    }

    /// With a body that may not be there yet.
    pub(super) fn of(self, payload: Payload) -> Self {
        Self { body: payload.body, parts: payload.parts, ..self }
    }

    /// With all of its body, for those who put it into something else.
    pub(super) async fn whole(self) -> Result<Self, Refusal> {
        let Some(parts) = self.parts.as_ref().and_then(Parts::take) else { return Ok(self) };
        let body = parts.behind(&self.body).await?;
        Ok(Self { body, parts: None, ..self })
    }

    /// With a header. What cannot stand in one is left out: our own texts always can.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// In this version, unless it speaks another already.
    pub(super) fn speaking(mut self, version: Version) -> Self {
        self.headers.entry(ODATA_VERSION).or_insert(HeaderValue::from_static(version.name()));
        self
    }

    /// As it goes to a connection.
    pub(super) fn into_response(self, version: Version) -> Response {
        let body = match (self.content.take(), self.parts.as_ref().and_then(Parts::take)) {
            (Some(content), _) => content,
            (None, None) => Body::from(self.body),
            (None, Some(parts)) => {
                Body::from_stream(stream::once(ready(Ok(self.body))).chain(parts.stream()))
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let headers = response.headers_mut();
        headers.entry(ODATA_VERSION).or_insert(HeaderValue::from_static(version.name()));
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
        // What is answered depends on who asks and in which form.
        headers.insert(VARY, HeaderValue::from_static("accept, authorization, cookie, odata-maxversion"));
        response
    }
}
