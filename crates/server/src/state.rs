//! What the router hands to the rooms: each takes the part it names.

use axum::extract::FromRef;

use crate::{
    chance::{Chance, Time},
    creation::{Analyst, UploadLimits, Uploads},
    distribution::{Copies, Definitions},
    executor::Executor,
    http::{Boundary, Origins, Pages, Proxy},
    odata::{Calculators, Services},
    session::{Logins, Passwords, SignUp, Throttle},
    site::Site,
    tenancy::{Tenancy, Vault},
};

/// Everything a running server holds. Cheap to clone: each part shares what it holds.
#[derive(Clone, FromRef)]
pub struct AppState {
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
    /// Accounts and sessions.
    pub logins: Logins,
    /// Password hashing.
    pub passwords: Passwords,
    /// Failed sign-ins.
    pub throttle: Throttle,
    /// How accounts come to be.
    pub sign_up: SignUp,
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
    /// Calculators, called as functions.
    pub calculators: Calculators,
    /// What apps are to programs.
    pub services: Services,
}

impl AppState {
    /// What uploads are allowed.
    pub fn upload_limits(&self) -> &UploadLimits {
        self.uploads.limits()
    }
}
