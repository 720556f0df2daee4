//! Keeps other sites from acting with a person's cookies (CSRF).
//!
//! A state-changing request must carry `x-gridkeep: 1`, which a page of another origin cannot send without a CORS
//! preflight that we never answer; and an `Origin` header, when sent, must be ours. A request to an app's service that brings
//! credentials of its own acts without cookies, as does whoever shows an access token or redeems a code, so nobody else's
//! page can have made it act for its reader.

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

/// Whether a request shows an access token, whatever it is worth: no browser sends one by itself, and whoever reads it reads no
/// cookies.
fn shows_token(headers: &HeaderMap) -> bool {
    let header = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let scheme = header.and_then(|header| header.split_once(' ')).map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("dpop"))
}

/// Where programs redeem what they have, and where providers' pages post to: nothing there asks for a person.
fn knows_no_cookies(path: &str) -> bool {
    // A tenant's place has the same addresses.
    let inner = path.strip_prefix("/t/").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    let path = inner.unwrap_or(path);
    let posted = path.strip_prefix("/company/").and_then(|rest| rest.split_once('/'));
    matches!(path, "/oauth/token" | "/oauth/revoke")
        || posted.is_some_and(|(_, rest)| rest == "saml/answer")
        || path.starts_with("/scim/")
}

/// Whether a request may pass: those that only read, and those that come from our own pages.
pub(super) fn admits(site: &Site, request: &Request) -> bool {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.uri().path();
    let without_cookies = (path.starts_with(SERVICES) && carries_credentials(request.headers()))
        || shows_token(request.headers())
        || knows_no_cookies(path);
    reads || without_cookies || is_own(site, request)
}

/// Whether a request says that one of our own pages sends it, which a page of another origin cannot.
pub fn is_own_page(headers: &HeaderMap) -> bool {
    headers.get("x-gridkeep").is_some_and(|value| value == "1")
}

fn is_own(site: &Site, request: &Request) -> bool {
    let marked = is_own_page(request.headers());
    let origin = request.headers().get(ORIGIN);
    marked && origin.is_none_or(|origin| origin.to_str().is_ok_and(|origin| site.is_own_origin(origin)))
}
