//! Running a transaction: the one door through which rows change.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_lc_rs::digest::{Context, SHA256};
use gridkeep_engine::apply::{Rows, apply};
use gridkeep_model::{
    AppDefinition, AppId, ChallengeId, Operation, Outcome, Query, Rights, Row, RowChange, RowId, Transaction,
    Value,
    query::{Expr, Page},
    transaction::{AppliedRow, MOST_CHANGES, Problem},
};
use gridkeep_store::{MailPurpose, Recall, RowWork, StoreError};

use jiff::{Unit, civil, tz::Offset};
use tokio::sync::Notify;

use super::{
    FormulaPool, ahead, files,
    formulas::Shared,
    guard,
    guard::Guard,
    held::{Held, Shows},
    reached::is_gated,
    told, waiting,
};
use crate::{
    chance::Time,
    distribution::{AppGrant, Definitions},
    error::ApiError,
    gates::Gates,
    language::Language,
    session::{Logins, Person, Presence},
    tenancy::Tenancy,
};

/// Operations one transaction may have.
pub const MOST_OPERATIONS: usize = MOST_CHANGES;

/// Operations one transaction may have that is an import and comes to no gate: for so many everybody else's writes wait for less than half
/// a second on SQLite and about one on PostgreSQL; for half as many more, three times as long on SQLite (`docs/speed.md`). What waits at a
/// gate is kept whole, and what each of its rows says is shown.
pub const MOST_IMPORTED: usize = 20_000;

/// The same where formulas of the app read the table: each row is entered into them and calculated before the next, which costs far more than
/// to write it.
const MOST_READ_IMPORTED: usize = 5_000;

/// Runs transactions; clones share what it holds.
#[derive(Clone)]
pub struct Executor {
    pub(super) tenancy: Tenancy,
    pub(super) definitions: Definitions,
    pub(super) pool: FormulaPool,
    pub(super) gates: Gates,
    pub(super) logins: Logins,
    pub(super) time: Time,
    /// Told when rows wait to follow a change.
    pub(super) waiting: Arc<Notify>,
}

/// What came of a transaction, or what is asked before it is done.
pub(super) enum Came<T> {
    Done(T),
    Asked(Box<ApiError>),
}

impl Executor {
    /// Over this tenant.
    pub fn new(
        tenancy: Tenancy,
        definitions: Definitions,
        pool: FormulaPool,
        gates: Gates,
        logins: Logins,
        time: Time,
    ) -> Self {
        Self { tenancy, definitions, pool, gates, logins, time, waiting: Arc::default() }
    }

    /// Runs a transaction in the name of whoever holds the grant: all operations or none. A refusal is an outcome. The same
    /// id with the same content gives the stored outcome again. `approved` are challenges that the request shows.
    pub async fn execute(
        &self,
        grant: &AppGrant,
        transaction: Transaction,
        approved: Vec<ChallengeId>,
    ) -> Result<Outcome, ApiError> {
        is_small(&transaction)?;
        self.remembered(grant, transaction, approved, |_| true).await
    }

    /// The same of rows out of a file, which may be more. A refusal changed nothing and is not kept: the very file may fit once
    /// what it refers to is there. Of what was done the answer says which rows, and not once more what was in the file.
    pub(crate) async fn import(
        &self,
        grant: &AppGrant,
        transaction: Transaction,
        approved: Vec<ChallengeId>,
    ) -> Result<Outcome, ApiError> {
        if transaction.operations.len() > MOST_IMPORTED {
            return Err(ApiError::TooManyOperations(MOST_IMPORTED));
        }
        let keeps = |outcome: &mut Outcome| match outcome {
            Outcome::Applied { rows, .. } => {
                for row in rows {
                    row.values = Vec::new();
                }
                true
            }
            Outcome::Refused { .. } => false,
        };
        self.remembered(grant, transaction, approved, keeps).await
    }

