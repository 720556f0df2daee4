//! What the router hands to the rooms: each takes the part it names. What is a tenant's is one tenant's.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;

use crate::{
    audit::Audit,
    chance::{Chance, Time},
    company::Company,
    creation::{Analyst, UploadLimits, Uploads},
    defence::{Arrivals, Throttle},
    distribution::{Copies, Definitions},
    executor::{Conditions, Executor},
    factors::Factors,
    files::Files,
    gates::Gates,
    http::{Boundary, Origins, Pages, Proxy},
    invited::Invitations,
    mail::Post,
    notification::Teller,
    odata::Rooms,
    programs::Refreshing,
    session::{Logins, Passwords, SignUp},
    site::Site,
    tenancy::{Founders, Tenancy, Tenants, Vault},
};

/// Everything a tenant's rooms hold. Every request takes it several times, so that it is but one pointer.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// What it holds. Cheap to clone, each by itself.
pub struct Parts {
    /// Where this server is to be found.
    pub site: Site,
    /// The clock.
    pub time: Time,
    /// The source of chance.
    pub chance: Chance,
    /// The outermost layer's bounds.
    pub boundary: Boundary,
    /// The web build.
    pub pages: Pages,
    /// Whether a proxy stands in front.
    pub proxy: Proxy,
    /// Other sites whose pages may use services.
    pub origins: Origins,
    /// The tenant's database.
    pub tenancy: Tenancy,
    /// The tenant's workbooks.
    pub vault: Vault,
    /// The contents of its rows.
    pub files: Files,
    /// Accounts and sessions.
    pub logins: Logins,
    /// Second factors and passkeys.
    pub factors: Factors,
    /// Password hashing.
    pub passwords: Passwords,
    /// Failed sign-ins.
    pub throttle: Throttle,
    /// The log of what matters for security.
    pub audit: Audit,
    /// Tells handlers of events.
    pub teller: Teller,
    /// The log of sign-ins.
    pub arrivals: Arrivals,
    /// Companies' sign-in.
    pub company: Company,
    /// How accounts come to be.
    pub sign_up: SignUp,
    /// Sends mails.
    pub post: Post,
    /// Who is invited.
    pub invitations: Invitations,
    /// All tenants, for what is about them as a whole.
    pub tenants: Tenants,
    /// Who may make tenants.
    pub founders: Founders,
    /// Workbooks on their way to becoming apps.
    pub uploads: Uploads,
    /// Reads workbooks.
    pub analyst: Analyst,
    /// Definitions of published apps.
    pub definitions: Definitions,
    /// Workbooks without the rows of published tables.
    pub copies: Copies,
    /// Runs transactions.
    pub executor: Executor,
    /// Gates that ask.
    pub gates: Gates,
    /// Says which actions can be run.
    pub conditions: Conditions,
    /// Refresh tokens of programs.
    pub refreshing: Refreshing,
    /// What services of apps reach into.
    pub rooms: Rooms,
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

macro_rules! parts {
    ($($name:ident: $part:ty),+ $(,)?) => {
        $(impl FromRef<AppState> for $part {
            fn from_ref(state: &AppState) -> Self {
                state.$name.clone()
            }
        })+
    };
}

parts! {
    site: Site,
    time: Time,
    chance: Chance,
    boundary: Boundary,
    pages: Pages,
    proxy: Proxy,
    origins: Origins,
    tenancy: Tenancy,
    vault: Vault,
    files: Files,
    logins: Logins,
    factors: Factors,
    passwords: Passwords,
    throttle: Throttle,
    audit: Audit,
    teller: Teller,
    arrivals: Arrivals,
    company: Company,
    sign_up: SignUp,
    post: Post,
    invitations: Invitations,
    tenants: Tenants,
    founders: Founders,
    uploads: Uploads,
    analyst: Analyst,
    definitions: Definitions,
    copies: Copies,
    executor: Executor,
    gates: Gates,
    conditions: Conditions,
    refreshing: Refreshing,
    rooms: Rooms,
}

impl AppState {
    /// Of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// What uploads are allowed.
    pub fn upload_limits(&self) -> &UploadLimits {
        self.uploads.limits()
    }
}
