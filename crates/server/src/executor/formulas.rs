//! Engines that calculate the computed columns of rows: one takes a workbook to load, so those of the apps used last are
//! kept.
//!
//! One engine an app is enough: it is used on the tenant's writer, where one transaction runs after the other.

use std::sync::{Arc, Mutex};

use gridkeep_engine::apply::RowFormulas;
use gridkeep_model::{AppDefinition, AppId, Workbook};
use gridkeep_store::{App, Reader};
use jiff::civil::Date;
use tokio::sync::OnceCell;

use crate::{
    creation::{Analyst, engine_error},
    current::Current,
    error::ApiError,
    language::Language,
    recent::Recent,
    tenancy::{Tenancy, Vault},
};

/// Engines kept. Each holds a workbook.
const KEPT: usize = 8;

/// An engine, shared by the transactions of one app.
pub(crate) type Shared = Arc<Mutex<Current>>;

/// App, version, and the day it was loaded: TODAY() is the loading's.
type Key = (AppId, u32, Date);

/// Hands out engines; clones share them.
#[derive(Clone)]
pub struct FormulaPool {
    tenancy: Tenancy,
    vault: Vault,
    analyst: Analyst,
    following: usize,
    engines: Arc<Recent<Key, Arc<OnceCell<Shared>>>>,
}

impl FormulaPool {
    /// With nothing loaded yet. `following` is how many rows of a table follow a change at once.
    pub fn new(tenancy: Tenancy, vault: Vault, analyst: Analyst, following: usize) -> Self {
        Self { tenancy, vault, analyst, following, engines: Arc::new(Recent::new(KEPT)) }
    }

    /// How many rows of a table follow a change at once.
    pub(super) const fn following(&self) -> usize {
        self.following
    }

    /// The engine of the app's current version. However many ask at once, it is loaded once.
    pub(crate) async fn of(&self, app: &App, definition: &Arc<AppDefinition>) -> Result<Shared, ApiError> {
        let options = self.analyst.options(Language::of_definition(&definition.language));
        let key = (app.id, app.current.version, options.now.date());
        let cell = self.engines.get_or_put(key, Arc::default);
        let load = async || {
            // Without formulas and choices of its cells a workbook says nothing about rows.
            if !definition.asks_workbook() {
                let formulas = RowFormulas::new(&Workbook::default(), definition, &options);
                return Ok(Arc::new(Mutex::new(Current::new(formulas.map_err(engine_error)?))));
            }
            let bytes = self.vault.get(&app.current.workbook).await?;
            let workbook = self.analyst.read(&app.current.file_name, bytes).await?;
            let (definition, following) = (definition.clone(), self.following);
            let build = move |_: &gridkeep_engine::Cancel| {
                let formulas = RowFormulas::new(&workbook, &definition, &options).map_err(engine_error)?;
                Ok(formulas.following(following))
            };
            let mut current = Current::new(self.analyst.run(build).await?);
            if current.reads_rows() {
                // Here and not first in a transaction, which others wait for.
                let (id, undone) = (app.id, self.tenancy.tenant().undone());
                let read = move |reader: &mut Reader<'_>| {
                    current.formulas(reader, id, undone)?;
                    Ok::<_, ApiError>(current)
                };
                current = self.tenancy.read(read).await?;
            }
            Ok(Arc::new(Mutex::new(current)))
        };
        cell.get_or_try_init(load).await.cloned()
    }
}
