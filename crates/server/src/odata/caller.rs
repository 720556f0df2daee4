//! Who asks: a person with a session, a program with a key, or a guest of a public app; and what the app is to them.
//!
//! **Architecture Invariant:** what a key opens is kept only under the marks of both databases it was read from. A key that
//! is revoked, an app that is unpublished, a role that changes end the mark before anybody is told, so the next request
//! reads anew. Where another server may change them there are no marks, and each request reads.

use std::sync::Arc;

use axum::http::{HeaderMap, request::Parts};
use gridkeep_model::{AppDefinition, AppId};
use gridkeep_odata::project::Projection;
use gridkeep_store::{LoginMethod, Mark};
use jiff::Timestamp;

use super::{Reach, Rooms, refusal::Refusal, services::Projected, sheet::Sheets, whole::Wholes};
use crate::{
    api_keys::{self, Door, Presented},
    distribution::AppGrant,
    error::ApiError,
    http::Visit,
    recent::Recent,
    secret::TokenHash,
    session::{ByProgram, Cookie, Presence},
};

/// Keys whose apps are kept ready.
const KEPT: usize = 256;

/// Somebody who may use an app's service.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) grant: Arc<AppGrant>,
    /// Whether changes are wanted of it at all: a key may be for reading only.
    pub(super) writes: bool,
}

/// The same, with what the app is to them.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) caller: Caller,
    pub(super) definition: Arc<AppDefinition>,
    pub(super) projection: Arc<Projection>,
    /// Of that projection.
    pub(super) wholes: Wholes,
    /// Of that projection.
    pub(super) sheets: Sheets,
}

/// What keys opened when they were shown last; clones share it.
#[derive(Clone)]
pub(super) struct Callers(Arc<Recent<(AppId, TokenHash), Kept>>);

#[derive(Clone)]
struct Kept {
    /// Of tenant and control database.
    marks: (Mark, Mark),
    until: Timestamp,
    known: Known,
}

impl Callers {
    pub(super) fn new() -> Self {
        Self(Arc::new(Recent::new(KEPT)))
    }

    /// Finds out who asks. Whoever sends credentials acts by them alone, without cookies. Absent and forbidden look alike;
    /// whoever has shown nothing yet is asked for credentials in both cases. A maker may look as somebody else.
    pub(super) async fn of(parts: &Parts, app: AppId, rooms: &Rooms) -> Result<Known, Refusal> {
        let known = Self::asking(parts, app, rooms).await?;
        if !AppGrant::is_as_another(&parts.headers) {
            return Ok(known);
        }
        Box::pin(async {
            let grant = AppGrant::clone(&known.caller.grant);
            let both = (&rooms.definitions, &rooms.logins);
            let grant = grant.wanted(parts, both, parts.method.is_safe()).await?;
            Ok(Known::new(grant, false, rooms).await?)
        })
        .await
    }

    async fn asking(parts: &Parts, app: AppId, rooms: &Rooms) -> Result<Known, Refusal> {
        if api_keys::are_absent(&parts.headers) {
            // Before anybody is looked for: what changes meanwhile ends these.
            let marks = rooms.tenancy.mark().zip(rooms.logins.mark());
            if let Some(by) = Box::pin(rooms.logins.program(parts)).await? {
                return Box::pin(Self::by_program(&by, app, rooms, marks)).await;
            }
        } else if let Some(found) = Self::by_key(parts, app, rooms).await {
            if let Err(Refusal::Server(ApiError::WrongCredentials)) = &found {
                let visit = Visit::of(parts, rooms.proxy);
                rooms.arrivals.refused(LoginMethod::ApiKey, None, visit);
            }
            return found;
        }
        Box::pin(Self::without_key(&parts.headers, app, rooms)).await
    }

