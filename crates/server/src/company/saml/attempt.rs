//! A sign-in that a browser has begun, in a cookie of that browser: what was asked, of whom, when and what for.
//!
//! **Architecture Invariant:** an answer is good only in the browser that asked for it. The cookie is encrypted, lasts ten minutes, and
//! comes with requests of our own pages only (SameSite=Lax): the provider's page, which posts across sites, never sends it.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, InvalidHeaderValue},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_model::{ProviderId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{company::Company, error::ApiError, site::Site};

/// How long somebody may take at the provider.
const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Longest address within the tenant that people come back to.
const LONGEST_PATH: usize = 500;

/// What a sign-in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SamlPurpose)]
pub(super) enum Purpose {
    /// To come in.
    #[default]
    SignIn,
    /// To see what the provider says, and what would become of it.
    Test,
}

/// What a browser has asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempt {
    pub(super) tenant: TenantId,
    pub(super) provider: ProviderId,
    /// The request's id.
    pub(super) asked: String,
    pub(super) at: Timestamp,
    /// They are to prove anew who they are.
    pub(super) anew: bool,
    pub(super) purpose: Purpose,
    /// Where they go afterwards: a path of ours.
    pub(super) back: String,
}

const CONTEXT: &[u8] = b"saml attempt";

fn name(site: &Site) -> &'static str {
    if site.secure() { "__Host-gk_saml" } else { "gk_saml" }
}

fn cookie(site: &Site, value: &str, seconds: i64) -> Result<HeaderValue, InvalidHeaderValue> {
    let secure = if site.secure() { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={seconds}", name(site));
    HeaderValue::from_str(&text)
}

impl Attempt {
    /// A `Set-Cookie` value that keeps it.
    pub(super) fn keep(&self, company: &Company, site: &Site) -> Result<HeaderValue, ApiError> {
        let json = serde_json::to_vec(self).map_err(|_| ApiError::internal("an attempt that is no JSON"))?;
        let sealed = URL_SAFE_NO_PAD.encode(company.seal(CONTEXT, &json)?);
        cookie(site, &sealed, LIFE.as_secs()).map_err(|_| ApiError::internal("an attempt that is no cookie"))
    }

    /// The one of the browser that sends these headers, for this provider; `None` when there is none, or no longer.
    pub(super) fn of(
        headers: &HeaderMap,
        company: &Company,
        site: &Site,
        tenant: TenantId,
        provider: ProviderId,
    ) -> Option<Self> {
        let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut pairs =
            all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name(site))?;
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let attempt: Self = serde_json::from_slice(&company.open(CONTEXT, &sealed)?).ok()?;
        let over = attempt.at.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        (attempt.tenant == tenant && attempt.provider == provider && company.time().now() < over)
            .then_some(attempt)
    }

    /// A `Set-Cookie` value that forgets it.
    pub(super) fn forget(site: &Site) -> HeaderValue {
        cookie(site, "", 0).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// Where somebody may be sent afterwards: a path of our own, or the beginning.
pub(super) fn path_of_ours(wish: Option<&str>) -> String {
    let fits = |path: &&str| {
        path.starts_with('/')
            // Browsers take both for another host.
            && !path.starts_with("//")
            && path.len() <= LONGEST_PATH
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    wish.filter(fits).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        let check = |wish: &str, expect: &str| assert_eq!(path_of_ours(Some(wish)), expect, "{wish}");
        check("/app/1?x=1#y", "/app/1?x=1#y");
        check("/t/acme/", "/t/acme/");
        for wish in
            ["", "app", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/\t/evil"]
        {
            check(wish, "/");
        }
        check(&format!("/{}", "a".repeat(600)), "/");
        assert_eq!(path_of_ours(None), "/");
    }
}
