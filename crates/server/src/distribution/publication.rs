//! Publishing, from a checked definition to one commit.
//!
//! **Architecture Invariant:** a crash leaves the old version or the new one: the workbook is stored first, then one commit
//! makes version, tables and rows visible together. A workbook whose commit never came is swept up at the next start.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use gridkeep_engine::apply::RowFormulas;
use gridkeep_model::{AppDefinition, AppId, Query, RowId, Value, Workbook, query::Page};
use gridkeep_store::{App, Audience, NewApp, NewVersion, StoreError, Work};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Definitions, gated,
    guarded::{Becomes, Whole},
    indexed,
    recalculation::recalculate,
    unpublishable,
};
use crate::{
    chance::{Chance, Time},
    creation::{Analyst, Upload, engine_error},
    error::ApiError,
    gates::{AtGate, hex},
    language::Language,
    noted,
    session::Person,
    tenancy::{Tenancy, Vault},
};

/// What happens to the rows people have entered when a workbook is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum RowsPolicy {
    /// They stay; the new workbook's rows of such tables are not taken over.
    #[default]
    Keep,
    /// The new workbook's rows take their place.
    Replace,
}

/// The rooms publishing needs.
pub(super) struct Press {
    pub(super) tenancy: Tenancy,
    pub(super) definitions: Definitions,
    pub(super) at: AtGate,
    pub(super) vault: Vault,
    pub(super) analyst: Analyst,
    pub(super) time: Time,
    pub(super) chance: Chance,
}

/// What to publish.
pub(super) struct Publication {
    pub(super) definition: AppDefinition,
    pub(super) upload: Arc<Upload>,
    pub(super) target: Target,
    pub(super) audience: Audience,
    /// Checked addresses; `None` leaves those named before.
    pub(super) people: Option<Vec<String>>,
    pub(super) by: Person,
    pub(super) language: Language,
}

/// Where to.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// A new app.
    New,
    /// A new version of this one, as it was when its maker looked.
    Replace { app: Box<App>, rows: RowsPolicy },
}

/// A table's rows on their way from the workbook to the database.
type TableRows = Vec<(RowId, Vec<Value>)>;

impl Press {
    /// Publishes; gives the app's id.
    pub(super) async fn publish(self, publication: Publication) -> Result<AppId, ApiError> {
        let Publication { definition, upload, target, audience, people, by, language } = publication;
        let problems = gridkeep_workbook::validate(&definition, &upload.workbook);
        if !problems.is_empty() {
            return Err(ApiError::InvalidDefinition(problems));
        }
        let definition = Arc::new(definition);
        let rows = self.rows(&definition, &upload).await?;
        let formulas = match &target {
            Target::Replace { rows: RowsPolicy::Keep, .. } => {
                Some(row_formulas(&self.analyst, &definition, upload.workbook.clone()).await?)
            }
            _ => None,
        };
        let gates = self.tenancy.read(|reader| Ok(reader.gates()?)).await?;
        let problems = gated::problems(&definition, &gates);
        if !problems.is_empty() {
            return Err(ApiError::InvalidDefinition(problems));
        }
        let id = match &target {
            Target::New => self.chance.with(|rng| AppId::new(self.time.clock(), rng)),
            Target::Replace { app, rows } => {
                let before = self.definitions.current(app).await?;
                let becomes = Becomes::Version {
                    after: &definition,
                    replaces_rows: *rows == RowsPolicy::Replace,
                    same_workbook: *self.vault.get(&app.current.workbook).await? == *upload.bytes,
                    what: json!({
                        "definition": sha256(&serde_json::to_vec(&*definition).map_err(ApiError::internal)?),
                        "workbook": sha256(&upload.bytes),
                    }),
                };
                // All that could be wrong with it was looked at: what was approved is used up here.
                let whole = Whole { app, before: &before, gates: &gates };
                whole.pass(becomes, (&self.at, &by, language)).await?;
                app.id
            }
        };
        noted::about(id.to_string());
        let by = by.id;
        let workbook = self.vault.put(upload.bytes.clone()).await?;
        let (time, object) = (self.time, workbook.clone());
        let written = self
            .tenancy
            .write(move |work| {
                let problems = gated::problems(&definition, &work.gates()?);
                if !problems.is_empty() {
                    return Err(ApiError::InvalidDefinition(problems));
                }
                let policy = match target {
                    Target::New => {
                        work.create_app(&NewApp { id, owner: by, audience }, time.clock())?;
                        RowsPolicy::Keep
                    }
                    Target::Replace { app, rows } => {
                        let now = work.app(app.id)?.ok_or(ApiError::PublishedMeanwhile)?;
                        if (now.versions, now.current.version) != (app.versions, app.current.version) {
                            return Err(ApiError::PublishedMeanwhile);
                        }
                        work.set_audience(app.id, audience, time.clock())?;
                        rows
                    }
                };
                let version = NewVersion {
                    app: id,
                    definition: &definition,
                    workbook: &object,
                    file_name: &upload.file_name,
                    created_by: by,
                };
                let number = work.publish(&version, time.clock())?;
                if let Some(people) = &people {
                    work.set_people(id, people, time.clock())?;
                }
                put_tables(work, id, &definition, Some((policy, rows)))?;
                match formulas {
                    Some(formulas) => recalculate(work, id, number, &definition, formulas),
                    None => Ok(()),
                }
            })
            .await;
        if written.is_err() {
            self.vault.forget(&workbook).await;
        }
        written.map(|()| id)
    }

