//! Rows that nobody touched, but whose computed columns read what a transaction has changed.
//!
//! **Architecture Invariant:** they change in the same transaction, so that a list never shows other results than its
//! formulas would give; only of tables beyond [`MOST_FOLLOWING`] rows they wait, and are done in slices by [`renew`].

use gridkeep_model::{
    AppDefinition, RowChange, RowId, TransactionId, Value,
    definition::{Role, TableDefinition},
    query::Expr,
};

use super::{Changes, Row, RowFormulas, Rows, Run, Touched};

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
        let own = |(known, _): &(&(String, RowId), &Touched)| known.0 == table.id;
        rows.retain(|row| !self.touched.contains_key(&(table.id.clone(), row.id)));
        rows.extend(self.touched.iter().filter(own).filter_map(|(_, touched)| touched.now.clone()));
        rows.sort_by_key(|row| row.id);
        self.renew(table, rows, changes);
        Ok(())
    }

    fn renew(&mut self, table: &TableDefinition, rows: Vec<Row>, changes: &mut Vec<RowChange>) {
        for row in rows {
            let mut values = row.values.clone();
            for (index, result) in self.formulas.evaluate(table, row.id, &row.values) {
                values[index] = result.unwrap_or(Value::Null);
            }
            if values != row.values {
                self.replace(table, row, values, changes);
            }
        }
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
