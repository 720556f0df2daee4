//! Asks providers: the only requests this server makes to addresses that people of a tenant have named.
//!
//! **Architecture Invariant:** https only, to addresses of the public network; what the operator names besides ([`Inside`]) may be
//! inside, and by http where it is this very machine. The address that was looked at is the one that is spoken to. Nobody is
//! followed elsewhere, and no answer is read beyond its bounds in size and time. No tenant takes the places of the others, and
//! whoever is asked what it says of itself is not kept from it by those who come back with codes.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
    time::Duration,
};

use axum::http::{Method, Request, Uri, header};
use bytes::Bytes;
use gridkeep_model::TenantId;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{AcquireError, Semaphore},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use super::{inside::Inside, txt::texts};
use crate::{session::Logins, site::Site, tenancy::Tenancy};

/// How long a provider has for an answer.
const TIME: Duration = Duration::from_secs(10);
/// Largest answer.
const LARGEST: usize = 512 * 1_024;
/// How long somebody waits for a place.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked: each has places of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Errand {
    /// Something that is the same for all, and kept: one at a time would do.
    Look,
    /// Who somebody is. Strangers bring this about with codes that are none, so it has more places.
    Person,
    /// Somebody is told what happened. More than all tenants have that are open at once, so that none waits for another's.
    Tell,
}

impl Errand {
    /// Requests at once: for one tenant at one host, and for one tenant.
    fn places(self) -> (usize, usize) {
        match self {
            Self::Look | Self::Tell => (2, 4),
            Self::Person => (8, 12),
        }
    }

    /// Requests at once for all tenants.
    const fn of_all(self) -> usize {
        match self {
            Self::Look => 64,
            Self::Person => 192,
            Self::Tell => 256,
        }
    }
}

/// Whose places, for what, and where.
type Own = (TenantId, Errand, String);

/// Asks providers. Cheap to clone.
#[derive(Clone)]
pub struct Caller(Arc<Inner>);

struct Inner {
    /// Made when it is first needed: reading certificates takes a while.
    tls: OnceLock<TlsConnector>,
    inside: Inside,
    /// Who is asked for records of domains; as this machine does when `None`.
    names: Option<SocketAddr>,
    looks: Semaphore,
    persons: Semaphore,
    told: Semaphore,
    /// Places of tenants and of their hosts, while somebody asks for them.
    own: Mutex<HashMap<Own, Weak<Semaphore>>>,
}

/// For whom somebody is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Whose {
    pub(super) tenant: TenantId,
    name: Arc<str>,
}

impl Whose {
    /// For the tenant of this place.
    pub fn of(logins: &Logins, site: &Site) -> Self {
        Self { tenant: logins.tenant(), name: site.tenant().into() }
    }

    /// For a tenant at its place.
    pub fn at(tenancy: &Tenancy, site: &Site) -> Self {
        Self { tenant: tenancy.id(), name: site.tenant().into() }
    }

    #[cfg(test)]
    pub(super) fn test(number: u128, name: &str) -> Self {
        Self { tenant: TenantId::from_uuid(uuid::Uuid::from_u128(number)), name: name.into() }
    }
}

/// What an address leads to.
struct Target {
    /// By TLS.
    safe: bool,
    /// It may be inside.
    inside: bool,
    host: String,
    port: u16,
    path: String,
}

/// What is sent.
struct Sent {
    kind: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// Why there is no answer. For the log and whoever tests a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Not an address that is asked.
    #[error("not an address that is asked")]
    Address,
    /// It is inside a network that is not for tenants to reach.
    #[error("an address inside")]
    Inside,
    /// Nobody answers, or not in time.
    #[error("no connection")]
    Unreachable,
    /// So many are asking that there was no place: nobody was asked.
    #[error("too many at once")]
    Busy,
    /// The certificate is not good.
    #[error("no safe connection")]
    Unsafe,
    /// Something else than was asked for.
    #[error("an answer of status {0}")]
    Status(u16),
    /// The answer is too large.
    #[error("too large an answer")]
    TooLarge,
}

impl Caller {
    /// With the certificates this machine trusts; these hosts may be inside, and this is who is asked for records of domains.
    pub fn new(inside: Inside, names: Option<SocketAddr>) -> Self {
        Self(Arc::new(Inner {
            tls: OnceLock::new(),
            inside,
            names,
            looks: Semaphore::new(Errand::Look.of_all()),
            persons: Semaphore::new(Errand::Person.of_all()),
            told: Semaphore::new(Errand::Tell.of_all()),
            own: Mutex::default(),
        }))
    }

