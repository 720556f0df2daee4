//! `POST /api/apps/{app}/tables/{table}/import`: the rows of a file, as one transaction.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gridkeep_engine::Cancel;
use gridkeep_model::{
    Outcome, Transaction, TransactionId,
    transaction::{AppliedRow, Problem, Reason},
};
use gridkeep_store::Reader;
use gridkeep_workbook::List;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Imports,
    columns::Matched,
    importer::Importer,
    preview::Table,
    target::Target,
    transaction::{Made, values},
};
use crate::{
    creation::FileName,
    distribution::AppGrant,
    error::ApiError,
    executor::refusal,
    extract::{Body, Json, Parameters, Path},
    gates::proofs,
    noun,
};

/// Problems that are told.
const MOST_TOLD: usize = 100;
/// The version of a row that was added.
const FIRST_VERSION: u64 = 1;
/// Characters of a value that is told.
const SHOWN: usize = 80;

/// How a file is to be taken over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct How {
    sheet: Option<String>,
    columns: Option<String>,
    #[serde(default)]
    rows: Mode,
    transaction: Option<TransactionId>,
}

/// What becomes of rows that are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Mode {
    /// Nothing: every row is added.
    #[default]
    Add,
    /// Those with the same key are changed, and the others added.
    Change,
}

/// What came of an import.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "outcome")]
pub(super) enum Imported {
    /// All of it was taken over.
    Applied {
        /// Rows that were added.
        added: usize,
        /// Rows that were there and were changed.
        changed: usize,
        /// Rows that were there as they are in the file.
        unchanged: usize,
    },
    /// Nothing was.
    Refused {
        /// What is wrong, the first hundred.
        problems: Vec<ImportProblem>,
        /// How many there are in all.
        total: usize,
    },
}

/// What is wrong with a row of the file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportProblem {
    /// Its line in the file, or row of the sheet, from 1.
    row: u32,
    /// Id of the column; `null` where the row as a whole is meant.
    column: Option<String>,
    /// What stands there.
    value: Option<String>,
    /// What is wrong.
    #[schema(value_type = noun::Reason)]
    reason: Reason,
}

/// Imports the rows of a CSV or Excel file: all or none, in one transaction, with the rights, checks and gates that each row alone
/// would come to. Values are read as the columns they are for have them. The same `transaction` with the same file and settings gives
/// the stored answer again. Where a gate asks, nothing is done and the answer is that of `/transactions`.
#[utoipa::path(post, path = "/api/apps/{app}/tables/{table}/import", tag = "rows",
    params(("app" = String, Path), ("table" = String, Path),
        ("sheet" = Option<String>, Query, description = "A sheet's name; the one whose columns are called like the table's otherwise."),
        ("columns" = Option<String>, Query,
            description = "Ids of the columns that the file's columns fill, in their order, with commas between; empty for one that is left out. By name otherwise."),
        ("rows" = Option<String>, Query,
            description = "`add` (every row is a new one) or `change` (those with the same key are changed)."),
        ("transaction" = Option<String>, Query, description = "A UUIDv7 by which it can be asked again."),
        ("x-file-name" = Option<String>, Header, description = "The file's name, percent-encoded UTF-8.")),
    request_body(content = noun::File, content_type = "application/octet-stream"),
    responses((status = 200, body = Imported), (status = 403, body = Imported), (status = 409, body = Imported),
        (status = 422, body = Imported)))]
pub(super) async fn import(
    imports: Imports,
    Importer(grant): Importer,
    headers: HeaderMap,
    Path(Table { table }): Path<Table>,
    Parameters(how): Parameters<How>,
    FileName(name): FileName,
    Body(bytes): Body,
) -> Result<Response, ApiError> {
    let target = Target::of(&imports, &grant, &table).await?;
    let id = own_id(&imports, &grant, &table, &how, &bytes)?;
    let (wished, mode) = (how.columns, how.rows);
    let taken = move |target: &Target, list: List, matched: Matched<'_>, cancel: &Cancel| {
        let matched = match &wished {
            Some(columns) => matched.said(target, columns)?,
            None => matched,
        };
        let filling = matched.filling()?;
        let said = values(&list, &filling, mode, cancel)?;
        Ok((list, filling, said))
    };
    let (list, filling, said) = target.read(&imports, (&name, bytes), how.sheet, taken).await?;
    let rows = list.rows();
    let (app, own) = (grant.app.id, grant.clone());
    let columns = filling.columns.clone();
    // With a thread of its own as well: as many rows as there may be are looked at one by one.
    let look = move |reader: &mut Reader<'_>| {
        // Asked again: what it has changed is not changed once more.
        Ok(match reader.answered(app, id)? {
            Some(Outcome::Applied { rows, .. }) => Err(rows),
            _ => Ok(Made::of(reader, &own, &target, (&filling, said), mode, id)?),
        })
    };
    let Made { operations, lines } = match imports.tenancy.read(look).await? {
        Ok(made) => made,
        Err(applied) => return Ok(done(&applied, rows.len())),
    };
    if operations.is_empty() {
        return Ok(done(&[], rows.len()));
    }
    let transaction = Transaction { id, operations };
    match imports.executor.import(&grant, transaction, proofs(&headers)?).await? {
        Outcome::Applied { rows: applied, .. } => Ok(done(&applied, rows.len())),
        Outcome::Refused { problems } => {
            let told = |problem: &Problem| {
                let record = lines.get(problem.operation).and_then(|index| rows.get(*index));
                let place = problem.column.as_ref().and_then(|id| {
                    columns.iter().find(|(_, column)| column.id == *id).map(|(place, _)| *place)
                });
                ImportProblem {
                    row: record.map_or(0, |record| record.line),
                    column: problem.column.clone(),
                    value: record.zip(place).map(|(record, place)| list.shown(record, place, SHOWN)),
                    reason: problem.reason.clone(),
                }
            };
            let total = problems.len();
            let status = refusal(&problems);
            let problems = problems.iter().take(MOST_TOLD).map(told).collect();
            Ok((status, Json(Imported::Refused { problems, total })).into_response())
        }
    }
}

/// Each operation leaves one row: at its first version where it was added, at a later one where it was changed.
fn done(applied: &[AppliedRow], rows: usize) -> Response {
    let added = applied.iter().filter(|row| row.version == Some(FIRST_VERSION)).count();
    let changed = applied.len() - added;
    Json(Imported::Applied { added, changed, unchanged: rows.saturating_sub(applied.len()) }).into_response()
}

/// The transaction's id: of what whoever asks calls it and of all that is asked, so that the same id means the same import even where
/// the rows have changed by it.
fn own_id(
    imports: &Imports,
    grant: &AppGrant,
    table: &str,
    how: &How,
    bytes: &Bytes,
) -> Result<TransactionId, ApiError> {
    let Some(said) = how.transaction else {
        return Ok(imports.chance.with(|rng| TransactionId::new(imports.time.clock(), rng)));
    };
    let person = grant.person.as_ref().map(|person| person.id);
    let file = digest(&SHA256, bytes);
    let asked = (said, person, grant.app.id, table, &how.sheet, &how.columns, how.rows, file.as_ref());
    let asked = serde_json::to_vec(&asked).map_err(ApiError::internal)?;
    let mut id = [0; 16];
    id.copy_from_slice(
        &digest(&SHA256, &[b"gridkeep-import-1\0".as_slice(), &asked].concat()).as_ref()[..16],
    );
    id[..6].copy_from_slice(&said.uuid().as_bytes()[..6]);
    Ok(TransactionId::from_uuid(super::transaction::version_7(id)))
}
