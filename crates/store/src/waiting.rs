//! Tables whose rows wait to be calculated anew: a change was followed by more rows than one transaction may touch.
//!
//! **Architecture Invariant:** a table waits from the commit of the change on, and until every row was looked at after it:
//! what comes meanwhile sends the walk round once more, and never back, so that its end is reached however much comes.

use gridkeep_model::{AppId, RowId};
use uuid::Uuid;

use crate::{Reader, RowWork, StoreError, dialect::Cells};

/// A table that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The app.
    pub app: AppId,
    /// The published table's id.
    pub table: String,
    /// The last row that was done; `None` before the first.
    pub after: Option<RowId>,
    /// Another change came meanwhile.
    pub again: bool,
    /// How many tables this has come through since somebody changed a row.
    pub round: u64,
}

fn read_waiting(cells: &dyn Cells) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        app: AppId::from_uuid(cells.get(0)?),
        table: cells.get(1)?,
        after: cells.maybe::<Uuid>(2)?.map(RowId::from_uuid),
        again: cells.get(3)?,
        round: cells.count(4)?,
    })
}

impl Reader<'_> {
    /// The tables that wait, each app's by their ids.
    pub fn waiting(&mut self) -> Result<Vec<Waiting>, StoreError> {
        let sql = "SELECT app, table_id, row_id, again, round FROM waiting ORDER BY app, table_id";
        self.link.all(sql, &[], read_waiting)
    }
}

impl RowWork<'_> {
    /// The rows of a table are to be calculated anew, from the first on; where that has begun, once more after the last.
    pub fn wait(&mut self, app: AppId, table: &str, round: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO waiting (app, table_id, row_id, again, round) VALUES ($1, $2, NULL, $3, $4)
            ON CONFLICT (app, table_id) DO UPDATE SET round = excluded.round,
            again = CASE WHEN waiting.row_id IS NULL THEN waiting.again ELSE $5 END";
        let values = [app.uuid().into(), table.into(), false.into(), round.into(), true.into()];
        self.link.execute(sql, &values).map(drop)
    }

    /// The rows of a table are done up to this one.
    pub fn waited(&mut self, app: AppId, table: &str, up_to: RowId) -> Result<(), StoreError> {
        let sql = "UPDATE waiting SET row_id = $1 WHERE app = $2 AND table_id = $3";
        self.link.execute(sql, &[up_to.uuid().into(), app.uuid().into(), table.into()]).map(drop)
    }

    /// All rows of a table are done: it waits no longer, or is begun again.
    pub fn end_wait(&mut self, waiting: &Waiting) -> Result<(), StoreError> {
        let sql = if waiting.again {
            "UPDATE waiting SET row_id = NULL, again = $1 WHERE app = $2 AND table_id = $3"
        } else {
            "DELETE FROM waiting WHERE again = $1 AND app = $2 AND table_id = $3"
        };
        let values = [false.into(), waiting.app.uuid().into(), waiting.table.as_str().into()];
        self.link.execute(sql, &values).map(drop)
    }
}
