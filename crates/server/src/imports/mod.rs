//! Rows out of a file, into a table that is there: looked at first, then taken over as one transaction.
//!
//! **Architecture Invariant:** an import is a transaction of the [`Executor`](crate::executor::Executor) and nothing besides:
//! all rows or none, with the rights, checks and gates of any other. The file is read in memory, within bounds of its own, and gone
//! with the request; no formula of it is calculated.

mod columns;
mod import;
mod importer;
mod preview;
mod target;
mod transaction;

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    chance::{Chance, Time},
    creation::Analyst,
    defence::Arrivals,
    distribution::Definitions,
    executor::Executor,
    extract::limited,
    http::Proxy,
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// Bytes of a file.
pub(crate) const MOST_BYTES: usize = 10 << 20;

/// What an import reaches into.
#[derive(Clone)]
pub(crate) struct Imports {
    analyst: Analyst,
    definitions: Definitions,
    executor: Executor,
    tenancy: Tenancy,
    chance: Chance,
    time: Time,
}

impl<S: Send + Sync> FromRequestParts<S> for Imports
where
    Analyst: FromRef<S>,
    Chance: FromRef<S>,
    Definitions: FromRef<S>,
    Executor: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            analyst: Analyst::from_ref(state),
            definitions: Definitions::from_ref(state),
            executor: Executor::from_ref(state),
            tenancy: Tenancy::from_ref(state),
            chance: Chance::from_ref(state),
            time: Time::from_ref(state),
        })
    }
}

/// The endpoints of this room.
pub(crate) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Analyst: FromRef<S>,
    Arrivals: FromRef<S>,
    Chance: FromRef<S>,
    Definitions: FromRef<S>,
    Executor: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(limited(routes!(preview::preview), MOST_BYTES))
        .routes(limited(routes!(import::import), MOST_BYTES))
}
