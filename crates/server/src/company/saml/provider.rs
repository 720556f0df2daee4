//! `/api/company/saml` and `/api/company/{provider}/saml`: a tenant's providers that speak SAML, set up by their metadata.
//!
//! **Architecture Invariant:** what is made here lets nobody in before it is enabled, and whoever changes it has just shown who they
//! are: a provider is a way in. Keys come from here and from nowhere else.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::ProviderId;
use gridkeep_store::{Provider, ProviderKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    saml_provider,
    settings::{Known, LONGEST, Place, SamlSettings, new_key},
};
use crate::{
    company::{Company, Settings, providers::said, vouching::decides},
    error::ApiError,
    extract::{Json, Path},
    factors::FreshHere,
    gates::{AtGate, Operation},
    noted,
    people::Ruler,
    secret::hex,
    site::Site,
    tenancy::Tenancy,
};

/// Most providers of a tenant.
const MOST_PROVIDERS: usize = 20;
/// Longest name, in characters.
const LONGEST_NAME: usize = 80;

/// A provider to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewSamlProvider {
    /// What people call it.
    name: String,
    /// Its metadata document; can be given later, since some providers want ours first.
    #[serde(default)]
    metadata: Option<String>,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SamlChange {
    /// Its metadata document, anew: keys and addresses become what it says.
    #[serde(default)]
    metadata: Option<String>,
    /// Requests are signed.
    #[serde(default)]
    signs: Option<bool>,
    /// The attribute that names people for good; empty for the provider's own name of them (NameID). Whoever is known by another name is
    /// somebody new.
    #[serde(default)]
    subject: Option<String>,
    /// The provider never gives somebody's address to anybody else.
    #[serde(default)]
    addresses_last: Option<bool>,
}

/// A certificate whose key is trusted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SamlCertificate {
    /// The SHA-256 of it.
    fingerprint: String,
    /// Until when it says it is good; for people to read.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// A provider, and where our side is for it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SamlView {
    #[schema(value_type = String, format = Uuid)]
    id: ProviderId,
    name: String,
    enabled: bool,
    /// The provider's own name (entity id); null before its metadata is here.
    issuer: Option<String>,
    /// Where it asks people who they are.
    place: Option<String>,
    certificates: Vec<SamlCertificate>,
    /// Requests to it are signed.
    signs: bool,
    /// The attribute that names people for good; null for the provider's own name of them (NameID).
    subject: Option<String>,
    /// The provider never gives somebody's address to anybody else.
    addresses_last: bool,
    /// Our name there (entity id, audience), which is where our metadata is.
    service: String,
    /// Where it sends answers to (assertion consumer service).
    answers: String,
}

impl SamlView {
    fn new(site: &Site, provider: Provider) -> Result<Self, ApiError> {
        let SamlSettings { known, signs, subject, addresses_last } =
            Settings::of(&provider)?.saml.unwrap_or_default();
        let Place { name: service, answers } = Place::of(site, &provider);
        let keys = known.iter().flat_map(Known::keys);
        let certificates = keys
            .map(|key| SamlCertificate { fingerprint: hex(&key.fingerprint), until: key.until })
            .collect();
        let (issuer, place) = known.map(|known| (known.issuer, known.place)).unzip();
        let Provider { id, name, enabled, .. } = provider;
        Ok(Self {
            id,
            name,
            enabled,
            issuer,
            place,
            certificates,
            signs,
            subject,
            addresses_last,
            service,
            answers,
        })
    }
}

/// Adds a provider by its metadata. Nobody comes through it before it is enabled.
#[utoipa::path(post, path = "/api/company/saml", tag = "company", operation_id = "addSaml",
    request_body = NewSamlProvider, responses((status = 201, body = SamlView)))]
