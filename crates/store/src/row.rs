//! Rows of published tables, written through [`RowChange`].
//!
//! **Architecture Invariant:** whatever changes rows writes the change log in the same work.

use std::sync::Arc;

use gridkeep_model::{AppId, RowChange, RowId, Value};
use sea_query::Value as Bound;

use crate::{ChangeKind, RowWork, StoreError, Work, change::NewChange, laid::Laid, layout::Layout};

/// Rows written or removed before their changes are: memory stays bounded, however many there are.
const CHUNK: usize = 10_000;
/// New rows of a transaction that are written together.
const TOGETHER: usize = 64;

impl Work<'_> {
    /// Adds many rows at once, at version 1: the rows of a workbook when it is published. Answers how many.
    pub fn insert_rows(
        &mut self,
        app: AppId,
        table: &str,
        rows: impl IntoIterator<Item = (RowId, Vec<Value>)>,
    ) -> Result<u64, StoreError> {
        let layout = self.layout(app, table)?;
        let (names, kinds) = layout.physical();
        let mut rows = rows.into_iter();
        let mut written = 0;
        let mut changes = Vec::new();
        loop {
            let added = self.link.bulk(&layout.name(), &names, &kinds, &mut |values| {
                if changes.len() == CHUNK {
                    return Ok(false);
                }
                let Some((id, row)) = rows.next() else { return Ok(false) };
                values.push(id.uuid().into());
                values.push(1_i64.into());
                bind_all(&layout, &row, values)?;
                let (table, kind) = (layout.number, ChangeKind::Insert);
                changes.push(NewChange { table, row: Some(id), kind, version: 1 });
                Ok(true)
            })?;
            if added == 0 {
                break;
            }
            written += added;
            self.log(app, &changes)?;
            changes.clear();
        }
        if written > 0 {
            self.link.analyse(&layout.name())?;
        }
        Ok(written)
    }

    /// Removes all rows of a table. Answers how many.
    pub fn clear_table(&mut self, app: AppId, table: &str) -> Result<u64, StoreError> {
        let layout = self.layout(app, table)?;
        let name = layout.name();
        let sql = format!(
            "DELETE FROM {name} WHERE id IN (SELECT id FROM {name} ORDER BY id LIMIT {CHUNK}) RETURNING id, version"
        );
        let mut removed = 0;
        loop {
            let changes = self.link.all(&sql, &[], |cells| {
                let row = Some(RowId::from_uuid(cells.get(0)?));
                Ok(NewChange {
                    table: layout.number,
                    row,
                    kind: ChangeKind::Delete,
                    version: cells.count(1)?,
                })
            })?;
            if changes.is_empty() {
                return Ok(removed);
            }
            self.log(app, &changes)?;
            removed += changes.len() as u64;
        }
    }
}

