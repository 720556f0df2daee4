//! `POST /api/apps/{app}/transactions`

use std::sync::PoisonError;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gridkeep_engine::apply::{Rows, apply};
use gridkeep_model::{
    AppId, Outcome, Row, RowChange, RowId, Transaction, Value,
    transaction::{AppliedRow, Reason},
};
use gridkeep_store::{Recall, StoreError, Work};

use super::FormulaPool;
use crate::{
    chance::Time,
    distribution::{AppGrant, Definitions},
    error::ApiError,
    extract::Json,
    noun,
    tenancy::Tenancy,
};

/// Operations one transaction may have.
const MOST_OPERATIONS: usize = 1_000;

/// Changes rows, all operations or none. A refusal is an outcome too: 409 when a row has changed meanwhile, 403 when the
/// person may not, 422 otherwise. The same id with the same content gives the stored outcome again.
#[utoipa::path(post, path = "/api/apps/{app}/transactions", tag = "executor", params(("app" = String, Path)),
    request_body = noun::Transaction,
    responses((status = 200, body = noun::Outcome), (status = 409, body = noun::Outcome),
        (status = 403, body = noun::Outcome), (status = 422, body = noun::Outcome)))]
pub(super) async fn transact(
    State(tenancy): State<Tenancy>,
    State(definitions): State<Definitions>,
    State(pool): State<FormulaPool>,
    State(time): State<Time>,
    AppGrant { app, role, person }: AppGrant,
    Json(transaction): Json<Transaction>,
) -> Result<Response, ApiError> {
    if transaction.operations.len() > MOST_OPERATIONS {
        return Err(ApiError::TooManyOperations(MOST_OPERATIONS));
    }
    let hash = content_hash(&transaction, person.as_ref().map(|person| person.id))?;
    let definition = definitions.current(&app).await?;
    let formulas = pool.of(&app, &definition).await?;
    let (id, version) = (app.id, app.current.version);
    let outcome = tenancy
        .write(move |work| {
            match work.recall(id, transaction.id, &hash)? {
                Recall::Known(outcome) => return Ok(outcome),
                Recall::Different => return Err(ApiError::TransactionReused),
                Recall::New => {}
            }
            let mut formulas = formulas.lock().unwrap_or_else(PoisonError::into_inner);
            let mut rows = StoredRows { work, app: id };
            let outcome = match apply(&definition, &transaction, role, &mut rows, &mut formulas)? {
                Ok(changes) => {
                    let sequence = work.apply(id, version, &changes)?;
                    Outcome::Applied { sequence, rows: changes.into_iter().map(applied).collect() }
                }
                Err(problems) => Outcome::Refused { problems },
            };
            work.remember(id, transaction.id, &hash, &outcome, time.clock())?;
            Ok(outcome)
        })
        .await?;
    Ok((status(&outcome), Json(outcome)).into_response())
}

/// Rows as the transaction finds them.
struct StoredRows<'a, 'w> {
    work: &'a mut Work<'w>,
    app: AppId,
}

impl Rows for StoredRows<'_, '_> {
    type Error = StoreError;

    fn row(&mut self, table: &str, id: RowId) -> Result<Option<Row>, StoreError> {
        self.work.row(self.app, table, id)
    }

    fn key_taken(
        &mut self,
        table: &str,
        column: &str,
        value: &Value,
        except: RowId,
    ) -> Result<bool, StoreError> {
        self.work.key_taken(self.app, table, column, value, except)
    }
}

/// What makes two requests the same: who asks for what. Maps are ordered, so the JSON is canonical.
fn content_hash(
    transaction: &Transaction,
    person: Option<gridkeep_model::AccountId>,
) -> Result<[u8; 32], ApiError> {
    let content = serde_json::to_vec(&(person, transaction)).map_err(ApiError::internal)?;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &content);
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.as_ref());
    Ok(hash)
}

fn applied(change: RowChange) -> AppliedRow {
    let json = |values: Vec<Value>| values.iter().map(Value::to_json).collect();
    match change {
        RowChange::Insert { table, id, values } => {
            AppliedRow { table, id, version: Some(1), values: json(values) }
        }
        RowChange::Update { table, id, base_version, values } => {
            AppliedRow { table, id, version: Some(base_version + 1), values: json(values) }
        }
        RowChange::Delete { table, id, .. } => AppliedRow { table, id, version: None, values: Vec::new() },
    }
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
