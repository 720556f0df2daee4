//! The door of the house: finds the tenant that an address names, and hands the request to its rooms.
//!
//! `/t/{tenant}/…` is what the rest would be for the tenant at the root; `/odata/{tenant}/{app}/…` stays as it is;
//! `/.well-known/{what}/t/{tenant}` is what the tenant says there of itself (RFC 8414 section 3.1, RFC 9728 section 3.1). Everything
//! else is the first tenant's.

use std::{
    convert::Infallible,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    Extension, Router,
    body::{Body, Bytes, HttpBody},
    extract::{OriginalUri, Request},
    http::{self, Uri},
    response::{IntoResponse, Response},
    routing::future::RouteFuture,
};
use tower::Service;
use tracing::Instrument;

use crate::{
    error::ApiError,
    house::House,
    http::{Edge, SERVICES},
    site::{Called, TENANTS},
    tenant_name::DEFAULT,
};

/// Answers every request. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    house: House,
    home: Router,
    /// Says why a tenant could not be opened.
    refusals: Router,
}

/// An answer on its way.
#[expect(
    clippy::large_enum_variant,
    reason = "most requests are for the tenant at the root, and need no box"
)]
pub enum Answering {
    /// From the tenant at the root, without a detour.
    Home(RouteFuture<Infallible>),
    /// From another.
    Other(Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>),
}

/// Why a tenant could not be opened, on its way to the layer that says so.
#[derive(Clone)]
struct Refused(std::sync::Arc<ApiError>);

impl Door {
    /// Of this house.
    pub fn new(house: House) -> Self {
        let state = &house.home().state;
        let refuse = async |Extension(Refused(error)): Extension<Refused>| {
            let mut response = error.status().into_response();
            response.extensions_mut().insert(error);
            response
        };
        let edge = Edge::new(state.boundary.clone(), state.site.clone());
        let refusals = Router::new().fallback(refuse).layer(edge);
        Self { home: house.home().routes.clone(), house, refusals }
    }
}

/// What says something of a tenant at the root of the host.
const SAID: [&str; 2] = ["/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"];

/// The tenant that a path names, and which part of the path goes with that.
fn named(path: &str) -> Option<(&str, Range<usize>)> {
    if let Some(rest) = path.strip_prefix(TENANTS) {
        let name = rest.split('/').next().unwrap_or_default();
        return Some((name, 0..TENANTS.len() + name.len()));
    }
    if let Some(name) = path.strip_prefix(SERVICES) {
        let name = name.split('/').next()?;
        return (name != DEFAULT).then_some((name, 0..0));
    }
    let own = SAID.iter().find(|own| path.starts_with(**own))?;
    let name = path[own.len()..].strip_prefix(TENANTS)?;
    (!name.contains('/')).then_some((name, own.len()..path.len()))
}

/// The address without this part of its path.
fn shortened(uri: &Uri, part: Range<usize>) -> Option<Uri> {
    let whole = uri.path_and_query()?.as_str();
    let (before, behind) = (whole.get(..part.start)?, whole.get(part.end..)?);
    let slash = if before.is_empty() && !behind.starts_with('/') { "/" } else { "" };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{before}{slash}{behind}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

impl<B> Service<http::Request<B>> for Door
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Answering {
        let Some((name, part)) = named(request.uri().path()) else {
            return Answering::Home(Service::call(&mut self.home, request));
        };
        let name = name.to_owned();
        let (house, mut refusals) = (self.house.clone(), self.refusals.clone());
        let mut request: Request = request.map(Body::new);
        Answering::Other(Box::pin(async move {
            let room = match house.called(&name).await {
                Ok(room) => room,
                Err(error) => {
                    request.extensions_mut().insert(Refused(error.into()));
                    return Service::call(&mut refusals, request).await;
                }
            };
            if !part.is_empty()
                && let Some(uri) = shortened(request.uri(), part)
            {
                // Proofs of possession name the address as it was sent.
                let sent = std::mem::replace(request.uri_mut(), uri);
                request.extensions_mut().insert(OriginalUri(sent));
                request.extensions_mut().insert(Called(name.as_str().into()));
            }
            let span = tracing::info_span!("tenant", tenant.name = room.state.site.tenant());
            // The rooms stay open until the answer begins; what streams on holds what it reads itself.
            Service::call(&mut room.routes.clone(), request).instrument(span).await
        }))
    }
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Neither is moved once it is polled: one is `Unpin`, the other pinned in its box.
        match self.get_mut() {
            Self::Home(future) => Poll::Ready(ready!(Pin::new(future).poll(context))),
            Self::Other(future) => future.as_mut().poll(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_tenants() {
        let check = |path: &str, expect: Option<(&str, &str)>| {
            let uri: Uri = path.parse().unwrap();
            let found = named(uri.path())
                .map(|(name, part)| (name.to_owned(), shortened(&uri, part).unwrap().to_string()));
            let expect = expect.map(|(name, rest)| (name.to_owned(), rest.to_owned()));
            assert_eq!(found, expect, "{path}");
        };
        check("/", None);
        check("/api/apps", None);
        check("/t", None);
        check("/tea/acme", None);
        check("/t/acme", Some(("acme", "/")));
        check("/t/acme?a=/b", Some(("acme", "/?a=/b")));
        check("/t/acme/", Some(("acme", "/")));
        check("/t/acme/api/apps?x=1", Some(("acme", "/api/apps?x=1")));
        check("/t//api/apps", Some(("", "/api/apps")));
        check("/t/acme//api", Some(("acme", "//api")));
        check("/odata/default/1/", None);
        check("/odata/acme/1/Stock", Some(("acme", "/odata/acme/1/Stock")));
        check("/odata/", Some(("", "/odata/")));
        let said = "/.well-known/oauth-authorization-server";
        check(said, None);
        check(&format!("{said}/t/acme"), Some(("acme", said)));
        check(&format!("{said}/t/acme?x=1"), Some(("acme", &format!("{said}?x=1"))));
        check(&format!("{said}/t/acme/more"), None);
        check(&format!("{said}/acme"), None);
        check("/.well-known/jwks.json/t/acme", None);
    }
}
