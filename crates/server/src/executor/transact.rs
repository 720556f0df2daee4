//! `POST /api/apps/{app}/transactions`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gridkeep_model::{
    Outcome, Transaction,
    transaction::{Problem, Reason},
};

use super::Executor;
use crate::{distribution::AppGrant, error::ApiError, extract::Json, gates::proofs, noun};

/// Changes rows, all operations or none. A refusal is an outcome too: 409 when a row has changed meanwhile, 403 when the
/// person may not, 422 otherwise. The same id with the same content gives the stored outcome again.
///
/// Where a gate asks first nothing is done: the answer is the problem `SECURITY_CHECKPOINT_REQUIRED` with the challenge in
/// `checkpoint` (403, or 401 with RFC 9470's `insufficient_user_authentication` for programs); approving it does what was
/// asked. What waits for somebody else, or for its author, is answered with 202 and `SECURITY_CHECKPOINT_WAITING`.
#[utoipa::path(post, path = "/api/apps/{app}/transactions", tag = "executor", params(("app" = String, Path)),
    request_body = noun::Transaction,
    responses((status = 200, body = noun::Outcome), (status = 409, body = noun::Outcome),
        (status = 403, body = noun::Outcome), (status = 422, body = noun::Outcome)))]
pub(super) async fn transact(
    State(executor): State<Executor>,
    grant: AppGrant,
    headers: HeaderMap,
    Json(transaction): Json<Transaction>,
) -> Result<Response, ApiError> {
    let outcome = executor.execute(&grant, transaction, proofs(&headers)?).await?;
    let status = match &outcome {
        Outcome::Applied { .. } => StatusCode::OK,
        Outcome::Refused { problems } => refusal(problems),
    };
    Ok((status, Json(outcome)).into_response())
}

/// The status of a refusal with these problems, of which a conflict is said before anything else.
pub(crate) fn refusal(problems: &[Problem]) -> StatusCode {
    let any = |what: fn(&Reason) -> bool| problems.iter().any(|problem| what(&problem.reason));
    if any(|reason| matches!(reason, Reason::Conflict { .. })) {
        StatusCode::CONFLICT
    } else if any(|reason| *reason == Reason::Forbidden) {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}
