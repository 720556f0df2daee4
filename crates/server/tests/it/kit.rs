//! A server on a port of its own, browsers with cookies, and a workbook with its definition.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, header},
};
use bytes::Bytes;
use gridkeep_identity::{
    access::Algorithm,
    password::{Cost, Scheme},
};
use gridkeep_kit::{Postgres, SeededRng};
use gridkeep_model::Clock;
use gridkeep_server::{
    creation::UploadLimits,
    door::Door,
    house::{House, OPEN},
    http::{Origins, Proxy, serve},
    mail::Carrier,
    session::{Lifetime, SignUp},
    site::Site,
    start::{self, Start},
    state::AppState,
    tenancy::Founders,
};
use gridkeep_store::{Durability, TenantRole};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// A clock that stands until a test moves it.
#[derive(Debug)]
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn advance(&self, duration: SignedDuration) {
        self.0.fetch_add(duration.as_millis() as i64, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// What a test wants otherwise than usual.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    pub(crate) founders: Founders,
    /// So many tenants are open at once beside the first.
    pub(crate) open_tenants: Option<usize>,
    /// What those become who make an account by themselves.
    pub(crate) newcomers: Option<TenantRole>,
    pub(crate) uploads: UploadLimits,
    pub(crate) closed: bool,
    pub(crate) web: Option<PathBuf>,
    pub(crate) base_url: Option<&'static str>,
    pub(crate) database: Option<String>,
    pub(crate) origins: Vec<String>,
    /// So many rows of a table follow a change at once.
    pub(crate) following: Option<usize>,
    pub(crate) scheme: Option<Scheme>,
    pub(crate) token_key: Option<Algorithm>,
    /// For so many minutes access tokens are good.
    pub(crate) token_minutes: i64,
    /// The port of a mail server on this machine.
    pub(crate) smtp: Option<u16>,
    /// The address of another mail server, and the certificate of an authority to trust.
    pub(crate) carrier: Option<(String, Option<Vec<u8>>)>,
    /// Invitations that a tenant sends in an hour.
    pub(crate) invitations: Option<u64>,
    /// Hosts of identity providers that may be inside.
    pub(crate) provider_hosts: Vec<String>,
    /// Hosts of handlers of events that may be inside.
    pub(crate) handler_hosts: Vec<String>,
    /// People whom a tenant's providers bring for the first time in an hour.
    pub(crate) company_newcomers: Option<u32>,
    /// Who is asked for records of domains.
    pub(crate) name_server: Option<SocketAddr>,
    /// A proxy stands in front: see [`Browser::network`].
    pub(crate) proxied: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            founders: Founders::Nobody,
            open_tenants: None,
            newcomers: Some(TenantRole::Maker),
            uploads: UploadLimits::default(),
            closed: false,
            web: None,
            base_url: None,
            database: None,
            origins: Vec::new(),
            following: None,
            scheme: None,
            token_key: None,
            token_minutes: 5,
            smtp: None,
            carrier: None,
            invitations: None,
            provider_hosts: Vec::new(),
            handler_hosts: Vec::new(),
            company_newcomers: None,
            // Nobody is there: tests ask no name server of this machine.
            name_server: Some(SocketAddr::from(([127, 0, 0, 1], 9))),
            proxied: false,
        }
    }
}

