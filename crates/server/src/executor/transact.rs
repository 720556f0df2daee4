//! `POST /api/apps/{app}/transactions`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gridkeep_model::{Outcome, Transaction, transaction::Reason};

use super::Executor;
use crate::{distribution::AppGrant, error::ApiError, extract::Json, noun};

/// Changes rows, all operations or none. A refusal is an outcome too: 409 when a row has changed meanwhile, 403 when the
/// person may not, 422 otherwise. The same id with the same content gives the stored outcome again.
#[utoipa::path(post, path = "/api/apps/{app}/transactions", tag = "executor", params(("app" = String, Path)),
    request_body = noun::Transaction,
    responses((status = 200, body = noun::Outcome), (status = 409, body = noun::Outcome),
        (status = 403, body = noun::Outcome), (status = 422, body = noun::Outcome)))]
pub(super) async fn transact(
    State(executor): State<Executor>,
    grant: AppGrant,
    Json(transaction): Json<Transaction>,
) -> Result<Response, ApiError> {
    let outcome = executor.execute(&grant, transaction).await?;
    Ok((status(&outcome), Json(outcome)).into_response())
}

fn status(outcome: &Outcome) -> StatusCode {
    let Outcome::Refused { problems } = outcome else { return StatusCode::OK };
    if problems.iter().any(|problem| matches!(problem.reason, Reason::Conflict { .. })) {
        StatusCode::CONFLICT
    } else if problems.iter().any(|problem| problem.reason == Reason::Forbidden) {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}