    async fn remembered(
        &self,
        grant: &AppGrant,
        transaction: Transaction,
        approved: Vec<ChallengeId>,
        keeps: fn(&mut Outcome) -> bool,
    ) -> Result<Outcome, ApiError> {
        let hash = content_hash(&transaction, grant.person.as_ref().map(|person| person.id))?;
        let (app, id, time) = (grant.app.id, transaction.id, self.time.clone());
        let shows = self.shown(grant, approved).await?;
        self.prepared(grant, transaction, Vec::new(), shows)
            .await?
            .run(move |work, prepared| {
                match work.recall(app, id, &hash)? {
                    Recall::Known(outcome) => return Ok(Came::Done(outcome)),
                    Recall::Different => return Err(ApiError::TransactionReused),
                    Recall::New => {}
                }
                let mut outcome = match prepared.apply(work)? {
                    Came::Done(effects) => outcome_of(effects),
                    Came::Asked(asked) => return Ok(Came::Asked(asked)),
                };
                if keeps(&mut outcome) {
                    work.remember(app, id, &hash, &outcome, time.clock())?;
                }
                Ok(Came::Done(outcome))
            })
            .await
    }

    /// Runs a transaction that nobody can ask again, since its id was made here and is told nobody: what came of it is
    /// answered and not stored. The rows as they are now, or why nothing took effect.
    pub async fn execute_once(
        &self,
        grant: &AppGrant,
        transaction: Transaction,
    ) -> Result<Result<Vec<Written>, Vec<Problem>>, ApiError> {
        self.execute_guarded(grant, transaction, Vec::new(), Vec::new()).await
    }

    /// The same, if rows that it relies on are still as they were read.
    pub async fn execute_guarded(
        &self,
        grant: &AppGrant,
        transaction: Transaction,
        guards: Vec<Guard>,
        approved: Vec<ChallengeId>,
    ) -> Result<Result<Vec<Written>, Vec<Problem>>, ApiError> {
        is_small(&transaction)?;
        let run = |work: &mut RowWork<'_>, prepared: &Prepared| {
            Ok(match prepared.apply(work)? {
                Came::Done(effects) => Came::Done(effects.map(|(_, rows)| rows)),
                Came::Asked(asked) => Came::Asked(asked),
            })
        };
        let shows = self.shown(grant, approved).await?;
        let prepared = self.prepared(grant, transaction, guards, shows).await?;
        Prepared { repeats: true, ..prepared }.run(run).await
    }

    pub(super) async fn prepared(
        &self,
        grant: &AppGrant,
        transaction: Transaction,
        guards: Vec<Guard>,
        shows: Shows,
    ) -> Result<Prepared, ApiError> {
        let AppGrant { app, rights, looks, person, presence, .. } = grant;
        if *looks {
            return Err(ApiError::Forbidden);
        }
        let definition = self.definitions.current(app).await?;
        let formulas = self.pool.of(app, &definition).await?;
        let (app, version, rights) = (app.id, app.current.version, Arc::clone(rights));
        let (tenancy, time) = (self.tenancy.clone(), self.time.clone());
        let (put_off, waiting) = (Arc::default(), Arc::clone(&self.waiting));
        // Of nobody is asked who they are where nothing asks.
        let gated = is_gated(&definition) || !matches!(shows, Shows::Nothing);
        Ok(Prepared {
            tenancy,
            time,
            app,
            version,
            rights,
            definition,
            formulas,
            transaction,
            guards,
            gates: self.gates.clone(),
            gated,
            shows,
            person: person.clone().filter(|_| gated),
            presence: *presence,
            repeats: false,
            announced: Arc::default(),
            put_off,
            waiting,
        })
    }
}

/// Refuses what has more operations than a transaction may.
pub(super) fn is_small(transaction: &Transaction) -> Result<(), ApiError> {
    if transaction.operations.len() > MOST_OPERATIONS {
        return Err(ApiError::TooManyOperations(MOST_OPERATIONS));
    }
    Ok(())
}

/// A row as an operation of a transaction has left it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Index of the operation.
    pub operation: usize,
    /// The table's id.
    pub table: String,
    /// The row.
    pub id: RowId,
    /// Its version; `None` when it was deleted.
    pub version: Option<u64>,
    /// Values in the order of the definition that whoever asked knows; empty when it was deleted, or is not theirs to see.
    pub values: Vec<Value>,
}

