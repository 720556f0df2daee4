//! Whoever shows a directory's token, and how their requests are read.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::{
    body::Bytes,
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    http::{
        HeaderMap,
        header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH},
        request::Parts,
    },
};
use gridkeep_identity::scim::{Refused, etag};
use gridkeep_store::{Control, DirectoryToken, Provider, TenantRole};
use jiff::SignedDuration;
use serde_json::Value as Json;

use super::{Failure, LARGEST};
use crate::{
    chance::{Chance, Time},
    company::Company,
    defence::{Throttle, Visitor},
    error::ApiError,
    http::Proxy,
    secret::Token,
    session::Logins,
    site::Site,
    tenancy::Tenancy,
};

/// What every token begins with, so that a scanner of leaked secrets recognises it.
pub(super) const PREFIX: &str = "gkd_";
/// How exactly the last use of a token is noted.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A directory of the tenant, by the token it shows. As an extractor it refuses everybody else, all alike.
#[derive(Clone)]
pub(super) struct Directory {
    /// The provider whose directory it is.
    pub(super) provider: Provider,
    /// The most that somebody may be whom it changes.
    pub(super) most: TenantRole,
    pub(super) company: Company,
    pub(super) tenancy: Tenancy,
    pub(super) site: Site,
    pub(super) time: Time,
    pub(super) chance: Chance,
}

impl Directory {
    pub(super) fn control(&self) -> &Control {
        self.company.control()
    }

    /// Where something of the service is.
    pub(super) fn place(&self, path: &str) -> String {
        self.site.page(&format!("{}/{path}", super::BASE))
    }

    /// Where the service is.
    pub(super) fn base(&self) -> String {
        self.site.page(super::BASE)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Directory
where
    Chance: FromRef<S>,
    Company: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
    Throttle: FromRef<S>,
    Time: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let (company, time) = (Company::from_ref(state), Time::from_ref(state));
        let tenant = Logins::from_ref(state).tenant();
        let now = time.now();
        if let Some(token) = shown(&parts.headers) {
            let hash = token.hash().0;
            if let Some((token, kept)) = company.control().directory_token(tenant, hash, now).await?
                && verify_slices_are_equal(&kept, &hash).is_ok()
                && let Some(provider) = company.control().provider(tenant, token.provider).await?
                && provider.enabled
                && let Some(most) = token.worth()
            {
                let DirectoryToken { id, used, .. } = token;
                if used.is_none_or(|used| now.duration_since(used) > NOTED_EVERY) {
                    company.control().see_directory_token(id, now).await?;
                }
                return Ok(Self {
                    most: most.min(provider.most),
                    provider,
                    company,
                    time,
                    tenancy: Tenancy::from_ref(state),
                    site: Site::from_ref(state),
                    chance: Chance::from_ref(state),
                });
            }
        }
        // Guessing 256 bits is hopeless; it need not fill the log either.
        let visitor = match Visitor::from_request_parts(parts, state).await {
            Ok(visitor) => visitor,
            Err(never) => match never {},
        };
        match Throttle::from_ref(state).token(&visitor).await {
            Ok(()) => Err(ApiError::WrongCredentials.into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The token a request shows, if what it shows can be one.
fn shown(headers: &HeaderMap) -> Option<Token> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let one = all.next()?.to_str().ok()?;
    if all.next().is_some() {
        return None;
    }
    let (scheme, rest) = one.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    Token::parse(rest.trim().strip_prefix(PREFIX)?)
}

/// A JSON body.
pub(super) struct Message(pub(super) Json);

impl<S: Send + Sync> FromRequest<S> for Message {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        if !matches!(kind.as_deref(), Some("application/scim+json" | "application/json")) {
            return Err(ApiError::UnsupportedMediaType.into());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|_| ApiError::TooLarge(LARGEST))?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| Refused::Syntax("the body is no JSON".to_owned()).into())
    }
}

/// Which versions a request is for.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions {
    only: Option<String>,
    but: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Versions {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Self { only: text(IF_MATCH), but: text(IF_NONE_MATCH) })
    }
}

impl Versions {
    /// Refuses a change of another version than was named.
    pub(super) fn check(&self, version: i64) -> Result<(), Failure> {
        match &self.only {
            Some(only) if !names(only, version) => Err(Failure::Outdated),
            _ => Ok(()),
        }
    }

    /// Whether one was named at all.
    pub(super) fn is_said(&self) -> bool {
        self.only.is_some()
    }

    /// Whether whoever asks has this version already.
    pub(super) fn has(&self, version: i64) -> bool {
        self.but.as_deref().is_some_and(|but| names(but, version))
    }
}

/// Whether a list of tags names a version, weakly compared (RFC 9110 section 8.8.3.2).
fn names(list: &str, version: i64) -> bool {
    let own = etag(version);
    let own = own.trim_start_matches("W/");
    list.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_versions() {
        let check = |list: &str, expect: bool| assert_eq!(names(list, 3), expect, "{list}");
        check("W/\"3\"", true);
        check("\"3\"", true);
        check("*", true);
        check("W/\"2\", W/\"3\"", true);
        check("W/\"33\"", false);
        check("", false);
        check("3", false);
    }

    #[test]
    fn tokens_are_shown_in_one_way() {
        let good = "0123456789abcdef".repeat(4);
        let check = |value: String, expect: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            assert_eq!(shown(&headers).is_some(), expect, "{value}");
        };
        check(format!("Bearer gkd_{good}"), true);
        check(format!("bearer  gkd_{good} "), true);
        check(format!("Bearer gk_{good}"), false);
        check(format!("Bearer {good}"), false);
        check(format!("Basic gkd_{good}"), false);
        check(format!("Bearer gkd_{good}0"), false);
        check("Bearer".to_owned(), false);
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, format!("Bearer gkd_{good}").parse().unwrap());
        headers.append(AUTHORIZATION, format!("Bearer gkd_{good}").parse().unwrap());
        assert!(shown(&headers).is_none());
    }
}
