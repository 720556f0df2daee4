//! `GET /api/apps/{app}/keys`

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use axum::extract::State;
use gridkeep_model::{AccountId, definition::Role};
use gridkeep_store::ApiKey;

use super::view::{Ended, KeyCard};
use crate::{
    distribution::AppGrant,
    error::{ApiError, CompanyRefusal},
    extract::Json,
    session::{Logins, meets},
    tenancy::Tenancy,
};

/// One's own keys of an app, the newest first; for its maker those of everybody.
#[utoipa::path(get, path = "/api/apps/{app}/keys", tag = "api keys", params(("app" = String, Path)),
    responses((status = 200, body = Vec<KeyCard>)))]
pub(super) async fn list(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    AppGrant { app, role, person, .. }: AppGrant,
) -> Result<Json<Vec<KeyCard>>, ApiError> {
    let person = person.ok_or(ApiError::SignInRequired)?;
    let mut keys = tenancy.read(move |reader| Ok(reader.api_keys(app.id)?)).await?;
    if role != Role::Maker {
        keys.retain(|key| key.account == person.id);
    }
    let mut ended = Vec::with_capacity(keys.len());
    let mut doors = BTreeMap::new();
    for key in &mut keys {
        ended.push(why(key, &logins, &mut doors).await?);
    }
    let others: BTreeSet<_> =
        keys.iter().map(|key| key.account).filter(|account| *account != person.id).collect();
    let names = logins.names_of(others).await?;
    Ok(Json(
        keys.into_iter()
            .zip(ended)
            .map(|(key, ended)| {
                let name = names.get(&key.account).cloned();
                KeyCard::new(key, name, ended)
            })
            .collect(),
    ))
}

/// Why a key opens nothing, as it is decided when it is shown; `doors` says of whom is known already that they come through their company.
async fn why(
    key: &mut ApiKey,
    logins: &Logins,
    doors: &mut BTreeMap<AccountId, bool>,
) -> Result<Option<Ended>, ApiError> {
    if let Some(ended) = logins.key_ended(key.account, key.created).await? {
        key.expires = Some(key.expires.map_or(ended, |expires| expires.min(ended)));
        return Ok(Some(Ended::Password));
    }
    let company = match doors.entry(key.account) {
        Entry::Occupied(known) => *known.get(),
        Entry::Vacant(new) => *new.insert(comes_through_company(logins, key.account).await?),
    };
    if company {
        return Ok(Some(Ended::Company));
    }
    let meets = match &key.methods {
        Some(methods) => meets(logins.policy().await?, methods),
        None => true,
    };
    Ok((!meets).then_some(Ended::Factor))
}

/// Whether somebody has to come through their company, so that no key of theirs opens anything.
async fn comes_through_company(logins: &Logins, account: AccountId) -> Result<bool, ApiError> {
    let Some(person) = logins.person(account).await? else { return Ok(false) };
    match logins.company_door(&person.email).await {
        Err(ApiError::Company(CompanyRefusal::Required)) => Ok(true),
        door => door.map(|()| false),
    }
}