    async fn without_key(headers: &HeaderMap, app: AppId, rooms: &Rooms) -> Result<Known, Refusal> {
        let own = match Cookie::Session.read(&rooms.site, headers) {
            Some(token) => rooms.logins.find(&token).await?,
            None => None,
        };
        // Whoever has not shown what the tenant asks for is nobody here.
        let presence = own.as_ref().map_or(Presence::Absent, |own| Presence::Browser(own.session.id));
        let person = match own {
            Some(own) => rooms.logins.admit(own.person, &own.session.methods).await?,
            None => None,
        };
        let known = person.is_some();
        match AppGrant::decide(&rooms.definitions, app, person).await {
            Ok(grant) => Ok(Known::new(AppGrant { presence, ..grant }, true, rooms).await?),
            Err(ApiError::NotFound) if !known => Err(Refusal::Credentials),
            Err(error) => Err(error.into()),
        }
    }

    /// A program that somebody let in: it opens what they may open, and changes what they may change if they allowed it that.
    async fn by_program(
        by: &ByProgram,
        app: AppId,
        rooms: &Rooms,
        marks: Option<(Mark, Mark)>,
    ) -> Result<Known, Refusal> {
        let callers = &rooms.services.callers;
        let key = (app, by.hash());
        if let Some(kept) = callers.0.get(&key)
            && marks == Some(kept.marks)
            && rooms.time.now() < kept.until
        {
            return Ok(kept.known);
        }
        let grant = AppGrant::decide(&rooms.definitions, app, Some(by.person.clone())).await?;
        let grant = AppGrant { presence: Presence::Program(by.session), ..grant };
        let known = Known::new(grant, by.writes, rooms).await?;
        if let Some(marks) = marks {
            callers.0.forget(&key);
            callers.0.put(key, Kept { marks, until: by.until, known: known.clone() });
        }
        Ok(known)
    }

    /// By the key a request shows, if it shows any.
    async fn by_key(parts: &Parts, app: AppId, rooms: &Rooms) -> Option<Result<Known, Refusal>> {
        match api_keys::shown(&parts.headers) {
            Ok(None) => None,
            Ok(Some(key)) => Some(Self::with_key(key, parts, app, rooms).await),
            Err(error) => Some(Err(error.into())),
        }
    }

    async fn with_key(key: TokenHash, parts: &Parts, app: AppId, rooms: &Rooms) -> Result<Known, Refusal> {
        let (tenancy, logins, time) = (&rooms.tenancy, &rooms.logins, &rooms.time);
        let callers = &rooms.services.callers;
        // Before anything is read: what changes while it is read ends these.
        let marks = tenancy.mark().zip(logins.mark());
        if let Some(kept) = callers.0.get(&(app, key))
            && marks == Some(kept.marks)
            && time.now() < kept.until
        {
            return Ok(kept.known);
        }
        Box::pin(Self::opened(key, parts, app, rooms, marks)).await
    }

    /// What a key opens, kept under the marks of before.
    async fn opened(
        key: TokenHash,
        parts: &Parts,
        app: AppId,
        rooms: &Rooms,
        marks: Option<(Mark, Mark)>,
    ) -> Result<Known, Refusal> {
        let Reach { arrivals, definitions, logins, tenancy, time, .. } = &**rooms;
        let door = Door { arrivals, definitions, logins, tenancy, time };
        let Presented { grant, writes, until } = door.open(key, app, Visit::of(parts, rooms.proxy)).await?;
        let callers = &rooms.services.callers;
        let known = Known::new(grant, writes, rooms).await?;
        if let Some(marks) = marks {
            callers.0.forget(&(app, key));
            callers.0.put((app, key), Kept { marks, until, known: known.clone() });
        }
        Ok(known)
    }
}

impl Known {
    async fn new(grant: AppGrant, writes: bool, rooms: &Rooms) -> Result<Self, ApiError> {
        let definition = rooms.definitions.seen(&grant.app, &grant.rights).await?;
        let Projected { projection, wholes, sheets } =
            rooms.services.of(&grant.app, &definition, &grant.rights);
        let caller = Caller { grant: Arc::new(grant), writes };
        Ok(Self { caller, definition, projection, wholes, sheets })
    }
}
