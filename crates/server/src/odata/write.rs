//! Changes: each request becomes an operation, one or several of them a transaction of the executor.

use std::collections::{BTreeMap, HashMap};

use axum::http::Method;
use gridkeep_model::{
    Operation, Row, RowId, Transaction, TransactionId,
    query::Expr,
    transaction::{Problem, Reason},
};
use gridkeep_odata::{
    bind::{CollectionPart, EntityKey, EntityPart, Given, PageLimits, Read, Target},
    edm::TypeRef,
    header::{Condition, ETag, RequestBody},
    json::{Content, Limits, Reader, Scalar},
    project::{Member, MemberSource, SetSource},
    syntax::ast::QueryOptions,
};

use super::{
    answer::Answer,
    dispatch::{Service, Understood, not_offered},
    finish::Done,
    handler::nothing,
    metadata::format_of,
    refusal::Refusal,
    row_key::{id_of, row_id},
    stream,
};
use crate::{
    error::ApiError,
    executor::{Guard, MOST_OPERATIONS, Written},
};

/// How often a change of whatever version is there is tried again when another change came between.
const TRIES: usize = 4;

/// A change that is understood and fits what is there, not yet made.
pub(super) struct Prepared<'a> {
    pub(super) set: &'a SetSource,
    pub(super) operation: Operation,
    /// Whoever takes any version takes also the one that comes between.
    any: bool,
}

/// Versions of the rows that earlier requests of an atomicity group make; `None` for those they remove.
pub(super) type Pending = HashMap<RowId, Option<u64>>;

/// The version of an operation's row after it.
pub(super) fn version_after(operation: &Operation) -> Option<u64> {
    match operation {
        Operation::Insert { .. } => Some(1),
        Operation::Update { base_version, .. } => Some(base_version + 1),
        Operation::Delete { .. } | Operation::Call { .. } => None,
    }
}

impl Service {
    /// Makes a change that stands alone.
    pub(super) async fn write(&self, request: Understood<'_>, found: &Target<'_>) -> Result<Answer, Refusal> {
        if let Target::Collection { set, filter, part: CollectionPart::Each } = found {
            return self.each(request, set, filter.clone()).await;
        }
        for last in (0..TRIES).rev() {
            let Prepared { set, operation, any } = self.prepare(request, found, &Pending::new()).await?;
            let done = Done::by(&operation);
            match self.apply(vec![operation]).await? {
                Ok(rows) => return self.finish(request, set, done, first(&rows)?).await,
                Err(problems) if last > 0 && any && problems.iter().any(is_conflict) => {}
                Err(problems) => return Err(Refusal::problems(problems, set)),
            }
        }
        Err(Refusal::Precondition)
    }

