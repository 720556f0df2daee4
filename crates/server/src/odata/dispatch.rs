//! From a request to the part of this room that answers it.

use std::{ops::Deref, sync::Arc};

use axum::http::{Method, StatusCode, header::ALLOW};
use gridkeep_model::{AppDefinition, ChallengeId, Query, RowId};
use gridkeep_odata::{
    Error, ErrorKind,
    bind::{CollectionPart, EntityPart, Ground, Target, target},
    project::{Projection, SetSource},
    syntax::ast,
};
use jiff::civil;

use super::{
    Operations, Reach, Rooms, answer::Answer, asked::Asked, caller::Caller, follow::Followed,
    refusal::Refusal, sheet::Sheets, whole::Wholes,
};
use crate::{error::ApiError, language::Language};

/// One app's service, as one caller may use it.
pub(super) struct Service {
    /// The rooms it reaches into.
    pub(super) rooms: Rooms,
    pub(super) caller: Caller,
    pub(super) projection: Arc<Projection>,
    /// Its address, with a slash at the end.
    pub(super) root: String,
    pub(super) definition: Arc<AppDefinition>,
    /// What runs the operations that are no part of the app.
    pub(super) operations: Arc<dyn Operations>,
    /// Of the words in refusals.
    pub(super) language: Language,
    /// Of that projection.
    pub(super) wholes: Wholes,
    /// Of that projection.
    pub(super) sheets: Sheets,
    /// Challenges that the request says were approved.
    pub(super) checkpoints: Vec<ChallengeId>,
}

impl Deref for Service {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        &self.rooms
    }
}

/// A request whose URL is understood.
#[derive(Clone, Copy)]
pub(super) struct Understood<'a> {
    pub(super) asked: &'a Asked,
    pub(super) options: &'a ast::QueryOptions,
    /// The moment it is answered at, in UTC.
    pub(super) now: civil::DateTime,
}

const READ: &str = "GET, HEAD, OPTIONS";

impl Service {
    /// The moment, in UTC.
    pub(super) fn now(&self) -> civil::DateTime {
        jiff::tz::Offset::UTC.to_datetime(self.time.now())
    }

    /// A query as whoever asks may ask it.
    pub(super) fn seen(&self, query: Query) -> Query {
        self.caller.grant.seen(query)
    }

    /// What a request about a set is about.
    pub(super) fn ground<'a>(&'a self, set: &'a SetSource, now: civil::DateTime) -> Ground<'a> {
        Ground { projection: &self.projection, set, now }
    }

    /// The address of an entity.
    pub(super) fn address(&self, set: &SetSource, id: RowId) -> String {
        format!("{}{}({id})", self.root, set.name)
    }

    /// Answers a request, in the version it asks for.
    pub(super) async fn answer(&self, asked: &Asked) -> Result<Answer, Refusal> {
        asked.obeyed()?;
        Ok(self.answered(asked).await?.speaking(asked.version()?))
    }

    async fn answered(&self, asked: &Asked) -> Result<Answer, Refusal> {
        let queried = asked.queried()?;
        let asked = queried.as_ref().unwrap_or(asked);
        let by_id = asked.path().starts_with("$entity");
        let (parsed, plain) = self.resolved(asked)?;
        let asked = plain.as_ref().unwrap_or(asked);
        let now = self.now();
        let found = target(&parsed, &self.projection, now)?;
        if by_id && !matches!(found, Target::Entity { part: EntityPart::Whole, .. }) {
            let message = "`$id` does not name an entity";
            return Err(Error::new(ErrorKind::Malformed, "INVALID_ID", message).about("$id").into());
        }
        if !super::stream::takes_content(&found) {
            asked.sent.none().await?;
        }
        let understood = Understood { asked, options: &parsed.options, now };
        let allowed = if by_id { READ } else { allowed(&found) };
        let method = if asked.method == Method::HEAD { Method::GET } else { asked.method.clone() };
        if method == Method::OPTIONS {
            return Ok(Answer::empty(StatusCode::NO_CONTENT).with(ALLOW, allowed));
        }
        if !allowed.split(", ").any(|one| one == asked.method.as_str()) {
            return Err(Refusal::Method(allowed));
        }
        let followed = match found {
            found @ Target::Related(_) => Box::pin(self.followed(found)).await?,
            found => Followed::There(found, None),
        };
        let (found, origin) = match followed {
            Followed::There(found, origin) => (found, origin),
            // What leads nowhere has no content (OData-Protocol 4.01, section 11.2.7).
            Followed::Nowhere(..) if method == Method::GET => {
                return Ok(Answer::empty(StatusCode::NO_CONTENT));
            }
            // Nothing is made there by a change (section 11.4.4).
            Followed::Nowhere(_, EntityPart::Whole) => return Err(ApiError::NotFound.into()),
            Followed::Nowhere(origin, _) => {
                let linked = Box::pin(self.links(understood, None, &origin)).await?;
                return linked.ok_or_else(|| ApiError::NotFound.into());
            }
        };
        if method != Method::GET
            && let Some(origin) = &origin
            && let Some(linked) = Box::pin(self.links(understood, Some(&found), origin)).await?
        {
            return Ok(linked);
        }
        match found {
            Target::Batch => Box::pin(self.batch(understood)).await,
            Target::Operation(call) if call.is_action() => Box::pin(self.action(understood, &call)).await,
            found if method == Method::GET => self.read(understood, &found).await,
            found => match Box::pin(self.deep(understood, &found, origin.as_ref())).await? {
                Some(answer) => Ok(answer),
                None => Box::pin(self.write(understood, &found)).await,
            },
        }
    }

