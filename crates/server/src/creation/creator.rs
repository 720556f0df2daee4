//! Who may begin to make an app of a file.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_store::TenantRole;

use crate::{
    error::ApiError,
    session::{Logins, MaybePerson, Person, SignUp},
    site::Site,
};

/// Somebody who may make apps; or nobody yet, where whoever makes an account may. As an extractor it refuses others.
#[derive(Debug)]
pub struct Creator;

/// Whether somebody may make apps: whoever belongs to the tenant is told that they may not, to others it is absent.
pub fn may_create(person: &Person) -> Result<(), ApiError> {
    match person.role {
        Some(role) if role >= TenantRole::Maker => Ok(()),
        Some(_) => Err(ApiError::Forbidden),
        None => Err(ApiError::NotFound),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Creator
where
    Logins: FromRef<S>,
    SignUp: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let MaybePerson(person) = MaybePerson::from_request_parts(parts, state).await?;
        let SignUp { open, newcomers } = SignUp::from_ref(state);
        let anybody = open && newcomers >= Some(TenantRole::Maker);
        match person {
            Some(person) => may_create(&person)?,
            None if anybody => {}
            None => return Err(ApiError::SignInRequired),
        }
        Ok(Self)
    }
}
