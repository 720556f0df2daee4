//! `POST /api/company/{provider}/saml/start`: begins a sign-in at a SAML provider.

use axum::{
    extract::State,
    http::header::SET_COOKIE,
    response::{IntoResponse, Response},
};
use gridkeep_identity::saml::{Request, RequestId};
use gridkeep_model::ProviderId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    attempt::{Attempt, Purpose, path_of_ours},
    saml_provider,
    settings::{Place, Settings, signer},
};
use crate::{
    company::Company,
    error::ApiError,
    extract::{Json, Path},
    session::MaybePerson,
    site::Site,
    tenancy::Tenancy,
};

/// How somebody wants to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SamlStart {
    /// The page to come back to: a path of this server. Anything else is the first page.
    #[serde(default)]
    back: Option<String>,
    /// The provider is to ask again who they are.
    #[serde(default)]
    anew: bool,
    #[serde(default)]
    purpose: Purpose,
}

/// Where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SamlRequest {
    /// The provider's address with the request.
    location: String,
}

/// Says where the browser goes to sign in at the tenant's provider, and remembers that it asked.
#[utoipa::path(post, path = "/api/company/{provider}/saml/start", tag = "company", operation_id = "startSaml",
    params(("provider" = uuid::Uuid, Path)), request_body = SamlStart,
    responses((status = 200, body = SamlRequest)))]
pub(super) async fn start(
    State(company): State<Company>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    MaybePerson(person): MaybePerson,
    Path(provider): Path<ProviderId>,
    Json(wish): Json<SamlStart>,
) -> Result<Response, ApiError> {
    let provider = saml_provider(&company, &tenancy, provider).await?;
    let tests = wish.purpose == Purpose::Test && person.is_some_and(|person| person.administers());
    // Also what is not enabled can be tried, by whoever may enable it.
    if !tests && (!provider.enabled || wish.purpose == Purpose::Test) {
        return Err(ApiError::NotFound);
    }
    let settings = Settings::of(&provider)?;
    let known = settings.saml.known.as_ref().ok_or(ApiError::NotFound)?;
    let signer = settings.saml.signs.then(|| signer(&company, &provider)).flatten();
    let (now, place) = (company.time().now(), Place::of(&site, &provider));
    let id = company.chance().with(RequestId::new);
    let request = Request {
        id: &id,
        to: &known.place,
        issuer: &place.name,
        place: &place.answers,
        now,
        anew: wish.anew,
        relay: None,
    };
    let location = request.address(signer.as_ref());
    let attempt = Attempt {
        tenant: tenancy.id(),
        provider: provider.id,
        asked: id.as_str().to_owned(),
        at: now,
        anew: wish.anew,
        purpose: wish.purpose,
        back: path_of_ours(wish.back.as_deref()),
    };
    let cookie = attempt.keep(&company, &site)?;
    Ok(([(SET_COOKIE, cookie)], Json(SamlRequest { location })).into_response())
}
