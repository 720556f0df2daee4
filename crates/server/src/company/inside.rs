//! Hosts of providers that may be inside the server's own network, as the operator names them (`--provider-host`).
//!
//! **Architecture Invariant:** what is not named is outside: another port, and the same host for another tenant.

use crate::tenant_name::DEFAULT;

/// A host, for whom it may be inside.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    /// The tenant's name; any when `None`.
    tenant: Option<String>,
    name: String,
    /// The usual one when `None`.
    port: Option<Port>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Port {
    Any,
    One(u16),
}

/// Hosts that may be inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside(Vec<Host>);

/// What names no host.
#[derive(Debug, thiserror::Error)]
#[error(
    "“{0}” is not a provider's host such as id.corp.example, id.corp.example:8443 or acme=id.corp.example"
)]
pub struct NoHost(String);

impl Inside {
    /// Reads `[TENANT=]HOST[:PORT]`. Without a tenant it is the server's first one, with `*` any. Without a port it is the usual one,
    /// with `*` any.
    pub fn read(all: &[String]) -> Result<Self, NoHost> {
        all.iter()
            .map(|text| host(text).ok_or_else(|| NoHost(text.clone())))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// These hosts, for every tenant and at every port.
    pub fn anywhere(hosts: &[String]) -> Self {
        let host =
            |name: &String| Host { tenant: None, name: name.to_ascii_lowercase(), port: Some(Port::Any) };
        Self(hosts.iter().map(host).collect())
    }

    /// Whether this is one of them for a tenant.
    pub(super) fn has(&self, tenant: &str, host: &str, (port, safe): (u16, bool)) -> bool {
        let usual = if safe { 443 } else { 80 };
        self.0.iter().any(|own| {
            own.tenant.as_ref().is_none_or(|own| own == tenant)
                && own.name == host
                && match own.port {
                    None => port == usual,
                    Some(Port::One(own)) => own == port,
                    Some(Port::Any) => true,
                }
        })
    }
}

fn host(text: &str) -> Option<Host> {
    let (tenant, place) = text.trim().split_once('=').unwrap_or((DEFAULT, text.trim()));
    // Numbers of the sixth kind stand in brackets where a port follows.
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':')?)),
        None if place.matches(':').count() > 1 => (place, None),
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None => None,
        Some("*") => Some(Port::Any),
        Some(number) => Some(Port::One(number.parse().ok()?)),
    };
    let fits =
        |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || "/@=*".contains(c));
    let tenant = (tenant != "*").then(|| tenant.to_owned());
    let right = fits(host) && tenant.as_deref().is_none_or(fits);
    right.then(|| Host { tenant, name: host.to_ascii_lowercase(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_for_whom_they_are_named() {
        let check = |named: &str, (tenant, host, port): (&str, &str, u16), expect: bool| {
            let inside = Inside::read(&[named.to_owned()]).unwrap();
            assert_eq!(
                inside.has(tenant, host, (port, port != 80)),
                expect,
                "{named} {tenant} {host} {port}"
            );
        };
        check("id.corp.example", (DEFAULT, "id.corp.example", 443), true);
        check("id.corp.example", (DEFAULT, "id.corp.example", 80), true);
        check("id.corp.example", (DEFAULT, "id.corp.example", 8443), false);
        check("id.corp.example", (DEFAULT, "corp.example", 443), false);
        check("id.corp.example", ("acme", "id.corp.example", 443), false);
        check("acme=ID.corp.example:8443", ("acme", "id.corp.example", 8443), true);
        check("acme=id.corp.example:8443", ("acme", "id.corp.example", 443), false);
        check("acme=id.corp.example:8443", (DEFAULT, "id.corp.example", 8443), false);
        check("*=127.0.0.1:*", ("acme", "127.0.0.1", 9101), true);
        check("*=[::1]:99", ("acme", "::1", 99), true);
        check("::1", (DEFAULT, "::1", 443), true);
        for none in ["", "=x", "a=", "a b", "x:70000", "x:y", "https://x", "a=b=c", "*", "[::1]x", "u@x"] {
            assert!(Inside::read(&[none.to_owned()]).is_err(), "{none}");
        }
    }
}
