//! Finds stored workbooks that no version refers to: a crash between storing one and its commit leaves one behind, a crash
//! while storing it a piece of one.
//!
//! **Architecture Invariant:** what a version refers to is never swept, nor what a publication under way has stored. The
//! contents of rows, objects of a kind of their own, are swept elsewhere (`files`); the pieces of theirs here.

use std::collections::BTreeSet;

use gridkeep_objects::{ObjectId, Unfinished};
use jiff::SignedDuration;

use super::{Tenancy, Vault};
use crate::{chance::Time, error::ApiError};

/// Younger ones may belong to a publication under way.
const AGE: SignedDuration = SignedDuration::from_hours(24);

/// What nobody refers to.
#[derive(Debug, Default)]
pub struct Garbage {
    /// Stored workbooks.
    pub stored: Vec<ObjectId>,
    /// Pieces of some.
    pub unfinished: Vec<Unfinished>,
}

impl Garbage {
    /// How many files that are.
    pub fn files(&self) -> usize {
        self.stored.len() + self.unfinished.len()
    }
}

/// Stored workbooks, and pieces of some, that no version refers to and that are older than a day.
pub async fn unreferenced(tenancy: &Tenancy, vault: &Vault, time: &Time) -> Result<Garbage, ApiError> {
    let (stored, unfinished) = (vault.list().await?, vault.unfinished().await?);
    // Listed before the database is read: what is published meanwhile is not among them, or is referred to.
    let referenced: BTreeSet<String> = tenancy
        .read(|reader| {
            let mut referenced = BTreeSet::new();
            for app in reader.apps()? {
                referenced.extend(reader.versions(app.id)?.into_iter().map(|version| version.workbook));
            }
            Ok(referenced)
        })
        .await?;
    let now = time.now();
    let is_old = |id: &ObjectId| id.created().is_none_or(|created| now.duration_since(created) > AGE);
    Ok(Garbage {
        stored: stored.into_iter().filter(|id| is_old(id) && !referenced.contains(&id.to_string())).collect(),
        // Once a workbook is stored nobody needs its draft any more, whoever refers to it.
        unfinished: unfinished.into_iter().filter(|draft| is_old(&draft.id)).collect(),
    })
}

/// Deletes them. Failing is no reason not to serve.
pub async fn sweep_objects(tenancy: &Tenancy, vault: &Vault, time: &Time) {
    match unreferenced(tenancy, vault, time).await {
        Ok(garbage) => {
            if garbage.files() > 0 {
                tracing::info!(objects.count = garbage.files(), "workbooks nobody refers to are deleted");
            }
            for id in garbage.stored {
                vault.forget(&id.to_string()).await;
            }
            for draft in garbage.unfinished {
                vault.discard(draft).await;
            }
        }
        Err(error) => {
            tracing::warn!(error.code = error.code(), "stored workbooks could not be looked through");
        }
    }
}
