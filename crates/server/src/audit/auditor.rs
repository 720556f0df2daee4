//! Who may read the log.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_store::TenantRole;

use crate::{
    error::ApiError,
    session::{Logins, Person},
    site::Site,
};

/// An administrator or owner of the tenant, who may read its log. As an extractor it refuses everybody else; to whoever does not
/// belong to the tenant there is no log.
#[derive(Debug, Clone)]
pub struct Auditor(pub Person);

impl<S: Send + Sync> FromRequestParts<S> for Auditor
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let person = Person::from_request_parts(parts, state).await?;
        match person.role {
            Some(role) if role >= TenantRole::Administrator => Ok(Self(person)),
            Some(_) => Err(ApiError::Forbidden),
            None => Err(ApiError::NotFound),
        }
    }
}
