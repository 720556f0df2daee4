//! The table that rows are to go into, as whoever imports knows it.

use std::sync::Arc;

use bytes::Bytes;
use gridkeep_model::{
    AppDefinition,
    definition::{ColumnDefinition, Role, TableDefinition},
    rights::{Reach, TableRights},
};
use gridkeep_workbook::{Limits, List, Record};

use super::{Imports, MOST_BYTES, columns::Matched};
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
        self.table().columns.iter().filter(|column| column.is_entered() && !column.is_file())
    }

    /// Reads a file for it.
    pub(super) async fn read(
        &self,
        imports: &Imports,
        (name, bytes): (&str, Bytes),
        sheet: Option<String>,
    ) -> Result<List, ApiError> {
        if bytes.is_empty() {
            return Err(ApiError::EmptyFile);
        }
        let german = Language::of_definition(&self.definition.language) == Language::German;
        let name = name.to_owned();
        let (definition, index) = (Arc::clone(&self.definition), self.index);
        let read = move |_: &gridkeep_engine::Cancel| {
            let wanted = (sheet.as_deref(), |name: &str| Matched::names(&definition.tables[index], name));
            gridkeep_workbook::list(&name, &bytes, wanted, german, &limits())
                .map_err(|error| unreadable(&error))
        };
        imports.analyst.run(read).await?.ok_or(ApiError::NotImportable(NotImportable::NoSuchSheet))
    }

    /// The columns of a list with what each fills, and the rows below.
    pub(super) fn matched<'a>(&'a self, list: &'a List) -> Result<(Matched<'a>, &'a [Record]), ApiError> {
        let (heads, rows) = list.under(|name| Matched::names(self.table(), name));
        let refuse = |why| Err(ApiError::NotImportable(why));
        if rows.is_empty() {
            return refuse(NotImportable::NoRows);
        }
        if rows.len() > MOST_IMPORTED {
            return refuse(NotImportable::TooManyRows { rows: rows.len(), most: MOST_IMPORTED });
        }
        Ok((Matched::by_name(self, heads), rows))
    }
}
