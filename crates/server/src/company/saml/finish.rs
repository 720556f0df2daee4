//! `POST /api/company/{provider}/saml/answer`: our own page brings a provider's answer, in the browser that asked.
//!
//! **Architecture Invariant:** whatever is wrong, whoever brings it reads the same. Why it was refused stands in the log, without
//! anything that the answer said.

use axum::{
    extract::State,
    http::{HeaderMap, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Response},
};
use gridkeep_identity::saml::{self, Expected, Refused};
use gridkeep_model::ProviderId;
use gridkeep_store::{LoginMethod, LoginResult, Provider};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    attempt::{Attempt, Purpose},
    claims, saml_provider,
    settings::{Place, Settings},
};
use crate::{
    company::{Admittance, Company, Newcomer, Said},
    defence::{Login, Throttle, Visitor},
    error::ApiError,
    extract::{Json, Path},
    language::Language,
    session::{Logins, MaybePerson},
    site::Site,
    tenancy::Tenancy,
};

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SamlAnswer {
    /// As the provider's page posted it: base64.
    response: String,
}

/// How it ended well.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SamlDone {
    /// Where to go on.
    location: String,
    /// What the provider said and what would become of it, where that was the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    tested: Option<serde_json::Value>,
}

/// Signs in whom the answer is about, or says what would become of them.
#[utoipa::path(post, path = "/api/company/{provider}/saml/answer", tag = "company", operation_id = "finishSaml",
    params(("provider" = uuid::Uuid, Path)), request_body = SamlAnswer,
    responses((status = 200, body = SamlDone)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn finish(
    State(company): State<Company>,
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    State(throttle): State<Throttle>,
    State(site): State<Site>,
    visitor: Visitor,
    language: Language,
    MaybePerson(person): MaybePerson,
    headers: HeaderMap,
    Path(provider): Path<ProviderId>,
    Json(SamlAnswer { response }): Json<SamlAnswer>,
) -> Result<Response, ApiError> {
    let attempt =
        Attempt::of(&headers, &company, &site, tenancy.id(), provider).ok_or(ApiError::WrongProof)?;
    let provider = saml_provider(&company, &tenancy, provider).await.map_err(|_| ApiError::WrongProof)?;
    let tests = attempt.purpose == Purpose::Test;
    if tests && !person.is_some_and(|person| person.administers()) || !tests && !provider.enabled {
        return Err(ApiError::WrongProof);
    }
    // Checking costs a little: whoever brings wrong ones again and again waits.
    let tries = throttle.attempt("saml", &attempt.asked, &visitor).await?;
    let settings = Settings::of(&provider)?;
    let said = match proven(&company, &site, &provider, &settings, &attempt, response).await? {
        Ok(said) => said,
        Err(refused) => {
            tracing::warn!(provider.id = %provider.id, saml.refused = %refused, "an answer was refused");
            let login = Login { account: None, address: None, method: LoginMethod::Company };
            company.arrivals().note(login, LoginResult::Wrong, &visitor).await?;
            return Err(ApiError::WrongProof);
        }
    };
    tries.succeeded().await?;
    let over = Attempt::forget(&site);
    let location = attempt.back;
    if tests {
        let tested = claims::shown(&said, &settings.rules.outcome(&said, provider.most));
        let done = SamlDone { location, tested: Some(tested) };
        return Ok(([(SET_COOKIE, over)], Json(done)).into_response());
    }
    let newcomer = Newcomer {
        provider: &provider,
        rules: &settings.rules,
        said,
        logins: &logins,
        tenancy: &tenancy,
        site: &site,
        visitor: &visitor,
        language,
    };
    match company.admit(newcomer).await? {
        Admittance::In(entered) => {
            let ([session], _) = *entered;
            let cookies = AppendHeaders([session, over].map(|cookie| (SET_COOKIE, cookie)));
            Ok((cookies, Json(SamlDone { location, tested: None })).into_response())
        }
        Admittance::Stranger => Err(ApiError::WrongProof),
    }
}

/// What the provider says, if it is what was asked, now and for the first time.
async fn proven(
    company: &Company,
    site: &Site,
    provider: &Provider,
    settings: &Settings,
    attempt: &Attempt,
    response: String,
) -> Result<Result<Said, Refused>, ApiError> {
    let Some(known) = settings.saml.known.clone() else { return Ok(Err(Refused::Issuer)) };
    let (place, attempt, now) = (Place::of(site, provider), attempt.clone(), company.time().now());
    // Half a MiB of XML is more work than a thread that others wait for should do.
    let accepted = tokio::task::spawn_blocking(move || {
        saml::accept(
            &response,
            &Expected {
                issuer: &known.issuer,
                audience: &place.name,
                place: &place.answers,
                asked: &attempt.asked,
                asked_at: attempt.at,
                anew: attempt.anew,
                keys: &known.keys(),
                now,
            },
        )
        .map(|answer| (answer, known.issuer))
    });
    let (answer, issuer) = match accepted.await.map_err(|_| ApiError::internal("checking an answer ended"))? {
        Ok(both) => both,
        Err(refused) => return Ok(Err(refused)),
    };
    let is_first = company.control().spend_once(answer.id(), now, answer.until()).await?;
    Ok(answer.first(is_first).map(|person| claims::said(&settings.rules, &issuer, &person)))
}
