//! `/api/handlers/{handler}/deliveries`: what became of events at a handler, and one more try.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::{EventId, HandlerId};

use super::{Teller, view::DeliveryView};
use crate::{
    audit::Auditor,
    error::ApiError,
    extract::{Json, Path},
};

/// Deliveries in one answer.
const MOST: u32 = 100;

/// What became of the newest events at a handler, for owners and administrators. Kept for 30 days.
#[utoipa::path(get, path = "/api/handlers/{handler}/deliveries", tag = "audit", operation_id = "deliveries",
    params(("handler" = String, Path)), responses((status = 200, body = Vec<DeliveryView>)))]
pub(super) async fn list(
    State(teller): State<Teller>,
    _auditor: Auditor,
    Path(id): Path<HandlerId>,
) -> Result<Json<Vec<DeliveryView>>, ApiError> {
    let read = teller.tenancy().read(move |reader| {
        if reader.handler(id)?.is_none() {
            return Err(ApiError::NotFound);
        }
        Ok(reader.deliveries(id, MOST)?)
    });
    Ok(Json(read.await?.into_iter().map(DeliveryView::from).collect()))
}

/// Tells a handler of an event once more, also one that it has or that was given up; five times at most.
#[utoipa::path(post, path = "/api/handlers/{handler}/deliveries/{event}", tag = "audit", operation_id = "deliver_again",
    params(("handler" = String, Path), ("event" = String, Path)),
    responses((status = 202, description = "It is tried again soon.")))]
pub(super) async fn again(
    State(teller): State<Teller>,
    _auditor: Auditor,
    Path((handler, event)): Path<(HandlerId, EventId)>,
) -> Result<StatusCode, ApiError> {
    teller.again(event, handler).await?;
    Ok(StatusCode::ACCEPTED)
}