    /// The text records of a domain; `None` when nobody answers.
    pub(super) async fn texts(&self, whose: &Whose, domain: &str, id: [u8; 2]) -> Option<Vec<String>> {
        let server = self.0.names.or_else(own_name_server)?;
        // Where the name server itself is slow, it is so for all domains.
        let asked = async { Some(texts(server, domain, id).await) };
        self.in_time(whose, (Errand::Look, ""), asked).await.ok().flatten().flatten()
    }

    /// Whether an address is one that is asked at all for a tenant.
    pub fn takes(&self, whose: &Whose, address: &str) -> bool {
        self.place(whose, address).is_ok()
    }

    /// Asks for a document; with credentials, for what is one person's.
    pub async fn get(
        &self,
        whose: &Whose,
        address: &str,
        credentials: Option<&SecretString>,
    ) -> Result<Bytes, CallError> {
        let errand = if credentials.is_some() { Errand::Person } else { Errand::Look };
        self.ask(whose, errand, (Method::GET, address), credentials, None).await
    }

    /// Sends a form, to learn who somebody is.
    pub async fn post(
        &self,
        whose: &Whose,
        address: &str,
        credentials: Option<&SecretString>,
        form: String,
    ) -> Result<Bytes, CallError> {
        let form = Sent { kind: "application/x-www-form-urlencoded", headers: Vec::new(), body: form };
        self.ask(whose, Errand::Person, (Method::POST, address), credentials, Some(form)).await
    }

    /// The host of an address as requests name it, and the path; `None` when it is not one that is asked.
    pub fn spoken(&self, whose: &Whose, address: &str) -> Option<(String, String)> {
        let Target { safe, host, port, path, .. } = self.place(whose, address).ok()?;
        Some((authority(safe, &host, port), path))
    }

