//! `/api/account/companies`: the companies an account is linked with.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gridkeep_model::{AccountId, OutsideId, ProviderId};
use gridkeep_store::{MailPurpose, Origin, Outside};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Company,
    flow::{Flow, Purpose},
    start::{Destination, depart},
};
use crate::{
    error::{ApiError, CompanyRefusal},
    extract::{Json, Path},
    factors::Fresh,
    http::Cookie,
    language::Language,
    mail::{Post, Wish},
    session::{Logins, OwnSession},
    site::Site,
};

/// A link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LinkCard {
    #[schema(value_type = String, format = Uuid)]
    id: OutsideId,
    /// What people call the provider.
    name: String,
    /// What people call its workspace.
    workspace: String,
    /// It can be taken back: the account was not made for it.
    linked: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    seen: Option<Timestamp>,
}

/// A provider that can be linked.
#[derive(Debug, Serialize, ToSchema)]
struct OfferCard {
    #[schema(value_type = String, format = Uuid)]
    provider: ProviderId,
    name: String,
}

/// Links, and providers of this workspace that can be linked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CompanyLinks {
    links: Vec<LinkCard>,
    offers: Vec<OfferCard>,
}

/// Which to link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLink {
    #[schema(value_type = String, format = Uuid)]
    provider: ProviderId,
    /// What says that this browser has just been there, and that whoever came has the account's address.
    #[serde(default)]
    claim: Option<String>,
}

/// Who links, and where.
pub(super) struct Linking<'a> {
    pub(super) company: &'a Company,
    pub(super) logins: &'a Logins,
    pub(super) post: &'a Post,
    pub(super) language: Language,
}

impl Linking<'_> {
    /// Links an account with whom a provider knows, unless that is somebody else's already; the page that says which.
    pub(super) async fn link(
        &self,
        provider: ProviderId,
        account: AccountId,
        subject: (String, String),
    ) -> Result<String, ApiError> {
        let (time, chance) = (self.company.time(), self.company.chance());
        let outside = Outside {
            id: chance.with(|rng| OutsideId::new(time.clock(), rng)),
            provider,
            account,
            subject: Some(subject),
            external: None,
            origin: Origin::Linked,
            blocked: None,
            created: time.now(),
            seen: None,
        };
        let done = self.company.control().link_outside(outside).await?;
        if done && let Some(person) = self.logins.person(account).await? {
            // Another way into the account: its owner is told, whoever was at their desk.
            let (purpose, address, language) = (MailPurpose::CompanyLinked, person.email, self.language);
            self.post.ask(vec![Wish { purpose, address, account: Some(account), language }]).await?;
        }
        let word = if done { "linked" } else { "taken" };
        Ok(format!("/account/security?company={word}"))
    }
}

/// The companies one's account is linked with, and those of this workspace that it can be linked with.
#[utoipa::path(get, path = "/api/account/companies", tag = "company", operation_id = "company_links",
    responses((status = 200, body = CompanyLinks)))]
pub(super) async fn list(
    State(company): State<Company>,
    State(logins): State<Logins>,
    OwnSession { person, .. }: OwnSession,
) -> Result<Json<CompanyLinks>, ApiError> {
    let own = company.control().outsides_of(person.id).await?;
    let all = match person.role {
        Some(_) => company.control().providers(logins.tenant()).await?,
        None => Vec::new(),
    };
    let is_free = |id: ProviderId| !own.iter().any(|own| own.outside.provider == id);
    let offers = all.into_iter().filter(|one| one.enabled && is_free(one.id));
    let offers = offers.map(|one| OfferCard { provider: one.id, name: one.name }).collect();
    let links = own.into_iter().map(|own| LinkCard {
        id: own.outside.id,
        name: own.provider,
        workspace: own.title,
        linked: own.outside.origin == Origin::Linked,
        seen: own.outside.seen,
    });
    Ok(Json(CompanyLinks { links: links.collect(), offers }))
}

/// Where to sign in at a company, to link it with one's account. Whoever has just been there, and was asked whether they are whoever has
/// their address here, is linked at once.
#[utoipa::path(post, path = "/api/account/companies", tag = "company", operation_id = "company_link",
    request_body = NewLink, responses((status = 200, body = Destination)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn link(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(post): State<Post>,
    language: Language,
    Fresh(own): Fresh,
    headers: HeaderMap,
    Json(new): Json<NewLink>,
) -> Result<Response, ApiError> {
    own.person.role.ok_or(ApiError::NotFound)?;
    let provider = company.control().provider(logins.tenant(), new.provider).await?;
    let provider = provider.filter(|provider| provider.enabled).ok_or(ApiError::NotFound)?;
    let Some(claim) = new.claim else {
        let purpose = Purpose::Link { account: own.person.id };
        return depart(&company, (&logins, &site), &headers, (&provider, purpose), None).await;
    };
    let another = || ApiError::Company(CompanyRefusal::AnotherPerson);
    let token = Cookie::Company.read(&site, &headers).ok_or_else(another)?;
    let flow = Flow::take(&company, &token, &claim, (provider.tenant, provider.id)).await?;
    let Some(Purpose::Claim { issuer, subject, email }) = flow.map(|flow| flow.purpose) else {
        return Err(another());
    };
    // A colleague was at this browser before.
    if !own.person.confirmed || own.person.email.as_str() != email {
        return Err(another());
    }
    let linking = Linking { company: &company, logins: &logins, post: &post, language };
    let location = linking.link(provider.id, own.person.id, (issuer, subject)).await?;
    Ok(Json(Destination { location: site.page(&location) }).into_response())
}

/// Takes a link back; nobody comes in by it any more.
#[utoipa::path(delete, path = "/api/account/companies/{link}", tag = "company", operation_id = "company_unlink",
    params(("link" = String, Path)), responses((status = 204, description = "It is gone.")))]
pub(super) async fn unlink(
    State(company): State<Company>,
    Fresh(own): Fresh,
    Path(id): Path<OutsideId>,
) -> Result<StatusCode, ApiError> {
    let gone = company.control().unlink_outside(own.person.id, id).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
