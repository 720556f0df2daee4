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
    Operations, Rooms,
    answer::Answer,
    asked::Asked,
    caller::Caller,
    dispatch::Service,
    handler::{BODY_LIMIT, respond},
    later::Later,
    refusal::Refusal,
    sent::taken,
    sheet::Sheets,
    whole::Wholes,
};
use crate::{distribution::AppGrant, fair::Fair, language::Language};

/// A projection over the tables of a published app, for everybody who reaches it: they are what a guest of the app is.
#[derive(Clone)]
pub struct Served(Arc<Inner>);

struct Inner {
    rooms: Rooms,
    app: AppId,
    projection: Arc<Projection>,
    root: String,
    operations: Arc<dyn Operations>,
    wholes: Wholes,
    sheets: Sheets,
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
        Rooms: FromRef<S>,
    {
        let rooms = Rooms::from_ref(state);
        Self(Arc::new(Inner {
            later: Later::new(rooms.tenancy.id(), Fair::One),
            rooms,
            app,
            projection: Arc::new(projection),
            root,
            operations,
            wholes: Wholes::default(),
            sheets: Sheets::default(),
        }))
    }

    /// Its addresses, from the root of a host.
    pub fn routes<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new().route("/", any(handle)).route("/{*path}", any(handle)).with_state(self)
    }

    async fn answered(&self, request: Request) -> Result<Answer, Refusal> {
        let inner = &*self.0;
        let grant = AppGrant::decide(&inner.rooms.definitions, inner.app, None).await?;
        let definition = inner.rooms.definitions.current(&grant.app).await?;
        let (parts, body) = request.into_parts();
        let (body, sent) = taken(&parts.method, &parts.headers, body, BODY_LIMIT).await?;
        let url =
            parts.uri.path_and_query().map_or("", |url| url.as_str()).trim_start_matches('/').to_owned();
        let service = Service {
            rooms: inner.rooms.clone(),
            caller: Caller { grant: Arc::new(grant), writes: true },
            projection: Arc::clone(&inner.projection),
            root: inner.root.clone(),
            definition,
            operations: Arc::clone(&inner.operations),
            language: Language::of(&parts.headers),
            wholes: inner.wholes.clone(),
            sheets: inner.sheets.clone(),
            checkpoints: Vec::new(),
        };
        let asked = Asked { method: parts.method, url, headers: parts.headers, body, sent, within: false };
        inner.later.respond(service, asked).await
    }
}

async fn handle(State(served): State<Served>, request: Request) -> Response {
    respond(request, async |request| served.answered(request).await).await
}
