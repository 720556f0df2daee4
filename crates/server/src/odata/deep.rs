//! Changes of several entities in one request: related ones that a payload carries, links it makes, and entities added to
//! the related ones of another (OData-Protocol 4.01, sections 11.4.2.1, 11.4.2.2 and 11.4.3.1).
//!
//! **Architecture Invariant:** all of a request is one transaction. What is there is read first, with its version; whoever
//! changes it in between makes the transaction fail as a whole.

use axum::http::Method;
use gridkeep_model::{Operation, RowId};
use gridkeep_odata::{
    Error, ErrorKind,
    batch::References,
    bind::{CollectionPart, EntityPart, Target},
    header::RequestBody,
    json::{Change, Content, Instance, Limits, Member, Reader},
    project::SetSource,
    syntax::ast::{
        At, Expand, ExpandKind, Name, Path, PathSegment, PathSegmentKind, QueryOptions, Root, Suffix,
    },
};

use super::{
    answer::Answer,
    changes::{Changes, given, row_of},
    dispatch::{Service, Understood},
    finish::Done,
    follow::Origin,
    handler::nothing,
    refusal::Refusal,
    write::Pending,
};
use crate::{
    error::ApiError,
    executor::{Guard, Written},
};

/// Operations that a request comes to.
pub(super) struct Planned {
    /// Taken out when they are run.
    pub(super) operations: Vec<Operation>,
    /// What they rely on.
    pub(super) guards: Vec<Guard>,
    /// What it is answered with; nothing when there is none.
    main: Option<Main>,
}

/// The entity that a request is about.
struct Main {
    /// Place of its operation.
    place: usize,
    /// Its set.
    set: String,
    /// What becomes of it.
    done: Done,
    /// What of it the answer shows.
    options: QueryOptions,
}

/// What earlier requests of an atomicity group come to.
#[derive(Clone, Copy, Default)]
pub(super) struct Before<'g> {
    pub(super) operations: &'g [Operation],
    pub(super) references: Option<&'g References>,
}

impl Planned {
    /// Without an entity to answer with.
    pub(super) const fn silent(operations: Vec<Operation>) -> Self {
        Self { operations, guards: Vec::new(), main: None }
    }

    /// The same, relying on these.
    pub(super) fn guarded(self, guards: Vec<Guard>) -> Self {
        Self { guards, ..self }
    }

    /// Of one operation.
    pub(super) fn plain(operation: Operation, set: &SetSource, options: &QueryOptions) -> Self {
        let done = Done::by(&operation);
        let main = Main { place: 0, set: set.name.clone(), done, options: options.clone() };
        Self { operations: vec![operation], guards: Vec::new(), main: Some(main) }
    }

    /// The operation of the entity it is about.
    pub(super) fn main(&self) -> Option<&Operation> {
        self.main.as_ref().and_then(|main| self.operations.get(main.place))
    }
}

impl Service {
    /// Makes a change that concerns more than one entity; `None` when it is none of that.
    pub(super) async fn deep(
        &self,
        request: Understood<'_>,
        found: &Target<'_>,
        origin: Option<&Origin<'_>>,
    ) -> Result<Option<Answer>, Refusal> {
        let Some(mut planned) = self.planned(request, found, origin, Before::default()).await? else {
            return Ok(None);
        };
        let set = match found {
            Target::Collection { set, .. } | Target::Entity { set, .. } => *set,
            _ => return Ok(None),
        };
        let (operations, guards) =
            (std::mem::take(&mut planned.operations), std::mem::take(&mut planned.guards));
        let rows = self.run(set, operations, guards).await?;
        self.carried_out(request, &planned, &rows).await.map(Some)
    }

    /// The answer to a request whose operations were run.
    pub(super) async fn carried_out(
        &self,
        request: Understood<'_>,
        planned: &Planned,
        rows: &[Written],
    ) -> Result<Answer, Refusal> {
        let Some(Main { place, set, done, options }) = &planned.main else { return Ok(nothing()) };
        let set = self.projection.set(set).ok_or(ApiError::NotFound)?;
        let row = rows.get(*place).ok_or_else(|| ApiError::internal("an operation without a row"))?;
        let request = Understood { options, ..request };
        self.finish(request, set, *done, row).await
    }