    pub(super) async fn read(&self, request: Understood<'_>, found: &Target<'_>) -> Result<Answer, Refusal> {
        match found {
            Target::Service => self.service_document(request),
            Target::Metadata => self.metadata(request).await,
            Target::Collection { set, filter, part } => {
                readable(set)?;
                match part {
                    CollectionPart::Count => Box::pin(self.count(request, set, filter.clone())).await,
                    CollectionPart::Refs => Box::pin(self.rows(request, set, filter.clone(), true)).await,
                    CollectionPart::Entities
                        if request.options.deltatoken.is_some() && request.options.skiptoken.is_none() =>
                    {
                        Box::pin(self.changes(request, set, filter.clone())).await
                    }
                    CollectionPart::Entities | CollectionPart::Each => {
                        Box::pin(self.rows(request, set, filter.clone(), false)).await
                    }
                }
            }
            Target::Entity { set, key, part } => {
                readable(set)?;
                Box::pin(self.entity(request, set, key, *part)).await
            }
            Target::Operation(call) => Box::pin(self.function(request, call)).await,
            Target::Batch | Target::Related(_) => Err(not_offered()),
        }
    }
}

/// The methods a resource takes, as the metadata says it.
fn allowed(found: &Target<'_>) -> &'static str {
    match found {
        Target::Related(related) => match (related.last(), related.last_step().navigation.many) {
            (Target::Collection { part: CollectionPart::Refs, .. }, _) => "GET, HEAD, POST, DELETE, OPTIONS",
            (Target::Collection { filter: None, part: CollectionPart::Entities, .. }, _) => {
                "GET, HEAD, POST, OPTIONS"
            }
            (Target::Entity { part: EntityPart::Ref, .. }, false) => "GET, HEAD, PUT, DELETE, OPTIONS",
            (Target::Entity { part: EntityPart::Ref, .. }, true) => "GET, HEAD, DELETE, OPTIONS",
            (last, _) => allowed(last),
        },
        Target::Collection { set, filter: None, part: CollectionPart::Entities } => {
            match (set.rights.insert, set.rights.update || set.rights.delete) {
                (true, _) => "GET, HEAD, POST, PATCH, OPTIONS",
                (false, true) => "GET, HEAD, PATCH, OPTIONS",
                (false, false) => READ,
            }
        }
        Target::Collection { set, part: CollectionPart::Each, .. } => {
            match (set.rights.update, set.rights.delete) {
                (true, true) => "PATCH, DELETE, OPTIONS",
                (true, false) => "PATCH, OPTIONS",
                (false, true) => "DELETE, OPTIONS",
                (false, false) => "OPTIONS",
            }
        }
        Target::Entity { set, part: EntityPart::Whole, .. } => match (set.rights.update, set.rights.delete) {
            (true, true) => "GET, HEAD, PATCH, PUT, DELETE, OPTIONS",
            (true, false) => "GET, HEAD, PATCH, PUT, OPTIONS",
            (false, true) => "GET, HEAD, DELETE, OPTIONS",
            (false, false) => READ,
        },
        Target::Entity { set, part: EntityPart::Property(member) | EntityPart::Value(member), .. }
            if member.stream().is_some() =>
        {
            if set.rights.update {
                "GET, HEAD, PUT, DELETE, OPTIONS"
            } else {
                READ
            }
        }
        Target::Entity { set, part: EntityPart::Media(_), .. } if set.rights.update => {
            "GET, HEAD, PUT, OPTIONS"
        }
        Target::Entity { set, part: EntityPart::Property(_) | EntityPart::Part(..), .. }
            if set.rights.update =>
        {
            "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
        }
        Target::Entity { set, part: EntityPart::Value(_) | EntityPart::PartValue(..), .. }
            if set.rights.update =>
        {
            "GET, HEAD, PUT, DELETE, OPTIONS"
        }
        Target::Batch => "POST, OPTIONS",
        Target::Operation(call) if call.is_action() => "POST, OPTIONS",
        _ => READ,
    }
}

/// Sets that may only be added to are not read.
pub(super) fn readable(set: &SetSource) -> Result<(), Refusal> {
    if set.rights.read { Ok(()) } else { Err(ApiError::Forbidden.into()) }
}

pub(super) fn not_offered() -> Refusal {
    Error::new(ErrorKind::Unsupported, "NOT_OFFERED", "this is not offered here").into()
}
