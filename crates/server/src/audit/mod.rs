//! The log that is only added to: what matters for security, who did it, and proof that nothing of it was changed.
//!
//! **Architecture Invariant:** the log is written in the commit of what it tells of, by `store`; this room reads it, signs its heads
//! with a key that is in no database, and hands them out. Who reads the log is in the log.

mod auditor;
mod chain;
mod checked;
mod erase;
mod export;
mod list;
mod noting;
mod one;
mod signer;
mod verify;
mod view;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use auditor::Auditor;
pub use chain::{Audit, CONFIG_CHANGED, HEAD_SIGNED};
pub use checked::{FaultView, Report, read_heads};
pub use noting::{kinds, noting};
pub use one::Proof;
pub use signer::{SignedHead, Signer};

use crate::{chance::Time, gates::Gates, session::Logins, site::Site};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Audit: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(export::csv))
        .routes(routes!(export::json))
        .routes(routes!(export::heads))
        .routes(routes!(verify::verify))
        .routes(routes!(erase::erase))
        .routes(routes!(one::one))
}
