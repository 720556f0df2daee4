//! Who asks: a person with a session, a program with a key, or a guest of a public app; and what the app is to them.
//!
//! **Architecture Invariant:** what a key opens is kept only under the marks of both databases it was read from. A key that
//! is revoked, an app that is unpublished, a role that changes end the mark before anybody is told, so the next request
//! reads anew. Where another server may change them there are no marks, and each request reads.

use std::sync::Arc;

use axum::{extract::FromRef, http::HeaderMap};
use gridkeep_model::{AppDefinition, AppId};
use gridkeep_odata::project::Projection;
use gridkeep_store::Mark;
use jiff::Timestamp;

use super::{Services, finish::Wholes, refusal::Refusal};
use crate::{
    api_keys::{self, Presented},
    chance::Time,
    distribution::{AppGrant, Definitions},
    error::ApiError,
    recent::Recent,
    secret::TokenHash,
    session::{Cookie, Logins},
    site::Site,
    tenancy::Tenancy,
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
    /// whoever has shown nothing yet is asked for credentials in both cases.
    pub(super) async fn of<S>(headers: &HeaderMap, app: AppId, state: &S) -> Result<Known, Refusal>
    where
        Definitions: FromRef<S>,
        Logins: FromRef<S>,
        Services: FromRef<S>,
        Site: FromRef<S>,
        Tenancy: FromRef<S>,
        Time: FromRef<S>,
    {
        if let Some(key) = api_keys::shown(headers)? {
            return Self::with_key(key, app, state).await;
        }
        let (tenancy, logins) = (Tenancy::from_ref(state), Logins::from_ref(state));
        let person = match Cookie::Session.read(&Site::from_ref(state), headers) {
            Some(token) => logins.find(&token).await?,
            None => None,
        };
        let known = person.is_some();
        match AppGrant::decide(&tenancy, app, person).await {
            Ok(grant) => Ok(Known::new(grant, true, state).await?),
            Err(ApiError::NotFound) if !known => Err(Refusal::Credentials),
            Err(error) => Err(error.into()),
        }
    }

    async fn with_key<S>(key: TokenHash, app: AppId, state: &S) -> Result<Known, Refusal>
    where
        Definitions: FromRef<S>,
        Logins: FromRef<S>,
        Services: FromRef<S>,
        Tenancy: FromRef<S>,
        Time: FromRef<S>,
    {
        let (tenancy, logins, time) =
            (Tenancy::from_ref(state), Logins::from_ref(state), Time::from_ref(state));
        let callers = Services::from_ref(state).callers;
        // Before anything is read: what changes while it is read ends these.
        let marks = tenancy.mark().zip(logins.mark());
        if let Some(kept) = callers.0.get(&(app, key))
            && marks == Some(kept.marks)
            && time.now() < kept.until
        {
            return Ok(kept.known);
        }
        let Presented { person, writes, until } = api_keys::open(key, app, &tenancy, &logins, &time).await?;
        let grant = AppGrant::decide(&tenancy, app, Some(person)).await;
        // Whoever lost the app has a key that opens nothing.
        let grant = grant.map_err(|error| match error {
            ApiError::NotFound => ApiError::WrongCredentials,
            other => other,
        })?;
        let known = Known::new(grant, writes, state).await?;
        if let Some(marks) = marks {
            callers.0.forget(&(app, key));
            callers.0.put((app, key), Kept { marks, until, known: known.clone() });
        }
        Ok(known)
    }
}

impl Known {
    async fn new<S>(grant: AppGrant, writes: bool, state: &S) -> Result<Self, ApiError>
    where
        Definitions: FromRef<S>,
        Services: FromRef<S>,
    {
        let definition = Definitions::from_ref(state).current(&grant.app).await?;
        let projection = Services::from_ref(state).of(&grant.app, &definition, grant.role);
        let caller = Caller { grant: Arc::new(grant), writes };
        Ok(Self { caller, definition, projection, wholes: Wholes::default() })
    }
}
