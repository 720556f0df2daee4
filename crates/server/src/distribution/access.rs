//! Who may do what with an app: the one place where that is decided.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts, Query as UrlQuery, RawPathParams},
    http::{HeaderMap, request::Parts},
};
use gridkeep_model::{
    AppDefinition, AppId, Query, Rights,
    definition::{Role, TableDefinition},
};
use gridkeep_store::App;

use super::{Definitions, rights::Decision};
use crate::{
    error::ApiError,
    session::{Email, Logins, MaybePerson, Person, Presence, lacking_factor},
    site::Site,
};

/// An app that somebody may open, and what they are to it.
#[derive(Debug, Clone)]
pub struct AppGrant {
    /// The app.
    pub app: App,
    /// What they are to it.
    pub role: Role,
    /// Who; `None` when nobody is signed in.
    pub person: Option<Person>,
    /// What they may do with it.
    pub rights: Arc<Rights>,
    /// How they are there.
    pub presence: Presence,
    /// A maker looks at the app as this person: nothing is changed.
    pub looks: bool,
}

/// Says as whom a maker wants to see an app: an address, or nothing for a guest.
const SEE_AS: &str = "x-gridkeep-as";
/// The same in the address of a file: pictures are asked for by tags, which send no headers.
const SEE_AS_IN_ADDRESS: &str = "as";

/// An app of somebody who may change it.
#[derive(Debug, Clone)]
pub struct MakerGrant {
    /// The app.
    pub app: App,
    /// Its maker, or an administrator.
    pub person: Person,
}

/// A table of an app whose rows somebody may see.
#[derive(Debug, Clone)]
pub struct TableGrant {
    /// The app.
    pub grant: AppGrant,
    /// The app's current definition, as they know it.
    pub definition: Arc<AppDefinition>,
    index: usize,
}

impl AppGrant {
    /// Decides for this app and person.
    pub(crate) async fn decide(
        definitions: &Definitions,
        id: AppId,
        person: Option<Person>,
    ) -> Result<Self, ApiError> {
        let Decision { app, rights } = definitions.decide(id, person.as_ref()).await?;
        Ok(Self { app, role: rights.role, person, rights, presence: Presence::Absent, looks: false })
    }

    /// The app as another person sees it, or a guest: of its makers alone, and only to look at. So it never shows or does
    /// more than its maker may.
    async fn seen_as(
        self,
        address: &str,
        (definitions, logins): (&Definitions, &Logins),
        reads: bool,
    ) -> Result<Self, ApiError> {
        if self.role != Role::Maker || !reads {
            return Err(ApiError::Forbidden);
        }
        let other = match &self.person {
            Some(asks) if !address.is_empty() => Some(logins.whoever_has(&Email::new(address)?, asks).await?),
            _ => None,
        };
        Ok(Self { looks: true, ..Self::decide(definitions, self.app.id, other).await? })
    }

    /// Whether a request is for an app through somebody else's eyes.
    pub(crate) fn is_as_another(headers: &HeaderMap) -> bool {
        headers.contains_key(SEE_AS)
    }

    /// What a request is for: the app as it is to whoever asks, or as a maker sees it through somebody else's eyes.
    pub(crate) async fn wanted(
        self,
        parts: &Parts,
        rooms: (&Definitions, &Logins),
        reads: bool,
    ) -> Result<Self, ApiError> {
        match as_whom(parts)? {
            Some(address) => self.seen_as(&address, rooms, reads).await,
            None => Ok(self),
        }
    }

    /// A query as whoever holds this may ask it.
    pub(crate) fn seen(&self, query: Query) -> Query {
        query.seen(self.rights.sight())
    }

    /// Of those who may change the app; others may know of it, so they are told.
    pub(super) fn maker(self) -> Result<MakerGrant, ApiError> {
        match (self.role, self.person) {
            (Role::Maker, Some(person)) => Ok(MakerGrant { app: self.app, person }),
            (_, None) => Err(ApiError::SignInRequired),
            _ => Err(ApiError::Forbidden),
        }
    }
}

impl TableGrant {
    /// The table.
    pub fn table(&self) -> &TableDefinition {
        &self.definition.tables[self.index]
    }

    /// A query of the table as whoever holds this may ask it.
    pub fn seen(&self, query: Query) -> Query {
        self.grant.seen(query)
    }
}

/// As whom a request wants to see an app, where it says so.
fn as_whom(parts: &Parts) -> Result<Option<Cow<'_, str>>, ApiError> {
    if let Some(address) = parts.headers.get(SEE_AS) {
        return Ok(Some(address.to_str().map_err(|_| ApiError::InvalidEmail)?.into()));
    }
    if !parts.uri.path().contains("/files/") {
        return Ok(None);
    }
    let Ok(UrlQuery(query)) = UrlQuery::<Vec<(String, String)>>::try_from_uri(&parts.uri) else {
        return Ok(None);
    };
    Ok(query.into_iter().find(|(name, _)| name == SEE_AS_IN_ADDRESS).map(|(_, address)| address.into()))
}

async fn parameter<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<String, ApiError> {
    let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::NotFound)?;
    let found = parameters.iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| value.to_owned()).ok_or(ApiError::NotFound)
}

impl<S: Send + Sync> FromRequestParts<S> for AppGrant
where
    Definitions: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = parameter(parts, state, "app").await?.parse().map_err(|_| ApiError::NotFound)?;
        let MaybePerson(person) = MaybePerson::from_request_parts(parts, state).await?;
        let (definitions, logins) = (Definitions::from_ref(state), Logins::from_ref(state));
        let grant = match Self::decide(&definitions, id, person).await {
            Err(ApiError::NotFound) => {
                // Whom the app names may know of it, and why it stays closed.
                let named = match lacking_factor(parts, state).await? {
                    Some(person) => Self::decide(&definitions, id, Some(person)).await.is_ok(),
                    None => false,
                };
                return Err(if named {
                    ApiError::FactorRequired(logins.policy().await?)
                } else {
                    ApiError::NotFound
                });
            }
            decided => decided?,
        };
        let presence = Presence::from_request_parts(parts, state).await?;
        let grant = Self { presence, ..grant };
        // Rows are asked for by POST, since what is asked for is structured.
        let reads = parts.method.is_safe() || parts.uri.path().ends_with("/rows");
        grant.wanted(parts, (&definitions, &logins), reads).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MakerGrant
where
    Definitions: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        AppGrant::from_request_parts(parts, state).await?.maker()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TableGrant
where
    Definitions: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let table = parameter(parts, state, "table").await?;
        let grant = AppGrant::from_request_parts(parts, state).await?;
        let definition = Definitions::from_ref(state).seen(&grant.app, &grant.rights).await?;
        let role = grant.role;
        let index = definition.tables.iter().position(|own| own.id == table && own.may_see(role));
        Ok(Self { index: index.ok_or(ApiError::NotFound)?, definition, grant })
    }
}
