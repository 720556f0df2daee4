//! `GET /healthz`: whether this process answers, for whoever restarts it.

use utoipa_axum::{router::OpenApiRouter, routes};

/// The endpoint.
pub fn routes<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::new().routes(routes!(healthz))
}

/// Answers `ok` while the server takes requests.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = str, content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "ok"
}
