//! Who somebody is: accounts with e-mail and password, and sessions kept by the server.
//!
//! **Architecture Invariant:** a session's token exists in the person's cookie only; the server keeps its hash. An endpoint
//! that needs a person takes a [`Person`], and so cannot be reached without one.

mod bearer;
mod company;
mod end;
mod granted;
mod half;
mod lifetime;
mod list;
mod login;
mod members;
mod own;
mod password;
mod person;
mod policy;
mod read;
mod sign_in;
mod sign_out;
mod turns;
mod view;

use axum::extract::FromRef;
use gridkeep_store::TenantRole;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use bearer::{Bearers, ByProgram, READ, WRITE};
pub use company::{FEDERATED, FEDERATED_FACTOR, FEDERATED_PASSKEY};
pub use granted::{Granted, Shown};
pub use gridkeep_identity::email::Email;
pub use lifetime::Lifetime;
pub use login::{Entry, Logins, NewPerson, ONE_TIME, PASSKEY, PASSWORD, Vouching};
pub use own::{Anybody, InBrowser, OwnSession};
pub use password::{COST_FILE, Checked, Passwords, Reserved, beside, kept_cost};
pub use person::{MaybePerson, Person, Presence, lacking_factor};
pub use policy::{Needs, meets};
pub use view::{RoleView, SessionView};

pub use crate::http::{Cookie, Visit};
use crate::{
    defence::{Arrivals, Throttle},
    http::Proxy,
    site::Site,
};

/// How accounts come to be.
#[derive(Debug, Clone, Copy)]
pub struct SignUp {
    /// Anybody may make an account; otherwise only the first person and those who are invited.
    pub open: bool,
    /// What those become to the tenant who make an account by themselves; nothing when `None`.
    pub newcomers: Option<TenantRole>,
}

impl SignUp {
    /// What whoever makes an account becomes, other than the first. Whoever could come by themselves is not less for having been
    /// invited.
    pub fn newcomers(&self) -> Option<TenantRole> {
        if self.open { self.newcomers } else { None }
    }
}

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Logins: FromRef<S>,
    Passwords: FromRef<S>,
    Throttle: FromRef<S>,
    Arrivals: FromRef<S>,
    Site: FromRef<S>,
    Proxy: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(read::read, sign_in::sign_in, sign_out::sign_out))
        .routes(routes!(list::list, end::end_others))
        .routes(routes!(end::end))
}
