//! Answers that were given: who asks the same again gets the same answer, and nothing happens twice.
//!
//! **Architecture Invariant:** an answer is stored in the commit that holds its effects.

use gridkeep_model::{AppId, Clock, Outcome, TransactionId};

use crate::{Reader, RowWork, StoreError, dialect::millis};

/// What is known of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Recall {
    /// Nothing: it may be executed.
    New,
    /// It was executed: this is the answer.
    Known(Outcome),
    /// Its id was used for something else.
    Different,
}

impl Reader<'_> {
    /// Whether this transaction was asked before. `hash` is that of its canonical content.
    pub fn recall(&mut self, app: AppId, id: TransactionId, hash: &[u8; 32]) -> Result<Recall, StoreError> {
        let sql = "SELECT hash, outcome FROM transactions WHERE app = $1 AND id = $2";
        let found = self.link.first(sql, &[app.uuid().into(), id.uuid().into()], |cells| {
            Ok((cells.get::<Vec<u8>>(0)?, cells.get::<String>(1)?))
        })?;
        let Some((stored, outcome)) = found else { return Ok(Recall::New) };
        if stored != hash {
            return Ok(Recall::Different);
        }
        Ok(Recall::Known(read(&outcome)?))
    }

    /// What was answered to the transaction of this id, whatever it asked: for ids that are made of what is asked.
    pub fn answered(&mut self, app: AppId, id: TransactionId) -> Result<Option<Outcome>, StoreError> {
        let sql = "SELECT outcome FROM transactions WHERE app = $1 AND id = $2";
        let found =
            self.link.first(sql, &[app.uuid().into(), id.uuid().into()], |cells| cells.get::<String>(0))?;
        found.map(|outcome| read(&outcome)).transpose()
    }
}

fn read(outcome: &str) -> Result<Outcome, StoreError> {
    serde_json::from_str(outcome).map_err(|error| StoreError::corrupt("outcome", error))
}

impl RowWork<'_> {
    /// Keeps the answer to a transaction.
    pub fn remember(
        &mut self,
        app: AppId,
        id: TransactionId,
        hash: &[u8; 32],
        outcome: &Outcome,
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        let outcome =
            serde_json::to_string(outcome).map_err(|error| StoreError::corrupt("outcome", error))?;
        let sql = "INSERT INTO transactions (app, id, hash, created, outcome) VALUES ($1, $2, $3, $4, $5)";
        let values =
            [app.uuid().into(), id.uuid().into(), hash.to_vec().into(), millis(clock.now()), outcome.into()];
        self.link.execute(sql, &values).map(drop)
    }
}
