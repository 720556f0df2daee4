//! `POST /api/company/start`: sends somebody to their company.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Response},
};
use gridkeep_model::ProviderId;
use gridkeep_store::Provider;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Company, Whose,
    flow::{Flow, LIFE, Purpose, own_path},
    saml,
    settings::Settings,
};
use crate::{
    defence::{Throttle, Visitor},
    error::{ApiError, CompanyRefusal},
    extract::Json,
    http::Cookie,
    secret::Token,
    session::{Email, Logins},
    site::Site,
};

/// Who wants to sign in, and where they were.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Departure {
    #[schema(value_type = String, format = Uuid)]
    provider: ProviderId,
    /// A path of this workspace to come back to.
    #[serde(default)]
    back: Option<String>,
    /// An account of its own for whoever is new, also where somebody of the workspace has the address.
    #[serde(default)]
    apart: bool,
    /// The address they gave.
    #[serde(default)]
    email: Option<String>,
}

/// Where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Destination {
    pub(super) location: String,
}

/// Where to sign in at the company. What is to come back is bound to this browser.
#[utoipa::path(post, path = "/api/company/start", tag = "company", operation_id = "company_start",
    request_body = Departure, responses((status = 200, body = Destination)))]
pub(super) async fn start(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(throttle): State<Throttle>,
    visitor: Visitor,
    headers: HeaderMap,
    Json(departure): Json<Departure>,
) -> Result<Response, ApiError> {
    let provider = company.control().provider(logins.tenant(), departure.provider).await?;
    let provider = provider.filter(|provider| provider.enabled).ok_or(ApiError::NotFound)?;
    let paid = throttle.departure(&visitor, provider.id).await?;
    let purpose = Purpose::SignIn { back: own_path(departure.back), paid, apart: departure.apart };
    let hint = departure.email.and_then(|email| Email::new(&email).ok());
    depart(&company, (&logins, &site), &headers, (&provider, purpose), hint.as_ref().map(Email::as_str)).await
}

/// Where a provider's answers go, exactly.
pub(super) fn redirect(site: &Site, provider: ProviderId) -> String {
    site.page(&format!("/api/company/{provider}/callback"))
}

/// Sends somebody to a provider for whatever purpose.
pub(super) async fn depart(
    company: &Company,
    (logins, site): (&Logins, &Site),
    headers: &HeaderMap,
    (provider, purpose): (&Provider, Purpose),
    hint: Option<&str>,
) -> Result<Response, ApiError> {
    let settings = Settings::of(provider)?;
    let token = Cookie::Company.read(site, headers).unwrap_or_else(|| Token::new(company.chance()));
    let flow = Flow::new(company, (provider.tenant, provider.id), purpose);
    if let Some(own) = &settings.saml {
        let (location, carried) = saml::depart(company, site, (provider, own), (&flow, &token))?;
        let cookies = [Cookie::Company.keep(site, &token, Some(LIFE.as_secs())), carried];
        let cookies = AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie)));
        return Ok((cookies, Json(Destination { location })).into_response());
    }
    let own = settings.oidc.ok_or(ApiError::NotFound)?;
    let (state, secrets) = (flow.state(company, &token)?, flow.secrets(&token));
    let redirect = redirect(site, provider.id);
    let location = company
        .oidc()
        .location(
            &Whose::of(logins, site),
            &own,
            &redirect,
            (&state, &secrets),
            (hint, flow.purpose.since().is_some()),
        )
        .await;
    let location = location.map_err(|failed| {
        tracing::warn!(provider.id = %provider.id, error.cause = %failed, "no way to a company");
        ApiError::Company(CompanyRefusal::Unreachable)
    })?;
    let cookie: HeaderValue = Cookie::Company.keep(site, &token, Some(LIFE.as_secs()));
    Ok(([(SET_COOKIE, cookie)], Json(Destination { location })).into_response())
}
