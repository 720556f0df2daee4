//! The table that rows are to go into, as whoever imports knows it.

use std::sync::Arc;

use bytes::Bytes;
use gridkeep_engine::Cancel;
use gridkeep_model::{
    AppDefinition,
    definition::{ColumnDefinition, Role, TableDefinition},
    rights::{Reach, TableRights},
};
use gridkeep_workbook::{Limits, List, Wanted};

use super::{
    Imports, MOST_BYTES,
    columns::{Matched, Names},
};
use crate::{
    creation::unreadable,
    distribution::AppGrant,
    error::{ApiError, NotImportable},
    executor::MOST_IMPORTED,
    language::Language,
};

/// Memory of one file: less than of a workbook that becomes an app, since anybody who fills in a list may send one.
fn limits() -> Limits {
    Limits {
        file_bytes: MOST_BYTES as u64,
        inflated_bytes: 128 << 20,
        part_bytes: 96 << 20,
        cells: 400_000,
        text_bytes: 32 << 20,
        columns: 1_000,
        ..Limits::default()
    }
}

/// A table into which somebody may import.
#[derive(Clone)]
pub(super) struct Target {
    definition: Arc<AppDefinition>,
    index: usize,
    /// Whether rows that are there may be changed, too.
    pub(super) changes: bool,
}

impl Target {
    /// Of this table, for whoever may add rows to it.
    pub(super) async fn of(imports: &Imports, grant: &AppGrant, table: &str) -> Result<Self, ApiError> {
        let definition = imports.definitions.seen(&grant.app, &grant.rights).await?;
        let index = definition.tables.iter().position(|own| own.id == table).ok_or(ApiError::NotFound)?;
        let own = &definition.tables[index];
        let maker = grant.role == Role::Maker;
        let sees = maker || own.access.see.contains(&grant.role);
        let limits = grant.rights.limits.as_ref();
        let rights = limits.map(|limits| limits.tables.get(table));
        let left = |reach: fn(&TableRights) -> &Reach| match rights {
            None => true,
            Some(rights) => rights.is_some_and(|rights| reach(rights).is_some()),
        };
        if !((maker || own.access.insert.contains(&grant.role)) && left(|rights| &rights.insert)) {
            return Err(if sees { ApiError::Forbidden } else { ApiError::NotFound });
        }
        let updates = maker || own.access.update.contains(&grant.role);
        let changes = own.key.is_some()
            && sees
            && updates
            && left(|rights| &rights.update)
            && left(|rights| &rights.see);
        Ok(Self { definition, index, changes })
    }

    /// The table.
    pub(super) fn table(&self) -> &TableDefinition {
        &self.definition.tables[self.index]
    }

    /// The columns that a file can fill: files are sent one by one, and what is calculated is not entered.
    pub(super) fn enterable(&self) -> impl Iterator<Item = &ColumnDefinition> {
        self.table().columns.iter().filter(|column| is_enterable(column))
    }

    /// Reads a file for it, and does this with what it holds: all on the thread and within the time that strangers' files have, since
    /// how long it takes is theirs to choose.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        imports: &Imports,
        (name, bytes): (&str, Bytes),
        sheet: Option<String>,
        work: impl for<'a> FnOnce(&'a Self, List, Matched<'a>, &Cancel) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        if bytes.is_empty() {
            return Err(ApiError::EmptyFile);
        }
        let (name, target) = (name.to_owned(), self.clone());
        let read = move |cancel: &Cancel| {
            let names = Names::of(target.table());
            let wanted = Wanted {
                sheet: sheet.as_deref(),
                is_known: |name: &str| names.has(name),
                decimal_comma: Language::of_definition(&target.definition.language) == Language::German,
                rows: MOST_IMPORTED,
                cancel,
            };
            let list = gridkeep_workbook::list(&name, &bytes, &wanted, &limits());
            let list = list.map_err(|error| unreadable(&error))?;
            let list = list.ok_or(ApiError::NotImportable(NotImportable::NoSuchSheet))?;
            let refuse = |why| Err(ApiError::NotImportable(why));
            match list.count() {
                0 => refuse(NotImportable::NoRows),
                rows if rows > MOST_IMPORTED => {
                    refuse(NotImportable::TooManyRows { rows, most: MOST_IMPORTED })
                }
                _ => {
                    let matched = Matched::by_name(&names, &list.heads);
                    work(&target, list, matched, cancel)
                }
            }
        };
        imports.analyst.run(read).await
    }
}

/// Whether a file can fill a column.
pub(super) fn is_enterable(column: &ColumnDefinition) -> bool {
    column.is_entered() && !column.is_file()
}
