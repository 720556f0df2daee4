//! What became of something approved, in the log.
//!
//! **Architecture Invariant:** it is written in the work that does what was approved, or in the one that found that it cannot be done.

use gridkeep_engine::apply::Changes;
use gridkeep_model::{RowChange, Value};
use gridkeep_store::{MailPurpose, PendingState, RowWork};
use serde_json::{Map, json};

use super::{execute::Prepared, held::Held};
use crate::{
    error::ApiError,
    gates::{Log, plain},
    http::Visit,
};

/// Rows of which the log says what they were and what they are.
const MOST_LOGGED: usize = 100;

impl Prepared {
    /// What changes, for the log: rows before and after.
    pub(super) fn logged(&self, work: &mut RowWork<'_>, changes: &Changes) -> Result<String, ApiError> {
        let own = changes.rows.iter().take(changes.operations.len().min(MOST_LOGGED));
        let mut said = Vec::new();
        for change in own {
            let (table, id, after) = match change {
                RowChange::Insert { table, id, values } | RowChange::Update { table, id, values, .. } => {
                    (table, *id, Some(values.as_slice()))
                }
                RowChange::Delete { table, id, .. } => (table, *id, None),
            };
            let Some(known) = self.definition.table(table) else { continue };
            let before = work.row(self.app, table, id)?;
            let named = |values: &[Value]| {
                let pairs = known.columns.iter().zip(values);
                pairs.map(|(column, value)| (column.id.clone(), plain(value))).collect::<Map<_, _>>()
            };
            said.push(json!({
                "table": table,
                "row": id.to_string(),
                "before": before.map(|row| named(&row.values)),
                "after": after.map(named),
            }));
        }
        serde_json::to_string(&said).map_err(ApiError::internal)
    }

    /// Writes down what became of what was approved.
    pub(super) fn conclude(
        &self,
        work: &mut RowWork<'_>,
        held: &Held,
        changes: Option<&str>,
    ) -> Result<(), ApiError> {
        let Held { pending, kept, approval, .. } = held;
        self.answered(work, held)?;
        let log = Log { pending, kept, chance: self.gates.chance(), now: self.time.now() };
        log.passed(work, approval, changes)
    }

    /// Whoever began it is told what became of it, where somebody else approved it.
    fn answered(&self, work: &mut RowWork<'_>, held: &Held) -> Result<(), ApiError> {
        let mail = held.approval.answers(work, &held.pending)?;
        self.announce(mail.then_some(MailPurpose::ApprovalAnswered));
        Ok(())
    }

    /// Writes down that what was approved could not be done: whoever wants it approves it anew.
    pub(super) fn failed(&self, work: &mut RowWork<'_>, held: &Held) -> Result<(), ApiError> {
        let Held { pending, kept, approval, .. } = held;
        let now = self.time.now();
        work.turn_pending(pending.id, PendingState::Done, PendingState::Failed, now)?;
        self.answered(work, held)?;
        let log = Log { pending, kept, chance: self.gates.chance(), now };
        let by = (approval.approver, approval.address.as_str());
        log.noted(work, "checkpoint.denied", by, (Some(approval.method), "refused"), &Visit::default())
    }
}
