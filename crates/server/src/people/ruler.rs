//! Who rules over people.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_store::TenantRole;

use crate::{
    error::ApiError,
    session::{Logins, Person, RoleView},
    site::Site,
};

/// An administrator or owner of the tenant. As an extractor it refuses everybody else; to whoever does not belong to the tenant it
/// looks absent.
#[derive(Debug, Clone)]
pub struct Ruler {
    /// Who.
    pub person: Person,
    /// The most that they may make of somebody, and that somebody may be whom they change.
    pub most: TenantRole,
}

impl Ruler {
    /// What somebody is to become, if this one may say so.
    pub(crate) fn name(&self, role: RoleView) -> Result<TenantRole, ApiError> {
        let role = TenantRole::from(role);
        if role <= self.most { Ok(role) } else { Err(ApiError::Forbidden) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ruler
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let person = Person::from_request_parts(parts, state).await?;
        match person.role {
            Some(most) if most >= TenantRole::Administrator => Ok(Self { person, most }),
            Some(_) => Err(ApiError::Forbidden),
            None => Err(ApiError::NotFound),
        }
    }
}
