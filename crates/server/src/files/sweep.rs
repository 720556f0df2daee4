//! Deletes contents that no row holds: replaced or removed ones, and those whose row never came.
//!
//! **Architecture Invariant:** a record is struck before its content is deleted, and never while its row refers to the
//! content; a content without a record was stored by a request that broke off, or outlived its record by a crash. So nothing
//! live is lost wherever this stops, and the next sweep goes on there.

use std::collections::BTreeSet;

use gridkeep_model::{Query, query::Expr};
use gridkeep_objects::ObjectId;
use gridkeep_store::{File, Reader, StoreError};
use jiff::SignedDuration;

use super::{Files, Stored};
use crate::error::ApiError;

/// So long a content stays that no row holds.
const AGE: SignedDuration = SignedDuration::from_hours(24);
/// Records looked at in one work.
const PAGE: u32 = 200;

/// Sweeps a tenant's contents. Failing is no reason not to serve.
pub async fn sweep_files(files: &Files) {
    match sweep(files).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(files.count = count, "contents that no row holds are deleted"),
        Err(error) => tracing::warn!(error.code = error.code(), "contents could not be looked through"),
    }
}

/// How many contents were deleted.
async fn sweep(files: &Files) -> Result<usize, ApiError> {
    // Listed before the database is read: what is stored meanwhile is not among them.
    let stored = files.vault.contents().await?;
    let mut known = BTreeSet::new();
    let mut struck = Vec::new();
    let mut after = String::new();
    loop {
        let from = after.clone();
        let now = files.time.now();
        let page = files
            .tenancy
            .change(move |work| {
                let page = work.files_after(&from, PAGE)?;
                let mut seen = Vec::with_capacity(page.len());
                for file in page {
                    let refers = refers(work, &file)?;
                    if refers != file.held {
                        // The row was changed by other means: a publication, or another definition.
                        work.mark_file(&file.object, refers, now)?;
                    }
                    let gone = !refers && work.strike_file(&file.object, now - AGE)?;
                    seen.push((file.object, gone));
                }
                Ok(seen)
            })
            .await?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        for (object, gone) in page {
            if gone { struck.push(object) } else { known.extend([object]) }
        }
    }
    let now = files.time.now();
    let is_old = |id: &ObjectId| id.created().is_none_or(|created| now.duration_since(created) > AGE);
    let strays = stored.iter().filter(|id| is_old(id)).map(ToString::to_string);
    let gone: BTreeSet<String> = strays.filter(|id| !known.contains(id)).chain(struck).collect();
    for object in &gone {
        files.vault.forget(object).await;
    }
    Ok(gone.len())
}

/// Whether the row refers to the content.
fn refers(reader: &mut Reader<'_>, file: &File) -> Result<bool, ApiError> {
    let query = Query {
        table: file.table.clone(),
        filter: Some(Expr::is_row(file.row)),
        columns: Some(vec![file.column.clone()]),
        ..Query::unlimited()
    };
    let found = match reader.rows(file.app, &query) {
        // What a version drops is hidden, not lost: going back finds it again.
        Err(StoreError::UnknownTable(_)) => return Ok(file.held),
        Err(StoreError::UnknownColumn { .. } | StoreError::Filter(_)) => {
            return Ok(file.held && reader.row(file.app, &file.table, file.row)?.is_some());
        }
        found => found?,
    };
    let value = found.rows.first().and_then(|row| row.values.first());
    Ok(value.and_then(Stored::of).is_some_and(|stored| stored.objects().any(|object| object == file.object)))
}
