//! What readers get of a workbook: a copy without the rows of published tables, made once a version.
//!
//! Every role gets the same copy, so a version has one, at one address. A large workbook takes a second to go through, so the
//! copies asked for last are kept, and however many ask at once, a copy is made once.

use std::sync::Arc;

use bytes::Bytes;
use gridkeep_engine::EngineError;
use gridkeep_model::{AppDefinition, AppId, ImportReport};
use gridkeep_store::AppVersion;
use tokio::sync::OnceCell;

use crate::{
    creation::{Analyst, unreadable},
    error::ApiError,
    language::Language,
    recent::Recent,
    tenancy::Vault,
};

/// Copies kept.
const KEPT: usize = 4;
/// Larger ones are made each time.
const KEPT_BYTES: usize = 8 << 20;

/// A version of an app.
type Key = (AppId, u32);

/// Makes copies; clones share what is kept.
#[derive(Clone)]
pub struct Copies {
    vault: Vault,
    analyst: Analyst,
    recent: Arc<Recent<Key, Arc<OnceCell<Bytes>>>>,
}

impl Copies {
    /// With none made yet.
    pub fn new(vault: Vault, analyst: Analyst) -> Self {
        Self { vault, analyst, recent: Arc::new(Recent::new(KEPT)) }
    }

    /// The copy of a version.
    pub(super) async fn of(
        &self,
        app: AppId,
        version: &AppVersion,
        definition: &Arc<AppDefinition>,
    ) -> Result<Bytes, ApiError> {
        let original = self.vault.get(&version.workbook).await?;
        if definition.tables.is_empty() {
            return Ok(original);
        }
        let key = (app, version.version);
        let cell = self.recent.get_or_put(key, Arc::default);
        let bytes = cell.get_or_try_init(|| self.make(original, version, definition)).await?.clone();
        if bytes.len() > KEPT_BYTES {
            self.recent.forget(&key);
        }
        Ok(bytes)
    }

    async fn make(
        &self,
        original: Bytes,
        version: &AppVersion,
        definition: &Arc<AppDefinition>,
    ) -> Result<Bytes, ApiError> {
        let workbook = self.analyst.read(&version.file_name, original.clone()).await?;
        let options = self.analyst.options(Language::of_definition(&definition.language));
        let definition = definition.clone();
        let make = move |cancel: &gridkeep_engine::Cancel| {
            // Only to know which formulas cannot be calculated. Without the engine none keeps its last result.
            let report = match gridkeep_engine::load_cancellable(&workbook, &options, cancel) {
                Ok((_, report)) => report,
                Err(EngineError::Cancelled) => return Err(ApiError::AnalysisTimedOut),
                Err(_) => ImportReport::default(),
            };
            let copy = gridkeep_workbook::readers_copy(&original, &workbook, &definition, &report);
            copy.map(Bytes::from).map_err(|error| unreadable(&error))
        };
        self.analyst.run(make).await
    }
}
