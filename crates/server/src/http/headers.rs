//! Security headers of every answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::site::Site;

/// What our own pages may load: themselves, and WebAssembly. No inline script or style.
const PAGE: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
    frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// The client's pages may stand in a frame of the portal: its phone preview.
const CLIENT: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
    frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// An answer of the API is data, never a page.
const DATA: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// What is said of an answer, by the path that was asked for.
pub(super) struct Policy {
    content: &'static str,
    is_api: bool,
}

impl Policy {
    /// Of an address.
    pub(super) fn of(path: &str) -> Self {
        let is_api = path.starts_with("/api/") || path == "/healthz";
        let content = if is_api {
            DATA
        } else if path == "/app" || path.starts_with("/app/") {
            CLIENT
        } else {
            PAGE
        };
        Self { content, is_api }
    }

    /// Adds the headers; a handler's own `content-security-policy` or `cache-control` stays.
    pub(super) fn secure(&self, site: &Site, headers: &mut HeaderMap) {
        let mut add = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        add(header::CONTENT_SECURITY_POLICY, self.content);
        add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        add(header::REFERRER_POLICY, "same-origin");
        add(OPENER_POLICY, "same-origin");
        add(RESOURCE_POLICY, "same-origin");
        add(PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
        if self.is_api {
            add(header::CACHE_CONTROL, "no-store");
        }
        if site.secure() {
            add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
    }
}
