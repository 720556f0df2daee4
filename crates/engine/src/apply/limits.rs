//! What grants keep from somebody: rows and columns that are not theirs to see, and changes that are not theirs to make.
//!
//! **Architecture Invariant:** a row or column that is not seen is refused in the very words that one gets which is not there.
//! What an action does is the app's own and not limited; that it may be run, and on which row, is.

use gridkeep_model::{
    Operation, Row, RowChange, RowId, Value,
    definition::{ActionDefinition, TableDefinition},
    query::{Expr, Operator},
    rights::{Reach, TableRights},
    transaction::Reason,
};

use super::{Rows, Run, touched::Has};

impl<'a, R: Rows> Run<'a, R> {
    /// The rights that limit what is done to a table just now; none within an action.
    pub(super) fn limits(&self, table: &str) -> Option<&'a TableRights> {
        if self.within.is_some() { None } else { self.asker.limits?.tables.get(table) }
    }

    /// An operation of somebody whose rights are limited.
    pub(super) fn limited(
        &mut self,
        table: &TableDefinition,
        operation: &Operation,
    ) -> Result<Option<RowChange>, R::Error> {
        let Some(rights) = self.limits(&table.id) else {
            self.problem(None, Reason::UnknownTable);
            return Ok(None);
        };
        let (before, after) = match operation {
            Operation::Insert { .. } => (None, &rights.insert),
            Operation::Update { .. } => (Some(&rights.update), &rights.update),
            Operation::Delete { .. } => (Some(&rights.delete), &Reach::All),
            Operation::Call { .. } => return Ok(None),
        };
        if !after.is_some() || before.is_some_and(|before| !before.is_some() || !rights.see.is_some()) {
            self.problem(None, Reason::Forbidden);
            return Ok(None);
        }
        if let (Some(before), Some(id)) = (before, operation.row())
            && let Some(row) = self.current(table, id)?
        {
            let sees = rights.see.has(table, &row);
            if !(sees && before.has(table, &row)) {
                self.problem(None, if sees { Reason::Forbidden } else { Reason::NotFound });
                return Ok(None);
            }
        }
        let change = self.change(table, operation)?;
        if let Some(RowChange::Insert { id, values, .. } | RowChange::Update { id, values, .. }) = &change {
            let row = Row { id: *id, version: 1, values: values.clone() };
            if !after.has(table, &row) {
                self.problem(None, Reason::Forbidden);
                return Ok(None);
            }
        }
        Ok(change)
    }

    /// Says what is wrong with a column; of one that is not seen only that it is not to be.
    pub(super) fn wrong(&mut self, table: &TableDefinition, column: &str, reason: Reason) {
        if self.limits(&table.id).is_some_and(|rights| rights.hidden.contains(column)) {
            self.problem(None, Reason::Forbidden);
        } else {
            self.problem(Some(column), reason);
        }
    }

    /// Whether an action may be run.
    pub(super) fn may_run(&self, action: &ActionDefinition) -> bool {
        self.asker.limits.is_none_or(|limits| limits.actions.contains(&action.id))
    }

    /// Whether whoever asks sees this row, if it is there.
    pub(super) fn finds(&mut self, table: &TableDefinition, id: RowId) -> Result<bool, R::Error> {
        let Some(limits) = self.asker.limits else { return Ok(true) };
        let Some(row) = self.current(table, id)? else { return Ok(true) };
        Ok(limits.tables.get(&table.id).is_some_and(|rights| rights.see.has(table, &row)))
    }

    /// Whether a value is one to choose from: whoever chooses sees a row that has it.
    pub(super) fn is_offered(
        &mut self,
        table: &TableDefinition,
        column: &str,
        value: &Value,
    ) -> Result<bool, R::Error> {
        let nobody = RowId::from_uuid(uuid::Uuid::nil());
        let Some(limits) = self.asker.limits.filter(|_| self.within.is_none()) else {
            return self.is_taken(table, column, value, nobody);
        };
        let rights = limits.tables.get(&table.id).filter(|rights| !rights.hidden.contains(column));
        match rights.map(|rights| &rights.see) {
            None | Some(Reach::None) => Ok(false),
            Some(Reach::All) => self.is_taken(table, column, value, nobody),
            Some(Reach::Only(only)) => {
                let place = table.columns.iter().position(|other| other.id == column);
                if place.is_some_and(|place| self.touched.has(&table.id, place, value, nobody) == Has::Now) {
                    return Ok(true);
                }
                self.is_seen(&table.id, column, value, Some(only))
            }
        }
    }

    /// The same of an argument, which is looked for among the rows as they were.
    pub(super) fn is_argument(&mut self, table: &str, column: &str, value: &Value) -> Result<bool, R::Error> {
        let Some(limits) = self.asker.limits else {
            return self.rows.key_taken(table, column, value, RowId::from_uuid(uuid::Uuid::nil()));
        };
        let rights = limits.tables.get(table).filter(|rights| !rights.hidden.contains(column));
        match rights.map(|rights| &rights.see) {
            None | Some(Reach::None) => Ok(false),
            Some(Reach::All) => self.is_seen(table, column, value, None),
            Some(Reach::Only(only)) => self.is_seen(table, column, value, Some(only)),
        }
    }

    fn is_seen(
        &mut self,
        table: &str,
        column: &str,
        value: &Value,
        only: Option<&Expr>,
    ) -> Result<bool, R::Error> {
        let equal = Expr::column(column).compare(Operator::Eq, value.clone().into());
        let condition = match only {
            Some(only) => equal.and(only.clone()),
            None => equal,
        };
        Ok(!self.rows.matching(table, &condition, 1)?.is_empty())
    }
}

#[cfg(test)]
mod tests;
