//! The web build, as files: portal, client and assets, each with a `.br` and `.gz` beside it where the build made one.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    extract::{FromRef, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use crate::error::ApiError;

const NOT_BUILT: &str = "The web pages of Gridkeep are not here yet.\n\
    Build them with `cargo xtask demo`, or start the server with `--web DIR`.\n";

/// Where the web build is, when there is one.
#[derive(Debug, Clone)]
pub struct Pages(Option<PathBuf>);

impl Pages {
    /// Serves this folder, if it holds a portal.
    pub fn new(folder: Option<&Path>) -> Self {
        Self(folder.filter(|folder| folder.join("index.html").is_file()).map(Path::to_owned))
    }

    /// The routes of all that is not the API.
    pub fn routes<S>() -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
        Self: FromRef<S>,
    {
        Router::new().route("/app/{*rest}", get(client)).route("/assets/{*rest}", get(asset)).fallback(portal)
    }

    /// One page, whatever the path: the address belongs to the page's own router.
    async fn page(&self, name: &str, request: Request) -> Response {
        let Some(folder) = &self.0 else { return absent() };
        let service = ServeFile::new(folder.join(name)).precompressed_br().precompressed_gzip();
        cached(service.oneshot(request).await, "no-cache")
    }

    async fn file(&self, request: Request) -> Response {
        let Some(folder) = &self.0 else { return absent() };
        let service = ServeDir::new(folder)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        cached(service.oneshot(request).await, "no-cache")
    }
}

/// An app, or the preview's frame.
async fn client(State(pages): State<Pages>, request: Request) -> Response {
    pages.page("client.html", request).await
}

/// A file whose name holds its hash.
async fn asset(State(pages): State<Pages>, request: Request) -> Response {
    let mut response = pages.file(request).await;
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        response.headers_mut().insert(header::CACHE_CONTROL, forever);
    }
    response
}

/// A file of the build's root, or else the portal, which knows its own addresses.
async fn portal(State(pages): State<Pages>, request: Request) -> Response {
    if request.uri().path().starts_with("/api/") {
        return ApiError::NotFound.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::MethodNotAllowed.into_response();
    }
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    if extension.is_some_and(|extension| extension != "html") {
        pages.file(request).await
    } else {
        pages.page("index.html", request).await
    }
}

fn cached<B, E>(response: Result<axum::http::Response<B>, E>, cache: &'static str) -> Response
where
    axum::http::Response<B>: IntoResponse,
{
    let Ok(response) = response else { return ApiError::NotFound.into_response() };
    let mut response = response.into_response();
    if response.status() == StatusCode::NOT_FOUND {
        return ApiError::NotFound.into_response();
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn absent() -> Response {
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT).into_response()
}