    /// Sends a JSON document with headers of its own; any answer of success will do.
    pub async fn send(
        &self,
        whose: &Whose,
        (method, address): (Method, &str),
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Result<(), CallError> {
        let sent = Sent { kind: "application/json", headers, body };
        match self.ask(whose, Errand::Tell, (method, address), None, Some(sent)).await {
            Ok(_) | Err(CallError::Status(201..=299)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn ask(
        &self,
        whose: &Whose,
        errand: Errand,
        (method, address): (Method, &str),
        credentials: Option<&SecretString>,
        form: Option<Sent>,
    ) -> Result<Bytes, CallError> {
        let target = self.place(whose, address)?;
        let host = format!("{}:{}", target.host, target.port);
        self.in_time(whose, (errand, &host), self.speak(method, target, credentials, form)).await?
    }

    /// Does something once there is a place for it. Waiting for one takes nothing of the time there is to speak, and has an end of
    /// its own: behind slow ones nobody waits for long.
    async fn in_time<T>(
        &self,
        whose: &Whose,
        (errand, host): (Errand, &str),
        what: impl Future<Output = T>,
    ) -> Result<T, CallError> {
        let (at_host, of_tenant) = errand.places();
        let at_host = self.own(whose, (errand, host), at_host);
        let of_tenant = self.own(whose, (errand, "\0"), of_tenant);
        let of_all = match errand {
            Errand::Look => &self.0.looks,
            Errand::Person => &self.0.persons,
            Errand::Tell => &self.0.told,
        };
        let place = async {
            // The narrowest first: whoever waits holds nothing that others wait for.
            Ok::<_, AcquireError>((
                at_host.acquire().await?,
                of_tenant.acquire().await?,
                of_all.acquire().await?,
            ))
        };
        let place = tokio::time::timeout(PATIENCE, place).await;
        let _place = place.ok().and_then(Result::ok).ok_or(CallError::Busy)?;
        tokio::time::timeout(TIME, what).await.map_err(|_| CallError::Unreachable)
    }

    /// A tenant's own places: they are there as long as somebody has or awaits one.
    fn own(&self, whose: &Whose, (errand, what): (Errand, &str), count: usize) -> Arc<Semaphore> {
        let mut own = self.0.own.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (whose.tenant, errand, what.to_owned());
        if let Some(found) = own.get(&key).and_then(Weak::upgrade) {
            return found;
        }
        own.retain(|_, places| places.strong_count() > 0);
        let made = Arc::new(Semaphore::new(count));
        own.insert(key, Arc::downgrade(&made));
        made
    }

    /// The parts of an address.
    fn place(&self, whose: &Whose, address: &str) -> Result<Target, CallError> {
        let uri: Uri = address.parse().map_err(|_| CallError::Address)?;
        let authority =
            uri.authority().filter(|own| !own.as_str().contains('@')).ok_or(CallError::Address)?;
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        let safe = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(CallError::Address),
        };
        if host.is_empty() {
            return Err(CallError::Address);
        }
        let port = authority.port_u16().unwrap_or(if safe { 443 } else { 80 });
        let inside = self.0.inside.has(&whose.name, &host, (port, safe));
        // Only on this very machine, as the operator has said: looked at again by its number.
        if !safe && !inside {
            return Err(CallError::Address);
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Target { safe, inside, host, port, path })
    }

    async fn speak(
        &self,
        method: Method,
        Target { safe, inside, host, port, path }: Target,
        credentials: Option<&SecretString>,
        form: Option<Sent>,
    ) -> Result<Bytes, CallError> {
        let all = tokio::net::lookup_host((host.as_str(), port)).await.map_err(|_| CallError::Unreachable)?;
        let fits = |ip: IpAddr| match (safe, inside) {
            (true, true) => true,
            (true, false) => is_public(ip),
            (false, _) => ip.is_loopback(),
        };
        let found: Vec<SocketAddr> = all.collect();
        let target = found.iter().find(|target| fits(target.ip()));
        let target =
            *target.ok_or(if found.is_empty() { CallError::Unreachable } else { CallError::Inside })?;
        let stream = TcpStream::connect(target).await.map_err(|_| CallError::Unreachable)?;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, authority(safe, &host, port))
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("Gridkeep/", env!("CARGO_PKG_VERSION")));
        if let Some(credentials) = credentials {
            request = request.header(header::AUTHORIZATION, credentials.expose_secret());
        }
        let mut body = axum::body::Body::empty();
        if let Some(sent) = form {
            request = request.header(header::CONTENT_TYPE, sent.kind);
            request =
                sent.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
            body = sent.body.into();
        }
        let request = request.body(body).map_err(|_| CallError::Address)?;
        if !safe {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(host).map_err(|_| CallError::Address)?;
        let stream =
            self.0.tls.get_or_init(tls).connect(name, stream).await.map_err(|_| CallError::Unsafe)?;
        exchange(stream, request).await
    }
}

/// Whom this machine asks for names.
fn own_name_server() -> Option<SocketAddr> {
    let text = std::fs::read_to_string("/etc/resolv.conf").ok()?;
    let address = text.lines().find_map(|line| line.strip_prefix("nameserver ")?.trim().parse().ok())?;
    Some(SocketAddr::new(address, 53))
}

fn tls() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

fn authority(safe: bool, host: &str, port: u16) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    if port == if safe { 443 } else { 80 } { host } else { format!("{host}:{port}") }
}

async fn exchange<T: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: T,
    request: Request<axum::body::Body>,
) -> Result<Bytes, CallError> {
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|_| CallError::Unreachable)?;
    let speaking = tokio::spawn(connection);
    let answered = async {
        let response = sender.send_request(request).await.map_err(|_| CallError::Unreachable)?;
        if response.status() != 200 {
            return Err(CallError::Status(response.status().as_u16()));
        }
        let body = axum::body::Body::new(response.into_body());
        axum::body::to_bytes(body, LARGEST).await.map_err(|_| CallError::TooLarge)
    };
    let answered = answered.await;
    speaking.abort();
    answered
}

