//! `POST /api/apps/{app}/tables/{table}/import/preview`: what is in a file, before it is imported.

use gridkeep_engine::Cancel;
use gridkeep_workbook::List;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Imports,
    columns::{Matched, Matching},
    importer::Importer,
    target::Target,
};
use crate::{
    creation::FileName,
    error::ApiError,
    executor::MOST_IMPORTED,
    extract::{Body, Json, Parameters, Path},
    noun,
};

/// Rows that are shown.
const SAMPLES: usize = 5;
/// Characters of a value that is shown.
const SHOWN: usize = 80;

/// Which table.
#[derive(Debug, Deserialize)]
pub(super) struct Table {
    pub(super) table: String,
}

/// Which sheet.
#[derive(Debug, Deserialize)]
pub(super) struct Of {
    sheet: Option<String>,
}

/// A file as it would be imported.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportPreview {
    /// Sheets that hold anything.
    sheets: Vec<String>,
    /// The one that was read.
    sheet: String,
    /// Rows below the names of the columns.
    rows: usize,
    /// The most rows one import has.
    most: usize,
    /// Its columns.
    columns: Vec<ImportColumn>,
    /// Id of the column by which rows that are there are found again; `null` where they cannot be changed.
    key: Option<String>,
    /// Id of the column by which the file says when each row was last changed: one that was changed since is refused; `null` where it says
    /// nothing of it.
    changed: Option<String>,
}

/// A column of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportColumn {
    /// What stands over it.
    name: String,
    /// Its first values, as they are written.
    samples: Vec<String>,
    /// Id of the column it fills by its name; `null` where none is called so.
    column: Option<String>,
}

/// What a CSV or Excel file holds for a table: its sheets, the columns with their first values, and which columns of the table they
/// fill by their names. Nothing is changed, and nothing is kept.
#[utoipa::path(post, path = "/api/apps/{app}/tables/{table}/import/preview", tag = "rows",
    params(("app" = String, Path), ("table" = String, Path),
        ("sheet" = Option<String>, Query, description = "A sheet's name; the one whose columns are called like the table's otherwise."),
        ("x-file-name" = Option<String>, Header, description = "The file's name, percent-encoded UTF-8.")),
    request_body(content = noun::File, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportPreview)))]
pub(super) async fn preview(
    imports: Imports,
    Importer(grant): Importer,
    Path(Table { table }): Path<Table>,
    Parameters(Of { sheet }): Parameters<Of>,
    FileName(name): FileName,
    Body(bytes): Body,
) -> Result<Json<ImportPreview>, ApiError> {
    let target = Target::of(&imports, &grant, &table).await?;
    let shown = |target: &Target, list: List, matched: Matched<'_>, _: &Cancel| {
        let column = |Matching { place, name, column }: Matching<'_>| {
            let first = list.rows().iter().take(SAMPLES);
            let shown = first.map(|record| list.shown(record, place, SHOWN));
            ImportColumn { name, samples: shown.collect(), column: column.map(|column| column.id.clone()) }
        };
        Ok(ImportPreview {
            rows: list.count(),
            most: MOST_IMPORTED,
            changed: matched.changed.map(|(_, column)| column.id.clone()),
            columns: matched.columns.into_iter().map(column).collect(),
            key: target.table().key.clone().filter(|_| target.changes),
            sheet: list.sheets[list.sheet].clone(),
            sheets: list.sheets.clone(),
        })
    };
    target.read(&imports, (&name, bytes), sheet, shown).await.map(Json)
}
