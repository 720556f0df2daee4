//! `POST /api/company/proof`: whoever came through their company shows anew there who they are.
//!
//! **Architecture Invariant:** they are whom this very session is about, at the same provider, by the same issuer and subject, and they
//! showed it after they set out, and after all that the session knew of: what a provider remembers of them is no proof, and what was
//! shown is one once. It is worth as much as what the session began with. A proof is for one purpose and taken once
//! ([`Company::take_proof`]); only where it was for that, the session counts as fresh for as long as after any other
//! ([`crate::factors::FreshHere`]).

use aws_lc_rs::digest::{SHA256, digest};
use axum::{extract::State, http::HeaderMap, response::Response};
use gridkeep_identity::oidc::Verified;
use gridkeep_store::{CompanyProof, FactorPolicy, LoginMethod, LoginResult, Provider};
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Company,
    callback::{Arrival, End},
    flow::{Purpose, own_path},
    oidc::Failed,
    settings::Settings,
    start::{Destination, depart},
};
use crate::{
    defence::{Login, Throttle},
    error::ApiError,
    extract::Json,
    session::{InBrowser, Logins, OwnSession, meets},
    site::Site,
};

/// How long a proof waits to be taken.
const KEPT: SignedDuration = SignedDuration::from_mins(5);
/// How long it is known that something was shown: longer than somebody may be on their way, and clocks differ.
const SPENT: SignedDuration = SignedDuration::from_mins(15);
/// For no purpose but that the session is fresh.
const FRESHNESS: [u8; 32] = [0; 32];

/// Where they were.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofDeparture {
    /// A path of this workspace to come back to: with `company=proved`, or `company=unproved` where it came to nothing.
    #[serde(default)]
    back: Option<String>,
}

/// Where to show anew who one is, at the company that vouches for this session. Afterwards it is as fresh as after any other proof.
#[utoipa::path(post, path = "/api/company/proof", tag = "company", operation_id = "company_proof",
    request_body = ProofDeparture, responses((status = 200, body = Destination)))]
pub(super) async fn begin(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(throttle): State<Throttle>,
    InBrowser(own): InBrowser,
    headers: HeaderMap,
    Json(departure): Json<ProofDeparture>,
) -> Result<Response, ApiError> {
    throttle.showing(own.session.id).await?;
    company.begin_proof(&own, (FRESHNESS, departure.back), (&logins, &site), &headers).await
}

impl Company {
    /// Sends whoever is in a session to the company that vouches for it, to show anew who they are for a purpose: 32 bytes that nobody
    /// guesses, such as the hash of what is to be approved. The answer has the address to go on to, and cookies. They come back to a
    /// path of the workspace, with `company=proved` where [`Self::take_proof`] has something.
    pub async fn begin_proof(
        &self,
        own: &OwnSession,
        (purpose, back): ([u8; 32], Option<String>),
        (logins, site): (&Logins, &Site),
        headers: &HeaderMap,
    ) -> Result<Response, ApiError> {
        let through = own.session.company.as_ref().ok_or(ApiError::NotFound)?;
        let provider = self.control().provider(logins.tenant(), through.provider).await?;
        let provider = provider.filter(|provider| provider.enabled).ok_or(ApiError::NotFound)?;
        let (session, began) = (own.session.id, self.time().now());
        let purpose = Purpose::Prove { session, purpose, began, back: own_path(back) };
        depart(self, (logins, site), headers, (&provider, purpose), Some(own.person.email.as_str())).await
    }

    /// What somebody showed anew in this session for a purpose, within the last five minutes; taken once.
    pub async fn take_proof(
        &self,
        own: &OwnSession,
        purpose: [u8; 32],
    ) -> Result<Option<CompanyProof>, ApiError> {
        Ok(self.control().take_company_proof(own.session.id, purpose, self.time().now()).await?)
    }
}

impl Arrival {
    /// Somebody comes back from showing anew who they are.
    pub(super) async fn prove(
        &self,
        (provider, settings): (&Provider, &Settings),
        own: &OwnSession,
        (purpose, back): ([u8; 32], String),
        found: Result<Verified, Failed>,
    ) -> Result<End, ApiError> {
        let (result, word) = match self.proven((provider, settings), own, purpose, found).await? {
            Ok(()) => (LoginResult::Done, "proved"),
            Err(why) => {
                tracing::info!(provider.id = %provider.id, error.cause = %why, "no fresh proof at a company");
                (LoginResult::Wrong, "unproved")
            }
        };
        let email = Some(&own.person.email);
        let login = Login { account: Some(own.person.id), address: email, method: LoginMethod::Company };
        self.company.arrivals().note(login, result, &self.visitor).await?;
        Ok(End::In(with_word(&back, word), Vec::new()))
    }

    async fn proven(
        &self,
        (provider, settings): (&Provider, &Settings),
        own: &OwnSession,
        purpose: [u8; 32],
        found: Result<Verified, Failed>,
    ) -> Result<Result<(), String>, ApiError> {
        let Verified { issuer, subject, claims, authenticated } = match found {
            Ok(verified) => verified,
            Err(failed) => return Ok(Err(failed.to_string())),
        };
        let Some(authenticated) = authenticated else { return Ok(Err("no time of the proof".to_owned())) };
        let known = self.company.control().outside(provider.id, &issuer, &subject).await?;
        let same = known.is_some_and(|known| known.account == own.person.id && known.blocked.is_none());
        let through = own.session.company.as_ref().is_some_and(|own| own.provider == provider.id);
        if !same || !through {
            return Ok(Err("somebody else".to_owned()));
        }
        let said = settings.rules.read(&issuer, &subject, &claims);
        let (shown, began) = (settings.rules.outcome(&said, provider.most).methods, &own.session.methods);
        let is_less = |policy| meets(policy, began) && !meets(policy, &shown);
        if is_less(FactorPolicy::Any) || is_less(FactorPolicy::Passkey) {
            return Ok(Err("less was shown than when the session began".to_owned()));
        }
        let now = self.company.time().now();
        // One showing is no two, also where the first was for something else and left the session as it was.
        let showing = format!("company proof {} {}", own.session.id, authenticated.as_millisecond());
        let mut spent = [0; 32];
        spent.copy_from_slice(digest(&SHA256, showing.as_bytes()).as_ref());
        if !self.company.control().spend_once(spent, now, self.company.time().after(SPENT)).await? {
            return Ok(Err("shown before".to_owned()));
        }
        let proof = CompanyProof {
            authenticated: authenticated.min(now),
            acr: said.acr,
            amr: Some(said.amr.join(" ")).filter(|amr| !amr.is_empty()),
        };
        let kept_for = (purpose, purpose == FRESHNESS);
        let moments = (now, self.company.time().after(KEPT));
        let kept =
            self.company.control().keep_company_proof(own.session.id, kept_for, proof, moments).await?;
        Ok(if kept { Ok(()) } else { Err("nothing was shown anew".to_owned()) })
    }
}

/// A path with a word of what came of it.
fn with_word(back: &str, word: &str) -> String {
    let (path, anchor) = back.split_once('#').unzip();
    let (path, anchor) = (path.unwrap_or(back), anchor.map(|anchor| format!("#{anchor}")));
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}company={word}{}", anchor.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gets_a_word() {
        for (back, expect) in [
            ("/", "/?company=proved"),
            ("/providers?a=b", "/providers?a=b&company=proved"),
            ("/a#b", "/a?company=proved#b"),
            ("/a?b#c?d", "/a?b&company=proved#c?d"),
        ] {
            assert_eq!(with_word(back, "proved"), expect);
        }
    }
}
