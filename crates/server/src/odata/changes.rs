//! The operations that a payload with related entities comes to.
//!
//! A row is in them once, however often the payload speaks of it: links become values of the rows that hold them.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use gridkeep_model::{Operation, Row, RowId, Value, query::Part};
use gridkeep_odata::{
    Error,
    bind::{EntityKey, Given},
    json::{Content, Instance, Reason},
    project::{Link, MemberSource, Navigation, SetSource},
};
use serde_json::Value as Json;

use super::{
    deep::{Before, Planned, malformed},
    dispatch::Service,
    follow::Origin,
    refusal::Refusal,
    row_key::row_id,
};
use crate::{error::ApiError, executor::Guard};

/// What an asynchronous step of a recursion gives.
type Step<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send + 'a>>;

/// Operations that are run together.
pub(super) struct Changes<'s> {
    pub(super) service: &'s Service,
    pub(super) before: Before<'s>,
    pub(super) operations: Vec<Operation>,
    /// What they rely on of rows that they do not change.
    pub(super) guards: Vec<Guard>,
}

/// The other end of a link: its row, its version, and what relates it.
pub(super) struct End {
    pub(super) id: RowId,
    pub(super) version: u64,
    pub(super) value: Value,
}

impl<'s> Changes<'s> {
    pub(super) const fn new(service: &'s Service, before: Before<'s>) -> Self {
        Self { service, before, operations: Vec::new(), guards: Vec::new() }
    }

    /// What they come to, without an entity to answer with.
    pub(super) fn planned(self) -> Planned {
        Planned::silent(self.operations).guarded(self.guards)
    }

    /// Whoever writes a value that was read from a row relies on it.
    pub(super) fn rely(&mut self, set: &SetSource, row: RowId, part: &Part, value: &Value) {
        let holds = match part {
            Part::Column(column) => Some((column.clone(), value.clone())),
            Part::Id | Part::Version => None,
        };
        self.guards.push(Guard { operation: 0, table: set.table.clone(), row, holds });
    }

    /// A new row of what an entity gives.
    pub(super) fn inserted(&self, set: &SetSource, instance: &Instance<'_>) -> Result<Operation, Refusal> {
        let given = given(self.service, set, instance)?;
        Ok(self.service.insert(set, given)?.operation)
    }

    /// A new row as one of those related to another.
    pub(super) fn joined(&mut self, origin: &Origin<'_>, operation: Operation) -> Result<Operation, Refusal> {
        let mut operation = operation;
        self.rely(origin.set, origin.row.id, &origin.navigation.link.here(), &origin.value);
        match (&origin.navigation.link, &mut operation) {
            (Link::There { column, .. }, Operation::Insert { id, values, .. }) => {
                if origin.value.is_null() {
                    return Err(unrelated(origin.set).into());
                }
                values.insert(column.clone(), origin.value.to_json());
                // What relates the rows may be part of the key.
                if let Some(keyed) = row_id(self.there(origin.navigation)?, values) {
                    *id = keyed;
                }
            }
            (Link::Between { .. }, Operation::Insert { id, .. }) => {
                let id = *id;
                self.pair(origin, id)?;
            }
            _ => return Err(unfit(&origin.navigation.property).into()),
        }
        Ok(operation)
    }

    /// Adds an operation; what is said of a row twice is said once.
    pub(super) fn push(&mut self, operation: Operation) -> Result<(), Refusal> {
        let same =
            |known: &&mut Operation| known.row() == operation.row() && known.table() == operation.table();
        let Some(known) = self.operations.iter_mut().find(same) else {
            self.operations.push(operation);
            return Ok(());
        };
        match (known, operation) {
            (
                Operation::Insert { values, .. } | Operation::Update { values, .. },
                Operation::Update { values: more, .. },
            ) => values.extend(more),
            (Operation::Delete { .. }, Operation::Delete { .. }) => {}
            _ => {
                let message = "an entity is changed and removed at once".to_owned();
                return Err(malformed("CONTRADICTION", message).into());
            }
        }
        Ok(())
    }

    pub(super) fn update(
        &mut self,
        set: &SetSource,
        row: (RowId, u64),
        column: &str,
        value: Json,
    ) -> Result<(), Refusal> {
        if !set.rights.update {
            return Err(ApiError::Forbidden.into());
        }
        let values = BTreeMap::from([(column.to_owned(), value)]);
        self.push(Operation::Update { table: set.table.clone(), id: row.0, base_version: row.1, values })
    }

