//! Bodies that are waited for, by the network that sends them.
//!
//! **Architecture Invariant:** by sending slowly one network holds so many places and no more, whichever tenants it asks at. Of more, the
//! body that has been waited for longest is given up: whoever sends as fast as others do loses nothing to a neighbour who does not.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
};
use bytes::Bytes;
use futures::task::AtomicWaker;
use hyper::body::{Frame, SizeHint};

use super::{Peer, Proxy, peer::network};

/// Bodies that are waited for. Cheap to clone.
#[derive(Clone)]
pub(super) struct Senders(Arc<Inner>);

struct Inner {
    /// The most of one network.
    most: usize,
    proxy: Proxy,
    waiting: Mutex<HashMap<IpAddr, VecDeque<Arc<Wait>>>>,
}

/// A body that may be given up.
#[derive(Default)]
pub(super) struct Wait {
    is_over: AtomicBool,
    waker: AtomicWaker,
}

/// A body that is counted from the moment on at which it is waited for.
struct Sent {
    body: Body,
    senders: Senders,
    network: IpAddr,
    wait: Arc<Wait>,
    is_counted: bool,
}

impl Senders {
    /// At most so many of one network.
    pub(super) fn new(most: usize, proxy: Proxy) -> Self {
        Self(Arc::new(Inner { most, proxy, waiting: Mutex::default() }))
    }

    /// The request with its body counted, where it has one and somebody knows where it comes from.
    pub(super) fn watch(&self, request: Request) -> (Request, Option<Arc<Wait>>) {
        if request.body().is_end_stream() {
            return (request, None);
        }
        let (parts, body) = request.into_parts();
        let Some(address) = Peer::of(&parts, self.0.proxy).0 else {
            return (Request::from_parts(parts, body), None);
        };
        let wait = Arc::new(Wait::default());
        let sent = Sent {
            body,
            senders: self.clone(),
            network: network(address),
            wait: Arc::clone(&wait),
            is_counted: false,
        };
        (Request::from_parts(parts, Body::new(sent)), Some(wait))
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<IpAddr, VecDeque<Arc<Wait>>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more is waited for; the oldest of too many is given up.
    fn enter(&self, network: IpAddr, wait: &Arc<Wait>) {
        let mut waiting = self.waiting();
        let own = waiting.entry(network).or_default();
        own.push_back(Arc::clone(wait));
        let over = if own.len() > self.0.most { own.pop_front() } else { None };
        drop(waiting);
        if let Some(over) = over {
            over.is_over.store(true, Ordering::Release);
            over.waker.wake();
        }
    }

    fn leave(&self, network: IpAddr, wait: &Arc<Wait>) {
        let mut waiting = self.waiting();
        if let Some(own) = waiting.get_mut(&network) {
            own.retain(|other| !Arc::ptr_eq(other, wait));
            if own.is_empty() {
                waiting.remove(&network);
            }
        }
    }
}

impl Wait {
    /// The body was given up.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.wait.waker.register(context.waker());
        if self.wait.is_over() {
            let slow = io::Error::new(io::ErrorKind::TimedOut, "others of this network are waited for");
            return Poll::Ready(Some(Err(axum::Error::new(slow))));
        }
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_pending() && !self.is_counted {
            // It stays counted: who sends a byte now and then is waited for as long as who sends none.
            self.is_counted = true;
            self.senders.enter(self.network, &self.wait);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        if self.is_counted {
            self.senders.leave(self.network, &self.wait);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, task::Waker};

    use axum::extract::ConnectInfo;
    use futures::channel::mpsc::{UnboundedSender, unbounded};

    use super::*;

    type Line = UnboundedSender<Result<Bytes, io::Error>>;

    /// A request from there whose body comes as it is sent on the line.
    fn request(senders: &Senders, from: &str) -> (Body, Option<Arc<Wait>>, Line) {
        let (line, body) = unbounded();
        let mut request = Request::new(Body::from_stream(body));
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from.parse().unwrap(), 1)));
        let (request, wait) = senders.watch(request);
        (request.into_body(), wait, line)
    }

    /// What somebody who reads sees now: bytes, nothing yet, an end, or a failure.
    fn read(body: &mut Body) -> &'static str {
        match Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => "nothing",
            Poll::Ready(None) => "end",
            Poll::Ready(Some(Ok(_))) => "bytes",
            Poll::Ready(Some(Err(_))) => "failure",
        }
    }

    #[test]
    fn whoever_is_waited_for_longest_goes_first() {
        let senders = Senders::new(2, Proxy(false));
        let (mut first, wait, line) = request(&senders, "2001:db8:1:2::1");
        let (mut second, _, _second) = request(&senders, "2001:db8:1:2::2");
        let (mut other, _, _other) = request(&senders, "2001:db8:1:3::1");
        assert_eq!([&mut first, &mut second, &mut other].map(read), ["nothing"; 3]);
        // A byte now and then is no way to the end of the queue.
        line.unbounded_send(Ok(Bytes::from_static(b"a"))).unwrap();
        assert_eq!((read(&mut first), read(&mut first)), ("bytes", "nothing"));
        // A body that is there is not waited for, and so ends nobody's.
        let (mut quick, _, line_of_quick) = request(&senders, "2001:db8:1:2::3");
        line_of_quick.unbounded_send(Ok(Bytes::from_static(b"all"))).unwrap();
        drop(line_of_quick);
        assert_eq!((read(&mut quick), read(&mut quick)), ("bytes", "end"));
        assert!(!wait.as_ref().unwrap().is_over());
        let (mut third, _, _third) = request(&senders, "2001:db8:1:2::4");
        assert_eq!(read(&mut third), "nothing");
        assert!(wait.unwrap().is_over());
        assert_eq!(
            [&mut first, &mut second, &mut third, &mut other].map(read),
            ["failure", "nothing", "nothing", "nothing"]
        );
        // Whoever goes leaves their place.
        drop(second);
        let (mut fourth, _, _fourth) = request(&senders, "2001:db8:1:2::5");
        assert_eq!((read(&mut fourth), read(&mut third)), ("nothing", "nothing"));
        drop((first, third, fourth, other));
        assert!(senders.waiting().is_empty());
    }

    #[test]
    fn what_has_no_body_or_comes_from_nowhere_is_not_counted() {
        let senders = Senders::new(0, Proxy(true));
        let (_line, body) = unbounded::<Result<Bytes, io::Error>>();
        assert!(senders.watch(Request::new(Body::from_stream(body))).1.is_none());
        let mut request = Request::new(Body::empty());
        request.headers_mut().insert("x-forwarded-for", "192.0.2.1".parse().unwrap());
        assert!(senders.watch(request).1.is_none());
    }
}
