//! Who is at the other end: only for throttling, so nobody relies on it as an identity.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::request::Parts,
};

/// Whether a reverse proxy stands in front and says for whom it asks.
#[derive(Debug, Clone, Copy)]
pub struct Proxy(pub bool);

/// The address a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Peer
where
    Proxy: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts, Proxy::from_ref(state)))
    }
}

impl Peer {
    /// The address this request comes from.
    pub fn of(parts: &Parts, proxy: Proxy) -> Self {
        if proxy.0 {
            // The last entry is the proxy's own word; those before it are whatever the client claims.
            let entries = parts.headers.get_all("x-forwarded-for");
            let last = entries.iter().next_back().and_then(|value| value.to_str().ok());
            let last = last.and_then(|value| value.rsplit(',').next());
            return Self(last.and_then(|text| text.trim().parse().ok()));
        }
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Self(address.map(|ConnectInfo(address)| address.ip()))
    }
}

/// An IPv6 subscriber owns at least a /64: it counts as one address.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        },
    }
}
