//! Running a transaction: the one door through which rows change.

use std::sync::PoisonError;

use gridkeep_engine::apply::{Rows, apply};
use gridkeep_model::{
    AppId, Outcome, Query, Row, RowChange, RowId, Transaction, Value,
    query::{Expr, Page},
    transaction::{AppliedRow, MOST_CHANGES},
};
use gridkeep_store::{Recall, RowWork, StoreError};

use jiff::{Unit, civil, tz::Offset};

use super::FormulaPool;
use crate::{
    chance::Time,
    distribution::{AppGrant, Definitions},
    error::ApiError,
    tenancy::Tenancy,
};

/// Operations one transaction may have.
pub const MOST_OPERATIONS: usize = MOST_CHANGES;

/// Runs transactions; clones share what it holds.
#[derive(Clone)]
pub struct Executor {
    tenancy: Tenancy,
    definitions: Definitions,
    pool: FormulaPool,
    time: Time,
}

impl Executor {
    /// Over this tenant.
    pub fn new(tenancy: Tenancy, definitions: Definitions, pool: FormulaPool, time: Time) -> Self {
        Self { tenancy, definitions, pool, time }
    }

    /// Runs a transaction in the name of whoever holds the grant: all operations or none. A refusal is an outcome. The same
    /// id with the same content gives the stored outcome again.
    pub async fn execute(&self, grant: &AppGrant, transaction: Transaction) -> Result<Outcome, ApiError> {
        let AppGrant { app, role, person } = grant;
        if transaction.operations.len() > MOST_OPERATIONS {
            return Err(ApiError::TooManyOperations(MOST_OPERATIONS));
        }
        let hash = content_hash(&transaction, person.as_ref().map(|person| person.id))?;
        let definition = self.definitions.current(app).await?;
        let formulas = self.pool.of(app, &definition).await?;
        let (id, version, role, time) = (app.id, app.current.version, *role, self.time.clone());
        self.tenancy
            .change(move |work| {
                match work.recall(id, transaction.id, &hash)? {
                    Recall::Known(outcome) => return Ok(outcome),
                    Recall::Different => return Err(ApiError::TransactionReused),
                    Recall::New => {}
                }
                let mut formulas = formulas.lock().unwrap_or_else(PoisonError::into_inner);
                let now = Offset::UTC.to_datetime(time.now());
                let mut rows = StoredRows { work, app: id, now };
                let outcome = match apply(&definition, &transaction, role, &mut rows, &mut formulas)? {
                    Ok(changes) => {
                        let sequence = work.apply(id, version, &changes.rows)?;
                        let rows = changes.operations.into_iter().zip(changes.rows).map(applied).collect();
                        Outcome::Applied { sequence, rows }
                    }
                    Err(problems) => Outcome::Refused { problems },
                };
                work.remember(id, transaction.id, &hash, &outcome, time.clock())?;
                Ok(outcome)
            })
            .await
    }
}

/// Rows as the transaction finds them.
struct StoredRows<'a, 'w> {
    work: &'a mut RowWork<'w>,
    app: AppId,
    now: civil::DateTime,
}

impl Rows for StoredRows<'_, '_> {
    type Error = StoreError;

    fn now(&self) -> Option<civil::DateTime> {
        // Columns keep whole seconds.
        self.now.round(Unit::Second).ok()
    }

    fn row(&mut self, table: &str, id: RowId) -> Result<Option<Row>, StoreError> {
        self.work.row(self.app, table, id)
    }

    fn matching(&mut self, table: &str, condition: &Expr, most: usize) -> Result<Vec<Row>, StoreError> {
        let page = Page::first(u32::try_from(most).unwrap_or(u32::MAX));
        let query = Query { table: table.into(), filter: Some(condition.clone()), page, ..Query::default() };
        Ok(self.work.rows(self.app, &query)?.rows)
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

fn applied((operation, change): (usize, RowChange)) -> AppliedRow {
    let json = |values: Vec<Value>| values.iter().map(Value::to_json).collect();
    match change {
        RowChange::Insert { table, id, values } => {
            AppliedRow { operation, table, id, version: Some(1), values: json(values) }
        }
        RowChange::Update { table, id, base_version, values } => {
            AppliedRow { operation, table, id, version: Some(base_version + 1), values: json(values) }
        }
        RowChange::Delete { table, id, .. } => {
            AppliedRow { operation, table, id, version: None, values: Vec::new() }
        }
    }
}
