//! Projections of apps, made once for each version and what somebody may do with it: neither ever changes.

use std::sync::Arc;

use gridkeep_model::{AppDefinition, AppId, Rights, definition::Role};
use gridkeep_odata::project::Projection;
use gridkeep_store::App;

use super::{
    Operations, caller::Callers, later::Later, operations::NoOperations, sheet::Sheets, turns::Turns,
    whole::Wholes,
};
use crate::recent::Recent;

/// Projections kept.
const KEPT: usize = 64;

/// App, version, role and the shape of rights.
type Key = (AppId, u32, Role, String);

/// Makes projections; clones share them.
#[derive(Clone)]
pub struct Services {
    later: Later,
    recent: Arc<Recent<Key, Projected>>,
    pub(super) callers: Callers,
    /// Of batches.
    pub(super) turns: Turns,
    operations: Arc<dyn Operations>,
}

/// A projection, with what is worked out of it.
#[derive(Debug, Clone)]
pub(super) struct Projected {
    pub(super) projection: Arc<Projection>,
    pub(super) wholes: Wholes,
    pub(super) sheets: Sheets,
}

impl Services {
    /// With none made yet.
    pub fn new(later: Later) -> Self {
        Self {
            later,
            recent: Arc::new(Recent::new(KEPT)),
            callers: Callers::new(),
            turns: Turns::default(),
            operations: Arc::new(NoOperations),
        }
    }

    /// What the app's current version is to somebody with these rights, whose definition this is.
    pub(super) fn of(&self, app: &App, definition: &AppDefinition, rights: &Rights) -> Projected {
        let key = (app.id, app.current.version, rights.role, rights.shape().to_owned());
        if let Some(known) = self.recent.get(&key) {
            return known;
        }
        let version = app.current.version.to_string();
        // Which tables are seen in part is in the rights' shape.
        let projection = Projection::of_app(definition, rights.role).versioned(&version);
        let projection = Arc::new(projection.untracked(|table| rights.sees_some_rows(table)));
        let made = Projected { projection, wholes: Wholes::default(), sheets: Sheets::default() };
        self.recent.put(key, made.clone());
        made
    }
}

impl Services {
    /// Requests answered later.
    pub(super) fn later(&self) -> Later {
        self.later.clone()
    }

    /// What runs the operations that are no part of an app: nothing.
    pub(super) fn operations(&self) -> Arc<dyn Operations> {
        Arc::clone(&self.operations)
    }
}
