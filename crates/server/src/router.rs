//! Puts the rooms together: every route, and the layers around them.

use axum::{Router, extract::DefaultBodyLimit, routing::get};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    accounts, api_keys, audit, checkpoint, company,
    creation::{self, UploadLimits},
    distribution,
    error::ApiError,
    executor,
    extract::DEFAULT_BODY_LIMIT,
    factors, files, health,
    http::{Edge, Pages},
    imports, invitations, notification,
    odata::{self, Served},
    openapi, people, programs, records, rows, scim, session,
    state::AppState,
    tenants,
};

/// The endpoints of all rooms, with their description.
fn api(limits: &UploadLimits) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .merge(session::routes())
        .merge(accounts::routes())
        .merge(records::routes())
        .merge(audit::routes())
        .merge(notification::routes())
        .merge(factors::routes())
        .merge(creation::routes(limits))
        .merge(distribution::routes(limits))
        .merge(rows::routes())
        .merge(imports::routes())
        .merge(api_keys::routes())
        .merge(programs::routes())
        .merge(executor::routes())
        .merge(checkpoint::routes())
        .merge(files::routes())
        .merge(people::routes())
        .merge(invitations::routes())
        .merge(company::routes())
        .merge(tenants::routes())
        .merge(scim::routes())
        .merge(health::routes())
}

/// The OpenAPI document, without starting anything.
pub fn document() -> serde_json::Value {
    let (_, gathered): (Router<AppState>, OpenApi) = api(&UploadLimits::default()).split_for_parts();
    openapi::document(&gathered)
}

/// Every route, for the state of whichever tenant; made once, since it describes itself as it is made.
pub(crate) fn plan(state: &AppState) -> Router<AppState> {
    // Before what answers preflights, so that it sees them.
    let programs = programs::standard().method_not_allowed_fallback(async || ApiError::MethodNotAllowed);
    let services = odata::routes();
    let (services, programs) = if state.origins.is_empty() {
        (services, programs)
    } else {
        (services.layer(state.origins.layer()), programs.layer(state.origins.layer()))
    };
    let (api, _) = api(state.upload_limits()).split_for_parts();
    api.route("/api/openapi.json", get(|| async { axum::Json(document()) }))
        .route("/api/{*rest}", axum::routing::any(async || ApiError::NotFound))
        .merge(services)
        .merge(programs)
        .merge(company::standard())
        .merge(Pages::routes())
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(DEFAULT_BODY_LIMIT))
}

/// The routes of one tenant.
pub(crate) fn furnished(plan: Router<AppState>, state: &AppState) -> Router {
    let noting = axum::middleware::from_fn_with_state(state.clone(), audit::noting::<AppState>);
    plan.layer(noting)
        .layer((compression(), Edge::new(state.boundary.clone(), state.site.clone())))
        .with_state(state.clone())
}

/// Only a service of a projection made in code, which knows no cookies: whoever reaches it may use it.
pub fn served(state: AppState, service: Served) -> Router {
    service
        .routes()
        .layer(DefaultBodyLimit::max(DEFAULT_BODY_LIMIT))
        .layer((compression(), Edge::bare(state.boundary.clone())))
        .with_state(state)
}

fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
        DefaultPredicate::new()
            // Compressed already, all of them.
            .and(NotForContentType::const_new("application/octet-stream"))
            .and(NotForContentType::const_new("application/vnd.openxmlformats"))
            .and(NotForContentType::const_new("font/")),
    )
}
