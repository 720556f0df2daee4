//! Projections of apps, made once for each version and role: neither ever changes.

use std::sync::Arc;

use gridkeep_model::{AppDefinition, AppId, definition::Role};
use gridkeep_odata::project::Projection;
use gridkeep_store::App;

use super::{caller::Callers, later::Later};
use crate::recent::Recent;

/// Projections kept.
const KEPT: usize = 64;

/// Makes projections; clones share them.
#[derive(Clone)]
pub struct Services {
    later: Later,
    recent: Arc<Recent<(AppId, u32, Role), Arc<Projection>>>,
    pub(super) callers: Callers,
}

impl Services {
    /// With none made yet.
    pub fn new() -> Self {
        Self { later: Later::default(), recent: Arc::new(Recent::new(KEPT)), callers: Callers::new() }
    }

    /// What the app's current version is to this role.
    pub(super) fn of(&self, app: &App, definition: &AppDefinition, role: Role) -> Arc<Projection> {
        let key = (app.id, app.current.version, role);
        if let Some(known) = self.recent.get(&key) {
            return known;
        }
        let version = app.current.version.to_string();
        let made = Arc::new(Projection::of_app(definition, role).versioned(&version));
        self.recent.put(key, Arc::clone(&made));
        made
    }
}

impl Services {
    /// Requests answered later.
    pub(super) fn later(&self) -> Later {
        self.later.clone()
    }
}

impl Default for Services {
    fn default() -> Self {
        Self::new()
    }
}