    /// The set a navigation property leads to.
    pub(super) fn there(&self, navigation: &Navigation) -> Result<&'s SetSource, Refusal> {
        Ok(self.service.projection.target(navigation).ok_or(ApiError::Forbidden)?)
    }

    /// An operation with what its entity says of others, before and behind it. `new`: its row is none yet.
    pub(super) fn put<'a>(
        &'a mut self,
        set: &'s SetSource,
        instance: &'a Instance<'a>,
        mut operation: Operation,
        new: bool,
    ) -> Step<'a, ()>
    where
        's: 'a,
    {
        Box::pin(async move {
            let mut later = Vec::new();
            for member in &instance.members {
                let Some(navigation) = set.navigation(&member.name) else { continue };
                let Link::Here { column, there } = &navigation.link else {
                    later.push((navigation, &member.content));
                    continue;
                };
                let value = match &member.content {
                    Content::Bind(None) | Content::Entity(None) => Json::Null,
                    Content::Bind(Some(id)) => {
                        let set = self.there(navigation)?;
                        let end = self.end(set, id, there).await?;
                        self.rely(set, end.id, there, &end.value);
                        end.value.to_json()
                    }
                    Content::Entity(Some(inner)) => {
                        let current = if new { None } else { Some((set, row_of(&operation)?, navigation)) };
                        self.one(self.there(navigation)?, inner, there, current).await?
                    }
                    _ => return Err(unfit(&navigation.property).into()),
                };
                if let Operation::Insert { values, .. } | Operation::Update { values, .. } = &mut operation {
                    values.insert(column.clone(), value);
                }
            }
            let id = row_of(&operation)?;
            let given = values_of(&operation);
            self.push(operation)?;
            for (navigation, content) in later {
                let part = navigation.link.here();
                let value = match own_value(set, id, &given, &part) {
                    Some(value) => value,
                    None if new => return Err(unrelated(set).into()),
                    None => {
                        let key = EntityKey::Row(id);
                        let start =
                            self.service.start_behind(set, &key, &part, self.before.operations).await?;
                        start.ok_or(ApiError::NotFound)?.1
                    }
                };
                let origin =
                    Origin { set, row: Row { id, version: 0, values: Vec::new() }, navigation, value };
                self.many(&origin, content, new).await?;
            }
            Ok(())
        })
    }

    /// What relates a row to the entity that a payload has for it: one that is there, the one it is related to now, or a
    /// new one.
    async fn one(
        &mut self,
        set: &'s SetSource,
        instance: &Instance<'_>,
        part: &Part,
        current: Option<(&SetSource, RowId, &Navigation)>,
    ) -> Result<Json, Refusal> {
        let mut known = self.known(set, instance, part).await?;
        if known.is_none()
            && let Some((from, id, navigation)) = current
            && let Some((_, value)) = self
                .service
                .start_behind(from, &EntityKey::Row(id), &navigation.link.here(), self.before.operations)
                .await?
            && let Some(row) = self.service.only(set, navigation.link.condition(&value)).await?
        {
            known = self.found(set, &EntityKey::Row(row), part).await?;
        }
        if let Some(end) = known {
            self.rely(set, end.id, part, &end.value);
            self.refresh(set, instance, &end).await?;
            return Ok(end.value.to_json());
        }
        let operation = self.inserted(set, instance)?;
        let (id, given) = (row_of(&operation)?, values_of(&operation));
        self.put(set, instance, operation, true).await?;
        Ok(own_value(set, id, &given, part).ok_or_else(|| unrelated(set))?.to_json())
    }

    /// What a payload says of the entities that a navigation property to many leads to.
    async fn many(&mut self, origin: &Origin<'_>, content: &Content<'_>, new: bool) -> Result<(), Refusal> {
        let set = self.there(origin.navigation)?;
        match content {
            Content::Binds(ids) => {
                for id in ids {
                    self.link(origin, id).await?;
                }
            }
            Content::Entities(all) => {
                let mut kept = Vec::with_capacity(all.len());
                for instance in all {
                    kept.push(self.member(origin, set, instance).await?);
                }
                if !new {
                    self.unlink_others(origin, set, &kept).await?;
                }
            }
            Content::Delta(all) => {
                for instance in all {
                    let Some(reason) = instance.removed else {
                        self.member(origin, set, instance).await?;
                        continue;
                    };
                    let part = origin.navigation.link.there();
                    let end = self.known(set, instance, &part).await?.ok_or(ApiError::NotFound)?;
                    match reason {
                        Reason::Deleted => self.delete(set, &end)?,
                        Reason::Changed => self.part(origin, set, &end).await?,
                    }
                }
            }
            _ => return Err(unfit(&origin.navigation.property).into()),
        }
        Ok(())
    }

    /// One of the related entities, there or new.
    async fn member(
        &mut self,
        origin: &Origin<'_>,
        set: &'s SetSource,
        instance: &Instance<'_>,
    ) -> Result<RowId, Refusal> {
        let part = origin.navigation.link.there();
        if let Some(end) = self.known(set, instance, &part).await? {
            self.refresh(set, instance, &end).await?;
            self.join(origin, set, &end).await?;
            return Ok(end.id);
        }
        let operation = self.inserted(set, instance)?;
        let operation = self.joined(origin, operation)?;
        let id = row_of(&operation)?;
        self.put(set, instance, operation, true).await?;
        Ok(id)
    }

    /// An entity of a delta payload of its own set: changed, made or removed.
    pub(super) async fn entry(&mut self, set: &'s SetSource, instance: &Instance<'_>) -> Result<(), Refusal> {
        let known = self.known(set, instance, &Part::Id).await?;
        match (known, instance.removed) {
            (Some(end), Some(_)) => self.delete(set, &end),
            // It is gone already.
            (None, Some(_)) => Ok(()),
            (Some(end), None) => self.refresh(set, instance, &end).await,
            (None, None) => {
                let operation = self.inserted(set, instance)?;
                self.put(set, instance, operation, true).await
            }
        }
    }

    fn delete(&mut self, set: &SetSource, end: &End) -> Result<(), Refusal> {
        if !set.rights.delete {
            return Err(ApiError::Forbidden.into());
        }
        self.push(Operation::Delete { table: set.table.clone(), id: end.id, base_version: end.version })
    }

    /// What a payload gives of an entity that is there.
    async fn refresh(
        &mut self,
        set: &'s SetSource,
        instance: &Instance<'_>,
        end: &End,
    ) -> Result<(), Refusal> {
        let etag = format!("W/\"{}\"", end.version);
        if instance.etag.as_ref().is_some_and(|given| *given != etag && given != "*") {
            return Err(Refusal::Precondition);
        }
        let given = given(self.service, set, instance)?;
        let others = instance.members.iter().any(|member| set.navigation(&member.name).is_some());
        if given.values.is_empty() && !others {
            return Ok(());
        }
        if !set.rights.update {
            return Err(ApiError::Forbidden.into());
        }
        let operation = Operation::Update {
            table: set.table.clone(),
            id: end.id,
            base_version: end.version,
            values: given.values,
        };
        self.put(set, instance, operation, false).await
    }

    /// The entity that a payload names by its id or its key, if it is there.
    async fn known(
        &self,
        set: &SetSource,
        instance: &Instance<'_>,
        part: &Part,
    ) -> Result<Option<End>, Refusal> {
        if let Some(id) = &instance.id {
            return match instance.removed {
                Some(_) => self.perhaps(set, id, part).await,
                None => self.end(set, id, part).await.map(Some),
            };
        }
        let given = given(self.service, set, instance)?;
        let value = |property: &String| match &set.member(property)?.source {
            MemberSource::Column { id, kind } => {
                let said = given.values.get(id).or_else(|| given.once.get(id))?;
                let value = Value::from_json(*kind, said).ok()?;
                (!value.is_null()).then(|| (id.clone(), value))
            }
            MemberSource::RowId
            | MemberSource::Version
            | MemberSource::Complex { .. }
            | MemberSource::Stream { .. } => None,
        };
        let key = match given.id {
            Some(id) => Some(EntityKey::Row(id)),
            None => set.key.iter().map(value).collect::<Option<Vec<_>>>().map(EntityKey::Columns),
        };
        match key {
            Some(key) => self.found(set, &key, part).await,
            None => Ok(None),
        }
    }

    pub(super) async fn found(
        &self,
        set: &SetSource,
        key: &EntityKey,
        part: &Part,
    ) -> Result<Option<End>, Refusal> {
        let found = self.service.start_behind(set, key, part, self.before.operations).await?;
        Ok(found.map(|(row, value)| End { id: row.id, version: row.version, value }))
    }
}