    /// The rows of all published tables, calculated and typed.
    async fn rows(
        &self,
        definition: &Arc<AppDefinition>,
        upload: &Arc<Upload>,
    ) -> Result<Vec<TableRows>, ApiError> {
        if definition.tables.is_empty() {
            return Ok(Vec::new());
        }
        let options = self.analyst.options(Language::of_definition(&definition.language));
        let (definition, upload) = (definition.clone(), upload.clone());
        let extract = move |cancel: &gridkeep_engine::Cancel| {
            let (engine, _) = gridkeep_engine::load_cancellable(&upload.workbook, &options, cancel)
                .map_err(engine_error)?;
            let mut tables = Vec::new();
            for table in &definition.tables {
                let extracted = gridkeep_engine::rows::extract(&upload.workbook, &*engine, table);
                // A calculated cell that fails becomes null and can be calculated again; an entered one would be lost.
                let entered = |column: &str| table.column(column).is_some_and(|own| own.formula.is_none());
                if let Some(lost) = extracted.problems.iter().find(|problem| entered(&problem.column)) {
                    return Err(unpublishable::lost(&lost.cell.to_string(), &lost.misfit));
                }
                tables.push(extracted.rows);
            }
            Ok(tables)
        };
        let tables = self.analyst.run(extract).await?;
        let mut ids = RowIds::new(&self.time, &self.chance);
        Ok(tables.into_iter().map(|rows| rows.into_iter().map(|row| (ids.next(), row)).collect()).collect())
    }
}

/// SHA-256 in hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// What calculates rows over this workbook.
pub(super) async fn row_formulas(
    analyst: &Analyst,
    definition: &Arc<AppDefinition>,
    workbook: Arc<Workbook>,
) -> Result<RowFormulas, ApiError> {
    let options = analyst.options(Language::of_definition(&definition.language));
    let definition = definition.clone();
    let build = move |_: &gridkeep_engine::Cancel| {
        RowFormulas::new(&workbook, &definition, &options).map_err(engine_error)
    };
    analyst.run(build).await
}

/// Makes the tables of a version fit, with rows for those that are new, or for all when they are replaced.
pub(super) fn put_tables(
    work: &mut Work<'_>,
    app: AppId,
    definition: &AppDefinition,
    rows: Option<(RowsPolicy, Vec<TableRows>)>,
) -> Result<(), ApiError> {
    let (policy, rows) = rows.unwrap_or_default();
    let mut rows = rows.into_iter();
    for table in &definition.tables {
        let rows = rows.next().unwrap_or_default();
        let exists = has_table(work, app, &table.id)?;
        if exists && policy == RowsPolicy::Replace {
            work.clear_table(app, &table.id)?;
        }
        let indexed = indexed::columns(definition, &table.id);
        work.put_table(app, &table.schema(), &indexed)?
            .map_err(|problems| unpublishable::unconvertible(&problems))?;
        work.put_pairs(app, &table.id, &indexed::pairs(definition, &table.id))?;
        if !exists || policy == RowsPolicy::Replace {
            work.insert_rows(app, &table.id, rows)?;
        }
    }
    Ok(())
}

fn has_table(work: &mut Work<'_>, app: AppId, table: &str) -> Result<bool, ApiError> {
    let first = Query { table: table.to_owned(), page: Page::first(1), ..Query::unlimited() };
    match work.rows(app, &first) {
        Ok(_) => Ok(true),
        Err(StoreError::UnknownTable(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Ids for many rows at once, in the order they are asked for: UUIDv7 with a counter where random bits begin
/// (RFC 9562 section 6.2, method 1), so that rows by age are rows as the workbook has them.
struct RowIds {
    millis: u64,
    random: [u8; 10],
    count: u32,
}

impl RowIds {
    /// Room of the counter: 12 bits beside the version, 14 beside the variant.
    const MOST: u32 = 1 << 26;

    fn new(time: &Time, chance: &Chance) -> Self {
        Self { millis: time.now().as_millisecond().max(0) as u64, random: chance.bytes(), count: 0 }
    }

    fn next(&mut self) -> RowId {
        let mut bytes = self.random;
        bytes[0] = (self.count >> 22) as u8;
        bytes[1] = (self.count >> 14) as u8;
        bytes[2] = (self.count >> 8) as u8 & 0x3f;
        bytes[3] = self.count as u8;
        let id = uuid::Builder::from_unix_timestamp_millis(self.millis, &bytes).into_uuid();
        self.count += 1;
        if self.count == Self::MOST {
            (self.count, self.millis) = (0, self.millis + 1);
        }
        RowId::from_uuid(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{SystemClock, SystemRng};

    #[test]
    fn row_ids_keep_the_order_of_rows() {
        let mut ids = RowIds::new(&Time::new(Arc::new(SystemClock)), &Chance::new(Box::new(SystemRng)));
        let mut last = ids.next();
        for round in 0..40_000 {
            if round == 20_000 {
                ids.count = RowIds::MOST - 10;
            }
            let next = ids.next();
            assert!(next > last, "{last} {next}");
            assert_eq!(next.uuid().get_version_num(), 7);
            last = next;
        }
    }
}
