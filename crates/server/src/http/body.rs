//! Bodies that are needed whole.

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt as _;

use crate::error::ApiError;

/// What is read of a longer body and forgotten, in bytes.
const FORGOTTEN: usize = 64 * 1024 * 1024;

/// All of a body, of which at most `limit` bytes are held. What is longer is read on for a while and forgotten: who is
/// still sending when the answer comes and the connection ends would never see why it was refused.
pub async fn whole(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let mut held = Vec::new();
    let mut length = 0_usize;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        // Whoever has gone is told nothing.
        let chunk = chunk.map_err(|_| ApiError::TooLarge(limit))?;
        length = length.saturating_add(chunk.len());
        if length <= limit {
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
