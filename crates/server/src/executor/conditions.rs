//! What holds now: conditions of actions, looked at without running anything.
//!
//! **Architecture Invariant:** who only looks never waits for those who write, nor they for him: these engines are their own.

use std::sync::{Arc, PoisonError};

use gridkeep_engine::apply::{offered, row_decides};
use gridkeep_model::{
    AppDefinition, Query, RowId, Value,
    query::{Expr, Page},
};
use gridkeep_store::{App, Reader};

use super::FormulaPool;
use crate::{distribution::AppGrant, error::ApiError, tenancy::Tenancy};

/// Looks at conditions; clones share their engines.
#[derive(Clone)]
pub struct Conditions {
    tenancy: Tenancy,
    pool: FormulaPool,
}

impl Conditions {
    /// With engines of its own.
    pub fn new(tenancy: Tenancy, pool: FormulaPool) -> Self {
        Self { tenancy, pool }
    }

    /// For which of these rows the condition of each action holds.
    pub(crate) async fn hold(
        &self,
        app: &App,
        definition: &Arc<AppDefinition>,
        actions: Vec<String>,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Vec<bool>>, ApiError> {
        let shared = self.pool.of(app, definition).await?;
        let (id, undone) = (app.id, self.tenancy.tenant().undone());
        let look = move |reader: &mut Reader<'_>| {
            let mut current = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let formulas = current.formulas(reader, id, undone)?;
            let mut hold =
                |action: &String| rows.iter().map(|row| formulas.holds(action, Some(row))).collect();
            Ok::<_, ApiError>(actions.iter().map(&mut hold).collect())
        };
        self.tenancy.read(look).await
    }

    /// Ids of the actions that can be run now on a row, or on none; `None` where there is no such row, or none to see.
    pub(super) async fn runnable(
        &self,
        grant: &AppGrant,
        definition: Arc<AppDefinition>,
        called_on: Option<(String, RowId)>,
    ) -> Result<Option<Vec<String>>, ApiError> {
        let (app, role, rights) = (grant.app.id, grant.role, Arc::clone(&grant.rights));
        let sight = rights.sight();
        let table = match &called_on {
            Some((id, _)) => match definition.table(id).filter(|table| sight.sees(&table.id)) {
                Some(table) => Some(table),
                None => return Ok(None),
            },
            None => None,
        };
        let (mut may, mut decides) = (Vec::new(), false);
        for action in offered(&definition, role, table) {
            if rights.runs(&action.id) {
                decides |= row_decides(action);
                may.push(action.id.clone());
            }
        }
        let unseen = called_on.is_some() && rights.limits.is_some();
        if !unseen && !decides {
            // Nothing is loaded for those that always may be run.
            return Ok(Some(may));
        }
        let shared = self.pool.of(&grant.app, &definition).await?;
        let undone = self.tenancy.tenant().undone();
        let look = move |reader: &mut Reader<'_>| {
            let row = match &called_on {
                Some((table, id)) => {
                    let filter = Some(Expr::is_row(*id));
                    let (table, columns, page) = (table.clone(), Some(Vec::new()), Page::first(1));
                    let seen = Query { table, filter, columns, page, ..Query::default() }.seen(sight.clone());
                    if reader.rows(app, &seen)?.rows.is_empty() {
                        return Ok(None);
                    }
                    // Conditions are the app's own, and look at all of a row.
                    match reader.row(app, &seen.table, *id)? {
                        Some(row) => definition.table(&seen.table).map(|table| (table, row.values)),
                        None => return Ok(None),
                    }
                }
                None => None,
            };
            let mut current = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let formulas = current.formulas(reader, app, undone)?;
            let row = row.as_ref().map(|(table, values)| (*table, values.as_slice()));
            let mut runnable = formulas.runnable(&definition, role, row);
            runnable.retain(|action| may.contains(action));
            Ok::<_, ApiError>(Some(runnable))
        };
        self.tenancy.read(look).await
    }
}
