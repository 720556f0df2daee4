//! Answers and refusals in SCIM's own form.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use gridkeep_identity::scim::{
    Refused, etag,
    schema::{ERROR, LIST},
};
use gridkeep_store::StoreError;
use serde_json::{Value as Json, json};

use super::Directory;
use crate::{error::ApiError, http::OwnBody};

/// The media type of all of it.
pub(super) const TYPE: HeaderValue = HeaderValue::from_static("application/scim+json");

/// Why a request was refused.
#[derive(Debug)]
pub(super) enum Failure {
    /// The request itself is wrong.
    Refused(Refused),
    /// Somebody or something else has this already.
    Taken(String),
    /// It cannot be, for this reason.
    Conflict(&'static str),
    /// The token is not worth this.
    Beyond,
    /// The version that was named is another one by now.
    Outdated,
    /// It is not offered here.
    NotOffered,
    /// Anything else.
    Other(ApiError),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::Refused(_) => StatusCode::BAD_REQUEST,
            Self::Taken(_) | Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Beyond => StatusCode::FORBIDDEN,
            Self::Outdated => StatusCode::PRECONDITION_FAILED,
            Self::NotOffered => StatusCode::NOT_IMPLEMENTED,
            Self::Other(error) => error.status(),
        }
    }

    /// In words for whoever looks into their directory's log; nothing of what went on inside.
    fn detail(&self) -> String {
        match self {
            Self::Refused(refused) => refused.to_string(),
            Self::Taken(what) => format!("{what} is taken"),
            Self::Conflict(why) => (*why).to_owned(),
            Self::Beyond => "this token may not change somebody who is more than whoever made it".to_owned(),
            Self::Outdated => "it has changed since that version".to_owned(),
            Self::NotOffered => "this is not offered".to_owned(),
            Self::Other(ApiError::NotFound) => "there is no such resource".to_owned(),
            Self::Other(ApiError::MethodNotAllowed) => "this is not done here".to_owned(),
            Self::Other(ApiError::WrongCredentials) => "a token of the tenant's is asked for".to_owned(),
            Self::Other(ApiError::TooLarge(most)) => format!("a request has at most {most} bytes"),
            Self::Other(ApiError::TooManyTries(_)) => "too many wrong tokens came from there".to_owned(),
            Self::Other(ApiError::Overloaded | ApiError::TimedOut) => "the server is busy".to_owned(),
            Self::Other(ApiError::UnsupportedMediaType) => "application/scim+json is asked for".to_owned(),
            Self::Other(error) => error.to_string(),
        }
    }

    fn scim_type(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refused) => Some(refused.scim_type()),
            Self::Taken(_) => Some("uniqueness"),
            Self::Conflict(_) => Some("mutability"),
            _ => None,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status();
        let detail = self.detail();
        let mut body = json!({ "schemas": [ERROR], "status": status.as_u16().to_string(), "detail": detail });
        if let Some(scim_type) = self.scim_type() {
            body["scimType"] = scim_type.into();
        }
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, TYPE);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let error = match self {
            Self::Other(error) => error,
            Self::Beyond => ApiError::Forbidden,
            other => ApiError::InvalidRequest(other.detail()),
        };
        if let Some(seconds) = error.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Arc::new(error));
        response.extensions_mut().insert(OwnBody);
        response.extensions_mut().insert(Why(detail));
        response
    }
}

/// What a refusal said, for whoever notes it.
#[derive(Debug, Clone)]
pub(super) struct Why(pub(super) String);

/// JSON with this status.
pub(super) fn told(status: StatusCode, body: &Json) -> Response {
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, TYPE);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A resource of this version, with where it is.
pub(super) fn resource(status: StatusCode, version: i64, body: &Json) -> Response {
    let mut response = told(status, body);
    if let Ok(tag) = HeaderValue::from_str(&etag(version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    let location = body["meta"]["location"].as_str().and_then(|place| HeaderValue::from_str(place).ok());
    if let Some(location) = location.filter(|_| status == StatusCode::CREATED) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// A list as it is answered.
pub(super) fn listed(total: u64, skip: u64, page: &[Json]) -> Response {
    let body = json!({
        "schemas": [LIST], "totalResults": total, "startIndex": skip + 1, "itemsPerPage": page.len(), "Resources": page,
    });
    told(StatusCode::OK, &body)
}

/// Whoever asks has it already.
pub(super) fn unchanged(version: i64) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    if let Ok(tag) = HeaderValue::from_str(&etag(version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// What is below the service and nothing.
pub(super) async fn nothing(_: Directory) -> Failure {
    Failure::Other(ApiError::NotFound)
}

/// What the standard has and this server has not.
pub(super) async fn not_offered(_: Directory) -> Failure {
    Failure::NotOffered
}

/// What is there, and is asked for in another way.
pub(super) async fn another_method(_: Directory) -> Failure {
    Failure::Other(ApiError::MethodNotAllowed)
}
