//! The body of a request that may be a content: taken from the connection as it comes, stored once however often the change
//! is tried.

use std::{fmt, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderMap, Method, header},
};
use gridkeep_model::RowId;
use tokio::sync::Mutex;

use super::refusal::Refusal;
use crate::{
    error::ApiError,
    files::{Files, Offered, Place, Stored},
    http::{forget, whole},
};

/// What is held of a request, in bytes; only contents may be longer.
const HELD: u64 = 1 << 20;

/// What came with a request and is not held.
#[derive(Clone, Default)]
pub(super) struct Sent(Option<Arc<Long>>, Arc<Mutex<Option<(RowId, Stored)>>>);

struct Long {
    length: u64,
    body: Mutex<Option<Body>>,
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sent").field(&self.0.as_ref().map(|long| long.length)).finish()
    }
}

/// The body of a request: held, but for what is long and can only be a content.
pub(super) async fn taken(
    method: &Method,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<(bytes::Bytes, Sent), ApiError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let kind = text(header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    let ours = kind.is_empty()
        || ["application/json", "multipart/", "text/plain"].iter().any(|own| kind.starts_with(own));
    match length.filter(|length| *length > HELD && !ours) {
        Some(length) if *method == Method::PUT || *method == Method::POST => {
            let long = Long { length, body: Mutex::new(Some(body)) };
            Ok((bytes::Bytes::new(), Sent(Some(Arc::new(long)), Arc::default())))
        }
        _ => Ok((whole(body, limit).await?, Sent::default())),
    }
}

impl Sent {
    /// Refuses a long body where no content is taken.
    pub(super) async fn none(&self) -> Result<(), Refusal> {
        let Some(long) = &self.0 else { return Ok(()) };
        if let Some(body) = long.body.lock().await.take() {
            forget(body).await;
        }
        Err(ApiError::UnsupportedMediaType.into())
    }

    /// Stores the content for a row, if that was not done yet. `held` is the body where it is not long.
    pub(super) async fn keep(
        &self,
        files: &Files,
        place: Place<'_>,
        held: &bytes::Bytes,
        (media_type, name): (String, Option<String>),
    ) -> Result<Stored, Refusal> {
        let mut kept = self.1.lock().await;
        if let Some((row, stored)) = &*kept
            && *row == place.row
        {
            return Ok(stored.clone());
        }
        let (body, length) = match &self.0 {
            Some(long) => {
                let body = long.body.lock().await.take();
                (body.ok_or_else(|| ApiError::internal("a body that was read"))?, long.length)
            }
            None => (Body::from(held.clone()), held.len() as u64),
        };
        let offered = Offered { body, length: Some(length), media_type: Some(media_type), name, small: None };
        let stored = files.keep(place, offered).await?;
        *kept = Some((place.row, stored.clone()));
        Ok(stored)
    }
}
