//! Contents that rows refer to: which are stored, for which row, and whether the row holds them.
//!
//! **Architecture Invariant:** a content is live as long as its record is here. A record says from when on its row no longer
//! holds the content, or not yet; that changes in the commit that changes the row.

use gridkeep_model::{AppId, RowId};
use jiff::Timestamp;

use crate::{
    Reader, RowWork, StoreError,
    dialect::{Cells, millis},
};

/// A stored content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is in the object store.
    pub object: String,
    /// The app of its row.
    pub app: AppId,
    /// The published table's id.
    pub table: String,
    /// The column's id.
    pub column: String,
    /// The row it was stored for; it need not be there yet.
    pub row: RowId,
    /// What the row's value is when it refers to it.
    pub reference: String,
    /// Its bytes.
    pub size: u64,
    /// Whether the row refers to it.
    pub held: bool,
    /// Since when it is held, or is not.
    pub since: Timestamp,
}

/// What all contents of a tenant take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many there are.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

const FILE: &str = "SELECT object, app, table_id, column_id, row_id, reference, size, held, since FROM files";

fn read_file(cells: &dyn Cells) -> Result<File, StoreError> {
    Ok(File {
        object: cells.get(0)?,
        app: AppId::from_uuid(cells.get(1)?),
        table: cells.get(2)?,
        column: cells.get(3)?,
        row: RowId::from_uuid(cells.get(4)?),
        reference: cells.get(5)?,
        size: cells.count(6)?,
        held: cells.get(7)?,
        since: cells.moment(8)?,
    })
}

impl Reader<'_> {
    /// A content of an app; `None` when there is none, or no longer.
    pub fn file(&mut self, app: AppId, object: &str) -> Result<Option<File>, StoreError> {
        let sql = format!("{FILE} WHERE object = $1 AND app = $2");
        self.link.first(&sql, &[object.into(), app.uuid().into()], read_file)
    }

    /// Contents behind this one, in the order of their objects.
    pub fn files_after(&mut self, object: &str, limit: u32) -> Result<Vec<File>, StoreError> {
        let sql = format!("{FILE} WHERE object > $1 ORDER BY object LIMIT $2");
        self.link.all(&sql, &[object.into(), u64::from(limit).into()], read_file)
    }

    /// What the tenant's contents take up, those that no row holds any more included.
    pub fn room_of_files(&mut self) -> Result<Room, StoreError> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS bigint) FROM files";
        let room =
            self.link.first(sql, &[], |cells| Ok(Room { files: cells.count(0)?, bytes: cells.count(1)? }))?;
        room.ok_or_else(|| StoreError::corrupt("files", "no sum"))
    }
}

impl RowWork<'_> {
    /// Writes down a content that is stored, or about to be.
    pub fn add_file(&mut self, file: &File) -> Result<(), StoreError> {
        let sql = "INSERT INTO files (object, app, table_id, column_id, row_id, reference, size, held, since)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values = [
            file.object.as_str().into(),
            file.app.uuid().into(),
            file.table.as_str().into(),
            file.column.as_str().into(),
            file.row.uuid().into(),
            file.reference.as_str().into(),
            file.size.into(),
            file.held.into(),
            millis(file.since),
        ];
        self.link.execute(sql, &values).map(drop)
    }

    /// The row holds these contents now, and no others. `false` when one of them is not stored for it.
    pub fn hold_files(
        &mut self,
        app: AppId,
        table: &str,
        row: RowId,
        objects: &[&str],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = format!("{FILE} WHERE app = $1 AND row_id = $2");
        let known = self.link.all(&sql, &[app.uuid().into(), row.uuid().into()], read_file)?;
        let own = |file: &&File| file.table == table;
        for file in known.iter().filter(own) {
            let held = objects.contains(&file.object.as_str());
            if held != file.held {
                self.mark_file(&file.object, held, now)?;
            }
        }
        Ok(objects.iter().all(|object| known.iter().filter(own).any(|file| file.object == *object)))
    }

    /// Says of a content whether its row holds it.
    pub fn mark_file(&mut self, object: &str, held: bool, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE files SET held = $1, since = $2 WHERE object = $3";
        self.link.execute(sql, &[held.into(), millis(now), object.into()]).map(drop)
    }

    /// Strikes a content that no row has held since before this moment. `false` when there is none.
    pub fn strike_file(&mut self, object: &str, before: Timestamp) -> Result<bool, StoreError> {
        let sql = "DELETE FROM files WHERE object = $1 AND held = $2 AND since < $3";
        Ok(self.link.execute(sql, &[object.into(), false.into(), millis(before)])? > 0)
    }
}
