//! Bodies that are needed whole.

use axum::body::{Body, HttpBody as _};
use bytes::Bytes;
use futures::StreamExt as _;

use crate::error::ApiError;

/// What is read of a longer body and forgotten, in bytes.
const FORGOTTEN: usize = 64 * 1024 * 1024;

/// All of a body, of which at most `limit` bytes are held. What is longer is read on for a while and forgotten: who is
/// still sending when the answer comes and the connection ends would never see why it was refused.
pub async fn whole(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    // Of what is too long by its own word nothing is held, and what is not needs no second place while it grows.
    let mut held = Vec::with_capacity(if announced > limit { 0 } else { announced });
    let mut length = 0_usize;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        // Whoever has gone is told nothing.
        let chunk = chunk.map_err(|_| ApiError::TooLarge(limit))?;
        length = length.saturating_add(chunk.len());
        if length.max(announced) <= limit {
            held.extend_from_slice(&chunk);
        } else {
            held = Vec::new();
        }
        if length > limit.saturating_add(FORGOTTEN) {
            break;
        }
    }
    if length > limit { Err(ApiError::TooLarge(limit)) } else { Ok(held.into()) }
}

/// Reads a body that is refused on for a while and forgets it, for the same reason.
pub async fn forget(body: Body) {
    let mut chunks = body.into_data_stream();
    let mut length = 0_usize;
    while let Some(Ok(chunk)) = chunks.next().await {
        length = length.saturating_add(chunk.len());
        if length > FORGOTTEN {
            break;
        }
    }
}
