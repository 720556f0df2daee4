//! Changes: each request becomes a transaction of the executor.

use axum::http::{
    HeaderName, Method, StatusCode,
    header::{ETAG, LOCATION},
};
use gridkeep_model::{
    Operation, Outcome, RowId, Transaction, TransactionId,
    transaction::{AppliedRow, Reason},
};
use gridkeep_odata::{
    bind::{EntityKey, Given},
    header::{Condition, ETag, Preference, RequestBody, Return},
    json::{Limits, Reader},
    project::SetSource,
};

use super::{
    answer::Answer,
    dispatch::{Service, Understood},
    entity::etag_of,
    handler::nothing,
    refusal::Refusal,
};
use crate::error::ApiError;

/// How often a change of whatever version is there is tried again when another change came between.
const TRIES: usize = 4;

impl Service {
    /// Adds an entity to a set.
    pub(super) async fn create(&self, request: Understood<'_>, set: &SetSource) -> Result<Answer, Refusal> {
        if !set.rights.insert {
            return Err(ApiError::Forbidden.into());
        }
        let given = self.given(request, set)?;
        let row = self.insert(set, given).await?;
        self.created(request, set, &row).await
    }

    /// Changes, replaces or removes an entity; PATCH and PUT make it where it is not there (OData-Protocol 4.01, section
    /// 11.4.4).
    pub(super) async fn change(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
    ) -> Result<Answer, Refusal> {
        let delete = request.asked.method == Method::DELETE;
        let may = if delete { set.rights.delete } else { set.rights.update };
        if !may {
            return Err(ApiError::Forbidden.into());
        }
        let given = match &request.asked.method {
            method if *method == Method::DELETE => Given::default(),
            method if *method == Method::PUT => self.given(request, set)?.whole(set),
            _ => self.given(request, set)?,
        };
        let (matches, matches_none) = (request.asked.if_match()?, request.asked.if_none_match()?);
        for last in (0..TRIES).rev() {
            let Some(row) = self.row(set, key, request).await? else {
                return if matches.is_some() {
                    Err(Refusal::Precondition)
                } else if delete || !set.rights.insert {
                    Err(ApiError::NotFound.into())
                } else {
                    let row = self.insert(set, named(key, given)).await?;
                    self.created(request, set, &row).await
                };
            };
            let etag = etag_of(&row);
            if matches_none.as_ref().is_some_and(|condition| condition.fits(Some(&etag))) {
                return Err(Refusal::Precondition);
            }
            match &matches {
                None => return Err(Refusal::PreconditionRequired),
                Some(condition) if !condition.fits(Some(&etag)) => return Err(Refusal::Precondition),
                Some(_) => {}
            }
            let (table, id, base_version) = (set.table.clone(), row.id, row.version);
            let operation = if delete {
                Operation::Delete { table, id, base_version }
            } else {
                Operation::Update { table, id, base_version, values: given.values.clone() }
            };
            match self.apply(set, operation).await {
                Ok(_) if delete => return Ok(nothing()),
                Ok(row) => return self.changed(request, set, &row).await,
                // Whoever takes any version takes the one that came between.
                Err(Refusal::Problems { problems, .. })
                    if last > 0
                        && matches == Some(Condition::Any)
                        && problems
                            .iter()
                            .any(|problem| matches!(problem.reason, Reason::Conflict { .. })) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Err(Refusal::Precondition)
    }

    /// What the body gives, typed by the metadata.
    fn given(&self, request: Understood<'_>, set: &SetSource) -> Result<Given, Refusal> {
        RequestBody::json(request.asked.header("content-type"))?;
        let body = &request.asked.body;
        let reader = Reader::new(&self.projection.edm, body, 0, Limits::default())?;
        Ok(Given::of(set, &reader.entity(&set.entity_type)?)?)
    }

    async fn insert(&self, set: &SetSource, given: Given) -> Result<AppliedRow, Refusal> {
        let id = given.id.unwrap_or_else(|| self.chance.with(|rng| RowId::new(self.time.clock(), rng)));
        self.apply(set, Operation::Insert { table: set.table.clone(), id, values: given.values }).await
    }

    /// Runs one operation as a transaction.
    async fn apply(&self, set: &SetSource, operation: Operation) -> Result<AppliedRow, Refusal> {
        let id = self.chance.with(|rng| TransactionId::new(self.time.clock(), rng));
        let transaction = Transaction { id, operations: vec![operation] };
        match self.executor.execute(&self.caller.grant, transaction).await? {
            Outcome::Applied { rows, .. } => {
                Ok(rows.into_iter().next().ok_or_else(|| ApiError::internal("an operation without a row"))?)
            }
            Outcome::Refused { problems } => Err(Refusal::problems(problems, set)),
        }
    }

    async fn created(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        row: &AppliedRow,
    ) -> Result<Answer, Refusal> {
        let location = format!("{}{}({})", self.root, set.name, row.id);
        let answer =
            self.answer_to_change(request, set, row, Return::Representation, StatusCode::CREATED).await?;
        let minimal = answer.status == StatusCode::NO_CONTENT;
        let answer = answer.with(LOCATION, &location);
        Ok(if minimal { answer.with(HeaderName::from_static("odata-entityid"), &location) } else { answer })
    }

    async fn changed(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        row: &AppliedRow,
    ) -> Result<Answer, Refusal> {
        self.answer_to_change(request, set, row, Return::Minimal, StatusCode::OK).await
    }

    /// The entity or nothing, as preferred. Who may not read the set gets nothing.
    async fn answer_to_change(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        row: &AppliedRow,
        usual: Return,
        status: StatusCode,
    ) -> Result<Answer, Refusal> {
        let preferences = request.asked.preferences()?;
        let wanted = preferences.returns();
        let minimal = wanted.unwrap_or(usual) == Return::Minimal || !set.rights.read;
        let answer = if minimal {
            let etag = ETag::weak(row.version.unwrap_or_default().to_string());
            nothing().with(ETAG, &etag.to_string())
        } else {
            // Written, not asked for: the conditions of the request were about what was there before.
            self.whole(request, set, &EntityKey::Row(row.id), status).await?
        };
        let done = if minimal { Return::Minimal } else { Return::Representation };
        let applied = preferences.applied(|preference| match preference {
            Preference::Return(wanted) if *wanted == done => Some(Preference::Return(done)),
            _ => None,
        });
        Ok(match applied {
            Some(applied) => answer.with(HeaderName::from_static("preference-applied"), &applied),
            None => answer,
        })
    }
}

/// What is given, with what the key of the request says.
fn named(key: &EntityKey, mut given: Given) -> Given {
    match key {
        EntityKey::Row(id) => given.id = Some(*id),
        EntityKey::Column { column, value } => {
            given.values.insert(column.clone(), value.to_json());
        }
    }
    given
}
