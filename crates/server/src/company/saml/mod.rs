//! Sign-in at a tenant's provider by SAML 2.0: see ADR 0036.
//!
//! **Architecture Invariant:** what an answer says is known only from [`gridkeep_identity::saml`], and only in the browser that asked;
//! what becomes of it is decided in [`super`]. Nothing begins at a provider, no address comes from one, and a provider that
//! nobody enabled lets nobody in.

mod answer;
mod claims;
mod depart;
mod finish;
mod metadata;
mod provider;
mod settings;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
    routing::{get, post},
};
use gridkeep_model::ProviderId;
use gridkeep_store::{Provider, ProviderKind};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use depart::depart;
pub(super) use finish::verified;
pub use settings::SamlSettings;

use super::Company;
use crate::{
    chance::Time, defence::Throttle, error::ApiError, gates::Gates, http::Proxy, mail::Post, session::Logins,
    site::Site, tenancy::Tenancy,
};

/// The endpoints that our own pages use.
pub(super) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Company: FromRef<S>,
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Post: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Throttle: FromRef<S>,
    Time: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(provider::add))
        .routes(routes!(provider::read, provider::change))
        .routes(routes!(finish::finish))
}

/// The addresses that providers know.
pub(super) fn standard<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Company: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    let taken = post(answer::answer).layer(DefaultBodyLimit::max(answer::LARGEST));
    Router::new()
        .route("/company/{provider}/saml/metadata", get(metadata::metadata))
        .route("/company/{provider}/saml/answer", taken)
}

/// A provider of this tenant that speaks SAML.
async fn saml_provider(company: &Company, tenancy: &Tenancy, id: ProviderId) -> Result<Provider, ApiError> {
    let found = company.control().provider(tenancy.id(), id).await?;
    found.filter(|provider| provider.kind == ProviderKind::Saml).ok_or(ApiError::NotFound)
}
