//! What every request passes on its way to its room, and every answer on its way back: security headers, the bounds of
//! the boundary, the guard against other sites' pages.
//!
//! One layer for all three: each layer around a router is a box made and thrown away with every request, and clones all
//! those within it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tower::{Layer, Service};

use super::{Boundary, guard, headers};
use crate::{error::ApiError, site::Site};

/// The layer.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    boundary: Boundary,
    /// Where the server is, if people with cookies come to it.
    site: Option<Site>,
}

/// What is behind the layer.
#[derive(Clone)]
pub struct Passed<S> {
    edge: Edge,
    inner: S,
}

impl Edge {
    /// In front of everything the server answers.
    pub fn new(boundary: Boundary, site: Site) -> Self {
        Self(Arc::new(Inner { boundary, site: Some(site) }))
    }

    /// In front of what knows no cookies and shows no pages: within bounds, and nothing else.
    pub fn bare(boundary: Boundary) -> Self {
        Self(Arc::new(Inner { boundary, site: None }))
    }
}

impl<S> Layer<S> for Edge {
    type Service = Passed<S>;

    fn layer(&self, inner: S) -> Passed<S> {
        Passed { edge: self.clone(), inner }
    }
}

impl<S> Service<Request> for Passed<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let edge = self.edge.clone();
        // The one that is ready; the next call has another.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        Box::pin(async move {
            let Inner { boundary, site } = &*edge.0;
            let Some(site) = site else {
                let pass = boundary.pass(request, "-", async |request| served(inner.call(request).await));
                return Ok(pass.await);
            };
            let policy = headers::Policy::of(request.uri().path());
            let mut response = boundary
                .pass(request, site.tenant(), async |request| {
                    if guard::admits(site, &request) {
                        served(inner.call(request).await)
                    } else {
                        ApiError::ForeignRequest.into_response()
                    }
                })
                .await;
            policy.secure(site, response.headers_mut());
            Ok(response)
        })
    }
}

fn served(response: Result<Response, Infallible>) -> Response {
    response.unwrap_or_else(|never| match never {})
}
