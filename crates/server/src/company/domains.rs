//! `/api/domains`: domains of mail addresses that are a tenant's company's.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::domain::shown;
use gridkeep_store::CompanyDomain;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Company, Whose};
use crate::{
    error::{ApiError, CompanyRefusal},
    extract::{Json, Path},
    factors::FreshHere,
    gates::AtGate,
    noted,
    people::Ruler,
    secret::hex,
    session::{Email, Logins},
    site::Site,
};

/// Most domains of a tenant.
const MOST: usize = 50;

/// A domain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompanyDomain)]
pub(super) struct DomainCard {
    /// As name servers have it (A-labels).
    domain: String,
    /// As people read it.
    name: String,
    /// The text record (TXT) of the domain that proves it.
    record: String,
    /// When it was proven; null when it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    verified: Option<Timestamp>,
    /// People with such an address come in here through the company only.
    required: bool,
}

/// A domain to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDomain {
    domain: String,
}

fn card(domain: CompanyDomain) -> DomainCard {
    let CompanyDomain { domain, proof, verified, required, .. } = domain;
    let name = shown(&domain).into_owned();
    DomainCard { domain, name, record: record(&proof), verified, required }
}

/// The text record that proves a domain.
pub(super) fn record(proof: &str) -> String {
    format!("gridkeep-domain={proof}")
}

/// A domain as addresses have it, in the form in which domains are compared; `None` when it is none.
pub fn domain(text: &str) -> Option<String> {
    let email = Email::new(&format!("somebody@{}", text.trim())).ok()?;
    let domain = email.domain().into_owned();
    domain.contains('.').then_some(domain)
}

/// The domains that were named, by name.
#[utoipa::path(get, path = "/api/domains", tag = "company", operation_id = "domains",
    responses((status = 200, body = Vec<DomainCard>)))]
pub(super) async fn list(
    State(company): State<Company>,
    State(logins): State<Logins>,
    _: Ruler,
) -> Result<Json<Vec<DomainCard>>, ApiError> {
    let all = company.control().company_domains(logins.tenant()).await?;
    Ok(Json(all.into_iter().map(card).collect()))
}

/// Names a domain; it counts once it is proven.
#[utoipa::path(post, path = "/api/domains", tag = "company", operation_id = "domain_add",
    request_body = NewDomain, responses((status = 201, body = DomainCard)))]
pub(super) async fn add(
    State(company): State<Company>,
    State(logins): State<Logins>,
    Ruler { person, .. }: Ruler,
    _: FreshHere,
    at: AtGate,
    Json(new): Json<NewDomain>,
) -> Result<(StatusCode, Json<DomainCard>), ApiError> {
    let domain = domain(&new.domain).ok_or_else(|| ApiError::InvalidRequest("domain".to_owned()))?;
    let own = CompanyDomain {
        domain,
        proof: hex(&company.chance().bytes::<16>()),
        verified: None,
        required: false,
        created: company.time().now(),
    };
    at.pass(&person, "PROVIDER_CONFIG", &own.domain, json!({"addDomain": own.domain})).await?;
    noted::about(own.domain.as_str());
    if !company.control().add_company_domain(logins.tenant(), own.clone(), MOST).await? {
        return Err(ApiError::NameTaken);
    }
    Ok((StatusCode::CREATED, Json(card(own))))
}

/// Looks for the record that proves a domain.
#[utoipa::path(post, path = "/api/domains/{domain}/check", tag = "company", operation_id = "domain_check",
    params(("domain" = String, Path)), responses((status = 200, body = DomainCard)))]
pub(super) async fn check(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    Ruler { person, .. }: Ruler,
    Path(domain): Path<String>,
    at: AtGate,
) -> Result<Json<DomainCard>, ApiError> {
    let all = company.control().company_domains(logins.tenant()).await?;
    let own = all.into_iter().find(|own| own.domain == domain).ok_or(ApiError::NotFound)?;
    let found =
        company.caller().texts(&Whose::of(&logins, &site), &own.domain, company.chance().bytes()).await;
    let record = record(&own.proof);
    if !found.unwrap_or_default().iter().any(|text| text.trim() == record) {
        return Err(ApiError::Company(CompanyRefusal::DomainNotProven));
    }
    at.pass(&person, "PROVIDER_CONFIG", &own.domain, json!({"verifyDomain": own.domain})).await?;
    let now = company.time().now();
    noted::fact("before", json!({"verified": own.verified.map(|at| at.to_string())}));
    noted::fact("after", json!({"verified": now.to_string()}));
    company.control().verify_company_domain(logins.tenant(), &own.domain, now).await?;
    Ok(Json(card(CompanyDomain { verified: Some(now), ..own })))
}

/// What is asked of people of a domain.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DomainChange {
    /// They come in here through the company only.
    required: bool,
}

/// Says whether people with an address of a proven domain come in here through the company only, from the next request on. Owners
/// come in by a passkey too: there has to be one who can.
#[utoipa::path(put, path = "/api/domains/{domain}", tag = "company", operation_id = "domain_change",
    params(("domain" = String, Path)), request_body = DomainChange, responses((status = 200, body = DomainCard)))]
pub(super) async fn change(
    State(company): State<Company>,
    State(logins): State<Logins>,
    ruler: Ruler,
    Path(domain): Path<String>,
    _: FreshHere,
    at: AtGate,
    Json(DomainChange { required }): Json<DomainChange>,
) -> Result<Json<DomainCard>, ApiError> {
    let (tenant, control) = (logins.tenant(), company.control());
    let all = control.company_domains(tenant).await?;
    let own = all.into_iter().find(|own| own.domain == domain).ok_or(ApiError::NotFound)?;
    if required {
        if own.verified.is_none() {
            return Err(ApiError::Company(CompanyRefusal::DomainNotProven));
        }
        if !control.providers(tenant).await?.iter().any(|provider| provider.enabled) {
            return Err(ApiError::Company(CompanyRefusal::NoOpenProvider));
        }
        if !control.has_owner_with_passkey(tenant).await? {
            return Err(ApiError::Company(CompanyRefusal::NoOwnerWithPasskey));
        }
    }
    let what = json!({"domain": own.domain, "required": required});
    at.pass(&ruler.person, "PROVIDER_CONFIG", &own.domain, what).await?;
    noted::fact("before", json!({"required": own.required}));
    noted::fact("after", json!({"required": required}));
    let since = (required, company.time().now());
    control.require_company(tenant, &own.domain, since, at.keeps().await?).await??;
    tracing::warn!(by.id = %ruler.person.id, tenant.id = %tenant, required, "whether a company's sign-in is required was changed");
    Ok(Json(card(CompanyDomain { required, ..own })))
}

/// Forgets a domain: addresses there are no longer proven by the company's word.
#[utoipa::path(delete, path = "/api/domains/{domain}", tag = "company", operation_id = "domain_remove",
    params(("domain" = String, Path)), responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(company): State<Company>,
    State(logins): State<Logins>,
    Ruler { person, .. }: Ruler,
    Path(domain): Path<String>,
    _: FreshHere,
    at: AtGate,
) -> Result<StatusCode, ApiError> {
    let all = company.control().company_domains(logins.tenant()).await?;
    let own = all.into_iter().find(|own| own.domain == domain).ok_or(ApiError::NotFound)?;
    at.pass(&person, "PROVIDER_CONFIG", &domain, json!({"removeDomain": domain})).await?;
    let verified = own.verified.map(|at| at.to_string());
    noted::fact("before", json!({"verified": verified, "required": own.required}));
    let gone = company.control().remove_company_domain(logins.tenant(), &domain).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
