//! Definitions of published versions, parsed once: a version never changes. And as people with limited rights know them.

use std::sync::Arc;

use gridkeep_model::{AppDefinition, AppId, Rights, definition::Role};
use gridkeep_store::App;

use super::rights::Decisions;
use crate::{error::ApiError, recent::Recent, tenancy::Tenancy};

/// Definitions kept parsed.
const KEPT: usize = 64;

/// Reads definitions; clones share what was read.
#[derive(Clone)]
pub struct Definitions {
    tenancy: Tenancy,
    recent: Arc<Recent<(AppId, u32), Arc<AppDefinition>>>,
    narrowed: Arc<Recent<Narrowed, Arc<AppDefinition>>>,
    decisions: Decisions,
}

/// App, version, role and [`Rights::shape`].
type Narrowed = (AppId, u32, Role, String);

impl Definitions {
    /// Reads from this tenant.
    pub fn new(tenancy: Tenancy) -> Self {
        Self {
            tenancy,
            recent: Arc::new(Recent::new(KEPT)),
            narrowed: Arc::new(Recent::new(KEPT)),
            decisions: Decisions::new(),
        }
    }

    pub(super) const fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }

    pub(super) const fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// The current definition as somebody with these rights knows it.
    pub async fn seen(&self, app: &App, rights: &Rights) -> Result<Arc<AppDefinition>, ApiError> {
        let whole = self.current(app).await?;
        if rights.limits.is_none() {
            return Ok(whole);
        }
        let key = (app.id, app.current.version, rights.role, rights.shape().to_owned());
        if let Some(known) = self.narrowed.get(&key) {
            return Ok(known);
        }
        let narrowed = rights.narrowed(&whole).map_or(whole, Arc::new);
        self.narrowed.put(key, Arc::clone(&narrowed));
        Ok(narrowed)
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
