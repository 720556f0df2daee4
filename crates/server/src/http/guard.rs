//! Keeps other sites from acting with a person's cookies (CSRF).
//!
//! A state-changing request must carry `x-gridkeep: 1`, which a page of another origin cannot send without a CORS
//! preflight that we never answer; and an `Origin` header, when sent, must be ours. A request to an app's service that brings
//! credentials of its own acts without cookies, so nobody else's page can have made it act for its reader.

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderName, Method,
        header::{AUTHORIZATION, ORIGIN},
    },
};

use crate::site::Site;

/// A key as a header of its own.
pub const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// What the addresses of apps' services begin with.
pub const SERVICES: &str = "/odata/";

/// Whether a request carries credentials of its own, whatever they are worth: such a request acts without cookies.
pub fn carries_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || headers.contains_key(API_KEY)
}

/// Whether a request may pass: those that only read, and those that come from our own pages.
pub(super) fn admits(site: &Site, request: &Request) -> bool {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let without_cookies =
        request.uri().path().starts_with(SERVICES) && carries_credentials(request.headers());
    reads || without_cookies || is_own(site, request)
}

fn is_own(site: &Site, request: &Request) -> bool {
    let marked = request.headers().get("x-gridkeep").is_some_and(|value| value == "1");
    let origin = request.headers().get(ORIGIN);
    marked && origin.is_none_or(|origin| origin.to_str().is_ok_and(|origin| site.is_own_origin(origin)))
}
