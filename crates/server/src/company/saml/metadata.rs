//! `GET /company/{provider}/saml/metadata`: what a provider has to know of us. Its address is our name there.

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use gridkeep_identity::saml::Service;
use gridkeep_model::ProviderId;

use super::{
    saml_provider,
    settings::{Place, signer},
};
use crate::{
    company::{Company, Settings},
    error::ApiError,
    extract::Path,
    site::Site,
    tenancy::Tenancy,
};

/// Our metadata for a provider of this tenant, also before people may come through it. Nothing in it is secret.
pub(super) async fn metadata(
    State(company): State<Company>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    Path(provider): Path<ProviderId>,
) -> Result<Response, ApiError> {
    let provider = saml_provider(&company, &tenancy, provider).await?;
    let own = Settings::of(&provider)?.saml.unwrap_or_default();
    let place = Place::of(&site, &provider);
    let certificate = signer(&company, &provider).map(|signer| signer.certificate(provider.created));
    let service = Service {
        name: &place.name,
        place: &place.answers,
        certificate: certificate.as_deref(),
        signs: own.signs && certificate.is_some(),
    };
    Ok(([(CONTENT_TYPE, "application/samlmetadata+xml")], service.metadata()).into_response())
}