pub(super) async fn add(
    State(company): State<Company>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    Ruler { person, most }: Ruler,
    _: FreshHere,
    at: AtGate,
    Json(new): Json<NewSamlProvider>,
) -> Result<(StatusCode, Json<SamlView>), ApiError> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    let (time, now) = (company.time(), company.time().now());
    let mut own = SamlSettings::default();
    if let Some(document) = &new.metadata {
        own.learn(document, now).map_err(ApiError::BadMetadata)?;
    }
    let settings = Settings { saml: Some(own), ..Settings::default() };
    let mut provider = Provider {
        id: company.chance().with(|rng| ProviderId::new(time.clock(), rng)),
        tenant: tenancy.id(),
        kind: ProviderKind::Saml,
        name,
        settings: settings.text()?,
        secret: None,
        most,
        enabled: false,
        created: now,
        changed: now,
    };
    let after = said(&provider)?;
    at.pass(&person, "PROVIDER_CONFIG", &provider.name, json!({"add": after})).await?;
    noted::about(provider.id.to_string());
    noted::fact("after", after);
    new_key(&company, &mut provider).await?;
    if !company.control().add_provider(provider.clone(), MOST_PROVIDERS).await? {
        return Err(ApiError::TooManyProviders(MOST_PROVIDERS));
    }
    Ok((StatusCode::CREATED, Json(SamlView::new(&site, provider)?)))
}

/// A provider as it is set up.
#[utoipa::path(get, path = "/api/company/{provider}/saml", tag = "company", operation_id = "saml",
    params(("provider" = uuid::Uuid, Path)), responses((status = 200, body = SamlView)))]
pub(super) async fn read(
    State(company): State<Company>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    _: Ruler,
    Path(id): Path<ProviderId>,
) -> Result<Json<SamlView>, ApiError> {
    let provider = saml_provider(&company, &tenancy, id).await?;
    Ok(Json(SamlView::new(&site, provider)?))
}

/// Changes a provider, which ends the sessions it vouched for.
#[utoipa::path(patch, path = "/api/company/{provider}/saml", tag = "company", operation_id = "changeSaml",
    params(("provider" = uuid::Uuid, Path)), request_body = SamlChange,
    responses((status = 200, body = SamlView)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn change(
    State(company): State<Company>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    Ruler { person, most }: Ruler,
    Path(id): Path<ProviderId>,
    _: FreshHere,
    at: AtGate,
    Json(change): Json<SamlChange>,
) -> Result<Json<SamlView>, ApiError> {
    // Somebody else may change something in between: then ours is put on top of that.
    let mut approved = None;
    let keeps = at.keeps().await?;
    for _ in 0..3 {
        let provider = saml_provider(&company, &tenancy, id).await?;
        let mut settings = Settings::of(&provider)?;
        let now = company.time().now();
        let own = settings.saml.get_or_insert_default();
        if let Some(document) = &change.metadata {
            own.learn(document, now).map_err(ApiError::BadMetadata)?;
        }
        if let Some(signs) = change.signs {
            own.signs = signs;
        }
        if let Some(subject) = &change.subject {
            let subject = subject.trim();
            if subject.len() > LONGEST || subject.chars().any(char::is_control) {
                return Err(ApiError::InvalidRequest("subject".to_owned()));
            }
            own.subject = Some(subject.to_owned()).filter(|subject| !subject.is_empty());
        }
        if let Some(last) = change.addresses_last {
            own.addresses_last = last;
        }
        let known = provider.changed;
        // What somebody less set up is not raised by the way.
        let most = provider.most.min(most);
        let before = said(&provider)?;
        let changed = Provider { settings: settings.text()?, most, changed: now, ..provider.clone() };
        let after = said(&changed)?;
        match &approved {
            None => {
                let what = json!({"provider": id, "after": after});
                let asks = Operation::new("PROVIDER_CONFIG", &changed.name, what);
                let asks = asks.also(decides(Some(&provider), &changed)?);
                company.control().may_change_provider(changed.clone(), known, keeps.clone()).await??;
                at.let_through(&person, asks).await?;
                approved = Some(after.clone());
            }
            // What was approved is this and nothing else.
            Some(approved) if *approved != after => return Err(ApiError::PublishedMeanwhile),
            Some(_) => {}
        }
        noted::fact("before", before);
        noted::fact("after", after);
        if company.control().change_provider(changed.clone(), known, keeps.clone()).await?? {
            return Ok(Json(SamlView::new(&site, changed)?));
        }
    }
    Err(ApiError::Overloaded)
}
