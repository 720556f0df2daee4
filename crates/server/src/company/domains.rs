//! `/api/domains`: domains of mail addresses that are a tenant's company's.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::CompanyDomain;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Company, Whose};
use crate::{
    error::ApiError,
    extract::{Json, Path},
    factors::Fresh,
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
    domain: String,
    /// The text record (TXT) of the domain that proves it.
    record: String,
    /// When it was proven; null when it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    verified: Option<Timestamp>,
}

/// A domain to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDomain {
    domain: String,
}

fn card(domain: CompanyDomain) -> DomainCard {
    let CompanyDomain { domain, proof, verified, .. } = domain;
    DomainCard { domain, record: record(&proof), verified }
}

/// The text record that proves a domain.
pub(super) fn record(proof: &str) -> String {
    format!("gridkeep-domain={proof}")
}

/// A domain as addresses have it; `None` when it is none.
pub fn domain(text: &str) -> Option<String> {
    let email = Email::new(&format!("somebody@{}", text.trim())).ok()?;
    let domain = email.as_str().rsplit_once('@')?.1.to_owned();
    let fits = domain.contains('.') && domain.len() <= 253;
    fits.then_some(domain)
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
    _: Ruler,
    _: Fresh,
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
    _: Ruler,
    Path(domain): Path<String>,
) -> Result<Json<DomainCard>, ApiError> {
    let all = company.control().company_domains(logins.tenant()).await?;
    let own = all.into_iter().find(|own| own.domain == domain).ok_or(ApiError::NotFound)?;
    let found =
        company.caller().texts(&Whose::of(&logins, &site), &own.domain, company.chance().bytes()).await;
    let record = record(&own.proof);
    if !found.unwrap_or_default().iter().any(|text| text.trim() == record) {
        return Err(ApiError::DomainNotProven);
    }
    let now = company.time().now();
    company.control().verify_company_domain(logins.tenant(), &own.domain, now).await?;
    Ok(Json(card(CompanyDomain { verified: Some(now), ..own })))
}

/// Forgets a domain: addresses there are no longer proven by the company's word.
#[utoipa::path(delete, path = "/api/domains/{domain}", tag = "company", operation_id = "domain_remove",
    params(("domain" = String, Path)), responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(company): State<Company>,
    State(logins): State<Logins>,
    _: Ruler,
    Path(domain): Path<String>,
    _: Fresh,
) -> Result<StatusCode, ApiError> {
    let gone = company.control().remove_company_domain(logins.tenant(), &domain).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
