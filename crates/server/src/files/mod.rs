//! Photos and other files of rows: kept encrypted beside the database, referred to by a value of the row.
//!
//! **Architecture Invariant:** a content is stored and written down for one row before that row may refer to it, and never
//! changes. Which contents a row holds changes in the commit that changes the row; what none holds is swept after a while.

mod check;
mod download;
mod judge;
mod keep;
mod range;
mod stored;
mod sweep;
mod upload;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use check::{Contents, Lost};
pub use keep::{Files, Offered, Place};
pub use range::{Wanted, wanted};
pub use stored::{Stored, disposition};
pub use sweep::sweep_files;

use crate::{distribution::Definitions, session::Logins, site::Site, tenancy::Tenancy};

/// Somebody else's content is data to us, never a page of ours.
pub const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Definitions: FromRef<S>,
    Files: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(upload::upload)).routes(routes!(download::download))
}
