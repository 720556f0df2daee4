//! The change log: what happened to an app's rows, in commit order.
//!
//! **Architecture Invariant:** every change of rows moves the app's head in the same commit, and the head is held to the
//! end of it: sequence order is commit order, without gaps, on both databases.

use gridkeep_model::{AppId, RowId};
use sea_query::Value as Bound;
use uuid::Uuid;

use crate::{Reader, RowWork, StoreError, dialect::Physical};

/// Where an app's log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Which history; another one after a backup was restored.
    pub epoch: Uuid,
    /// Number of the last change; 0 before the first.
    pub sequence: u64,
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Insert,
    /// It is another.
    Update,
    /// It is gone.
    Delete,
    /// The table itself changed its columns: read it again.
    Table,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub sequence: u64,
    /// The published table's id.
    pub table: String,
    /// The row; `None` when the table itself changed.
    pub row: Option<RowId>,
    /// What happened.
    pub kind: ChangeKind,
    /// The row's version after it (of a deleted row: the last one).
    pub version: u64,
}

/// A change on its way into the log.
pub(crate) struct NewChange {
    pub(crate) table: i64,
    pub(crate) row: Option<RowId>,
    pub(crate) kind: ChangeKind,
    pub(crate) version: u64,
}

impl ChangeKind {
    const ALL: [Self; 4] = [Self::Insert, Self::Update, Self::Delete, Self::Table];
}

impl Reader<'_> {
    /// Where an app's log stands; `None` when there is no such app.
    pub fn head(&mut self, app: AppId) -> Result<Option<Head>, StoreError> {
        let sql = "SELECT epoch, sequence FROM heads WHERE app = $1";
        self.link.first(sql, &[app.uuid().into()], |cells| {
            Ok(Head { epoch: cells.get(0)?, sequence: cells.count(1)? })
        })
    }

    /// Entries after this one, oldest first, at most `limit`.
    pub fn changes(&mut self, app: AppId, after: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        let sql = "SELECT c.sequence, t.table_id, c.row_id, c.kind, c.version
            FROM changes c JOIN row_tables t ON t.number = c.table_number
            WHERE c.app = $1 AND c.sequence > $2 ORDER BY c.sequence LIMIT $3";
        let values = [app.uuid().into(), after.into(), u64::from(limit).into()];
        self.link.all(sql, &values, |cells| {
            let kind = usize::try_from(cells.count(3)?).ok().and_then(|kind| ChangeKind::ALL.get(kind));
            Ok(Change {
                sequence: cells.count(0)?,
                table: cells.get(1)?,
                row: cells.maybe(2)?.map(RowId::from_uuid),
                kind: *kind.ok_or_else(|| StoreError::corrupt("change", "unknown kind"))?,
                version: cells.count(4)?,
            })
        })
    }
}

impl RowWork<'_> {
    /// Moves the head by the number of changes and writes them down; answers the new head.
    pub(crate) fn log(&mut self, app: AppId, changes: &[NewChange]) -> Result<u64, StoreError> {
        let count = changes.len() as i64;
        let head = self.link.move_head(app.uuid(), count)?.ok_or(StoreError::UnknownApp(app))?;
        let mut sequence = head - count;
        let mut entry = |change: &NewChange, values: &mut Vec<Bound>| {
            sequence += 1;
            values.push(app.uuid().into());
            values.push(sequence.into());
            values.push(change.table.into());
            values.push(Bound::Uuid(change.row.map(RowId::uuid)));
            values.push((change.kind as i64).into());
            values.push(change.version.into());
        };
        if let [change] = changes {
            let mut values = Vec::with_capacity(6);
            entry(change, &mut values);
            let sql = "INSERT INTO changes (app, sequence, table_number, row_id, kind, version)
                VALUES ($1, $2, $3, $4, $5, $6)";
            self.link.execute(sql, &values)?;
        } else {
            let columns = ["app", "sequence", "table_number", "row_id", "kind", "version"].map(str::to_owned);
            let types = [
                Physical::Id,
                Physical::Count,
                Physical::Count,
                Physical::Id,
                Physical::Count,
                Physical::Count,
            ];
            let mut left = changes.iter();
            self.link.bulk("changes", &columns, &types, &mut |values| {
                let next = left.next();
                if let Some(change) = next {
                    entry(change, values);
                }
                Ok(next.is_some())
            })?;
        }
        u64::try_from(head).map_err(|_| StoreError::corrupt("head", head))
    }
}
