//! `POST /oauth/token`: a code or a refresh token for an access token (OAuth 2.1 section 3.2).

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request, State},
    http::{HeaderValue, header, request},
    response::{IntoResponse, Response},
};
use gridkeep_identity::{dpop::Proof, email::Email};
use gridkeep_model::{AccountId, ChallengeId};
use gridkeep_store::{Family, LoginMethod, Redeemed};
use jiff::SignedDuration;
use serde::Serialize;

use super::{
    asked::scope,
    client,
    form::{Parameters, Refusal},
    issuer::Issuer,
    step_up::Places,
    tokens::{RefreshToken, Refreshing},
};
use crate::{
    chance::Chance,
    defence::Arrivals,
    secret::Token,
    session::{Granted, Logins, Shown, Visit},
};

/// How long a program that did not hear the answer may ask once more, if it has proven a key.
const AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// Tokens, as RFC 6749 section 5.1 has them.
#[derive(Serialize)]
struct Answer {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    refresh_token: String,
    scope: String,
}

/// Where a request came from, and the proof it brings.
pub(super) struct Came {
    visit: Visit,
    proof: Option<Proof>,
}

impl Came {
    async fn of<S>(parts: &mut request::Parts, state: &S, logins: &Logins) -> Result<Self, Refusal>
    where
        S: Send + Sync,
        crate::http::Proxy: axum::extract::FromRef<S>,
    {
        let Ok(visit) = Visit::from_request_parts(parts, state).await;
        let proof = logins.bearers().proof(parts, None)?;
        Ok(Self { visit, proof })
    }
}

pub(super) async fn exchange(
    places: Places,
    State(refreshing): State<Refreshing>,
    State(chance): State<Chance>,
    State(proxy): State<crate::http::Proxy>,
    State(arrivals): State<Arrivals>,
    issuer: Issuer,
    request: Request,
) -> Result<Response, Refusal> {
    let logins = &places.logins;
    let (mut parts, body) = request.into_parts();
    // Whoever shows credentials of another kind would take their being ignored for their being right.
    if parts.headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal::client());
    }
    let came = Came::of(&mut parts, &proxy, logins).await?;
    let proven = came.proof.as_ref().map(|proof| proof.id);
    let parameters = Parameters::from_request(Request::from_parts(parts, body), &()).await?;
    let id = parameters.get("client_id").ok_or_else(Refusal::client)?;
    if client::find(logins, id).await?.is_none() {
        return Err(Refusal::client());
    }
    let log = Log { arrivals: &arrivals, visit: came.visit.clone() };
    let Granting { family, token, scope } = match parameters.get("grant_type") {
        Some("authorization_code") => {
            redeem(&places, &refreshing, &chance, came, id, &parameters, &log).await?
        }
        Some("refresh_token") => refresh(logins, &refreshing, &chance, came, id, &parameters, &log).await?,
        Some(_) => return Err(Refusal::grant_type()),
        None => return Err(Refusal::request("grant_type is missing")),
    };
    // Remembered where it came with something of ours; of two at once with the same proof one gets no tokens.
    if let Some(id) = proven {
        logins.remember_proof(id).await?;
    }
    let mut issued = family;
    issued.consent.scope = scope;
    let answer = Answer {
        access_token: logins.bearers().issue(&issued, issuer.0, &chance)?,
        token_type: if issued.consent.proof.is_some() { "DPoP" } else { "Bearer" },
        expires_in: logins.bearers().life().as_secs(),
        refresh_token: token.expose().to_owned(),
        scope: issued.consent.scope,
    };
    let mut response = Json(answer).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What tokens are made of.
struct Granting {
    family: Family,
    token: RefreshToken,
    /// As wide as was asked for this time.
    scope: String,
}

async fn redeem(
    places: &Places,
    refreshing: &Refreshing,
    chance: &Chance,
    Came { visit, proof }: Came,
    id: &str,
    parameters: &Parameters,
    log: &Log<'_>,
) -> Result<Granting, Refusal> {
    let logins = &places.logins;
    let code = parameters.get("code").and_then(Token::parse).ok_or_else(|| log.refused(None))?;
    let verifier =
        parameters.get("code_verifier").ok_or_else(|| Refusal::request("code_verifier is missing"))?;
    let session = logins.new_id();
    let token = refreshing.make(session, chance);
    let granted = Granted {
        code,
        session,
        refresh: token.hash(),
        program: id.to_owned(),
        verifier: verifier.to_owned(),
        redirect: parameters.get("redirect_uri").map(str::to_owned),
        proof: proof.map(|proof| proof.key),
        visit: visit.clone(),
    };
    let (family, checkpoint) = log.done(logins.redeem(granted).await?)?;
    if let Some(checkpoint) = checkpoint {
        places.go_on(checkpoint, &family).await?;
    }
    if let Ok(address) = Email::new(&family.account.email) {
        log.arrivals.note_program(family.account.id, &address, None, visit).await?;
    }
    let scope = family.consent.scope.clone();
    Ok(Granting { family, token, scope })
}

async fn refresh(
    logins: &Logins,
    refreshing: &Refreshing,
    chance: &Chance,
    Came { proof, .. }: Came,
    id: &str,
    parameters: &Parameters,
    log: &Log<'_>,
) -> Result<Granting, Refusal> {
    let shown = parameters.get("refresh_token").and_then(|text| refreshing.read(text));
    let shown = shown.ok_or_else(|| log.refused(None))?;
    let wanted = parameters.get("scope").map(|text| scope(text).ok_or_else(Refusal::scope)).transpose()?;
    let next = refreshing.make(shown.session, chance);
    let hashes = (shown.hash(), next.hash());
    let asks = Shown { program: id.to_owned(), proof: proof.map(|proof| proof.key), scope: wanted };
    let (family, _) = log.done(logins.refresh(shown.session, hashes, asks, AGAIN).await?)?;
    let scope = wanted.map_or_else(|| family.consent.scope.clone(), str::to_owned);
    Ok(Granting { family, token: next, scope })
}

/// Where codes and refresh tokens that were refused are noted.
struct Log<'a> {
    arrivals: &'a Arrivals,
    visit: Visit,
}

impl Log<'_> {
    fn refused(&self, account: Option<AccountId>) -> Refusal {
        self.arrivals.refused(LoginMethod::Program, account, self.visit.clone());
        Refusal::grant()
    }

    fn done(&self, redeemed: Redeemed) -> Result<(Family, Option<ChallengeId>), Refusal> {
        match redeemed {
            Redeemed::Done(family, checkpoint) => Ok((*family, checkpoint)),
            Redeemed::Refused(account) => Err(self.refused(account)),
            Redeemed::Replayed(account) => {
                tracing::warn!("a code or refresh token was used twice: what came of it has ended");
                Err(self.refused(Some(account)))
            }
        }
    }
}
