//! Finds stored workbooks that no version refers to: a crash between storing one and its commit leaves one behind.

use std::collections::BTreeSet;

use gridkeep_objects::ObjectId;
use jiff::SignedDuration;

use super::{Tenancy, Vault};
use crate::{chance::Time, error::ApiError};

/// Younger ones may belong to a publication under way.
const AGE: SignedDuration = SignedDuration::from_hours(24);

/// Stored workbooks that no version refers to and that are older than a day.
pub async fn unreferenced(tenancy: &Tenancy, vault: &Vault, time: &Time) -> Result<Vec<ObjectId>, ApiError> {
    let stored = vault.list().await?;
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
    Ok(stored.into_iter().filter(|id| is_old(id) && !referenced.contains(&id.to_string())).collect())
}

/// Deletes them. Failing is no reason not to serve.
pub async fn sweep_objects(tenancy: &Tenancy, vault: &Vault, time: &Time) {
    match unreferenced(tenancy, vault, time).await {
        Ok(garbage) => {
            if !garbage.is_empty() {
                tracing::info!(objects.count = garbage.len(), "workbooks nobody refers to are deleted");
            }
            for id in garbage {
                vault.forget(&id.to_string()).await;
            }
        }
        Err(error) => {
            tracing::warn!(error.code = error.code(), "stored workbooks could not be looked through");
        }
    }
}
