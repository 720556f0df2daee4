//! Rows that nobody touched, but whose computed columns read what a transaction has changed.
//!
//! **Architecture Invariant:** they change in the same transaction, so that a list never shows other results than its
//! formulas would give; only of tables beyond [`MOST_FOLLOWING`] rows they wait until they are touched.

use gridkeep_model::{RowChange, RowId, Value, definition::TableDefinition, query::Expr};

use super::{Row, Rows, Run, Touched};

/// Rows of one table that are calculated anew at most.
pub const MOST_FOLLOWING: usize = 2_000;

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
        let mut rows = self.rows.matching(&table.id, &Expr::And(Vec::new()), MOST_FOLLOWING + 1)?;
        if rows.len() > MOST_FOLLOWING {
            return Ok(());
        }
        let own = |(known, _): &(&(String, RowId), &Touched)| known.0 == table.id;
        rows.retain(|row| !self.touched.contains_key(&(table.id.clone(), row.id)));
        rows.extend(self.touched.iter().filter(own).filter_map(|(_, touched)| touched.now.clone()));
        rows.sort_by_key(|row| row.id);
        for row in rows {
            let mut values = row.values.clone();
            for (index, result) in self.formulas.evaluate(table, row.id, &row.values) {
                values[index] = result.unwrap_or(Value::Null);
            }
            if values != row.values {
                self.replace(table, row, values, changes);
            }
        }
        Ok(())
    }

    /// Other values for a row: in the change the transaction makes of it anyway, or in one of its own.
    fn replace(
        &mut self,
        table: &TableDefinition,
        mut row: Row,
        values: Vec<Value>,
        changes: &mut Vec<RowChange>,
    ) {
        let made = changes.iter_mut().rev().find_map(|change| match change {
            RowChange::Insert { table: own, id, values }
            | RowChange::Update { table: own, id, values, .. } => {
                (*own == table.id && *id == row.id).then_some(values)
            }
            RowChange::Delete { .. } => None,
        });
        if let Some(made) = made {
            made.clone_from(&values);
        } else {
            let base_version = row.version;
            let (id, table) = (row.id, table.id.clone());
            self.touched
                .entry((table.clone(), id))
                .or_insert_with(|| Touched { before: Some(row.clone()), now: None });
            changes.push(RowChange::Update { table, id, base_version, values: values.clone() });
            row.version += 1;
        }
        row.values = values;
        self.put(table, row.id, Some(row));
    }
}