/// The app's change number after a transaction and the rows as they are then, or why there are none.
pub(super) type Effects = Result<(u64, Vec<Written>), Vec<Problem>>;

/// A transaction with all that it takes to run it.
pub(super) struct Prepared {
    pub(super) tenancy: Tenancy,
    pub(super) time: Time,
    pub(super) app: AppId,
    pub(super) version: u32,
    pub(super) rights: Arc<Rights>,
    pub(super) definition: Arc<AppDefinition>,
    pub(super) formulas: Shared,
    pub(super) transaction: Transaction,
    pub(super) guards: Vec<Guard>,
    pub(super) gates: Gates,
    /// Whether gates are to be looked at.
    pub(super) gated: bool,
    pub(super) shows: Shows,
    pub(super) person: Option<Person>,
    pub(super) presence: Presence,
    /// The request is repeated for its answer when it was approved.
    pub(super) repeats: bool,
    /// The first that waits for its person who is not there: they are told.
    pub(super) announced: Arc<Mutex<Option<MailPurpose>>>,
    /// Whether rows wait to follow it, and who is told of that.
    pub(super) put_off: Arc<AtomicBool>,
    pub(super) waiting: Arc<Notify>,
}

impl Prepared {
    /// Runs it on the tenant's writer.
    pub(super) async fn run<T: Send + 'static>(
        self,
        run: impl Fn(&mut RowWork<'_>, &Self) -> Result<Came<T>, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (tenancy, put_off) = (self.tenancy.clone(), Arc::clone(&self.put_off));
        let waiting = Arc::clone(&self.waiting);
        let announced = Arc::clone(&self.announced);
        let told = self.person.clone().map(|person| (self.gates.clone(), person, self.language()));
        let done = tenancy.change(move |work| run(work, &self)).await;
        if put_off.load(Ordering::Relaxed) {
            waiting.notify_one();
        }
        let announced = announced.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((purpose, (gates, person, language))) = announced.zip(told)
            && let Err(error) = gates.announce(purpose, &person, language).await
        {
            tracing::warn!(
                error.code = error.code(),
                "nobody was told that something waits, or of its answer"
            );
        }
        match done? {
            Came::Done(done) => Ok(done),
            Came::Asked(asked) => Err(*asked),
        }
    }

    /// What is known of the language of whoever asks.
    pub(super) fn language(&self) -> Language {
        Language::of_definition(&self.definition.language)
    }

    /// Checks it and writes what it changes, as it was sent or as it was approved.
    pub(super) fn apply(&self, work: &mut RowWork<'_>) -> Result<Came<Effects>, ApiError> {
        let Some(held) = self.held(work)? else {
            return self.effects(work, (&self.transaction, &self.guards), None);
        };
        let came = self.effects(work, (&held.transaction, &held.guards), Some(&held))?;
        if let Came::Done(Err(_)) = &came {
            self.failed(work, &held)?;
        }
        Ok(came)
    }

