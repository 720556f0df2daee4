//! `POST /api/company/{provider}/saml/answer`: our own page brings a provider's answer, in the browser that asked.
//!
//! **Architecture Invariant:** whatever is wrong, whoever brings it is sent to the same page. Why it was refused stands in the log, without
//! anything that the answer said.

use axum::{
    extract::State,
    http::{HeaderMap, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Response},
};
use gridkeep_identity::{
    oidc::Verified,
    saml::{self, Expected},
};
use gridkeep_model::ProviderId;
use gridkeep_store::Provider;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::{
    claims::claims,
    depart::{carried, put_down, request_id},
    settings::{Place, SamlSettings},
};
use crate::{
    company::{
        Company,
        callback::{Arrival, Proof},
        flow::Flow,
        oidc::Failed,
    },
    defence::{Throttle, Visitor},
    error::ApiError,
    extract::{Json, Path},
    http::Cookie,
    language::Language,
    mail::Post,
    secret::Token,
    session::{InBrowser, Logins},
    site::Site,
    tenancy::Tenancy,
};

/// Answers that are checked at once; the others wait. There is one for each sign-in that was begun.
static CHECKS: Semaphore = Semaphore::const_new(4);

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SamlAnswer {
    /// As the provider's page posted it: base64.
    response: String,
}

/// How it ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SamlDone {
    /// The address to go on to; a relative one belongs to the page that asked.
    location: String,
}

/// Takes somebody back from a company: signs them in, links their account, or shows a test.
#[utoipa::path(post, path = "/api/company/{provider}/saml/answer", tag = "company", operation_id = "finishSaml",
    params(("provider" = String, Path)), request_body = SamlAnswer,
    responses((status = 200, body = SamlDone)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn finish(
    State(company): State<Company>,
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(throttle): State<Throttle>,
    State(post): State<Post>,
    visitor: Visitor,
    language: Language,
    own: Result<InBrowser, ApiError>,
    headers: HeaderMap,
    Path(provider): Path<ProviderId>,
    Json(SamlAnswer { response }): Json<SamlAnswer>,
) -> Result<Response, ApiError> {
    let own = own.ok().map(|own| own.0);
    let (token, state) = (Cookie::Company.read(&site, &headers), carried(&site, &headers));
    let arrival = Arrival { company, logins, tenancy, site: site.clone(), visitor, throttle, post, language };
    let end = Box::pin(arrival.end(provider, (token, &state), Proof::Saml(response), own)).await?;
    let (location, mut cookies) = end.place(&site);
    cookies.push(put_down(&site)?);
    let cookies = AppendHeaders(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    Ok((cookies, Json(SamlDone { location })).into_response())
}

/// What the provider says, if it is what was asked, now and for the first time.
pub(in crate::company) async fn verified(
    company: &Company,
    site: &Site,
    (provider, own): (&Provider, &SamlSettings),
    (flow, token): (&Flow, &Token),
    response: String,
) -> Result<Result<Verified, Failed>, ApiError> {
    let Some(known) = own.known.clone() else { return Ok(Err(saml::Refused::Issuer.into())) };
    let (place, asked, now) = (Place::of(site, provider), request_id(flow, token), company.time().now());
    let since = flow.purpose.since();
    // Half a MiB of XML is more work than a thread that others wait for should do, and a few at once are enough.
    let _turn = CHECKS.acquire().await.map_err(ApiError::internal)?;
    let accepted = tokio::task::spawn_blocking(move || {
        saml::accept(
            &response,
            &Expected {
                issuer: &known.issuer,
                audience: &place.name,
                place: &place.answers,
                asked: asked.as_str(),
                asked_at: since.unwrap_or(now),
                anew: since.is_some(),
                keys: &known.keys(),
                now,
            },
        )
        .map(|answer| (answer, known.issuer))
    });
    let (answer, issuer) = match accepted.await.map_err(ApiError::internal)? {
        Ok(both) => both,
        Err(refused) => return Ok(Err(refused.into())),
    };
    let is_first = company.control().spend_once(answer.id(), now, answer.until()).await?;
    let verified = answer.first(is_first).and_then(|person| {
        Ok(Verified {
            issuer,
            claims: claims(&person),
            authenticated: Some(person.proven),
            subject: own.subject(&person)?,
        })
    });
    Ok(verified.map_err(Failed::from))
}
