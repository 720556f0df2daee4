//! The outermost layers: what every request and every answer passes, whichever room it is for.

mod attachment;
mod body;
pub mod boundary;
mod connection;
mod cookie;
mod cors;
mod edge;
pub mod guard;
mod headers;
mod pages;
mod peer;
mod sending;
mod visit;

pub use attachment::{attachment, inline};
pub use body::{forget, whole};
pub use boundary::{Boundary, OwnBody};
pub use connection::serve;
pub use cookie::Cookie;
pub use cors::{OriginError, Origins};
pub use edge::Edge;
pub use guard::{API_KEY, SERVICES, carries_credentials, is_own_page};
pub use pages::Pages;
pub use peer::{Peer, Proxy, network};
pub use visit::Visit;
