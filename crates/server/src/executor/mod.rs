//! The single door through which rows change.
//!
//! **Architecture Invariant:** a transaction is applied by `engine::apply`, the same function device and browser run, on the
//! tenant's writer; its effects, log entries and stored outcome are one commit. Who sends it again gets the stored outcome;
//! nothing is stored for a transaction whose id was made here for one request, since nobody can send it again.

mod ahead;
mod concluded;
mod conditions;
mod entitled;
mod execute;
mod eyes;
mod files;
mod formulas;
mod gated;
mod guard;
mod held;
mod policies;
mod reached;
mod runnable;
mod told;
mod transact;
mod values;
mod waiting;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use conditions::Conditions;
pub(crate) use entitled::Judge;
pub use execute::{Executor, MOST_IMPORTED, MOST_OPERATIONS, Written};
pub use formulas::FormulaPool;
pub use guard::Guard;
pub(crate) use transact::refusal;

use crate::{distribution::Definitions, session::Logins, site::Site, tenancy::Tenancy};

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Conditions: FromRef<S>,
    Definitions: FromRef<S>,
    Executor: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(transact::transact)).routes(routes!(runnable::runnable))
}
