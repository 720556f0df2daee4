//! Calculators at work: opened apps, kept warm, each used by one request at a time.
//!
//! **Architecture Invariant:** nobody finds what somebody else entered: an app goes back to its workbook's own inputs before
//! it is lent, and one that failed is not lent again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use gridkeep_engine::app::{App, FieldView};
use gridkeep_model::{AppDefinition, AppId, Query, Rights, Row, Value};
use gridkeep_store::App as Published;
use jiff::civil::Date;
use serde_json::Value as Json;

use crate::{
    creation::{Analyst, engine_error},
    error::ApiError,
    executor::Conditions,
    language::Language,
    recent::Recent,
    tenancy::{Tenancy, Vault},
};

/// Apps kept, each with a workbook.
const KEPT: usize = 8;
/// Opened engines kept of one app.
const IDLE: usize = 4;

/// App, version, rights and day: what somebody may not see is not in their engine, and TODAY() is the opening's.
type Key = (AppId, u32, Rights, Date);

/// An app that waits to be used, with the change its rows are of.
struct Warm {
    app: App,
    sequence: Option<u64>,
}

type Idle = Arc<Mutex<Vec<Warm>>>;

/// Lends opened apps; clones share them.
#[derive(Clone)]
pub struct Calculators {
    tenancy: Tenancy,
    vault: Vault,
    analyst: Analyst,
    idle: Arc<Recent<Key, Idle>>,
    /// Conditions of actions.
    pub(super) conditions: Conditions,
}

impl Calculators {
    /// With nothing opened yet.
    pub fn new(tenancy: Tenancy, vault: Vault, analyst: Analyst, conditions: Conditions) -> Self {
        Self { tenancy, vault, analyst, idle: Arc::new(Recent::new(KEPT)), conditions }
    }

    /// By the whole definition, so that what somebody does not see of its tables is blank and not as it was published:
    /// enters values into a screen's fields and gives what all its fields then show, by field id.
    pub(super) async fn calculate(
        &self,
        published: &Published,
        definition: &Arc<AppDefinition>,
        rights: &Rights,
        screen: &str,
        inputs: BTreeMap<String, Json>,
    ) -> Result<BTreeMap<String, FieldView>, ApiError> {
        let options = self.analyst.options(Language::of_definition(&definition.language));
        let key = (published.id, published.current.version, rights.clone(), options.now.date());
        let idle = self.idle.get_or_put(key, Arc::default);
        let warm = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let known = warm.as_ref().and_then(|warm| warm.sequence);
        let (sequence, rows) = self.rows(published.id, definition, rights, known).await?;
        let opened = if let Some(warm) = warm {
            Opened::Warm(Box::new(warm))
        } else {
            let bytes = self.vault.get(&published.current.workbook).await?;
            Opened::Workbook(self.analyst.read(&published.current.file_name, bytes).await?)
        };
        let (definition, screen) = (Arc::clone(definition), screen.to_owned());
        let (warm, fields) = self
            .analyst
            .run(move |cancel| {
                let mut app = match opened {
                    Opened::Warm(warm) => warm.app,
                    Opened::Workbook(workbook) => {
                        App::open_cancellable(workbook, (*definition).clone(), &options, cancel)
                            .map_err(engine_error)?
                    }
                };
                for (table, rows) in rows {
                    app.set_rows(&table, rows).map_err(engine_error)?;
                }
                app.show(&screen).map_err(engine_error)?;
                let view = app.set_inputs(&inputs).map_err(engine_error)?;
                Ok((Warm { app, sequence }, view.fields))
            })
            .await?;
        let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(warm);
        }
        Ok(fields)
    }

    /// The rows that formulas read, when they are others than an opened app has: those of all tables that are seen, as
    /// they are seen.
    async fn rows(
        &self,
        app: AppId,
        definition: &AppDefinition,
        rights: &Rights,
        known: Option<u64>,
    ) -> Result<(Option<u64>, Vec<(String, Vec<Row>)>), ApiError> {
        if definition.tables.is_empty() {
            return Ok((None, Vec::new()));
        }
        let head = self.tenancy.read(move |reader| Ok(reader.head(app)?)).await?.ok_or(ApiError::NotFound)?;
        if known == Some(head.sequence) {
            return Ok((Some(head.sequence), Vec::new()));
        }
        let (mut all, mut sequence) = (Vec::new(), head.sequence);
        for table in &definition.tables {
            let mut rows = Vec::new();
            let sight = rights.sight();
            if sight.sees(&table.id) {
                let query = Query { table: table.id.clone(), ..Query::default() }.seen(sight);
                let mut stream = self.tenancy.tenant().stream(app, query).await?;
                sequence = sequence.min(stream.head.sequence);
                // What is not seen is blank, in its place.
                let place = |id: &String| stream.schema.column(id).map(|(place, _)| place);
                let places: Vec<_> = table.columns.iter().map(|column| place(&column.id)).collect();
                let value = |row: &Row, place: &Option<usize>| {
                    place.and_then(|place| row.values.get(place)).cloned().unwrap_or(Value::Null)
                };
                while let Some(batch) = stream.next().await {
                    rows.extend(batch?.into_iter().map(|row| Row {
                        values: places.iter().map(|place| value(&row, place)).collect(),
                        ..row
                    }));
                }
            }
            all.push((table.id.clone(), rows));
        }
        Ok((Some(sequence), all))
    }
}

enum Opened {
    Warm(Box<Warm>),
    Workbook(Arc<gridkeep_model::Workbook>),
}
