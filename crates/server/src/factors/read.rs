//! `GET /api/account/security`: how one's own account is protected.

use axum::extract::State;

use super::{Factors, view::SecurityView};
use crate::{error::ApiError, extract::Json, session::OwnSession};

/// How one's own account is protected.
#[utoipa::path(get, path = "/api/account/security", tag = "factors", operation_id = "read",
    responses((status = 200, body = SecurityView)))]
pub(super) async fn read(
    State(factors): State<Factors>,
    own: OwnSession,
) -> Result<Json<SecurityView>, ApiError> {
    Ok(Json(SecurityView::of(&factors, &own).await?))
}