/// What an entity gives, but for what it says of others.
pub(super) fn given(service: &Service, set: &SetSource, instance: &Instance<'_>) -> Result<Given, Refusal> {
    let own = instance.members.iter().filter(|member| set.navigation(&member.name).is_none());
    Ok(Given::of(
        &service.projection,
        set,
        &Instance { members: own.cloned().collect(), ..instance.clone() },
    )?)
}

/// The row that an operation is about: those made here all are about one.
pub(super) fn row_of(operation: &Operation) -> Result<RowId, Refusal> {
    operation.row().ok_or_else(|| ApiError::internal("a change of no row").into())
}

pub(super) fn values_of(operation: &Operation) -> BTreeMap<String, Json> {
    match operation {
        Operation::Insert { values, .. } | Operation::Update { values, .. } => values.clone(),
        Operation::Delete { .. } | Operation::Call { .. } => BTreeMap::new(),
    }
}

/// A part of a row that is not read but about to be written.
pub(super) fn own_value(
    set: &SetSource,
    id: RowId,
    given: &BTreeMap<String, Json>,
    part: &Part,
) -> Option<Value> {
    let Part::Column(column) = part else { return Some(Value::Guid(id.uuid())) };
    let kind = set.members.iter().find_map(|member| match &member.source {
        MemberSource::Column { id, kind } if id == column => Some(*kind),
        _ => None,
    })?;
    Value::from_json(kind, given.get(column)?).ok().filter(|value| !value.is_null())
}

pub(super) fn unfit(property: &str) -> Error {
    malformed("WRONG_TYPE", format!("this says nothing of {property}")).about(property)
}

pub(super) fn unrelated(set: &SetSource) -> Error {
    let message = format!("an entity of {} has no value that others could be related by", set.name);
    malformed("NOT_RELATED", message)
}
