//! Who imports: whoever opens the app, or a program with a key of it by which rows may be changed.
//!
//! **Architecture Invariant:** whoever shows a key acts by it alone, as at the app's service: without cookies, within what its person
//! may do at that moment, and as somebody who is not there to be asked.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_model::AppId;
use gridkeep_store::LoginMethod;

use crate::{
    api_keys::{self, Door, Presented},
    chance::Time,
    defence::Arrivals,
    distribution::{AppGrant, Definitions},
    error::ApiError,
    extract::Path,
    http::{Proxy, Visit},
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// An app of somebody who may import into it.
pub(super) struct Importer(pub(super) AppGrant);

#[derive(serde::Deserialize)]
struct At {
    app: AppId,
}

impl<S: Send + Sync> FromRequestParts<S> for Importer
where
    Arrivals: FromRef<S>,
    Definitions: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if api_keys::are_absent(&parts.headers) {
            return AppGrant::from_request_parts(parts, state).await.map(Self);
        }
        let Path(At { app }) = Path::from_request_parts(parts, state).await?;
        let (definitions, logins) = (&Definitions::from_ref(state), &Logins::from_ref(state));
        let (tenancy, time) = (&Tenancy::from_ref(state), &Time::from_ref(state));
        let (arrivals, visit) = (&Arrivals::from_ref(state), Visit::of(parts, Proxy::from_ref(state)));
        let opened = async {
            let key = api_keys::shown(&parts.headers)?.ok_or(ApiError::WrongCredentials)?;
            Door { arrivals, definitions, logins, tenancy, time }.open(key, app, visit.clone()).await
        };
        let opened = opened.await;
        if let Err(ApiError::WrongCredentials) = &opened {
            arrivals.refused(LoginMethod::ApiKey, None, visit);
        }
        let Presented { grant, writes, .. } = opened?;
        if AppGrant::is_as_another(&parts.headers) || !writes {
            return Err(ApiError::Forbidden);
        }
        Ok(Self(grant))
    }
}