    /// What a change comes to that concerns more than one entity; `None` when it is none of that.
    pub(super) async fn planned(
        &self,
        request: Understood<'_>,
        found: &Target<'_>,
        origin: Option<&Origin<'_>>,
        before: Before<'_>,
    ) -> Result<Option<Planned>, Refusal> {
        let method = &request.asked.method;
        match found {
            Target::Collection { set, part: CollectionPart::Entities, .. } if *method == Method::POST => {
                let set = self.known_set(set)?;
                if origin.is_none() && !mentions(request, set) {
                    return Ok(None);
                }
                self.ready(request, found)?;
                let instance = self.entity_of(request, set)?;
                let mut changes = Changes::new(self, before);
                let operation = changes.inserted(set, &instance)?;
                let operation = match origin {
                    Some(origin) => changes.joined(origin, operation)?,
                    None => operation,
                };
                // What it belongs to may be part of its key.
                let id = row_of(&operation)?;
                changes.put(set, &instance, operation, true).await?;
                self.with_main(request, changes, set, id, Some(&instance)).map(Some)
            }
            Target::Entity { set, key, part: EntityPart::Whole }
                if (*method == Method::PATCH || *method == Method::PUT) && mentions(request, set) =>
            {
                self.ready(request, found)?;
                let set = self.known_set(set)?;
                let instance = self.entity_of(request, set)?;
                let mut changes = Changes::new(self, before);
                let mut gives = given(self, set, &instance)?;
                if *method == Method::PUT {
                    gives = gives.whole(set);
                }
                let prepared = self.change(request, set, key, &Pending::new(), Some(gives)).await?;
                let (operation, id) = (prepared.operation.clone(), row_of(&prepared.operation)?);
                let new = matches!(operation, Operation::Insert { .. });
                changes.put(set, &instance, operation, new).await?;
                let shown = new.then_some(&instance);
                self.with_main(request, changes, set, id, shown).map(Some)
            }
            Target::Collection { set, filter: None, part: CollectionPart::Entities }
                if *method == Method::PATCH =>
            {
                self.ready(request, found)?;
                self.changed(request, self.known_set(set)?, before).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Refuses before anything is changed what could not be answered or may not be done.
    fn ready(&self, request: Understood<'_>, found: &Target<'_>) -> Result<(), Refusal> {
        if !self.caller.writes {
            return Err(ApiError::Forbidden.into());
        }
        self.answerable(request, found)
    }

    fn entity_of<'r>(&self, request: Understood<'r>, set: &SetSource) -> Result<Instance<'r>, Refusal> {
        RequestBody::json(request.asked.header("content-type"))?;
        let reader = Reader::new(&self.projection.edm, &request.asked.body, 0, Limits::default())?;
        Ok(reader.entity(&set.entity_type)?)
    }

    /// The entities of a delta payload, changed together (section 11.4.14).
    async fn changed(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        before: Before<'_>,
    ) -> Result<Planned, Refusal> {
        RequestBody::json(request.asked.header("content-type"))?;
        let reader = Reader::new(&self.projection.edm, &request.asked.body, 0, Limits::default())?;
        let entries = reader.changes(&set.entity_type)?;
        let mut changes = Changes::new(self, before);
        for entry in &entries {
            match entry {
                Change::Entity(instance) => {
                    let own = instance.set.as_deref().map_or(Some(set), |name| self.projection.set(name));
                    let own = own
                        .ok_or_else(|| malformed("UNKNOWN_SET", "an entity of an unknown set".to_owned()))?;
                    changes.entry(own, instance).await?;
                }
                Change::Link { deleted, source, relationship, target, .. } => {
                    let (set, key) = self.referred(source, before).await?;
                    let navigation = set.navigation(relationship).ok_or_else(|| {
                        malformed("UNKNOWN_PROPERTY", format!("{} has no {relationship}", set.name))
                    })?;
                    let part = navigation.link.here();
                    let start = self.start_behind(set, &key, &part, before.operations).await?;
                    let (row, value) = start.ok_or(ApiError::NotFound)?;
                    let origin = Origin { set, row, navigation, value };
                    match (target, deleted) {
                        (Some(target), false) => changes.link(&origin, target).await?,
                        (Some(target), true) => changes.unlink(&origin, target).await?,
                        (None, _) => changes.clear(&origin)?,
                    }
                }
            }
        }
        Ok(changes.planned())
    }

    /// The set as the service has it.
    fn known_set(&self, set: &SetSource) -> Result<&SetSource, Refusal> {
        Ok(self.projection.set(&set.name).ok_or(ApiError::NotFound)?)
    }

    /// Runs operations as one transaction.
    pub(super) async fn run(
        &self,
        set: &SetSource,
        operations: Vec<Operation>,
        guards: Vec<Guard>,
    ) -> Result<Vec<Written>, Refusal> {
        if operations.is_empty() {
            return Ok(Vec::new());
        }
        self.apply_guarded(operations, guards).await?.map_err(|problems| Refusal::problems(problems, set))
    }

    /// With the entity that the request is about for an answer: a new one with what came along with it.
    fn with_main(
        &self,
        request: Understood<'_>,
        changes: Changes<'_>,
        set: &SetSource,
        id: RowId,
        shown: Option<&Instance<'_>>,
    ) -> Result<Planned, Refusal> {
        let Changes { operations, guards, .. } = changes;
        let place = operations
            .iter()
            .position(|one| one.row() == Some(id) && one.table() == Some(set.table.as_str()));
        let place = place.ok_or_else(|| ApiError::internal("a change without its own entity"))?;
        let mut options = request.options.clone();
        if let Some(instance) = shown.filter(|_| options.expand.is_empty()) {
            options.expand = self.expands(set, instance);
        }
        let done = Done::by(&operations[place]);
        let main = Main { place, set: set.name.clone(), done, options };
        Ok(Planned { operations, guards, main: Some(main) })
    }

    /// What shows as much of an entity as its payload gave.
    fn expands(&self, set: &SetSource, instance: &Instance<'_>) -> Vec<Expand> {
        let expand = |member: &Member<'_>| {
            let navigation = set.navigation(&member.name)?;
            let inner: Vec<&Instance<'_>> = match &member.content {
                Content::Entity(Some(inner)) => vec![inner],
                Content::Entities(all) | Content::Delta(all) => all.iter().collect(),
                _ => return None,
            };
            let there = self.projection.target(navigation)?;
            let mut options = QueryOptions::default();
            for instance in inner {
                for expand in self.expands(there, instance) {
                    if !options.expand.contains(&expand) {
                        options.expand.push(expand);
                    }
                }
            }
            let name = Name { namespace: None, name: navigation.property.clone(), at: At::default() };
            let step =
                PathSegment { kind: PathSegmentKind::Name(name), parens: Vec::new(), at: At::default() };
            let path = Path { root: Root::Instance, segments: vec![step], at: At::default() };
            Some(Expand {
                kind: ExpandKind::Path(path),
                suffix: Suffix::None,
                options: Box::new(options),
                at: At::default(),
            })
        };
        let mut all: Vec<Expand> = Vec::new();
        for one in instance.members.iter().filter_map(expand) {
            if all.iter().all(|known| known.kind != one.kind) {
                all.push(one);
            }
        }
        all
    }
}

/// Whether a body may say something of related entities.
fn mentions(request: Understood<'_>, set: &SetSource) -> bool {
    let body = &request.asked.body;
    set.navigations.iter().any(|navigation| {
        let name = navigation.property.as_bytes();
        body.windows(name.len() + 1).any(|window| window[0] == b'"' && &window[1..] == name)
    })
}

pub(super) fn malformed(code: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Malformed, code, message)
}
