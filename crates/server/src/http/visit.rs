//! Where a request comes from, as its person may later know it again: a network address and what the browser says of itself.
//!
//! **Architecture Invariant:** nobody is let in or kept out for it. Both are short, and of plain characters only.

use std::{convert::Infallible, net::IpAddr};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header::USER_AGENT, request::Parts},
};

use super::{Peer, Proxy};

/// Most characters kept of what a browser says of itself.
const LONGEST_AGENT: usize = 256;

/// Where a request comes from.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// The network address.
    pub address: Option<IpAddr>,
    /// The `User-Agent`, in printable ASCII.
    pub agent: Option<String>,
}

impl Visit {
    /// Where this request comes from.
    pub fn of(parts: &Parts, proxy: Proxy) -> Self {
        Self::new(Peer::of(parts, proxy).0, &parts.headers)
    }

    fn new(address: Option<IpAddr>, headers: &HeaderMap) -> Self {
        let agent = headers.get(USER_AGENT).map(|agent| cleaned(agent.as_bytes()));
        // An IPv4 address is one whichever way it came.
        let address = address.map(|address| address.to_canonical());
        Self { address, agent: agent.filter(|agent| !agent.is_empty()) }
    }
}

/// What is printable, at most so much, with single blanks.
fn cleaned(bytes: &[u8]) -> String {
    let text = bytes.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { ' ' });
    let mut clean = String::new();
    for c in text {
        if clean.len() == LONGEST_AGENT {
            break;
        }
        if c != ' ' || !(clean.is_empty() || clean.ends_with(' ')) {
            clean.push(c);
        }
    }
    clean.truncate(clean.trim_end().len());
    clean
}

impl<S: Send + Sync> FromRequestParts<S> for Visit
where
    Proxy: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts, Proxy::from_ref(state)))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_browsers_say_is_cut_and_cleaned() {
        let check = |said: &[u8], expect: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_bytes(said).unwrap());
            assert_eq!(Visit::new(None, &headers).agent.as_deref(), expect);
        };
        check(b"Mozilla/5.0 (X11)", Some("Mozilla/5.0 (X11)"));
        check(b"  a\t\tb  ", Some("a b"));
        check("Bogus\u{202e}\u{e9}x".as_bytes(), Some("Bogus x"));
        check(b"", None);
        check(b"   ", None);
        let long = "a".repeat(LONGEST_AGENT);
        check("a".repeat(5_000).as_bytes(), Some(&long));
        let visit = Visit::new("::ffff:192.0.2.1".parse().ok(), &HeaderMap::new());
        assert_eq!(visit.address, "192.0.2.1".parse().ok());
        assert_eq!(visit.agent, None);
    }
}
