//! A service of a projection that code has made, at an address of its own: the same room without portal and accounts.

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRef, Request, State},
    response::Response,
    routing::any,
};
use gridkeep_model::AppId;
use gridkeep_odata::project::Projection;

use super::{
    Calculators, Operations,
    answer::Answer,
    asked::Asked,
    caller::Caller,
    dispatch::Service,
    finish::Wholes,
    handler::{BODY_LIMIT, respond},
    later::Later,
    refusal::Refusal,
    sent::taken,
};
use crate::{
    chance::{Chance, Time},
    distribution::{AppGrant, Definitions},
    executor::Executor,
    files::Files,
    language::Language,
    tenancy::Tenancy,
};

/// A projection over the tables of a published app, for everybody who reaches it: they are what a guest of the app is.
#[derive(Clone)]
pub struct Served(Arc<Inner>);

struct Inner {
    app: AppId,
    projection: Arc<Projection>,
    root: String,
    tenancy: Tenancy,
    definitions: Definitions,
    executor: Executor,
    calculators: Calculators,
    operations: Arc<dyn Operations>,
    time: Time,
    chance: Chance,
    files: Files,
    wholes: Wholes,
    later: Later,
}

impl Served {
    /// Over an app that is open to the public. `root` is the service's address, with a slash at the end; `operations` runs
    /// what the projection says its program runs itself.
    pub fn new<S>(
        state: &S,
        app: AppId,
        projection: Projection,
        root: String,
        operations: Arc<dyn Operations>,
    ) -> Self
    where
        Calculators: FromRef<S>,
        Chance: FromRef<S>,
        Definitions: FromRef<S>,
        Executor: FromRef<S>,
        Tenancy: FromRef<S>,
        Time: FromRef<S>,
        Files: FromRef<S>,
    {
        Self(Arc::new(Inner {
            app,
            projection: Arc::new(projection),
            root,
            tenancy: Tenancy::from_ref(state),
            definitions: Definitions::from_ref(state),
            executor: Executor::from_ref(state),
            calculators: Calculators::from_ref(state),
            operations,
            time: Time::from_ref(state),
            chance: Chance::from_ref(state),
            files: Files::from_ref(state),
            wholes: Wholes::default(),
            later: Later::default(),
        }))
    }

    /// Its addresses, from the root of a host.
    pub fn routes<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new().route("/", any(handle)).route("/{*path}", any(handle)).with_state(self)
    }

    async fn answered(&self, request: Request) -> Result<Answer, Refusal> {
        let inner = &*self.0;
        let grant = AppGrant::decide(&inner.tenancy, inner.app, None).await?;
        let definition = inner.definitions.current(&grant.app).await?;
        let (parts, body) = request.into_parts();
        let (body, sent) = taken(&parts.method, &parts.headers, body, BODY_LIMIT).await?;
        let url =
            parts.uri.path_and_query().map_or("", |url| url.as_str()).trim_start_matches('/').to_owned();
        let service = Service {
            caller: Caller { grant: Arc::new(grant), writes: true },
            projection: Arc::clone(&inner.projection),
            root: inner.root.clone(),
            tenancy: inner.tenancy.clone(),
            executor: inner.executor.clone(),
            definition,
            language: Language::of(&parts.headers),
            calculators: inner.calculators.clone(),
            operations: Arc::clone(&inner.operations),
            time: inner.time.clone(),
            chance: inner.chance.clone(),
            files: inner.files.clone(),
            wholes: inner.wholes.clone(),
        };
        let asked = Asked { method: parts.method, url, headers: parts.headers, body, sent, within: false };
        inner.later.respond(service, asked).await
    }
}

async fn handle(State(served): State<Served>, request: Request) -> Response {
    respond(request, async |request| served.answered(request).await).await
}
