//! `/api/directory`: what the portal shows of a company's directory, and the tokens it comes with.

use std::collections::HashMap;

use axum::{extract::State, http::StatusCode};
use gridkeep_model::{AccountId, DirectoryEventId, DirectoryTokenId, ProviderId};
use gridkeep_store::{DirectoryEvent, DirectoryToken, TenantRole};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::directory::PREFIX;
use crate::{
    chance::{Chance, Time},
    company::{Company, directs},
    error::ApiError,
    extract::{Json, Path},
    factors::FreshHere,
    gates::{AtGate, Operation},
    noted,
    people::Ruler,
    secret::Token,
    session::Logins,
    site::Site,
};

/// Most tokens of a tenant.
const MOST_TOKENS: usize = 20;
/// Longest name, in characters.
const LONGEST_NAME: usize = 80;

/// What is known of the tenant's directories.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Directory)]
pub(super) struct Overview {
    /// The address that directories are told.
    address: String,
    /// The identity providers that have a directory, by name.
    providers: Vec<ProviderName>,
    tokens: Vec<TokenCard>,
    /// What directories did last, the newest first.
    events: Vec<EventCard>,
}

/// An identity provider by its name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DirectoryProvider)]
pub(super) struct ProviderName {
    #[schema(value_type = String, format = Uuid)]
    id: ProviderId,
    name: String,
}

/// A token, without what proves it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DirectoryToken)]
pub(super) struct TokenCard {
    #[schema(value_type = String, format = Uuid)]
    id: DirectoryTokenId,
    /// The identity provider whose directory shows it.
    #[schema(value_type = String, format = Uuid)]
    provider: ProviderId,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// To about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
    /// Who answers for it, as others read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    maker: Option<String>,
    /// Nobody who rules over people answers for it any more: it opens nothing until somebody does.
    orphaned: bool,
}

/// Something a directory did, or wanted to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DirectoryEvent)]
pub(super) struct EventCard {
    #[schema(value_type = String, format = Uuid)]
    id: DirectoryEventId,
    #[schema(value_type = String, format = Uuid)]
    provider: ProviderId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `POST`, `PUT`, `PATCH`, `DELETE` or `GET`.
    method: String,
    /// `Users` or `Groups`.
    target: String,
    /// Whom or what it was about, as the directory calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// The status of the answer.
    status: u16,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A token to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewToken {
    /// The identity provider whose directory will show it.
    #[schema(value_type = String, format = Uuid)]
    provider: ProviderId,
    /// What it is for, 1 to 80 characters.
    name: String,
    /// After how many days it ends; never when absent.
    #[serde(default)]
    days: Option<u16>,
}

/// A new token, with its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MadeToken {
    /// The token itself. It is never shown again.
    secret: String,
    #[serde(flatten)]
    token: TokenCard,
}

impl TokenCard {
    fn new(token: DirectoryToken, names: &HashMap<AccountId, String>) -> Self {
        let orphaned = token.worth().is_none();
        let DirectoryToken { id, provider, name, created, expires, used, maker, .. } = token;
        let maker = maker.and_then(|maker| names.get(&maker)).cloned();
        Self { id, provider, name, created_at: created, expires_at: expires, used_at: used, maker, orphaned }
    }
}

impl From<DirectoryEvent> for EventCard {
    fn from(event: DirectoryEvent) -> Self {
        let DirectoryEvent { id, provider, at, method, target, subject, status, reason } = event;
        Self { id, provider, at, method, target, subject, status, reason }
    }
}

/// The address directories are told, their tokens, and what they did last.
#[utoipa::path(get, path = "/api/directory", tag = "directory", operation_id = "directory",
    responses((status = 200, body = Overview)))]
pub(super) async fn overview(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    _: Ruler,
) -> Result<Json<Overview>, ApiError> {
    let tenant = logins.tenant();
    let tokens = company.control().directory_tokens(tenant).await?;
    let names = logins.names_of(tokens.iter().filter_map(|token| token.maker).collect()).await?;
    let events = company.control().directory_events(tenant).await?;
    let providers = company.control().providers(tenant).await?.into_iter();
    Ok(Json(Overview {
        address: site.page(super::BASE),
        providers: providers.map(|own| ProviderName { id: own.id, name: own.name }).collect(),
        tokens: tokens.into_iter().map(|token| TokenCard::new(token, &names)).collect(),
        events: events.into_iter().map(EventCard::from).collect(),
    }))
}

