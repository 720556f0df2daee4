//! Whether somebody might do themselves what others began.
//!
//! **Architecture Invariant:** for a list that is told by what is stored, on a reader: nothing is run for it, and whoever writes does
//! not wait. Where it cannot be told the answer is no. Whoever opens or approves one is judged by running it, without effect.

use std::sync::{Arc, PoisonError};

use gridkeep_engine::apply::apply;
use gridkeep_model::{
    AppDefinition, AppId, Operation, Rights, Row, RowId, Transaction, Value,
    definition::{Role, TableDefinition},
    rights::{Reach, TableRights},
    transaction::{Problem, Reason},
};
use gridkeep_store::{Reader, RowWork, StoreError};
use jiff::tz::Offset;
use serde_json::Value as Json;

use super::{
    Executor,
    execute::{Came, Prepared, StoredRows},
    files,
    held::Shows,
};

use crate::{
    distribution::AppGrant,
    error::ApiError,
    gates::{About, Deed, Kept},
};

/// Tells of what others began in an app whether whoever holds a grant might do it themselves.
pub(crate) struct Judge {
    app: AppId,
    definition: Arc<AppDefinition>,
    rights: Arc<Rights>,
}

impl Judge {
    /// Whether they might do what was kept themselves.
    pub(crate) fn might(&self, reader: &mut Reader<'_>, kept: &Kept) -> Result<bool, StoreError> {
        let Self { app, definition, rights } = self;
        Entitled { app: *app, definition, rights }.to(reader, kept)
    }
}

impl Executor {
    /// By the grant's rights, in the app as it is now.
    pub(crate) async fn judge(&self, grant: &AppGrant) -> Result<Judge, ApiError> {
        let definition = self.definitions.current(&grant.app).await?;
        Ok(Judge { app: grant.app.id, definition, rights: Arc::clone(&grant.rights) })
    }
}

impl Executor {
    /// Whether somebody might do themselves what they are to approve. Whether it can be done now is seen when it is.
    pub(crate) async fn could(&self, grant: &AppGrant, kept: &Kept) -> Result<bool, ApiError> {
        let Deed::Transaction { transaction, .. } = kept.content.deed.clone() else { return Ok(false) };
        let prepared = self.prepared(grant, transaction, Vec::new(), Shows::Nothing).await?;
        let kept = kept.clone();
        let look = move |work: &mut RowWork<'_>, prepared: &Prepared| {
            let problems = prepared.problems(work, &prepared.transaction, &prepared.rights)?;
            let may = !problems.iter().any(|problem| is_about_rights(&problem.reason));
            Ok(Came::Done(may && prepared.reads(work, &kept, &prepared.rights)?))
        };
        prepared.run(look).await
    }
}

/// Whether somebody else might do it.
fn is_about_rights(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Forbidden
            | Reason::NotFound
            | Reason::ReadOnly
            | Reason::UnknownAction
            | Reason::UnknownColumn
            | Reason::UnknownTable
    )
}

impl Prepared {
    /// Whether somebody with these rights reads all that the messages show.
    pub(super) fn reads(
        &self,
        reader: &mut Reader<'_>,
        kept: &Kept,
        rights: &Rights,
    ) -> Result<bool, ApiError> {
        let entitled = Entitled { app: self.app, definition: &self.definition, rights };
        Ok(rights.role == Role::Maker || entitled.reads(reader, kept)?)
    }

    /// What keeps somebody with these rights from a transaction; nothing is written.
    pub(super) fn problems(
        &self,
        work: &mut RowWork<'_>,
        transaction: &Transaction,
        rights: &Rights,
    ) -> Result<Vec<Problem>, ApiError> {
        let mut current = self.formulas.lock().unwrap_or_else(PoisonError::into_inner);
        let formulas = current.formulas(work, self.app, self.tenancy.tenant().undone())?;
        let now = Offset::UTC.to_datetime(self.time.now());
        let transaction = match files::resolve(work, self.app, &self.definition, transaction)? {
            Ok(transaction) => transaction,
            Err(problems) => return Ok(problems),
        };
        let mut stored = StoredRows { work, app: self.app, now };
        let applied = apply(&self.definition, &transaction, rights, &mut stored, formulas)?;
        Ok(applied.err().unwrap_or_default())
    }
}

struct Entitled<'a> {
    app: AppId,
    definition: &'a AppDefinition,
    rights: &'a Rights,
}

