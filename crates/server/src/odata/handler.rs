//! The handler of all addresses: finds the service and who asks, and hands the request on.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRef, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_LENGTH},
    response::Response,
};
use gridkeep_model::AppId;
use gridkeep_odata::header::Version;

use super::{
    Calculators, Services,
    answer::Answer,
    asked::Asked,
    caller::{Callers, Known},
    dispatch::Service,
    operations::NoOperations,
    refusal::Refusal,
    sent::taken,
};
use crate::{
    chance::{Chance, Time},
    distribution::Definitions,
    error::ApiError,
    executor::Executor,
    files::Files,
    http::{OwnBody, SERVICES},
    language::Language,
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// The largest body taken, in bytes.
pub(super) const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Answers a request to a service.
pub(super) async fn handle<S>(State(state): State<S>, request: Request) -> Response
where
    S: Clone + Send + Sync + 'static,
    Calculators: FromRef<S>,
    Chance: FromRef<S>,
    Definitions: FromRef<S>,
    Executor: FromRef<S>,
    Logins: FromRef<S>,
    Services: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
    Files: FromRef<S>,
{
    respond(request, async |request| answered(&state, request).await).await
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
    let text = |name| headers.get(name).and_then(|header| header.to_str().ok());
    Version::of_answer(text("odata-maxversion"), text("odata-version")).unwrap_or_default()
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

async fn answered<S>(state: &S, request: Request) -> Result<Answer, Refusal>
where
    Calculators: FromRef<S>,
    Chance: FromRef<S>,
    Definitions: FromRef<S>,
    Executor: FromRef<S>,
    Logins: FromRef<S>,
    Services: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
    Files: FromRef<S>,
{
    let (tenancy, site) = (Tenancy::from_ref(state), Site::from_ref(state));
    let uri = request.uri().clone();
    let (tenant, app, path) = parts(uri.path()).ok_or(ApiError::NotFound)?;
    let app: AppId = app.parse().map_err(|_| ApiError::NotFound)?;
    if !tenancy.is_called(tenant) {
        return Err(ApiError::NotFound.into());
    }
    let (parts, body) = request.into_parts();
    let Known { caller, definition, projection, wholes } = Callers::of(&parts.headers, app, state).await?;
    let (body, sent) = taken(&parts.method, &parts.headers, body, BODY_LIMIT).await?;
    let url = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let root = site.link(&format!("{SERVICES}{tenant}/{app}/"));
    let service = Service {
        caller,
        projection,
        definition,
        root,
        tenancy,
        executor: Executor::from_ref(state),
        language: Language::of(&parts.headers),
        calculators: Calculators::from_ref(state),
        operations: Arc::new(NoOperations),
        time: Time::from_ref(state),
        chance: Chance::from_ref(state),
        files: Files::from_ref(state),
        wholes,
    };
    let asked = Asked { method: parts.method, url, headers: parts.headers, body, sent, within: false };
    Services::from_ref(state).later().respond(service, asked).await
}

/// Tenant, app and the rest of `/odata/{tenant}/{app}/...`.
fn parts(path: &str) -> Option<(&str, &str, &str)> {
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
