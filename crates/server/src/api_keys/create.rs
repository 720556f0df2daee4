//! `POST /api/apps/{app}/keys`

use axum::{extract::State, http::StatusCode};
use gridkeep_model::ApiKeyId;
use gridkeep_store::ApiKey;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use super::{present::PREFIX, view::KeyCard};
use crate::{
    chance::{Chance, Time},
    distribution::AppGrant,
    error::ApiError,
    extract::Json,
    factors::Fresh,
    noted,
    secret::Token,
    session::{Logins, meets},
    tenancy::Tenancy,
};

/// Longest name, in characters.
const LONGEST_NAME: usize = 80;
/// Most keys one person has for one app.
const MOST_KEYS: usize = 50;

/// A key to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewKey {
    /// What it is for, 1 to 80 characters.
    name: String,
    /// Whether it may change rows.
    #[serde(default)]
    writes: bool,
    /// After how many days it ends; never when absent.
    #[serde(default)]
    days: Option<u16>,
}

/// A new key, with its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MadeKey {
    /// The key itself. It is never shown again.
    secret: String,
    #[serde(flatten)]
    key: KeyCard,
}

/// What a key may do, as the log has it; its name is its owner's.
pub(super) fn said(key: &ApiKey) -> Json_ {
    let (created, expires) = (key.created.to_string(), key.expires.map(|at| at.to_string()));
    json!({"app": key.app, "owner": key.account, "writes": key.writes, "created": created, "expires": expires, "methods": key.methods})
}

/// Makes a key for the person who asks, who has shown the second factor that the tenant asks for, and just now who they are: a key
/// goes on when whoever sat at an unlocked desk is gone. Whoever came through their company makes none: it would go on when the
/// provider's word is worth nothing any more.
#[utoipa::path(post, path = "/api/apps/{app}/keys", tag = "api keys", params(("app" = String, Path)),
    request_body = NewKey, responses((status = 201, body = MadeKey)))]
pub(super) async fn create(
    State(tenancy): State<Tenancy>,
    State(time): State<Time>,
    State(chance): State<Chance>,
    State(logins): State<Logins>,
    AppGrant { app, person, .. }: AppGrant,
    Fresh(own): Fresh,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, Json<MadeKey>), ApiError> {
    let person = person.ok_or(ApiError::SignInRequired)?;
    let policy = logins.policy().await?;
    if !meets(policy, &own.session.methods) {
        return Err(ApiError::FactorRequired(policy));
    }
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    let expires = new.days.map(|days| time.after(SignedDuration::from_hours(24 * i64::from(days.max(1)))));
    let token = Token::new(&chance);
    let key = ApiKey {
        id: chance.with(|rng| ApiKeyId::new(time.clock(), rng)),
        app: app.id,
        account: person.id,
        name,
        writes: new.writes,
        created: time.now(),
        expires,
        methods: Some(own.session.methods),
        used: None,
    };
    let (made, hash) = (key.clone(), token.hash().0);
    noted::about(made.id.to_string());
    noted::fact("after", said(&made));
    noted::personal("name", Some(made.account), made.name.as_str());
    tenancy
        .write(move |work| {
            let own = work.api_keys(made.app)?.iter().filter(|key| key.account == made.account).count();
            if own >= MOST_KEYS {
                return Err(ApiError::TooManyKeys(MOST_KEYS));
            }
            Ok(work.create_api_key(&made, hash)?)
        })
        .await?;
    let made = MadeKey { secret: format!("{PREFIX}{}", token.expose()), key: KeyCard::new(key, None, None) };
    Ok((StatusCode::CREATED, Json(made)))
}