impl Entitled<'_> {
    fn to(&self, reader: &mut Reader<'_>, kept: &Kept) -> Result<bool, StoreError> {
        let Deed::Transaction { transaction, rows, .. } = &kept.content.deed else { return Ok(false) };
        if self.rights.role == Role::Maker {
            return Ok(true);
        }
        if !self.reads(reader, kept)? {
            return Ok(false);
        }
        for operation in &transaction.operations {
            if !self.operation(reader, operation, rows)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether they read all that the messages show.
    fn reads(&self, reader: &mut Reader<'_>, kept: &Kept) -> Result<bool, StoreError> {
        let Deed::Transaction { rows, .. } = &kept.content.deed else { return Ok(false) };
        let sight = self.rights.sight();
        for About { table, row, columns } in &kept.about {
            if !sight.sees_columns(table, Some(columns)) {
                return Ok(false);
            }
            let limits = self.rights.limits.as_ref().filter(|_| !sight.sees_all_rows(table));
            let Some(limits) = limits else { continue };
            let Some((table, rights)) = self.definition.table(table).zip(limits.tables.get(table)) else {
                return Ok(false);
            };
            let before = reader.row(self.app, &table.id, *row)?;
            let left = after(table, rows, *row, before.as_ref().map(|row| row.values.clone()));
            if !(rights.see.has(table, &left) && before.is_none_or(|before| rights.see.has(table, &before))) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn operation(
        &self,
        reader: &mut Reader<'_>,
        operation: &Operation,
        kept: &[Json],
    ) -> Result<bool, StoreError> {
        let role = self.rights.role;
        if let Operation::Call { action, row, .. } = operation {
            let Some(action) = self.definition.action(action) else { return Ok(false) };
            if !(action.may_run(role) && self.rights.runs(&action.id)) {
                return Ok(false);
            }
            let table = action.table.as_deref().and_then(|table| self.definition.table(table));
            return match (table, row) {
                (Some(table), Some(row)) => self.row(reader, table, *row, |rights| &rights.see),
                _ => Ok(true),
            };
        }
        let Some(table) = operation.table().and_then(|table| self.definition.table(table)) else {
            return Ok(false);
        };
        let roles = match operation {
            Operation::Insert { .. } => &table.access.insert,
            Operation::Update { .. } => &table.access.update,
            Operation::Delete { .. } | Operation::Call { .. } => &table.access.delete,
        };
        let sees = matches!(operation, Operation::Insert { .. }) || table.may_see(role);
        if !(sees && roles.contains(&role)) {
            return Ok(false);
        }
        let Some(limits) = &self.rights.limits else { return Ok(true) };
        let Some(rights) = limits.tables.get(&table.id) else { return Ok(false) };
        let own = |column: &String| !(rights.hidden.contains(column) || rights.read_only.contains(column));
        match operation {
            Operation::Insert { id, values, .. } => {
                Ok(values.keys().all(own) && rights.insert.has(table, &after(table, kept, *id, None)))
            }
            Operation::Update { id, values, .. } => {
                if !values.keys().all(own) || !self.row(reader, table, *id, |rights| &rights.update)? {
                    return Ok(false);
                }
                let before = reader.row(self.app, &table.id, *id)?.map(|row| row.values);
                Ok(rights.update.has(table, &after(table, kept, *id, before)))
            }
            Operation::Delete { id, .. } => self.row(reader, table, *id, |rights| &rights.delete),
            Operation::Call { .. } => Ok(true),
        }
    }

    /// Whether a row is there, seen, and one that this may be done with.
    fn row(
        &self,
        reader: &mut Reader<'_>,
        table: &TableDefinition,
        id: RowId,
        reach: impl Fn(&TableRights) -> &Reach,
    ) -> Result<bool, StoreError> {
        if !table.may_see(self.rights.role) {
            return Ok(false);
        }
        let Some(limits) = &self.rights.limits else { return Ok(true) };
        let Some(rights) = limits.tables.get(&table.id) else { return Ok(false) };
        let row = reader.row(self.app, &table.id, id)?;
        Ok(row.is_some_and(|row| rights.see.has(table, &row) && reach(rights).has(table, &row)))
    }
}

/// A row as the transaction leaves it, as far as that was kept.
fn after(table: &TableDefinition, kept: &[Json], id: RowId, before: Option<Vec<Value>>) -> Row {
    let own = id.to_string();
    let said = kept.iter().rev().find(|row| row["row"] == own.as_str() && row["table"] == table.id.as_str());
    let mut values = before.unwrap_or_else(|| vec![Value::Null; table.columns.len()]);
    for (column, value) in table.columns.iter().zip(&mut values) {
        let Some(known) = said.and_then(|row| row["values"].get(&column.id)) else { continue };
        *value = Value::from_json(column.column_type, known).unwrap_or(Value::Null);
    }
    Row { id, version: 1, values }
}
