//! Pages of other origins that may use apps' services, and redeem what people let them in with: those the operator names, none
//! otherwise.
//!
//! They bring a key or a token, never cookies: the answer to a preflight does not allow credentials.

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Origins that may use services.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<HeaderValue>);

/// An origin that is none.
#[derive(Debug, thiserror::Error)]
#[error("“{0}” is not an origin such as https://reports.example.com")]
pub struct OriginError(String);

/// What other pages may send and read beyond what browsers always allow.
const SENT: [&str; 11] = [
    "accept",
    "authorization",
    "content-type",
    "dpop",
    "if-match",
    "if-none-match",
    "odata-maxversion",
    "odata-version",
    "prefer",
    "x-api-key",
    "x-requested-with",
];
const SEEN: [&str; 7] = [
    "etag",
    "location",
    "odata-entityid",
    "odata-version",
    "preference-applied",
    "retry-after",
    "www-authenticate",
];

impl Origins {
    /// Checks origins: scheme, host and perhaps a port, nothing behind.
    pub fn new(origins: &[String]) -> Result<Self, OriginError> {
        let checked = |origin: &String| {
            let error = || OriginError(origin.chars().take(200).collect());
            let uri: axum::http::Uri = origin.parse().map_err(|_| error())?;
            let plain = matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
                && uri.path() == "/"
                && uri.query().is_none()
                && !origin.ends_with('/');
            if plain { HeaderValue::from_str(origin).map_err(|_| error()) } else { Err(error()) }
        };
        origins.iter().map(checked).collect::<Result<_, _>>().map(Self)
    }

    /// Answers preflights and names the origin in answers.
    pub fn layer(&self) -> CorsLayer {
        let names = |names: &[&'static str]| {
            names.iter().map(|name| HeaderName::from_static(name)).collect::<Vec<_>>()
        };
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.clone()))
            .allow_methods([
                Method::GET,
                Method::HEAD,
                Method::POST,
                Method::PATCH,
                Method::PUT,
                Method::DELETE,
                Method::OPTIONS,
            ])
            .allow_headers(names(&SENT))
            .expose_headers(names(&SEEN))
            .vary([header::ORIGIN])
    }

    /// Whether there are none: then nothing is said of origins at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_origins_are_taken() {
        let check = |origin: &str, expect: bool| {
            assert_eq!(Origins::new(&[origin.to_owned()]).is_ok(), expect, "{origin}");
        };
        check("https://reports.example.com", true);
        check("http://localhost:3000", true);
        check("https://reports.example.com/", false);
        check("https://reports.example.com/page", false);
        check("https://user@example.com", false);
        check("ftp://example.com", false);
        check("*", false);
        check("null", false);
    }
}
