//! Who asks: a person with a session, a program with a key, or a guest of a public app.

use axum::http::HeaderMap;
use gridkeep_model::AppId;

use super::refusal::Refusal;
use crate::{
    api_keys::{Presented, presented},
    chance::Time,
    distribution::AppGrant,
    error::ApiError,
    http::carries_credentials,
    session::{Cookie, Logins},
    site::Site,
    tenancy::Tenancy,
};

/// Somebody who may use an app's service.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) grant: AppGrant,
    /// Whether changes are wanted of it at all: a key may be for reading only.
    pub(super) writes: bool,
}

impl Caller {
    /// Finds out who asks. Whoever sends credentials acts by them alone, without cookies. Absent and forbidden look alike;
    /// whoever has shown nothing yet is asked for credentials in both cases.
    pub(super) async fn of(
        headers: &HeaderMap,
        app: AppId,
        tenancy: &Tenancy,
        logins: &Logins,
        site: &Site,
        time: &Time,
    ) -> Result<Self, Refusal> {
        if carries_credentials(headers) {
            let key = presented(headers, app, tenancy, logins, time).await?;
            let Presented { person, writes } = key.ok_or(ApiError::WrongCredentials)?;
            let grant = AppGrant::decide(tenancy, app, Some(person)).await;
            // Whoever lost the app has a key that opens nothing.
            let grant = grant.map_err(|error| match error {
                ApiError::NotFound => ApiError::WrongCredentials,
                other => other,
            })?;
            return Ok(Self { grant, writes });
        }
        let person = match Cookie::Session.read(site, headers) {
            Some(token) => logins.find(&token).await?,
            None => None,
        };
        let known = person.is_some();
        match AppGrant::decide(tenancy, app, person).await {
            Ok(grant) => Ok(Self { grant, writes: true }),
            Err(ApiError::NotFound) if !known => Err(Refusal::Credentials),
            Err(error) => Err(error.into()),
        }
    }
}
