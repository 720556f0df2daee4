//! Security checkpoints: gates that administrators define, and the proofs of those whom they ask.
//!
//! **Architecture Invariant:** a challenge is looked for by its tenant and its person; to everybody else it is not there, in the
//! very bytes of one that never was.

mod approve;
mod challenge;
mod challenges;
mod company;
mod gate;
mod passkey;
mod pin;
mod proofs;
mod settings;
mod waiting;

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_store::Control;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    chance::Time,
    company::Company,
    defence::{Arrivals, Throttle},
    distribution::Definitions,
    executor::Executor,
    factors::Factors,
    gates::Gates,
    http::Proxy,
    mail::Post,
    session::{Logins, Passwords},
    site::Site,
    tenancy::Tenancy,
};

/// What the endpoints of challenges work with; taken from the state by each request.
#[derive(Clone)]
pub(crate) struct Checkpoints(Arc<Parts_>);

struct Parts_ {
    tenancy: Tenancy,
    definitions: Definitions,
    executor: Executor,
    gates: Gates,
    logins: Logins,
    passwords: Passwords,
    factors: Factors,
    throttle: Throttle,
    company: Company,
    post: Post,
    time: Time,
}

impl Checkpoints {
    fn tenancy(&self) -> &Tenancy {
        &self.0.tenancy
    }

    fn definitions(&self) -> &Definitions {
        &self.0.definitions
    }

    fn executor(&self) -> &Executor {
        &self.0.executor
    }

    fn gates(&self) -> &Gates {
        &self.0.gates
    }

    fn logins(&self) -> &Logins {
        &self.0.logins
    }

    fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    fn factors(&self) -> &Factors {
        &self.0.factors
    }

    fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    fn company(&self) -> &Company {
        &self.0.company
    }

    fn post(&self) -> &Post {
        &self.0.post
    }

    fn time(&self) -> &Time {
        &self.0.time
    }

    fn control(&self) -> &Control {
        self.0.factors.control()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Checkpoints
where
    Tenancy: FromRef<S>,
    Definitions: FromRef<S>,
    Executor: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Passwords: FromRef<S>,
    Factors: FromRef<S>,
    Throttle: FromRef<S>,
    Company: FromRef<S>,
    Post: FromRef<S>,
    Time: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Arc::new(Parts_ {
            tenancy: Tenancy::from_ref(state),
            definitions: Definitions::from_ref(state),
            executor: Executor::from_ref(state),
            gates: Gates::from_ref(state),
            logins: Logins::from_ref(state),
            passwords: Passwords::from_ref(state),
            factors: Factors::from_ref(state),
            throttle: Throttle::from_ref(state),
            company: Company::from_ref(state),
            post: Post::from_ref(state),
            time: Time::from_ref(state),
        })))
    }
}

/// The endpoints of this room.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Arrivals: FromRef<S>,
    Company: FromRef<S>,
    Definitions: FromRef<S>,
    Executor: FromRef<S>,
    Factors: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Passwords: FromRef<S>,
    Post: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Throttle: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(gate::list))
        .routes(routes!(gate::put, gate::remove))
        .routes(routes!(settings::read, settings::change))
        .routes(routes!(challenges::read, challenges::cancel))
        .routes(routes!(challenges::extend))
        .routes(routes!(challenges::refuse))
        .routes(routes!(waiting::waiting))
        .routes(routes!(approve::approve))
        .routes(routes!(passkey::options))
        .routes(routes!(company::depart))
        .routes(routes!(pin::read, pin::set, pin::remove))
}