/// A running server. Stops when dropped.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) house: House,
    /// Of the first tenant.
    pub(crate) state: AppState,
    pub(crate) data: Arc<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Wishes::default()).await
    }

    pub(crate) async fn with(wishes: Wishes) -> Self {
        Self::over(Arc::new(TempDir::new().unwrap()), wishes).await
    }

    /// Over a data folder that may have been used before.
    pub(crate) async fn over(data: Arc<TempDir>, wishes: Wishes) -> Self {
        // 2026-11-21T12:00:00Z
        let clock = Arc::new(HandClock(AtomicI64::new(1_795_262_400_000)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site::new(wishes.base_url.unwrap_or("http://gridkeep.test")).unwrap();
        // Another start is another chance.
        let seed = if data.path().join("data").exists() { 8 } else { 7 };
        let house = start::open(Start {
            data: data.path().join("data"),
            database: wishes.database,
            durability: Durability::Full,
            site,
            web: wishes.web,
            sign_up: SignUp { open: !wishes.closed, newcomers: wishes.newcomers },
            lifetime: Lifetime::default(),
            proxy: Proxy(wishes.proxied),
            token_key: wishes.token_key.unwrap_or(Algorithm::Hs256),
            token_life: SignedDuration::from_mins(wishes.token_minutes),
            origins: Origins::new(&wishes.origins).unwrap(),
            uploads: wishes.uploads,
            carrier: wishes
                .carrier
                .map(|(url, ca)| {
                    Carrier::smtp(&url.into(), "Gridkeep <gridkeep@gridkeep.test>", ca.as_deref()).unwrap()
                })
                .or_else(|| {
                    wishes.smtp.map(|port| {
                        let url = format!("smtp://127.0.0.1:{port}");
                        Carrier::smtp(&url.into(), "Gridkeep <gridkeep@gridkeep.test>", None).unwrap()
                    })
                }),
            invitations: wishes.invitations.unwrap_or(1_000),
            work: 500,
            provider_hosts: wishes.provider_hosts,
            handler_hosts: wishes.handler_hosts,
            newcomers: wishes.company_newcomers.unwrap_or(500),
            name_server: wishes.name_server,
            logins_kept: SignedDuration::from_hours(400 * 24),
            scheme: wishes.scheme.unwrap_or(Scheme::Argon2id(Cost { memory: 64, passes: 1 })),
            clock: clock.clone(),
            rng: Box::new(SeededRng::new(seed)),
            following: wishes.following.unwrap_or(start::FOLLOWING),
            founders: wishes.founders,
            open_tenants: wishes.open_tenants.unwrap_or(OPEN),
        })
        .await
        .unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let served = tokio::spawn(serve(listener, Door::new(house.clone()), stopped));
        let state = house.home().state.clone();
        Self { address, clock, house, state, data, stop: Some(stop), served }
    }

    /// Somebody who has not signed in.
    pub(crate) fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// Somebody with an account; the first of a world is the administrator.
    pub(crate) async fn person(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let account = json!({"email": email(name), "name": name, "password": PASSWORD});
        let answer = browser.post("/api/accounts", account).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        if answer.json()["account"]["confirmed"] == false {
            let token = self.token(name, "/confirm#").await;
            let answer = browser.post("/api/accounts/confirmation", json!({"token": token})).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        browser
    }

    /// Lets somebody whom `by` invites join a tenant at its place (`""`, `/t/acme`) as this, with the account they have.
    pub(crate) async fn join(
        &self,
        by: &mut Browser,
        place: &str,
        (name, role): (&str, &str),
        joins: &mut Browser,
    ) {
        // After what was mailed before.
        self.clock.advance(SignedDuration::from_millis(1));
        let new = json!({"email": email(name), "role": role});
        by.post(&format!("{place}/api/invitations"), new).await.expect(201);
        let token = self.token(name, &format!("{place}/invitation#")).await;
        let accept = format!("{place}/api/accounts/invitation/acceptance");
        joins.post(&accept, json!({"token": token})).await.expect(200);
    }

    /// The mails to somebody, the newest first, once all that are due have been written: subject and text.
    pub(crate) async fn mails(&self, name: &str) -> Vec<(String, String)> {
        self.state.post.work_off().await.unwrap();
        let mails = self.state.post.list(1_000).await.unwrap();
        let own = mails.into_iter().filter(|(mail, _)| mail.address == email(name));
        own.filter_map(|(_, state)| state.text).collect()
    }

    /// The token of the newest link mailed to somebody that leads to this page.
    pub(crate) async fn token(&self, name: &str, page: &str) -> String {
        let mails = self.mails(name).await;
        let found = mails.iter().find_map(|(_, text)| text.split_once(page)).expect("a link to this page");
        found.1.chars().take(64).collect()
    }

    /// Whether new connections are taken.
    pub(crate) async fn address_is_open(&self) -> bool {
        TcpStream::connect(self.address).await.is_ok()
    }

    /// Asks the server to stop.
    pub(crate) fn stop(&mut self) {
        self.stop.take();
    }

    /// Stops the server and waits until it has ended; gives its folder, which nobody uses any more.
    pub(crate) async fn end(mut self) -> Arc<TempDir> {
        self.stop();
        self.served.await.unwrap();
        drop((self.state, self.house));
        // A database thread that has just answered may hold the folder a moment longer: waits until nobody does.
        let lock = self.data.path().join("data/database/lock");
        if let Ok(file) = std::fs::File::open(lock) {
            tokio::task::spawn_blocking(move || file.lock()).await.unwrap().unwrap();
        }
        self.data
    }
}

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase())
}

/// The databases to run a test on: always SQLite, and PostgreSQL where it is. The server stops with the test.
pub(crate) fn databases() -> (Vec<Option<String>>, Option<Postgres>) {
    let server = Postgres::start();
    let mut all = vec![None];
    all.extend(server.as_ref().map(|server| Some(server.fresh_database())));
    (all, server)
}

/// One person's browser.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) address: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) language: &'static str,
    /// What the proxy in front says where it is.
    pub(crate) network: Option<String>,
    /// The solution of a puzzle.
    pub(crate) work: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails with the body when the status is another.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

