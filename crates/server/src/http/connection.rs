//! Accepts connections: bounded in number, in header size and in patience, and lets them finish when the server stops.
//!
//! **Architecture Invariant:** no connection outlives [`serve`]: when it returns, nobody is left who holds the rooms, and with
//! them the databases and the lock of their folder.
//!
//! `axum::serve` sets none of these bounds, so this is its loop with them.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request},
    response::Response,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};
use tower::{Service, ServiceExt};

/// Connections open at once, over all people.
const CONNECTIONS: usize = 4_096;
/// Bytes of a request's line and headers together.
const HEADER_BYTES: usize = 32 * 1024;
/// Headers of one request.
const HEADERS: usize = 64;
/// How long a client may take to send its headers; also bounds idle keep-alive.
const HEADER_TIME: Duration = Duration::from_secs(30);
/// How long requests under way may take to finish once the server stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// Serves until `stop` resolves, then lets requests under way finish; those that do not in time are cut off.
pub async fn serve<S>(listener: TcpListener, service: S, stop: impl Future<Output = ()>)
where
    S: Service<Request<hyper::body::Incoming>, Response = Response, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let place = tokio::select! {
            () = &mut stop => break,
            place = places.clone().acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
            // Nothing is kept of those that have ended.
            Some(_) = connections.join_next() => continue,
        };
        let Ok((stream, address)) = accepted else {
            // Out of file descriptors, most likely: wait for some to be given back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let service = service.clone().map_request(move |mut request: Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(address));
            request
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADERS)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error.cause = %error, "connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    let farewell = async {
        graceful.shutdown().await;
        while connections.join_next().await.is_some() {}
    };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        tracing::warn!("stopped with requests still under way");
    }
    connections.shutdown().await;
}
