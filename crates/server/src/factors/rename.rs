//! `PATCH /api/account/factors/{factor}`: calls a factor something else.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::FactorId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Factors, name};
use crate::{
    error::ApiError,
    extract::{Json, Path},
    session::OwnSession,
};

/// What a factor is to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewName {
    /// 1 to 60 characters.
    name: String,
}

/// Calls a factor something else.
#[utoipa::path(patch, path = "/api/account/factors/{factor}", tag = "factors",
    params(("factor" = String, Path)), request_body = NewName,
    responses((status = 204, description = "It has that name.")))]
pub(super) async fn rename(
    State(factors): State<Factors>,
    Path(id): Path<FactorId>,
    own: OwnSession,
    Json(request): Json<NewName>,
) -> Result<StatusCode, ApiError> {
    let name = name::checked(&request.name)?;
    let done = factors.control().rename_factor(own.person.id, id, &name).await?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
