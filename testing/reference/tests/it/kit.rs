//! A server on a port of its own, and a client that sends what a test says and nothing else.

use axum::{
    body::Body,
    http::{HeaderMap, Request, header},
};
use bytes::Bytes;
use gridkeep_kit::Postgres;
use gridkeep_reference::{Options, Reference};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::net::TcpStream;

use crate::POSTGRES;

/// A running server. It ends with the test's runtime.
pub(crate) struct World {
    reference: Reference,
    _database: Option<Postgres>,
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

impl World {
    pub(crate) async fn start() -> Self {
        // Where there is no PostgreSQL that is said, and SQLite takes its place.
        let server = if POSTGRES { Postgres::start() } else { None };
        let database = server.as_ref().map(Postgres::fresh_database);
        let reference = Reference::start(Options { database, ..Options::default() }).await.unwrap();
        Self { reference, _database: server }
    }

    /// The service's address, with a slash at the end.
    pub(crate) fn root(&self) -> &str {
        self.reference.root()
    }

    /// Sends a request to a path behind the root, as it is written, or to a whole address of the service.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let authority = self.root().trim_start_matches("http://").trim_end_matches('/');
        let path = path.strip_prefix(self.root()).unwrap_or(path).trim_start_matches('/');
        let mut request =
            Request::builder().method(method).uri(format!("/{path}")).header(header::HOST, authority);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let stream = TcpStream::connect(authority.replace("localhost", "127.0.0.1")).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(Body::new(body), usize::MAX).await.unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Body::empty()).await
    }

    /// Sends JSON.
    pub(crate) async fn json(&self, method: &str, path: &str, body: Json) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// The address of the entity of a set with this name, behind the root.
    pub(crate) async fn named(&self, set: &str, name: &str) -> String {
        let path = format!("{set}?$select=ID&$filter=Name%20eq%20'{}'", name.replace(' ', "%20"));
        let found = self.get(&path).await.expect(200).json();
        format!("{set}({})", found["value"][0]["ID"].as_str().unwrap())
    }
}
