//! Rows that nobody touched, but whose computed columns read what a transaction has changed.
//!
//! **Architecture Invariant:** they change in the same transaction, so that a list never shows other results than its
//! formulas would give; only of tables beyond [`MOST_FOLLOWING`] rows they wait, and are done in slices by [`renew`].

use std::collections::HashMap;

use gridkeep_model::{
    AppDefinition, RowChange, TransactionId, Value,
    definition::{Role, TableDefinition},
    query::Expr,
};

use super::{Changes, Row, RowFormulas, Rows, Run};

/// Rows of one table that are calculated anew at most.
pub const MOST_FOLLOWING: usize = 2_000;

/// Calculates rows of a table anew that have waited for it, and what reads them in turn. Nothing else of them changes.
pub fn renew<R: Rows>(
    definition: &AppDefinition,
    table: &TableDefinition,
    waiting: Vec<Row>,
    rows: &mut R,
    formulas: &mut RowFormulas,
) -> Result<Changes, R::Error> {
    formulas.catch_up(|table, id| rows.row(table, id))?;
    let mut changes = Changes::default();
    if formulas.unread(&table.id).is_some() {
        return Ok(changes);
    }
    // Nothing that is checked for a person is checked here.
    let mut run =
        Run::new(definition, TransactionId::from_uuid(uuid::Uuid::nil()), Role::Maker.into(), rows, formulas);
    run.renew(table, waiting, &mut changes.rows);
    run.follow(&mut changes.rows)?;
    changes.waiting = run.waiting.into_iter().collect();
    Ok(changes)
}

impl<R: Rows> Run<'_, R> {
    /// Calculates anew what reads changed rows, and what reads that in turn; twice round a circle at most.
    pub(super) fn follow(&mut self, changes: &mut Vec<RowChange>) -> Result<(), R::Error> {
        let definition = self.definition;
        for _ in 0..=definition.tables.len() {
            let changed = self.formulas.take_changed();
            if changed.is_empty() {
                break;
            }
            for table in &definition.tables {
                if self.formulas.follows(&table.id, &changed) && self.formulas.unread(&table.id).is_none() {
                    self.calculate_anew(table, changes)?;
                }
            }
        }
        Ok(())
    }

    fn calculate_anew(
        &mut self,
        table: &TableDefinition,
        changes: &mut Vec<RowChange>,
    ) -> Result<(), R::Error> {
        let most = self.formulas.most_following();
        let mut rows = self.rows.matching(&table.id, &Expr::And(Vec::new()), most + 1)?;
        if rows.len() > most {
            self.waiting.insert(table.id.clone());
            return Ok(());
        }
        rows.retain(|row| self.touched.get(&table.id, row.id).is_none());
        rows.extend(self.touched.of(&table.id).filter_map(|(_, two)| two.now.clone()));
        rows.sort_by_key(|row| row.id);
        self.renew(table, rows, changes);
        Ok(())
    }

    fn renew(&mut self, table: &TableDefinition, rows: Vec<Row>, changes: &mut Vec<RowChange>) {
        // Of a row that changes twice the last change leaves what stays.
        let mut made = HashMap::new();
        for (at, change) in changes.iter().enumerate() {
            if let RowChange::Insert { table: own, id, .. } | RowChange::Update { table: own, id, .. } =
                change
                && *own == table.id
            {
                made.insert(*id, at);
            }
        }
        for row in rows {
            let mut values = row.values.clone();
            for (index, result) in self.formulas.evaluate(table, row.id, &row.values) {
                values[index] = result.unwrap_or(Value::Null);
            }
            if values != row.values {
                let made = match made.get(&row.id).and_then(|at| changes.get_mut(*at)) {
                    Some(RowChange::Insert { values, .. } | RowChange::Update { values, .. }) => Some(values),
                    Some(RowChange::Delete { .. }) | None => None,
                };
                let change = self.replace(table, row, values, made);
                changes.extend(change);
            }
        }
    }

    /// Other values for a row: in those that the transaction gives it anyway, or in a change of its own.
    fn replace(
        &mut self,
        table: &TableDefinition,
        mut row: Row,
        values: Vec<Value>,
        made: Option<&mut Vec<Value>>,
    ) -> Option<RowChange> {
        let mut own = None;
        if let Some(made) = made {
            made.clone_from(&values);
        } else {
            let base_version = row.version;
            if self.touched.get(&table.id, row.id).is_none() {
                self.touched.add(&table.id, row.id, Some(row.clone()));
            }
            let table = table.id.clone();
            own = Some(RowChange::Update { table, id: row.id, base_version, values: values.clone() });
            row.version += 1;
        }
        row.values = values;
        self.put(table, row.id, Some(row));
        own
    }
}
