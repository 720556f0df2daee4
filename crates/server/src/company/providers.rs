//! `/api/providers`: a tenant's providers, for its administrators.
//!
//! **Architecture Invariant:** whoever changes one has just shown who they are: a provider is a way in. It makes nobody more than
//! anybody was who had a hand in it, unless whoever may says so. Its secret is written, and never read again.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use gridkeep_model::ProviderId;
use gridkeep_store::{Provider, ProviderKind, TenantRole};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use super::{
    Company, SamlSettings, Whose,
    flow::Purpose,
    settings::Settings,
    start::{Destination, depart, redirect},
    tested::Tested,
    vouching::decides,
};
use crate::{
    error::{ApiError, CompanyRefusal},
    extract::{Json, Path},
    factors::FreshHere,
    gates::{AtGate, Entitled, Operation},
    noted,
    people::Ruler,
    secret::Token,
    session::{Logins, RoleView},
    site::Site,
};

/// Most providers of a tenant.
const MOST: usize = 20;

/// A provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Provider)]
pub(super) struct ProviderCard {
    #[schema(value_type = String, format = Uuid)]
    id: ProviderId,
    /// `oidc` or `saml`.
    kind: &'static str,
    name: String,
    /// People may come this way.
    enabled: bool,
    /// The most that whoever comes this way can be.
    most: RoleView,
    settings: Settings,
    /// The server has something to prove itself with.
    has_secret: bool,
    /// Where the provider's answers go: to be entered there.
    redirect: String,
    /// Where the provider finds the key by which the server proves itself to it (`jwks_uri`).
    keys: String,
    #[schema(value_type = String, format = DateTime)]
    changed: Timestamp,
}

/// A provider to be, or as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewProvider {
    /// One line.
    name: String,
    #[serde(default)]
    enabled: bool,
    settings: Settings,
    /// The most that whoever comes this way can be, at most what whoever says it is. When absent it is what it was, or what whoever
    /// changes it is, if that is less: what somebody else set is not raised by the way.
    #[serde(default)]
    most: Option<RoleView>,
    /// What the server proves itself with; as before when absent, nothing when empty.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Password)]
    secret: Option<SecretString>,
}

fn card(provider: Provider, site: &Site) -> Result<ProviderCard, ApiError> {
    Ok(ProviderCard {
        settings: Settings::of(&provider)?,
        redirect: redirect(site, provider.id),
        keys: site.page(&format!("/company/{}/keys", provider.id)),
        id: provider.id,
        kind: provider.kind.word(),
        name: provider.name,
        enabled: provider.enabled,
        most: provider.most.into(),
        has_secret: provider.secret.is_some(),
        changed: provider.changed,
    })
}

/// What is set of a provider, for gates and the log: all but its secret.
pub(super) fn said(provider: &Provider) -> Result<Json_, ApiError> {
    let settings: Json_ = serde_json::from_str(&provider.settings).map_err(ApiError::internal)?;
    let Provider { name, kind, enabled, most, secret, .. } = provider;
    Ok(
        json!({"name": name, "kind": kind.word(), "enabled": enabled, "most": most.word(), "settings": settings,
        "hasSecret": secret.is_some()}),
    )
}

/// The most that a provider can make of people from now on.
fn bound(ruler: &Ruler, before: TenantRole, said: Option<RoleView>) -> Result<TenantRole, ApiError> {
    said.map_or(Ok(before.min(ruler.most)), |said| ruler.name(said))
}

fn checked(
    new: &NewProvider,
    kind: ProviderKind,
    company: (&Company, &Whose),
    most: TenantRole,
) -> Result<String, ApiError> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    if new.secret.as_ref().is_some_and(|secret| secret.expose_secret().len() > 1_000) {
        return Err(ApiError::InvalidRequest("secret".to_owned()));
    }
    new.settings.check(kind, company, most)?;
    Ok(name.to_owned())
}

