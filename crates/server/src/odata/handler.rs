//! The handler of all addresses: finds the service and who asks, and hands the request on.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header::CONTENT_LENGTH},
    response::Response,
};
use gridkeep_model::AppId;
use gridkeep_odata::header::Version;

use super::{
    Rooms,
    answer::Answer,
    asked::{Asked, MAX_VERSION, VERSION},
    caller::{Callers, Known},
    dispatch::Service,
    refusal::Refusal,
    sent::taken,
};
use crate::{
    error::ApiError,
    gates::proofs,
    http::{OwnBody, SERVICES},
    language::Language,
};

/// The largest body taken, in bytes.
pub(super) const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Answers a request to a service.
pub(super) async fn handle(State(rooms): State<Rooms>, request: Request) -> Response {
    respond(request, async |request| answered(rooms, request).await).await
}

/// Answers a request to whichever service: errors as OData has them, nothing but headers to HEAD.
pub(super) async fn respond(
    request: Request,
    answered: impl AsyncFnOnce(Request) -> Result<Answer, Refusal>,
) -> Response {
    let language = Language::of(request.headers());
    let head = request.method() == Method::HEAD;
    let version = version_of(request.headers());
    let (answer, error) = match answered(request).await {
        Ok(answer) => (answer, None),
        Err(refusal) => {
            let answer = refusal.answer(language);
            let error = match refusal {
                Refusal::Server(error) => Some(error),
                _ => None,
            };
            (answer, error)
        }
    };
    let mut response = answer.into_response(version);
    if let Some(error) = error {
        // Logged by the boundary, which leaves the body as it is.
        response.extensions_mut().insert(Arc::new(error));
        response.extensions_mut().insert(OwnBody);
    }
    if head {
        let length = response.body().size_hint_exact();
        *response.body_mut() = Body::empty();
        if let Some(length) = length {
            // A content is not even opened: then its length is said already.
            response.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from(length));
        }
    }
    response
}

/// The version that even a refusal speaks.
fn version_of(headers: &HeaderMap) -> Version {
    let text = |name: HeaderName| headers.get(name).and_then(|header| header.to_str().ok());
    Version::of_answer(text(MAX_VERSION), text(VERSION)).unwrap_or_default()
}

trait SizeHint {
    fn size_hint_exact(&self) -> Option<u64>;
}

impl SizeHint for Body {
    fn size_hint_exact(&self) -> Option<u64> {
        use axum::body::HttpBody;
        self.size_hint().exact()
    }
}

async fn answered(rooms: Rooms, request: Request) -> Result<Answer, Refusal> {
    let (parts, body) = request.into_parts();
    let (tenant, app, path) = split(parts.uri.path()).ok_or(ApiError::NotFound)?;
    let app: AppId = app.parse().map_err(|_| ApiError::NotFound)?;
    // Another tenant's app is one that is not there.
    let app = if rooms.tenancy.is_called(tenant) { app } else { AppId::from_uuid(uuid::Uuid::nil()) };
    let Known { caller, definition, projection, wholes, sheets } = Callers::of(&parts, app, &rooms).await?;
    let (body, sent) = taken(&parts.method, &parts.headers, body, BODY_LIMIT).await?;
    let url = parts.uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let root = rooms.site.link(&format!("{SERVICES}{tenant}/{app}/"));
    let operations = rooms.services.operations();
    let language = Language::of(&parts.headers);
    let later = rooms.services.later();
    let checkpoints = proofs(&parts.headers)?;
    let service = Service {
        rooms,
        caller,
        projection,
        root,
        definition,
        operations,
        language,
        wholes,
        sheets,
        checkpoints,
    };
    let asked = Asked { method: parts.method, url, headers: parts.headers, body, sent, within: false };
    later.respond(service, asked).await
}

/// Tenant, app and the rest of `/odata/{tenant}/{app}/...`.
fn split(path: &str) -> Option<(&str, &str, &str)> {
    let rest = path.strip_prefix(SERVICES)?;
    let (tenant, rest) = rest.split_once('/')?;
    let (app, rest) = rest.split_once('/').unwrap_or((rest, ""));
    // Programs that put an address together leave two slashes where the root ends with one.
    Some((tenant, app, rest.trim_start_matches('/')))
}

/// Without a body.
pub(super) fn nothing() -> Answer {
    Answer::empty(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A future is moved once when it begins, as a whole: one that has room for every way a request may take costs each of
    /// them. Ways that are long are boxed.
    #[test]
    fn the_way_of_a_request_is_small() {
        fn size<A, B, F: Future>(_: impl Fn(A, B) -> F) -> usize {
            size_of::<F>()
        }
        let size = size(answered);
        assert!(size <= 8 << 10, "{size} bytes");
    }
}
