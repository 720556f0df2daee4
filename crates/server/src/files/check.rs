//! Whether rows and contents belong together: what `gridkeep doctor` says of them. Nothing is changed, and no content is
//! read whole: there may be more than a disk reads in an hour.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_model::{
    AppId, Query, RowId,
    query::{Expr, Page},
};
use gridkeep_store::File;

use super::{Files, Stored};
use crate::{distribution::Definitions, error::ApiError};

/// Rows and records looked at in one work.
const PAGE: u32 = 500;

/// What was found.
#[derive(Debug, Default)]
pub struct Contents {
    /// How many contents are written down.
    pub known: usize,
    /// Rows that refer to a content that is not there.
    pub lost: Vec<Lost>,
    /// How many contents no row refers to: replaced ones, those whose row never came, those that nothing is written down of.
    pub unheld: usize,
}

/// A row whose content is not there.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The app's name.
    pub app: String,
    /// The table's title.
    pub table: String,
    /// The column's title.
    pub column: String,
    /// The row.
    pub row: RowId,
    /// What the file is called, or its type.
    pub file: String,
}

impl Files {
    /// Looks at every record and at every row that refers to a content.
    pub async fn check(&self, definitions: &Definitions) -> Result<Contents, ApiError> {
        let stored: BTreeSet<String> = self.vault.contents().await?.iter().map(ToString::to_string).collect();
        let records = self.records().await?;
        let mut found = Contents { known: records.len(), ..Contents::default() };
        let mut held = BTreeSet::new();
        for app in self.tenancy.read(|reader| Ok(reader.apps()?)).await? {
            let definition = definitions.current(&app).await?;
            for table in &definition.tables {
                for column in table.columns.iter().filter(|column| column.is_file()) {
                    for (row, file) in self.referring(app.id, &table.id, &column.id).await? {
                        let known = records.get(&file.object).is_some_and(|record| record.row == row);
                        held.extend(file.objects().map(ToOwned::to_owned));
                        if !(known && stored.contains(&file.object)) {
                            found.lost.push(Lost {
                                app: app.current.name.clone(),
                                table: table.title.clone(),
                                column: column.title.clone(),
                                row,
                                file: file.name.unwrap_or(file.media_type),
                            });
                        }
                    }
                }
            }
        }
        let all: BTreeSet<&String> = records.keys().chain(&stored).collect();
        found.unheld = all.into_iter().filter(|object| !held.contains(*object)).count();
        found.lost.sort();
        Ok(found)
    }

    /// All records, by their objects.
    async fn records(&self) -> Result<BTreeMap<String, File>, ApiError> {
        let mut all = BTreeMap::new();
        let mut after = String::new();
        loop {
            let from = after.clone();
            let page = self.tenancy.read(move |reader| Ok(reader.files_after(&from, PAGE)?)).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after.clone_from(&last.object);
            all.extend(page.into_iter().map(|file| (file.object.clone(), file)));
        }
    }

    /// The rows with something in a column of files, and what they refer to.
    async fn referring(
        &self,
        app: AppId,
        table: &str,
        column: &str,
    ) -> Result<Vec<(RowId, Stored)>, ApiError> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let query = Query {
                table: table.to_owned(),
                filter: Some(!Expr::column(column).is_null()),
                columns: Some(vec![column.to_owned()]),
                page: Page { after: after.take(), ..Page::first(PAGE) },
                ..Query::unlimited()
            };
            let found = self.tenancy.read(move |reader| Ok(reader.rows(app, &query)?)).await?;
            all.extend(found.rows.iter().filter_map(|row| Some((row.id, Stored::of(row.values.first()?)?))));
            after = found.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }
}
