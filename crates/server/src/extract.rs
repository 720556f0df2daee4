//! Extractors whose refusals are [`ApiError`]s: `axum`'s own answer in plain English text.

use axum::{
    Extension,
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, JsonRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt};

use crate::error::ApiError;

/// A JSON body, in and out.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let limit = limit_of(&request);
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ApiError::UnsupportedMediaType),
            Err(JsonRejection::BytesRejection(rejection)) => Err(body_error(&rejection, limit)),
            Err(rejection) => Err(ApiError::InvalidRequest(place(&rejection))),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A body's bytes, at most as many as the route allows.
#[derive(Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let limit = limit_of(&request);
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| body_error(&rejection, limit))
    }
}

/// Parts of the path. What cannot be an id names nothing: 404, like an id nobody has.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| ApiError::NotFound)
    }
}

/// The query string.
#[derive(Debug)]
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|_| ApiError::InvalidRequest("query".to_owned()))
    }
}

/// The largest body a route takes, in bytes; kept beside `axum`'s own limit so that a refusal can name it.
#[derive(Debug, Clone, Copy)]
struct BodyLimit(usize);

/// What a route takes that says nothing else: JSON of a definition, an account, a rows request.
pub const DEFAULT_BODY_LIMIT: usize = 2 * 1024 * 1024;

/// These routes take bodies up to this many bytes.
pub fn limited<S: Clone + Send + Sync + 'static>(
    routes: UtoipaMethodRouter<S>,
    bytes: usize,
) -> UtoipaMethodRouter<S> {
    let routes: UtoipaMethodRouter<S> = routes.layer(DefaultBodyLimit::max(bytes));
    routes.layer(Extension(BodyLimit(bytes)))
}

fn limit_of(request: &Request) -> usize {
    request.extensions().get().map_or(DEFAULT_BODY_LIMIT, |BodyLimit(bytes)| *bytes)
}

fn body_error(rejection: &BytesRejection, limit: usize) -> ApiError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(limit),
        _ => ApiError::InvalidRequest("body".to_owned()),
    }
}

/// Where a JSON body is wrong, as serde tells it, for whoever sent it; never for the log.
fn place(rejection: &JsonRejection) -> String {
    let source =
        std::error::Error::source(rejection).map_or_else(|| rejection.to_string(), ToString::to_string);
    let words: String = source.chars().filter(|c| !c.is_control()).take(200).collect();
    format!("body: {words}")
}
