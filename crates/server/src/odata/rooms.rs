//! The rooms that services reach into, named once.

use std::{fmt, ops::Deref, sync::Arc};

use super::{Calculators, Services};
use crate::{
    chance::{Chance, Time},
    defence::Arrivals,
    distribution::Definitions,
    executor::Executor,
    files::Files,
    http::Proxy,
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// The rooms that services reach into. Every request takes them, on whichever core: one pointer, so that cores do not
/// count each other's references to twenty things.
#[derive(Clone)]
pub struct Rooms(Arc<Reach>);

/// What they are.
pub struct Reach {
    /// The log of sign-ins.
    pub arrivals: Arrivals,
    /// Calculators, called as functions.
    pub calculators: Calculators,
    /// The source of chance.
    pub chance: Chance,
    /// Definitions of published apps.
    pub definitions: Definitions,
    /// The door through which rows change.
    pub executor: Executor,
    /// The contents of rows.
    pub files: Files,
    /// Accounts and sessions.
    pub logins: Logins,
    /// Whether a proxy stands in front.
    pub proxy: Proxy,
    /// What apps are to programs.
    pub services: Services,
    /// Where this server is to be found.
    pub site: Site,
    /// The tenant's database.
    pub tenancy: Tenancy,
    /// The clock.
    pub time: Time,
}

impl Rooms {
    /// These.
    pub fn new(reach: Reach) -> Self {
        Self(Arc::new(reach))
    }
}

impl Deref for Rooms {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        &self.0
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}