    fn effects(
        &self,
        work: &mut RowWork<'_>,
        asked: (&Transaction, &[Guard]),
        held: Option<&Held>,
    ) -> Result<Came<Effects>, ApiError> {
        let Self { app, version, rights, definition, .. } = self;
        let (app, version) = (*app, *version);
        let broken = guard::broken(work, app, definition, asked.0, asked.1)?;
        if !broken.is_empty() {
            return Ok(Came::Done(Err(broken)));
        }
        let mut current = self.formulas.lock().unwrap_or_else(PoisonError::into_inner);
        let formulas = current.formulas(work, app, self.tenancy.tenant().undone())?;
        if asked.0.operations.len() > MOST_READ_IMPORTED {
            let read = formulas.reads();
            let enters = |operation: &Operation| {
                operation.table().is_some_and(|table| read.iter().any(|own| own == table))
            };
            if asked.0.operations.iter().any(enters) {
                return Err(ApiError::TooManyOperations(MOST_READ_IMPORTED));
            }
        }
        let now = Offset::UTC.to_datetime(self.time.now());
        let transaction = match files::resolve(work, app, definition, asked.0)? {
            Ok(transaction) => transaction,
            Err(problems) => return Ok(Came::Done(Err(problems))),
        };
        ahead::look(work, app, definition, &transaction)?;
        let mut rows = StoredRows { work, app, now };
        let changes = match apply(definition, &transaction, &**rights, &mut rows, formulas)? {
            Ok(changes) => changes,
            Err(problems) => {
                return Ok(Came::Done(Err(told::problems(definition, rights, &transaction, problems))));
            }
        };
        drop(current);
        let mut logged = None;
        if self.gated {
            match self.pass(work, asked, &transaction, &changes, held)? {
                Came::Done(changed) => logged = changed,
                Came::Asked(asked) => return Ok(Came::Asked(asked)),
            }
        }
        if !changes.waiting.is_empty() {
            waiting::put_off(work, app, &changes.waiting, 0)?;
            self.put_off.store(true, Ordering::Relaxed);
        }
        files::hold(work, app, definition, &changes.rows, self.time.now())?;
        let sequence = work.apply(app, version, &changes.rows)?;
        let written = changes.operations.into_iter().zip(changes.rows).map(written);
        let rows = told::rows(definition, rights, &transaction, written.collect());
        if let Some(held) = held {
            self.conclude(work, held, logged.as_deref())?;
        }
        Ok(Came::Done(Ok((sequence, rows))))
    }
}

/// What came of it, as it is answered and stored.
pub(super) fn outcome_of(effects: Effects) -> Outcome {
    match effects {
        Ok((sequence, rows)) => Outcome::Applied { sequence, rows: rows.into_iter().map(applied).collect() },
        Err(problems) => Outcome::Refused { problems },
    }
}

/// Rows as the transaction finds them.
pub(super) struct StoredRows<'a, 'w> {
    pub(super) work: &'a mut RowWork<'w>,
    pub(super) app: AppId,
    pub(super) now: civil::DateTime,
}

impl Rows for StoredRows<'_, '_> {
    type Error = StoreError;

    fn now(&self) -> Option<civil::DateTime> {
        // Columns keep whole seconds.
        self.now.round(Unit::Second).ok()
    }

    fn row(&mut self, table: &str, id: RowId) -> Result<Option<Row>, StoreError> {
        self.work.row(self.app, table, id)
    }

    fn matching(&mut self, table: &str, condition: &Expr, most: usize) -> Result<Vec<Row>, StoreError> {
        let page = Page::first(u32::try_from(most).unwrap_or(u32::MAX));
        let query =
            Query { table: table.into(), filter: Some(condition.clone()), page, ..Query::unlimited() };
        Ok(self.work.rows(self.app, &query)?.rows)
    }

    fn key_taken(
        &mut self,
        table: &str,
        column: &str,
        value: &Value,
        except: RowId,
    ) -> Result<bool, StoreError> {
        self.work.key_taken(self.app, table, column, value, except)
    }
}

/// What makes two requests the same: who asks for what. Maps are ordered, so the JSON is canonical.
pub(super) fn content_hash(
    transaction: &Transaction,
    person: Option<gridkeep_model::AccountId>,
) -> Result<[u8; 32], ApiError> {
    // However long it is, it is nowhere as a whole.
    let mut digest = Digest(Context::new(&SHA256));
    serde_json::to_writer(&mut digest, &(person, transaction)).map_err(ApiError::internal)?;
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.0.finish().as_ref());
    Ok(hash)
}

/// A digest of what is written into it.
struct Digest(Context);

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn written((operation, change): (usize, RowChange)) -> Written {
    match change {
        RowChange::Insert { table, id, values } => Written { operation, table, id, version: Some(1), values },
        RowChange::Update { table, id, base_version, values } => {
            Written { operation, table, id, version: Some(base_version + 1), values }
        }
        RowChange::Delete { table, id, .. } => {
            Written { operation, table, id, version: None, values: Vec::new() }
        }
    }
}

fn applied(Written { operation, table, id, version, values }: Written) -> AppliedRow {
    AppliedRow { operation, table, id, version, values: values.iter().map(Value::to_json).collect() }
}