/// Whether an address is of the public network: what is not, servers must not be led to by people of a tenant.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(ip) = ip.to_ipv4_mapped() {
        return is_public_v4(ip);
    }
    let [a, b, ..] = ip.segments();
    // Global unicast only, without the tunnels through which an inner address is reached, and without documentation.
    a & 0xe000 == 0x2000 && a != 0x2002 && !(a == 0x2001 && (b == 0 || b == 0xdb8))
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::{Errand::*, *};

    #[test]
    fn only_the_public_network_is_asked() {
        let check = |ip: &str, expect: bool| assert_eq!(is_public(ip.parse().unwrap()), expect, "{ip}");
        for ip in ["1.1.1.1", "100.63.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1", "::ffff:1.1.1.1"] {
            check(ip, true);
        }
        for ip in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.168.1.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
        ] {
            check(ip, false);
        }
    }

    #[test]
    fn addresses_are_plain() {
        let inside = ["*=127.0.0.1:99", "*=Id.Inside.example", "acme=own.example:8443"];
        let caller = Caller::new(Inside::read(&inside.map(str::to_owned)).unwrap(), None);
        let (acme, other) = (Whose::test(1, "acme"), Whose::test(2, "other"));
        for (address, expect) in [
            ("https://id.example/x?y", true),
            ("https://id.example:8443", true),
            ("http://id.example/", false),
            ("http://127.0.0.1:99/", true),
            ("http://127.0.0.1:98/", false),
            ("https://ID.inside.example/", true),
            ("https://user@id.example/", false),
            ("ftp://id.example/", false),
            ("/x", false),
            ("https://", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(caller.takes(&acme, address), expect, "{address}");
        }
        let is_inside = |whose, address| caller.place(whose, address).ok().map(|target| target.inside);
        for (whose, address, expect) in [
            (&acme, "https://own.example:8443/", true),
            (&acme, "https://own.example/", false),
            (&other, "https://own.example:8443/", false),
            (&other, "https://id.inside.example/", true),
            (&other, "https://id.inside.example:444/", false),
        ] {
            assert_eq!(is_inside(whose, address), Some(expect), "{address}");
        }
    }

    #[tokio::test]
    async fn nobody_is_led_inside() {
        let (caller, whose) = (Caller::new(Inside::default(), None), Whose::test(1, "acme"));
        for address in
            ["https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://localhost/"]
        {
            assert_eq!(caller.get(&whose, address, None).await, Err(CallError::Inside), "{address}");
        }
        assert_eq!(caller.get(&whose, "http://127.0.0.1/", None).await, Err(CallError::Address));
    }

    /// A slow host has two places of its tenant, a tenant four, and the others go on meanwhile.
    #[tokio::test]
    async fn nobody_waits_for_what_is_slow_elsewhere() {
        let caller = Caller::new(Inside::default(), None);
        let (acme, other) = (Whose::test(1, "acme"), Whose::test(2, "other"));
        let mut context = Context::from_waker(Waker::noop());
        let slow = |host: &'static str| {
            let (caller, acme) = (caller.clone(), acme.clone());
            let mut asked =
                Box::pin(
                    async move { caller.in_time(&acme, (Look, host), std::future::pending::<()>()).await },
                );
            assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            asked
        };
        let mut quick_of = |errand, whose: &Whose, host: &str| {
            let asked = std::pin::pin!(caller.in_time(whose, (errand, host), async {}));
            asked.poll(&mut context).is_ready()
        };
        let (first, second) = (slow("a"), slow("a"));
        // Who somebody is has places of its own.
        assert!(quick_of(Person, &acme, "a"));
        let mut quick = |whose: &Whose, host: &str| quick_of(Look, whose, host);
        assert!(!quick(&acme, "a") && quick(&acme, "b") && quick(&other, "a"));
        let more = [slow("b"), slow("c")];
        assert!(!quick(&acme, "d") && quick(&other, "d"));
        // Whoever gave up leaves the place to others.
        drop(first);
        assert!(quick(&acme, "a") && quick(&acme, "d"));
        drop((second, more));
        assert!(quick(&other, "x"));
        assert!(caller.0.own.lock().unwrap().len() <= 2);
    }

    /// Whoever finds no place is told that, and not that the provider gave no answer; that counts for nobody's fault.
    #[tokio::test]
    async fn waiting_is_no_failure_of_the_provider() {
        let (caller, acme) = (Caller::new(Inside::default(), None), Whose::test(1, "acme"));
        let mut all: Vec<_> = (0..8)
            .map(|_| Box::pin(caller.in_time(&acme, (Person, "a"), std::future::pending::<()>())))
            .collect();
        for asked in &mut all {
            assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert_eq!(caller.in_time(&acme, (Person, "a"), async {}).await, Err(CallError::Busy));
        drop(all.pop());
        assert_eq!(caller.in_time(&acme, (Person, "a"), async {}).await, Ok(()));
    }
}
