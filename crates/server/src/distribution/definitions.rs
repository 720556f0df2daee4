//! Definitions of published versions, parsed once: a version never changes.

use std::sync::Arc;

use gridkeep_model::{AppDefinition, AppId};
use gridkeep_store::App;

use crate::{error::ApiError, recent::Recent, tenancy::Tenancy};

/// Definitions kept parsed.
const KEPT: usize = 64;

/// Reads definitions; clones share what was read.
#[derive(Clone)]
pub struct Definitions {
    tenancy: Tenancy,
    recent: Arc<Recent<(AppId, u32), Arc<AppDefinition>>>,
}

impl Definitions {
    /// Reads from this tenant.
    pub fn new(tenancy: Tenancy) -> Self {
        Self { tenancy, recent: Arc::new(Recent::new(KEPT)) }
    }

    /// The definition people get.
    pub async fn current(&self, app: &App) -> Result<Arc<AppDefinition>, ApiError> {
        self.of(app.id, app.current.version).await
    }

    /// The definition of a version.
    pub async fn of(&self, app: AppId, version: u32) -> Result<Arc<AppDefinition>, ApiError> {
        let key = (app, version);
        if let Some(definition) = self.recent.get(&key) {
            return Ok(definition);
        }
        let json = self.tenancy.read(move |reader| Ok(reader.definition(app, version)?)).await?;
        let definition =
            serde_json::from_str(&json.ok_or(ApiError::NotFound)?).map_err(ApiError::internal)?;
        let definition = Arc::new(definition);
        self.recent.put(key, Arc::clone(&definition));
        Ok(definition)
    }
}
