//! The rows that formulas read, brought up to date within the transaction that calculates with them.
//!
//! **Architecture Invariant:** what formulas have was read up to a number of the change log, all of it committed or of works
//! that will be committed with this one. After a commit that failed nothing of it is used.

use gridkeep_engine::apply::{MOST_READ, RowFormulas};
use gridkeep_model::{AppId, Query, query::Page};
use gridkeep_store::{Change, ChangeKind, Head, Reader, StoreError};

/// So many changes are followed; beyond, the rows are read again.
const MOST_CHANGES: u32 = 1_000;

/// Formulas with the rows they read.
#[derive(Debug)]
pub(crate) struct Current {
    formulas: RowFormulas,
    at: Option<At>,
}

/// What state of the rows formulas have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    head: Head,
    /// How many commits had failed.
    undone: u64,
}

impl Current {
    /// Without rows yet.
    pub(crate) fn new(formulas: RowFormulas) -> Self {
        Self { formulas, at: None }
    }

    /// Whether they read rows at all.
    pub(crate) fn reads_rows(&self) -> bool {
        self.formulas.reads_rows()
    }

    /// The formulas over rows as they are now. `undone` is how many commits of this database have failed so far.
    pub(crate) fn formulas(
        &mut self,
        reader: &mut Reader<'_>,
        app: AppId,
        undone: u64,
    ) -> Result<&mut RowFormulas, StoreError> {
        if self.formulas.reads_rows() {
            let head = reader.head(app)?.ok_or(StoreError::UnknownApp(app))?;
            let now = At { head, undone };
            if self.at != Some(now) && !self.follow(reader, app, now)? {
                self.read(reader, app)?;
            }
            self.formulas.catch_up(|table, id| reader.row(app, table, id))?;
            self.at = Some(now);
        }
        Ok(&mut self.formulas)
    }

    /// Marks what the log says has changed; `false` when that is not known or too much.
    fn follow(&mut self, reader: &mut Reader<'_>, app: AppId, now: At) -> Result<bool, StoreError> {
        let Some(At { head, undone }) = self.at else { return Ok(false) };
        let Some(missed) = now.head.sequence.checked_sub(head.sequence) else { return Ok(false) };
        if head.epoch != now.head.epoch || undone != now.undone || missed > MOST_CHANGES.into() {
            return Ok(false);
        }
        let changes = reader.changes(app, head.sequence, MOST_CHANGES)?;
        let anew = |change: &Change| match change.kind {
            ChangeKind::Table => true,
            // There may be few enough now.
            ChangeKind::Delete => self.formulas.is_unreadable(&change.table),
            ChangeKind::Insert | ChangeKind::Update => false,
        };
        if changes.len() as u64 != missed || changes.iter().any(anew) {
            return Ok(false);
        }
        for change in changes {
            if let Some(row) = change.row {
                self.formulas.touch(&change.table, row);
            }
        }
        Ok(true)
    }

    fn read(&mut self, reader: &mut Reader<'_>, app: AppId) -> Result<(), StoreError> {
        self.at = None;
        for table in self.formulas.reads() {
            let page = Page::first(MOST_READ as u32 + 1);
            let found = reader.rows(app, &Query { table: table.clone(), page, ..Query::unlimited() })?;
            self.formulas.set_rows(&table, &found.rows);
        }
        Ok(())
    }
}