/// Makes a token for the directory of one of the tenant's identity providers. Whoever shows it makes, changes and removes people up to
/// whoever made it.
#[utoipa::path(post, path = "/api/directory/tokens", tag = "directory", request_body = NewToken,
    responses((status = 201, body = MadeToken)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn create(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(time): State<Time>,
    State(chance): State<Chance>,
    ruler: Ruler,
    _: FreshHere,
    at: AtGate,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), ApiError> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    let tenant = logins.tenant();
    let provider = company.control().provider(tenant, new.provider).await?.ok_or(ApiError::NotFound)?;
    let after = json!({"provider": new.provider, "name": name, "days": new.days, "most": ruler.most.word()});
    let asks = Operation::new("PROVIDER_CONFIG", &name, json!({"addToken": after}));
    let asks = asks.also(directs((&provider, &name), (None, ruler.most))?);
    at.let_through(&ruler.person, asks).await?;
    noted::fact("after", after);
    let secret = Token::new(&chance);
    let token = DirectoryToken {
        id: chance.with(|rng| DirectoryTokenId::new(time.clock(), rng)),
        provider: new.provider,
        name,
        most: ruler.most,
        maker: Some(ruler.person.id),
        maker_role: Some(ruler.most),
        created: time.now(),
        expires: new.days.map(|days| time.after(SignedDuration::from_hours(24 * i64::from(days.max(1))))),
        used: None,
    };
    let made =
        company.control().add_directory_token(tenant, token.clone(), secret.hash().0, MOST_TOKENS).await?;
    if !made {
        return Err(ApiError::TooManyKeys(MOST_TOKENS));
    }
    noted::about(token.id.to_string());
    tracing::info!(token.id = %token.id, provider.id = %token.provider, "a directory's token was made");
    let secret = format!("{PREFIX}{}", secret.expose());
    let names = HashMap::from([(ruler.person.id, ruler.person.name)]);
    Ok((StatusCode::CREATED, Json(MadeToken { secret, token: TokenCard::new(token, &names) })))
}

/// Answers for a token from now on: it is worth what whoever asks is, whoever made it.
#[utoipa::path(put, path = "/api/directory/tokens/{token}/maker", tag = "directory", operation_id = "directory_token_answer",
    params(("token" = String, Path)), responses((status = 204, description = "It is worth what you are.")))]
pub(super) async fn answer(
    State(company): State<Company>,
    State(logins): State<Logins>,
    ruler: Ruler,
    _: FreshHere,
    at: AtGate,
    Path(id): Path<DirectoryTokenId>,
) -> Result<StatusCode, ApiError> {
    let own = token_of(&company, &logins, id).await?;
    let what = json!({"token": id, "most": ruler.most.word()});
    let provider =
        company.control().provider(logins.tenant(), own.provider).await?.ok_or(ApiError::NotFound)?;
    let asks = Operation::new("PROVIDER_CONFIG", &own.name, what);
    let asks = asks.also(directs((&provider, &own.name), (Some(&own), ruler.most))?);
    at.let_through(&ruler.person, asks).await?;
    let worth = |token: &DirectoryToken| token.worth().map(TenantRole::word);
    noted::fact("before", json!({"name": own.name, "worth": worth(&own)}));
    noted::fact("after", json!({"name": own.name, "worth": ruler.most.word()}));
    let who = (ruler.person.id, ruler.most);
    if company.control().answer_for_directory_token(logins.tenant(), id, who).await? {
        tracing::info!(token.id = %id, "somebody else answers for a directory's token");
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound)
    }
}

/// Ends a token at once.
#[utoipa::path(delete, path = "/api/directory/tokens/{token}", tag = "directory", params(("token" = String, Path)),
    responses((status = 204, description = "It opens nothing any more.")))]
pub(super) async fn revoke(
    State(company): State<Company>,
    State(logins): State<Logins>,
    Ruler { person, .. }: Ruler,
    at: AtGate,
    Path(id): Path<DirectoryTokenId>,
) -> Result<StatusCode, ApiError> {
    let own = token_of(&company, &logins, id).await?;
    at.pass(&person, "PROVIDER_CONFIG", &own.name, json!({"removeToken": id})).await?;
    noted::fact("before", json!({"name": own.name, "provider": own.provider}));
    if company.control().revoke_directory_token(logins.tenant(), id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound)
    }
}

async fn token_of(
    company: &Company,
    logins: &Logins,
    id: DirectoryTokenId,
) -> Result<DirectoryToken, ApiError> {
    let all = company.control().directory_tokens(logins.tenant()).await?;
    all.into_iter().find(|token| token.id == id).ok_or(ApiError::NotFound)
}