    /// What a request changes, checked against its conditions.
    pub(super) async fn prepare<'a>(
        &self,
        request: Understood<'_>,
        found: &Target<'a>,
        pending: &Pending,
    ) -> Result<Prepared<'a>, Refusal> {
        if !self.caller.writes {
            return Err(ApiError::Forbidden.into());
        }
        match found {
            Target::Entity { set, key, part } if stream::column_of(*part).is_some() => {
                return self.change_stream(request, set, key, *part, pending).await;
            }
            Target::Collection { set, filter: None, part: CollectionPart::Entities }
                if let Some(media) = &set.manner.media
                    && stream::is_content(request.asked) =>
            {
                self.answerable(request, found)?;
                return self.insert_media(request, set, media).await;
            }
            _ => {}
        }
        self.answerable(request, found)?;
        match found {
            Target::Collection { set, filter: None, part: CollectionPart::Entities } => {
                self.insert(set, self.given(request, set)?)
            }
            Target::Entity { set, key, part: EntityPart::Whole } => {
                let given = match &request.asked.method {
                    method if *method == Method::DELETE => Given::default(),
                    method if *method == Method::PUT => self.given(request, set)?.whole(set),
                    _ => self.given(request, set)?,
                };
                let delete = request.asked.method == Method::DELETE;
                self.change(request, set, key, pending, (!delete).then_some(given)).await
            }
            Target::Entity { set, key, part: EntityPart::Property(member) } => {
                let given = self.given_property(request, &[member], set)?;
                self.change(request, set, key, pending, Some(given)).await
            }
            Target::Entity { set, key, part: EntityPart::Part(whole, part) } => {
                let given = self.given_property(request, &[whole, part], set)?;
                self.change(request, set, key, pending, Some(given)).await
            }
            Target::Entity { set, key, part: EntityPart::Value(member) } => {
                let given = self.given_raw(request, &[member], set)?;
                self.change(request, set, key, pending, Some(given)).await
            }
            Target::Entity { set, key, part: EntityPart::PartValue(whole, part) } => {
                let given = self.given_raw(request, &[whole, part], set)?;
                self.change(request, set, key, pending, Some(given)).await
            }
            _ => Err(not_offered()),
        }
    }

    /// Refuses before anything is changed what could not be answered afterwards.
    pub(super) fn answerable(&self, request: Understood<'_>, found: &Target<'_>) -> Result<(), Refusal> {
        request.asked.version()?;
        request.asked.json(format_of(request))?;
        request.asked.preferences()?;
        if let Target::Collection { set, .. } | Target::Entity { set, .. } = found
            && *request.options != QueryOptions::default()
        {
            Read::one(self.ground(set, request.now), Expr::And(Vec::new()), request.options)?;
        }
        Ok(())
    }

    /// PATCH and PUT make an entity where there is none (OData-Protocol 4.01, section 11.4.4), but not for one of its
    /// properties. Nothing given means that it is removed.
    pub(super) async fn change<'a>(
        &self,
        request: Understood<'_>,
        set: &'a SetSource,
        key: &EntityKey,
        pending: &Pending,
        given: Option<Given>,
    ) -> Result<Prepared<'a>, Refusal> {
        let may = if given.is_some() { set.rights.update } else { set.rights.delete };
        if !may {
            return Err(ApiError::Forbidden.into());
        }
        let (matches, matches_none) = (request.asked.if_match()?, request.asked.if_none_match()?);
        let Some((id, base_version)) = self.version_of(request, set, key, pending).await? else {
            return match given {
                _ if matches.is_some() => Err(Refusal::Precondition),
                Some(given) if set.rights.insert && !given.part && !set.manner.keys_made => {
                    self.insert(set, named(key, given))
                }
                _ => Err(ApiError::NotFound.into()),
            };
        };
        let etag = ETag::weak(base_version.to_string());
        if matches_none.as_ref().is_some_and(|condition| condition.fits(Some(&etag))) {
            return Err(Refusal::Precondition);
        }
        match &matches {
            // What the group itself has just made is known to it.
            None if pending.contains_key(&id) || !set.manner.etag_required => {}
            None => return Err(Refusal::PreconditionRequired),
            Some(condition) if !condition.fits(Some(&etag)) => return Err(Refusal::Precondition),
            Some(_) => {}
        }
        let table = set.table.clone();
        let operation = match given {
            None => Operation::Delete { table, id, base_version },
            Some(given) => Operation::Update { table, id, base_version, values: given.values },
        };
        let any = matches.is_none_or(|condition| condition == Condition::Any);
        Ok(Prepared { set, operation, any })
    }

    /// The row of an entity and its version, as it will be after what is pending.
    async fn version_of(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        pending: &Pending,
    ) -> Result<Option<(RowId, u64)>, Refusal> {
        if !pending.is_empty()
            && let Some(id) = id_of(set, key)
            && let Some(version) = pending.get(&id)
        {
            return Ok(version.map(|version| (id, version)));
        }
        let Some(row) = self.row(set, key, request).await? else { return Ok(None) };
        match pending.get(&row.id) {
            Some(version) => Ok(version.map(|version| (row.id, version))),
            None => Ok(Some((row.id, row.version))),
        }
    }

    /// What the body gives, typed by the metadata.
    fn given(&self, request: Understood<'_>, set: &SetSource) -> Result<Given, Refusal> {
        RequestBody::json(request.asked.header("content-type"))?;
        let reader = Reader::new(&self.projection.edm, &request.asked.body, 0, Limits::default())?;
        Ok(Given::of(&self.projection, set, &reader.entity(&set.entity_type)?)?)
    }

    /// A property's new value; nothing when it is removed (OData-Protocol 4.01, section 11.4.9).
    fn given_property(
        &self,
        request: Understood<'_>,
        path: &[&Member],
        set: &SetSource,
    ) -> Result<Given, Refusal> {
        let null = Content::Scalar(Scalar::Null);
        if request.asked.method == Method::DELETE {
            return Ok(Given::property(&self.projection, set, path, &null)?);
        }
        RequestBody::json(request.asked.header("content-type"))?;
        let kind = self.kind_of(set, path)?;
        let reader = Reader::new(&self.projection.edm, &request.asked.body, 0, Limits::default())?;
        let mut given = Given::property(&self.projection, set, path, &reader.property(kind)?)?;
        // What takes the place of a complex value has none of its parts.
        if let (Method::PUT, Some(Member { source: MemberSource::Complex { members }, .. })) =
            (request.asked.method.clone(), path.last())
        {
            given.rest(members);
        }
        Ok(given)
    }

    /// A property's new value as plain text or bytes (OData-Protocol 4.01, section 11.4.9.1).
    fn given_raw(
        &self,
        request: Understood<'_>,
        path: &[&Member],
        set: &SetSource,
    ) -> Result<Given, Refusal> {
        if request.asked.method == Method::DELETE {
            let null = Content::Scalar(Scalar::Null);
            return Ok(Given::property(&self.projection, set, path, &null)?);
        }
        let kind = self.kind_of(set, path)?;
        Ok(Given::raw(&self.projection, set, kind, path, &request.asked.body)?)
    }

    /// What the metadata says of a property.
    fn kind_of(&self, set: &SetSource, path: &[&Member]) -> Result<&TypeRef, Refusal> {
        let names: Vec<&str> = path.iter().map(|member| member.property.as_str()).collect();
        let property = self.projection.property(set, &names);
        Ok(&property.ok_or_else(not_offered)?.kind)
    }

    /// Changes or removes each entity of a collection, all of them or none (OData-Protocol 4.01, section 11.4.13).
    async fn each(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        filter: Option<Expr>,
    ) -> Result<Answer, Refusal> {
        let delete = request.asked.method == Method::DELETE;
        let may = if delete { set.rights.delete } else { set.rights.update };
        if !(self.caller.writes && may) {
            return Err(ApiError::Forbidden.into());
        }
        let values = if delete { BTreeMap::new() } else { self.given(request, set)?.values };
        // One more than a transaction holds: then the executor refuses them all.
        let limits = PageLimits { size: MOST_OPERATIONS as u32 + 1 };
        let Read { query, .. } = Read::of(self.ground(set, request.now), filter, request.options, limits, 0)?;
        let app = self.caller.grant.app.id;
        let query = self.seen(query);
        let found = self.tenancy.read(move |reader| Ok(reader.rows(app, &query)?)).await?;
        let operation = |row: Row| {
            let (table, id, base_version) = (set.table.clone(), row.id, row.version);
            if delete {
                Operation::Delete { table, id, base_version }
            } else {
                Operation::Update { table, id, base_version, values: values.clone() }
            }
        };
        let operations: Vec<Operation> = found.rows.into_iter().map(operation).collect();
        if operations.is_empty() {
            return Ok(nothing());
        }
        match self.apply(operations).await? {
            Ok(_) => Ok(nothing()),
            Err(problems) => Err(Refusal::problems(problems, set)),
        }
    }

    pub(super) fn insert<'a>(&self, set: &'a SetSource, given: Given) -> Result<Prepared<'a>, Refusal> {
        if !set.rights.insert {
            return Err(ApiError::Forbidden.into());
        }
        let chosen = given.id;
        let values = given.new_row();
        let id = chosen.or_else(|| row_id(set, &values)).unwrap_or_else(|| self.new_row());
        let operation = Operation::Insert { table: set.table.clone(), id, values };
        Ok(Prepared { set, operation, any: false })
    }

    /// The id of a row that is about to be made.
    pub(super) fn new_row(&self) -> RowId {
        self.chance.row_id(&self.time)
    }

    /// Runs operations as one transaction: the rows they made, or why none took effect.
    pub(super) async fn apply(
        &self,
        operations: Vec<Operation>,
    ) -> Result<Result<Vec<Written>, Vec<Problem>>, Refusal> {
        self.apply_guarded(operations, Vec::new()).await
    }

    /// The same, if rows that they rely on are still as they were read.
    pub(super) async fn apply_guarded(
        &self,
        operations: Vec<Operation>,
        guards: Vec<Guard>,
    ) -> Result<Result<Vec<Written>, Vec<Problem>>, Refusal> {
        let id = self.chance.with(|rng| TransactionId::new(self.time.clock(), rng));
        let transaction = Transaction { id, operations };
        Ok(self
            .executor
            .execute_guarded(&self.caller.grant, transaction, guards, self.checkpoints.clone())
            .await?)
    }
}

/// The row of a transaction that has one operation.
fn first(rows: &[Written]) -> Result<&Written, Refusal> {
    Ok(rows.first().ok_or_else(|| ApiError::internal("an operation without a row"))?)
}

fn is_conflict(problem: &Problem) -> bool {
    matches!(problem.reason, Reason::Conflict { .. })
}

/// What is given, with what the key of the request says.
fn named(key: &EntityKey, mut given: Given) -> Given {
    match key {
        EntityKey::Row(id) => given.id = Some(*id),
        EntityKey::Columns(values) => {
            let values = values.iter().map(|(column, value)| (column.clone(), value.to_json()));
            given.values.extend(values);
        }
    }
    given
}