/// The secret as it is to be kept.
fn secret_of(
    company: &Company,
    own: &Provider,
    (before, new): (&Settings, &NewProvider),
) -> Result<Option<Vec<u8>>, ApiError> {
    let place = |settings: &Settings| settings.oidc.as_ref().map(|own| own.issuer.clone());
    match &new.secret {
        // To another place the secret does not go: whoever knows it enters it again.
        None if place(before) != place(&new.settings) => Ok(None),
        None => Ok(own.secret.clone()),
        Some(secret) if secret.expose_secret().is_empty() => Ok(None),
        Some(secret) => company.seal_secret(own.id, secret).map(Some),
    }
}

/// The tenant's providers, the oldest first.
#[utoipa::path(get, path = "/api/providers", tag = "company", operation_id = "providers",
    responses((status = 200, body = Vec<ProviderCard>)))]
pub(super) async fn list(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    _: Ruler,
) -> Result<Json<Vec<ProviderCard>>, ApiError> {
    let all = company.control().providers(logins.tenant()).await?;
    Ok(Json(all.into_iter().map(|provider| card(provider, &site)).collect::<Result<_, _>>()?))
}

/// Adds a provider.
#[utoipa::path(post, path = "/api/providers", tag = "company", operation_id = "provider_add",
    request_body = NewProvider, responses((status = 201, body = ProviderCard)))]
pub(super) async fn add(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    ruler: Ruler,
    _: FreshHere,
    at: AtGate,
    Json(mut new): Json<NewProvider>,
) -> Result<(StatusCode, Json<ProviderCard>), ApiError> {
    // Set by its metadata alone.
    new.settings.saml = None;
    let most = bound(&ruler, ruler.most, new.most)?;
    let name = checked(&new, ProviderKind::Oidc, (&company, &Whose::of(&logins, &site)), most)?;
    let now = company.time().now();
    let id = company.chance().with(|rng| ProviderId::new(company.time().clock(), rng));
    let secret = new.secret.filter(|secret| !secret.expose_secret().is_empty());
    let given = json!(secret.as_ref().map(ExposeSecret::expose_secret));
    let provider = Provider {
        id,
        tenant: logins.tenant(),
        kind: ProviderKind::Oidc,
        name,
        settings: new.settings.text()?,
        secret: secret.map(|secret| company.seal_secret(id, &secret)).transpose()?,
        most,
        enabled: new.enabled,
        created: now,
        changed: now,
    };
    let after = said(&provider)?;
    let asks = Operation::new("PROVIDER_CONFIG", &provider.name, json!({"add": after})).bound(&given)?;
    let asks = asks.needs(Entitled::over(most)).also(decides(None, &provider)?);
    at.let_through(&ruler.person, asks).await?;
    noted::about(id.to_string());
    noted::fact("after", after);
    if !company.control().add_provider(provider.clone(), MOST).await? {
        return Err(ApiError::TooManyProviders(MOST));
    }
    Ok((StatusCode::CREATED, Json(card(provider, &site)?)))
}

