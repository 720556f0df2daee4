//! The key a request carries, and whom it stands for.
//!
//! Three ways, because programs differ in what they can send: `Authorization: Bearer <key>`, `Authorization: Basic` with the
//! key as password and any user name (Excel, Power BI), and `X-API-Key: <key>`.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::Engine as _;
use gridkeep_model::AppId;
use gridkeep_store::ApiKey;
use jiff::{SignedDuration, Timestamp};

use crate::{
    chance::Time,
    defence::Arrivals,
    distribution::{AppGrant, Definitions},
    error::{ApiError, CompanyRefusal},
    http::{API_KEY, Visit, carries_credentials},
    secret::{Token, TokenHash},
    session::{Logins, meets},
    tenancy::Tenancy,
};

/// What every key begins with, so that a scanner of leaked secrets recognises it.
pub(super) const PREFIX: &str = "gk_";
/// How exactly the last use of a key is noted.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(15);
/// A key that was not used for so long arrives anew.
const PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// In seconds.
const DAY: i64 = 86_400;

/// A key that opens the app it was shown to.
#[derive(Debug)]
pub struct Presented {
    /// The app, as it is to whom the key stands for.
    pub grant: AppGrant,
    /// Whether it may change rows.
    pub writes: bool,
    /// Until when it need not be looked at again, as long as nothing was changed: when it ends, or its use is to be noted.
    pub until: Timestamp,
}

/// Where keys are looked up, and who hears of it.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "it is made of references to what has none")]
pub struct Door<'a> {
    /// The log of sign-ins.
    pub arrivals: &'a Arrivals,
    /// Definitions of published apps.
    pub definitions: &'a Definitions,
    /// Accounts.
    pub logins: &'a Logins,
    /// The tenant's database.
    pub tenancy: &'a Tenancy,
    /// The clock.
    pub time: &'a Time,
}

/// Whether what a request shows, if anything, is a token rather than a key.
pub fn are_absent(headers: &HeaderMap) -> bool {
    let shown = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let (scheme, rest) = shown.map_or(("", ""), |shown| shown.split_once(' ').unwrap_or((shown, "")));
    let token = scheme.eq_ignore_ascii_case("dpop")
        || (scheme.eq_ignore_ascii_case("bearer") && !rest.trim_start().starts_with(PREFIX));
    !headers.contains_key(API_KEY) && (token || shown.is_none() && !headers.contains_key(AUTHORIZATION))
}

/// The request's key, by which it is found. `None` when it carries none at all; credentials that are no key are refused.
pub fn shown(headers: &HeaderMap) -> Result<Option<TokenHash>, ApiError> {
    let Some(text) = text(headers)? else { return Ok(None) };
    let token = text.strip_prefix(PREFIX).and_then(Token::parse).ok_or(ApiError::WrongCredentials)?;
    Ok(Some(token.hash()))
}

impl Door<'_> {
    /// Whom a key stands for, and what the app is to them. One that opens nothing here is refused, so that nobody mistakes what a
    /// guest sees for what the key should show. Who reads the log of sign-ins wants to know that it came after a pause or on another
    /// day, but not of each request.
    pub async fn open(self, key: TokenHash, app: AppId, visit: Visit) -> Result<Presented, ApiError> {
        let Self { arrivals, definitions, logins, tenancy, time } = self;
        let now = time.now();
        let key = tenancy.read(move |reader| Ok(reader.api_key(app, key.0, now)?)).await?;
        let ApiKey { id, account, writes, created, used, expires, methods, .. } =
            key.ok_or(ApiError::WrongCredentials)?;
        // What the tenant asks for by now, whoever made it has shown.
        if let Some(methods) = &methods
            && !meets(logins.policy().await?, methods)
        {
            return Err(ApiError::WrongCredentials);
        }
        let person = logins.key_owner(account, created).await?.ok_or(ApiError::WrongCredentials)?;
        // A key is nobody's company's word.
        match logins.company_door(&person.email).await {
            Err(ApiError::Company(CompanyRefusal::Required)) => return Err(ApiError::WrongCredentials),
            other => other?,
        }
        let mut noted = used;
        if used.is_none_or(|used| now.duration_since(used) > NOTED_EVERY) {
            tenancy.write(move |work| Ok(work.see_api_key(id, now)?)).await?;
            noted = Some(now);
        }
        if used.is_none_or(|used| now.duration_since(used) > PAUSE || day(used) != day(now)) {
            arrivals.note_program(person.id, &person.email, Some(id), visit).await?;
        }
        let note = noted.and_then(|noted| noted.checked_add(NOTED_EVERY).ok()).unwrap_or(now);
        let until = expires.map_or(note, |expires| note.min(expires));
        // Whoever lost the app has a key that opens nothing.
        let grant = AppGrant::decide(definitions, app, Some(person)).await;
        let grant = grant.map_err(|error| match error {
            ApiError::NotFound => ApiError::WrongCredentials,
            other => other,
        })?;
        Ok(Presented { grant, writes, until })
    }
}

fn day(moment: Timestamp) -> i64 {
    moment.as_second().div_euclid(DAY)
}

fn text(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    if !carries_credentials(headers) {
        return Ok(None);
    }
    let wrong = || ApiError::WrongCredentials;
    if let Some(key) = headers.get(API_KEY) {
        return Ok(Some(key.to_str().map_err(|_| wrong())?.to_owned()));
    }
    let header = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok()).ok_or_else(wrong)?;
    let (scheme, rest) = header.split_once(' ').ok_or_else(wrong)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Some(rest.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(wrong());
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(rest.trim()).map_err(|_| wrong())?;
    let pair = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (_, password) = pair.split_once(':').ok_or_else(wrong)?;
    Ok(Some(password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_in_three_ways() {
        let check = |name: &'static str, value: &str, expect: Result<Option<&str>, ()>| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(
                text(&headers).map_err(|_| ()),
                expect.map(|text| text.map(ToOwned::to_owned)),
                "{name}: {value}"
            );
        };
        check("authorization", "Bearer gk_1", Ok(Some("gk_1")));
        check("authorization", "bearer  gk_1 ", Ok(Some("gk_1")));
        // any:gk_1
        check("authorization", "Basic YW55OmdrXzE=", Ok(Some("gk_1")));
        check("authorization", "Basic YW55", Err(()));
        check("authorization", "Basic ?", Err(()));
        check("authorization", "Digest a", Err(()));
        check("authorization", "", Err(()));
        check("x-api-key", "gk_1", Ok(Some("gk_1")));
        check("accept", "gk_1", Ok(None));
    }
}