impl RowWork<'_> {
    /// Writes what `engine::apply` made of a transaction; answers the app's change number after it. `version` is that of
    /// the definition the changes were made with: when it is no longer the current one the columns may be others, and
    /// nothing is written ([`StoreError::Stale`]). Base versions were checked in this same work; should one differ
    /// all the same, that is [`StoreError::Conflict`].
    pub fn apply(&mut self, app: AppId, version: u32, changes: &[RowChange]) -> Result<u64, StoreError> {
        let current = self.current_version(app)?;
        if current != version {
            return Err(StoreError::Stale { given: version, current });
        }
        if changes.is_empty() {
            let head = self.head(app)?.ok_or(StoreError::UnknownApp(app))?;
            return Ok(head.sequence);
        }
        if let Some(learnt) = &mut self.learnt {
            learnt.forget_rows();
        }
        let mut layouts: Vec<Arc<Laid>> = Vec::new();
        // New rows of one table, one behind the other.
        let (mut new, mut new_at): (Vec<Vec<Bound>>, usize) = (Vec::new(), 0);
        let mut log = Vec::with_capacity(changes.len());
        for change in changes {
            let table = table_of(change);
            let known = layouts.iter().position(|layout| layout.table == table);
            let at = if let Some(at) = known {
                at
            } else {
                layouts.push(self.layout(app, table)?);
                layouts.len() - 1
            };
            let insert = matches!(change, RowChange::Insert { .. });
            if !new.is_empty() && (!insert || at != new_at || new.len() == TOGETHER) {
                self.insert(&layouts[new_at], &mut new)?;
            }
            if let RowChange::Insert { id, values, .. } = change {
                let laid = &layouts[at];
                let mut bound = Vec::with_capacity(laid.insert.width);
                bound.extend([id.uuid().into(), Bound::from(1_i64)]);
                bind_all(laid, values, &mut bound)?;
                new.push(bound);
                new_at = at;
                let kind = ChangeKind::Insert;
                log.push(NewChange { table: laid.number, row: Some(*id), kind, version: 1 });
            } else {
                log.push(self.write(&layouts[at], change)?);
            }
        }
        if !new.is_empty() {
            self.insert(&layouts[new_at], &mut new)?;
        }
        self.log(app, &log)
    }

    /// Adds rows, and leaves none to be added.
    fn insert(&mut self, layout: &Laid, rows: &mut Vec<Vec<Bound>>) -> Result<(), StoreError> {
        let written = self.link.insert(&layout.insert, rows)?;
        let missing = rows.get(written).and_then(|row| match row.first() {
            Some(Bound::Uuid(Some(id))) => Some(RowId::from_uuid(*id)),
            _ => None,
        });
        rows.clear();
        match missing {
            Some(row) => Err(StoreError::Conflict { table: layout.table.clone(), row }),
            None => Ok(()),
        }
    }

    /// Writes a change of a row that is there.
    fn write(&mut self, layout: &Laid, change: &RowChange) -> Result<NewChange, StoreError> {
        let (row, kind, version, written) = match change {
            RowChange::Insert { id, .. } => (*id, ChangeKind::Insert, 1, 0),
            RowChange::Update { id, base_version, values, .. } => {
                let (names, _) = layout.physical();
                let mut bound = vec![Bound::from(base_version + 1)];
                bind_all(layout, values, &mut bound)?;
                let sets: Vec<String> = names[1..]
                    .iter()
                    .enumerate()
                    .map(|(index, name)| format!("{name} = ${}", index + 1))
                    .collect();
                let (first, second) = (bound.len() + 1, bound.len() + 2);
                bound.push(id.uuid().into());
                bound.push((*base_version).into());
                let sql = format!(
                    "UPDATE {} SET {} WHERE id = ${first} AND version = ${second}",
                    layout.name(),
                    sets.join(", ")
                );
                (*id, ChangeKind::Update, base_version + 1, self.link.execute(&sql, &bound)?)
            }
            RowChange::Delete { id, base_version, .. } => {
                let sql = format!("DELETE FROM {} WHERE id = $1 AND version = $2", layout.name());
                let written = self.link.execute(&sql, &[id.uuid().into(), (*base_version).into()])?;
                (*id, ChangeKind::Delete, *base_version, written)
            }
        };
        if written == 0 {
            return Err(StoreError::Conflict { table: layout.table.clone(), row });
        }
        Ok(NewChange { table: layout.number, row: Some(row), kind, version })
    }
}

fn table_of(change: &RowChange) -> &str {
    match change {
        RowChange::Insert { table, .. }
        | RowChange::Update { table, .. }
        | RowChange::Delete { table, .. } => table,
    }
}

fn bind_all(layout: &Layout, values: &[Value], bound: &mut Vec<Bound>) -> Result<(), StoreError> {
    layout.check_width(values)?;
    for (column, value) in layout.columns.active.iter().zip(values) {
        column.bind_into(value, bound)?;
    }
    Ok(())
}
