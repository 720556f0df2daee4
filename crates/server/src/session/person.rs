//! The person behind a request.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_model::{AccountId, ProviderId, SessionId};
use gridkeep_store::TenantRole;
use jiff::Timestamp;

use super::{ByProgram, Cookie, Email, Logins, Needs, OwnSession, bearer::reach, policy::meets};
use crate::{
    error::{ApiError, CompanyRefusal},
    site::Site,
};

/// Somebody who is signed in. As an extractor it refuses everybody else.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their account.
    pub id: AccountId,
    /// Their address. Apps name people by it: see [`Person::proven`].
    pub email: Email,
    /// Whether the address is proven to be theirs.
    pub confirmed: bool,
    /// What they are called.
    pub name: String,
    /// What they are to the tenant they ask at; `None` when they do not belong to it.
    pub role: Option<TenantRole>,
    /// May look into what is the server's: they made its first account.
    pub runs_server: bool,
    /// The tenant's provider that vouched for them in this session; their own proof when `None`.
    pub through: Option<ProviderId>,
    /// Since when whoever has the passkey that was shown in this session can be said to have been there; `None` without one.
    pub passkey_since: Option<Timestamp>,
}

impl Person {
    /// Whether they may do everything with every app of the tenant, and rule over its people.
    pub fn administers(&self) -> bool {
        self.role >= Some(TenantRole::Administrator)
    }

    /// Whether they may make apps.
    pub fn makes(&self) -> bool {
        self.role >= Some(TenantRole::Maker)
    }

    /// The address by which others may have given them something; `None` while it is only claimed.
    pub fn proven(&self) -> Option<&Email> {
        self.confirmed.then_some(&self.email)
    }
}

/// Somebody who may use the tenant's rooms, or nobody; refuses only whoever shows a token that is no good, or not here.
#[derive(Debug, Clone)]
pub struct MaybePerson(pub Option<Person>);

/// What a request's credentials were found to be; several extractors of one request ask the database once.
#[derive(Debug, Clone)]
pub(super) enum Found {
    Nobody,
    Browser(Arc<OwnSession>),
    Program(Arc<ByProgram>),
}

impl Found {
    pub(super) async fn of<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Self, ApiError>
    where
        Logins: FromRef<S>,
        Site: FromRef<S>,
    {
        if let Some(found) = parts.extensions.get::<Self>() {
            return Ok(found.clone());
        }
        let logins = Logins::from_ref(state);
        let found = if let Some(by) = logins.program(parts).await? {
            reach(parts, &by)?;
            Self::Program(by)
        } else {
            let own = match Cookie::Session.read(&Site::from_ref(state), &parts.headers) {
                Some(token) => logins.find(&token).await?,
                None => None,
            };
            own.map_or(Self::Nobody, |own| Self::Browser(Arc::new(own)))
        };
        parts.extensions.insert(found.clone());
        Ok(found)
    }
}

/// Who somebody would be to the tenant's rooms, if they showed the second factor it asks for, which they do not belong to: told to
/// nobody but whom it has given something.
pub async fn lacking_factor<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Option<Person>, ApiError>
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    let Found::Browser(own) = Found::of(parts, state).await? else { return Ok(None) };
    let lacks = own.person.role.is_none()
        && own.person.confirmed
        && !meets(Logins::from_ref(state).policy().await?, &own.session.methods);
    Ok(lacks.then(|| own.person.clone()))
}

impl<S: Send + Sync> FromRequestParts<S> for MaybePerson
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self(match Found::of(parts, state).await? {
            Found::Nobody => None,
            Found::Browser(own) => {
                let OwnSession { person, session } = Arc::unwrap_or_clone(own);
                Logins::from_ref(state).admit(person, &session.methods).await?
            }
            // Looked at when its token was.
            Found::Program(by) => Some(by.person.clone()),
        }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Person
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let MaybePerson(person) = MaybePerson::from_request_parts(parts, state).await?;
        match (person, Found::of(parts, state).await?) {
            (Some(person), _) => Ok(person),
            (None, Found::Nobody) => Err(ApiError::SignInRequired),
            (None, Found::Program(_)) => {
                Err(ApiError::FactorRequired(Logins::from_ref(state).policy().await?))
            }
            (None, Found::Browser(own)) => {
                let logins = Logins::from_ref(state);
                match logins.needs(&own.person, &own.session.methods).await? {
                    Some(Needs::Company) => Err(ApiError::Company(CompanyRefusal::Required)),
                    _ => Err(ApiError::FactorRequired(logins.policy().await?)),
                }
            }
        }
    }
}

/// How whoever asks is there: what they are asked for must be the very place they began at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// A program with a key, or nobody.
    #[default]
    Absent,
    /// A browser.
    Browser(SessionId),
    /// A program that acts for somebody who let it in.
    Program(SessionId),
}

impl Presence {
    /// The browser's or the program's place.
    pub const fn session(self) -> Option<SessionId> {
        match self {
            Self::Absent => None,
            Self::Browser(session) | Self::Program(session) => Some(session),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Presence
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(match Found::of(parts, state).await? {
            Found::Nobody => Self::Absent,
            Found::Browser(own) => Self::Browser(own.session.id),
            Found::Program(by) => Self::Program(by.session),
        })
    }
}
