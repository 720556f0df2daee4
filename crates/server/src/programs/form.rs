//! What programs send: parameters, each at most once (RFC 6749 section 3.1); and how they are told that something is wrong
//! (section 5.2).

use axum::{
    Form, Json,
    extract::{DefaultBodyLimit, FromRequest, Request},
    handler::Handler,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use serde::Serialize;

use crate::{error::ApiError, http::OwnBody};

/// The largest body taken, in bytes.
const LARGEST: usize = 16 * 1024;

/// An endpoint that takes a form.
pub(super) fn post<H: Handler<T, S>, T: 'static, S: Clone + Send + Sync + 'static>(
    handler: H,
) -> MethodRouter<S> {
    let route: MethodRouter<S> = axum::routing::post(handler);
    route.layer(DefaultBodyLimit::max(LARGEST))
}

/// Parameters by name.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// These; `None` when one is there twice.
    pub(super) fn new(pairs: Vec<(String, String)>) -> Option<Self> {
        let twice =
            pairs.iter().enumerate().any(|(at, (name, _))| pairs[..at].iter().any(|(own, _)| own == name));
        (pairs.len() <= 50 && !twice).then_some(Self(pairs))
    }

    /// One of them; what is empty is not there.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(pairs) = form.map_err(|_| Refusal::request("the body is not a form"))?;
        Self::new(pairs).ok_or_else(|| Refusal::request("a parameter is there twice"))
    }
}

/// What a program is told.
#[derive(Debug)]
pub(super) enum Refusal {
    /// As the standards say it.
    Said { error: &'static str, description: &'static str, status: StatusCode },
    /// Something of the server's own.
    Server(ApiError),
}

impl Refusal {
    fn new(error: &'static str, description: &'static str) -> Self {
        Self::Said { error, description, status: StatusCode::BAD_REQUEST }
    }

    /// The request is not complete or not well formed.
    pub(super) fn request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    /// The code or token is none, over, or somebody else's; which of these, nobody is told.
    pub(super) fn grant() -> Self {
        Self::new("invalid_grant", "the code or token is not valid")
    }

    /// There is no such program.
    pub(super) fn client() -> Self {
        Self::Said {
            error: "invalid_client",
            description: "unknown client",
            status: StatusCode::UNAUTHORIZED,
        }
    }

    /// Another way to get a token.
    pub(super) fn grant_type() -> Self {
        Self::new("unsupported_grant_type", "authorization_code or refresh_token")
    }

    /// More than there is or was allowed.
    pub(super) fn scope() -> Self {
        Self::new("invalid_scope", "more than was allowed")
    }

    /// A token of a kind that cannot be revoked here.
    pub(super) fn proof() -> Self {
        Self::new("invalid_dpop_proof", "the proof of possession is not valid")
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::InvalidToken(_) => Self::proof(),
            other => Self::Server(other),
        }
    }
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: &'static str,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (error, description, status) = match self {
            Self::Said { error, description, status } => (error, description, status),
            Self::Server(error) => return error.into_response(),
        };
        let mut response = (status, Json(Body { error, error_description: description })).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.extensions_mut().insert(OwnBody);
        response
    }
}