impl Browser {
    /// Of somebody who has never been there.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { address, cookies: BTreeMap::new(), language: "en", network: None, work: None }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Json) -> Answer {
        self.json(Method::POST, path, body).await
    }

    pub(crate) async fn put(&mut self, path: &str, body: Json) -> Answer {
        self.json(Method::PUT, path, body).await
    }

    pub(crate) async fn patch(&mut self, path: &str, body: Json) -> Answer {
        self.json(Method::PATCH, path, body).await
    }

    async fn json(&mut self, method: Method, path: &str, body: Json) -> Answer {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.to_string().into()).unwrap()).await
    }

    /// Uploads a file.
    pub(crate) async fn upload(&mut self, path: &str, name: &str, bytes: impl Into<Body>) -> Answer {
        let request = self.request(Method::POST, path).header("x-file-name", name);
        self.send(request.body(bytes.into()).unwrap()).await
    }

    /// Uploads the stock list and gives the creation's token.
    pub(crate) async fn stock(&mut self) -> String {
        let answer = self.upload("/api/creations", "stock.csv", STOCK).await.expect(201);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Publishes the stock list and gives the app's id.
    pub(crate) async fn publish(&mut self, audience: &str, people: &[&str]) -> String {
        let token = self.stock().await;
        let people: Vec<_> = people.iter().map(|name| email(name)).collect();
        let request = json!({"definition": definition(), "audience": audience, "people": people});
        let answer = self.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// A request as our own pages send it.
    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "gridkeep.test")
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::COOKIE, cookies.join("; "))
            .header("x-gridkeep", "1");
        let more = [("x-forwarded-for", &self.network), ("x-gridkeep-work", &self.work)];
        more.into_iter().fold(request, |request, (name, value)| match value {
            Some(value) => request.header(name, value),
            None => request,
        })
    }

    /// Sends, and gives the status as soon as it comes; `None` when the server has gone before.
    pub(crate) async fn status(&self, request: Request<Body>) -> Option<u16> {
        let stream = TcpStream::connect(self.address).await.ok()?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(sender.send_request(request).await.ok()?.status().as_u16())
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(Body::new(body), usize::MAX).await.unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

/// A small stock list.
pub(crate) const STOCK: &str =
    "SKU,Item,Qty,Price\n0007,Motor,3,19.90\n0008,Bolt,250,0.05\n0009,Seal,40,1.25\n";

/// An app over it.
pub(crate) fn definition() -> Json {
    let column = |id: &str, title: &str, offset: u32, kind: &str, column_type: Json| json!({"id": id, "title": title, "offset": offset, "kind": kind, "type": column_type});
    let mut qty = column("qty", "Qty", 2, "integer", json!({"name": "integer"}));
    qty["validation"] = json!({"required": true, "minimum": 0.0});
    json!({
        "schemaVersion": 1, "name": "Stock", "description": "What is on the shelves.", "icon": "list",
        "accent": "#2f6f4f", "language": "en",
        "screens": [{
            "id": "stock", "title": "Stock", "icon": "list", "kind": "list",
            "components": [{
                "type": "list", "id": "items", "table": "stock", "titleColumn": "item", "columns": ["qty"],
                "filters": ["item"], "search": ["item"], "sort": {"column": "item"},
                "detail": ["sku", "item", "qty", "price"]
            }]
        }],
        "tables": [{
            "id": "stock", "title": "Stock", "key": "sku",
            "source": {"from": "range", "sheet": gridkeep_workbook::read::CSV_SHEET, "range": "A1:D4"},
            "columns": [
                column("sku", "SKU", 0, "text", json!({"name": "text"})),
                column("item", "Item", 1, "text", json!({"name": "text"})),
                qty,
                column("price", "Price", 3, "currency", json!({"name": "decimal", "scale": 2})),
            ]
        }]
    })
}

/// A fresh id for a transaction or row, from a small number.
pub(crate) fn id(number: u64) -> String {
    format!("018f0000-0000-7000-8000-{number:012x}")
}

/// Hides what differs from run to run.
pub(crate) fn redacted(mut json: Json) -> Json {
    fn walk(json: &mut Json) {
        match json {
            Json::String(text) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
                *json = "[token]".into();
            }
            Json::String(text) if uuid::Uuid::parse_str(text).is_ok() => *json = "[id]".into(),
            Json::String(text) if text.contains("/app/") => *json = "[link]".into(),
            Json::String(text) if text.contains("/odata/default/") => *json = "[service]".into(),
            Json::Array(values) => values.iter_mut().for_each(walk),
            Json::Object(fields) => fields.values_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut json);
    json
}