/// Changes a provider; whoever came this way signs in anew.
#[utoipa::path(put, path = "/api/providers/{provider}", tag = "company", operation_id = "provider_change",
    params(("provider" = String, Path)), request_body = NewProvider, responses((status = 200, body = ProviderCard)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn change(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    ruler: Ruler,
    Path(id): Path<ProviderId>,
    _: FreshHere,
    at: AtGate,
    Json(mut new): Json<NewProvider>,
) -> Result<Json<ProviderCard>, ApiError> {
    let own = company.control().provider(logins.tenant(), id).await?.ok_or(ApiError::NotFound)?;
    new.settings.saml = None;
    let most = bound(&ruler, own.most, new.most)?;
    let name = checked(&new, own.kind, (&company, &Whose::of(&logins, &site)), most)?;
    let before = Settings::of(&own)?;
    let (settings, secret) = match own.kind {
        ProviderKind::Oidc => (new.settings.text()?, secret_of(&company, &own, (&before, &new))?),
        // The rest is set by its metadata.
        ProviderKind::Saml => {
            if new.enabled && !before.saml.as_ref().is_some_and(SamlSettings::is_known) {
                return Err(ApiError::Company(CompanyRefusal::NoMetadata));
            }
            (new.settings.rules_within(&own)?, own.secret.clone())
        }
    };
    let now = company.time().now();
    let changed =
        Provider { name, settings, secret, most, enabled: new.enabled, changed: now, ..own.clone() };
    let after = said(&changed)?;
    let what = json!({"provider": id, "after": after, "newSecret": new.secret.is_some()});
    let given = json!(new.secret.as_ref().map(ExposeSecret::expose_secret));
    let asks = Operation::new("PROVIDER_CONFIG", &changed.name, what).bound(&given)?;
    let asks = asks.needs(Entitled::over(most)).also(decides(Some(&own), &changed)?);
    // Nobody approves in vain what the commit would refuse.
    let keeps = at.keeps().await?;
    company.control().may_change_provider(changed.clone(), own.changed, keeps.clone()).await??;
    at.let_through(&ruler.person, asks).await?;
    noted::fact("before", said(&own)?);
    noted::fact("after", after);
    noted::fact("newSecret", new.secret.is_some());
    if !company.control().change_provider(changed.clone(), own.changed, keeps).await?? {
        return Err(ApiError::PublishedMeanwhile);
    }
    for issuer in [before.oidc, new.settings.oidc].into_iter().flatten() {
        company.oidc().forget(own.tenant, &issuer.issuer);
    }
    Ok(Json(card(changed, &site)?))
}

/// Forgets a provider; its people stay, and do not come this way any more.
#[utoipa::path(delete, path = "/api/providers/{provider}", tag = "company", operation_id = "provider_remove",
    params(("provider" = String, Path)), responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(company): State<Company>,
    State(logins): State<Logins>,
    Ruler { person, .. }: Ruler,
    Path(id): Path<ProviderId>,
    _: FreshHere,
    at: AtGate,
) -> Result<StatusCode, ApiError> {
    let own = company.control().provider(logins.tenant(), id).await?.ok_or(ApiError::NotFound)?;
    at.pass(&person, "PROVIDER_CONFIG", &own.name, json!({"remove": id})).await?;
    noted::fact("before", said(&own)?);
    let gone = company.control().remove_provider(logins.tenant(), id, at.keeps().await?).await??;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}

/// Where to sign in at a provider, enabled or not, to see what it says; nobody is signed in by that.
#[utoipa::path(post, path = "/api/providers/{provider}/test", tag = "company", operation_id = "provider_test",
    params(("provider" = String, Path)), responses((status = 200, body = Destination)))]
pub(super) async fn test(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    ruler: Ruler,
    Path(id): Path<ProviderId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let own = company.control().provider(logins.tenant(), id).await?.ok_or(ApiError::NotFound)?;
    if ruler.person.through.is_some() {
        return Err(ApiError::OwnProofRequired);
    }
    // Whoever tries has perhaps just mended it.
    if let Some(oidc) = Settings::of(&own)?.oidc {
        company.oidc().try_again(own.tenant, &oidc.issuer);
    }
    let purpose = Purpose::Test { account: ruler.person.id };
    depart(&company, (&logins, &site), &headers, (&own, purpose), None).await
}

/// What came of a test, for five minutes.
#[utoipa::path(get, path = "/api/providers/{provider}/tests/{token}", tag = "company", operation_id = "provider_tested",
    params(("provider" = String, Path), ("token" = String, Path)), responses((status = 200, body = Tested)))]
pub(super) async fn tested(
    State(company): State<Company>,
    State(logins): State<Logins>,
    _: Ruler,
    Path((id, token)): Path<(ProviderId, String)>,
) -> Result<Json<Tested>, ApiError> {
    company.control().provider(logins.tenant(), id).await?.ok_or(ApiError::NotFound)?;
    let token = Token::parse(&token).ok_or(ApiError::NotFound)?;
    company.kept_test(id, &token).await?.map(Json).ok_or(ApiError::NotFound)
}
