//! `GET /api/apps/{app}/actions`: the actions that can be run now.

use axum::extract::State;
use gridkeep_model::RowId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Conditions;
use crate::{
    distribution::{AppGrant, Definitions},
    error::ApiError,
    extract::{Json, Parameters},
};

/// On what they would be called.
#[derive(Debug, Deserialize)]
pub(super) struct On {
    /// The table of the row; none for actions that are called on their own.
    table: Option<String>,
    /// The row.
    row: Option<RowId>,
}

/// What can be run now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Runnable {
    /// Ids of actions.
    actions: Vec<String>,
}

/// The actions that whoever asks can run now on a row, or on none: those whose condition holds, or hangs on what they ask
/// for. Others are refused when they are called, in their maker's words.
#[utoipa::path(get, path = "/api/apps/{app}/actions", tag = "executor",
    params(("app" = String, Path), ("table" = Option<String>, Query), ("row" = Option<String>, Query)),
    responses((status = 200, body = Runnable)))]
pub(super) async fn runnable(
    State(conditions): State<Conditions>,
    State(definitions): State<Definitions>,
    grant: AppGrant,
    Parameters(On { table, row }): Parameters<On>,
) -> Result<Json<Runnable>, ApiError> {
    let called_on = match (table, row) {
        (Some(table), Some(row)) => Some((table, row)),
        (None, None) => None,
        _ => return Err(ApiError::InvalidRequest("table and row belong together".to_owned())),
    };
    let definition = definitions.current(&grant.app).await?;
    let actions = conditions.runnable(&grant, definition, called_on).await?;
    Ok(Json(Runnable { actions: actions.ok_or(ApiError::NotFound)? }))
}
