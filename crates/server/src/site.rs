//! Where this server is to be found: its base URL and what follows from it; and where one of its tenants is.
//!
//! The default tenant is at the root of the host, each other one at `/t/{name}`. What is the host's, such as cookies and where
//! requests may come from, is the same for all.

use std::sync::Arc;

use axum::http::Uri;

/// The address people use, and everything that depends on it.
#[derive(Debug, Clone)]
pub struct Site {
    host: Arc<Inner>,
    place: Place,
}

/// Where a tenant is on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What its addresses begin with; empty for the default tenant.
    prefix: Arc<str>,
    /// What it is called in the addresses of services.
    name: Arc<str>,
}

/// What the addresses of all tenants but the default one begin with; its name follows.
pub const TENANTS: &str = "/t/";

/// The name by which a request called its tenant, as it stands in the address, be there such a tenant or not. Without one it is about
/// the root of the host.
#[derive(Debug, Clone)]
pub struct Called(pub Arc<str>);

impl Place {
    /// At the root of the host.
    pub fn root(name: &str) -> Self {
        Self { prefix: "".into(), name: name.into() }
    }

    /// At a path of its own.
    pub fn of(name: &str) -> Self {
        Self { prefix: format!("{TENANTS}{name}").into(), name: name.into() }
    }

    /// What the tenant is called there.
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[derive(Debug)]
struct Inner {
    /// Without a slash at the end.
    base: String,
    origins: Vec<String>,
    secure: bool,
}

/// A base URL that is none.
#[derive(Debug, thiserror::Error)]
#[error("“{0}” is not a base URL such as https://gridkeep.example.com")]
pub struct BaseUrlError(String);

impl Site {
    /// Checks a base URL: http or https, a host, no query; a path is not supported, since cookies and CSP rule the whole host.
    pub fn new(base_url: &str) -> Result<Self, BaseUrlError> {
        let error = || BaseUrlError(base_url.chars().take(200).collect());
        let uri: Uri = base_url.parse().map_err(|_| error())?;
        let scheme =
            uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https")).ok_or_else(error)?;
        let authority = uri.authority().filter(|a| !a.as_str().contains('@')).ok_or_else(error)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(error());
        }
        let base = format!("{scheme}://{}", authority.as_str().to_ascii_lowercase());
        let mut origins = vec![base.clone()];
        // A machine's own names for itself are one place: whoever reaches them is on this machine.
        let names = ["localhost", "127.0.0.1", "[::1]"];
        if names.contains(&authority.host()) {
            let port = authority.port().map(|port| format!(":{port}")).unwrap_or_default();
            origins.extend(names.map(|name| format!("{scheme}://{name}{port}")));
        }
        let host = Arc::new(Inner { secure: scheme == "https", base, origins });
        Ok(Self { host, place: Place::root("default") })
    }

    /// The same host, for a tenant at this place.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        Self { host: Arc::clone(&self.host), place }
    }

    /// Whether people come by https: cookies are then bound to it.
    pub fn secure(&self) -> bool {
        self.host.secure
    }

    /// The host people use, as mail addresses name it; `localhost` where it has no name.
    pub fn host(&self) -> String {
        let authority = self.host.base.split("://").nth(1).unwrap_or_default();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        let is_number = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
        if is_number { "localhost" } else { host }.to_owned()
    }

    /// What pages of this server call their origin.
    pub fn origins(&self) -> &[String] {
        &self.host.origins
    }

    /// Whether an `Origin` header names this server.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        self.host.origins.iter().any(|own| own.eq_ignore_ascii_case(origin))
    }

    /// The full address of a path of the host that begins with a slash.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.host.base)
    }

    /// What issues tokens where a request was sent to (RFC 8414 section 2): the base URL, with what names the tenant behind it. It
    /// repeats what was called, so that nobody learns which tenants there are.
    pub fn issuer(&self, called: Option<&Called>) -> String {
        match called {
            Some(Called(name)) => format!("{}{TENANTS}{name}", self.host.base),
            None => self.host.base.clone(),
        }
    }

    /// The full address of a page of the tenant; `path` begins with a slash.
    pub fn page(&self, path: &str) -> String {
        format!("{}{}{path}", self.host.base, self.place.prefix)
    }

    /// What the tenant is called in addresses.
    pub fn tenant(&self) -> &str {
        &self.place.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_base_urls_are_taken() {
        let check = |url: &str, expect: Option<&str>| {
            assert_eq!(Site::new(url).ok().map(|site| site.link("/app/1")).as_deref(), expect, "{url}");
        };
        check("https://Apps.Example.com/", Some("https://apps.example.com/app/1"));
        check("http://127.0.0.1:8080", Some("http://127.0.0.1:8080/app/1"));
        check("https://example.com/grid", None);
        check("https://user@example.com", None);
        check("ftp://example.com", None);
        check("example.com", None);
        let host = |url: &str| Site::new(url).unwrap().host();
        assert_eq!(host("https://Apps.Example.com:8443"), "apps.example.com");
        assert_eq!(
            (host("http://127.0.0.1:8080"), host("http://[::1]")),
            ("localhost".into(), "localhost".into())
        );
        let site = Site::new("http://127.0.0.1:8080").unwrap();
        let acme = site.at(Place::of("acme"));
        assert_eq!((site.page("/app/1"), site.tenant()), ("http://127.0.0.1:8080/app/1".into(), "default"));
        assert_eq!(acme.page("/app/1"), "http://127.0.0.1:8080/t/acme/app/1");
        assert_eq!((acme.link("/app/1"), acme.tenant()), (site.link("/app/1"), "acme"));
        assert!(site.is_own_origin("http://localhost:8080") && !site.is_own_origin("http://localhost:81"));
        assert!(!site.is_own_origin("null"));
    }
}
