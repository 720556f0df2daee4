//! `GET /api/company/{provider}/callback`: somebody comes back from a company.
//!
//! **Architecture Invariant:** whatever went wrong, they are told that it did and nothing else; the log has the reason. Whoever came
//! to test a provider sees it.

use axum::{
    extract::{FromRef, FromRequestParts, Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE},
    },
    response::{AppendHeaders, IntoResponse, Response},
};
use gridkeep_identity::oidc::{Back, Verified};
use gridkeep_model::{AccountId, ProviderId};
use gridkeep_store::{LoginMethod, LoginResult, Provider};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{
    Admittance, Company, Newcomer, Said, Whose,
    flow::{Flow, Purpose},
    links::Linking,
    oidc::Failed,
    saml,
    settings::Settings,
    start::redirect,
    tested::Tested,
};
use crate::{
    defence::{Login, Throttle, Visitor},
    error::ApiError,
    extract::{Parameters, Path},
    http::{Cookie, Proxy},
    language::Language,
    mail::Post,
    secret::Token,
    session::{InBrowser, Logins, OwnSession},
    site::Site,
    tenancy::Tenancy,
};

/// What they bring.
#[derive(Debug, Deserialize)]
pub(super) struct Brought {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// What they come back with, by protocol.
pub(super) enum Proof {
    /// A code, to be redeemed.
    Oidc(Back),
    /// An answer by SAML.
    Saml(String),
}

/// Where they go on, by what came of it.
pub(super) enum End {
    /// To a path of the tenant, with cookies to keep where they came in.
    In(String, Vec<HeaderValue>),
    /// Nobody.
    Failed,
    /// Somebody, not let in.
    Stranger,
    /// They said no there.
    Denied,
    /// Somebody new, with an address that somebody of the tenant has: the way they came, what says so in this browser, and where they
    /// wanted to go.
    Twin(ProviderId, String, String),
    /// Somebody new, among too many.
    Full,
}

/// Takes somebody back from a company: signs them in, links their account, or shows a test.
#[utoipa::path(get, path = "/api/company/{provider}/callback", tag = "company", operation_id = "company_callback",
    params(("provider" = String, Path)), responses((status = 303, description = "On to a page.")))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn callback<S>(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    State(throttle): State<Throttle>,
    State(post): State<Post>,
    State(state): State<S>,
    visitor: Visitor,
    language: Language,
    Path(provider): Path<ProviderId>,
    Parameters(brought): Parameters<Brought>,
    request: Request,
) -> Result<Response, ApiError>
where
    S: Clone + Send + Sync + 'static,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Proxy: FromRef<S>,
{
    let (mut parts, _) = request.into_parts();
    let token = Cookie::Company.read(&site, &parts.headers);
    let own = InBrowser::from_request_parts(&mut parts, &state).await.ok().map(|own| own.0);
    let arrival = Arrival { company, logins, tenancy, site: site.clone(), visitor, throttle, post, language };
    let proof = Proof::Oidc(Back { code: brought.code, iss: brought.iss, error: brought.error });
    let end = Box::pin(arrival.end(provider, (token, &brought.state), proof, own)).await?;
    let (location, cookies) = end.place(&site);
    let location = HeaderValue::from_str(&location).map_err(ApiError::internal)?;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    let cookies = AppendHeaders(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    Ok((StatusCode::SEE_OTHER, headers, cookies).into_response())
}

impl End {
    /// The address to go on to, and cookies to keep. Where nobody came in, it is a relative one: the same wherever that was.
    pub(super) fn place(self, site: &Site) -> (String, Vec<HeaderValue>) {
        let refused = |word: &str| (format!("../../../sign-in?company={word}"), Vec::new());
        match self {
            Self::In(path, cookies) => (site.page(&path), cookies),
            Self::Failed => refused("failed"),
            Self::Stranger => refused("stranger"),
            Self::Denied => refused("denied"),
            Self::Twin(provider, claim, back) => {
                let to = utf8_percent_encode(&back, NON_ALPHANUMERIC);
                refused(&format!("twin&provider={provider}&claim={claim}&to={to}"))
            }
            Self::Full => refused("full"),
        }
    }
}

/// Somebody comes back.
pub(super) struct Arrival {
    pub(super) company: Company,
    pub(super) logins: Logins,
    pub(super) tenancy: Tenancy,
    pub(super) site: Site,
    pub(super) visitor: Visitor,
    pub(super) throttle: Throttle,
    pub(super) post: Post,
    pub(super) language: Language,
}

impl Arrival {
    /// What comes of it; `session` is who is signed in here.
    pub(super) async fn end(
        &self,
        provider: ProviderId,
        (token, state): (Option<Token>, &str),
        proof: Proof,
        session: Option<OwnSession>,
    ) -> Result<End, ApiError> {
        let tenant = self.logins.tenant();
        // By a proof of their own.
        let own = session.as_ref().filter(|own| own.session.company.is_none()).map(|own| own.person.id);
        // Anybody, or any page, brings this about without having been anywhere: nothing is written for it.
        let Some(token) = token else { return Ok(End::Failed) };
        let flow = Flow::take(&self.company, &token, state, (tenant, provider)).await?;
        let Some(flow) = flow else { return Ok(End::Failed) };
        let Some(provider) = self.company.control().provider(tenant, provider).await? else {
            return self.failed("provider").await;
        };
        let testing = matches!(flow.purpose, Purpose::Test { .. });
        if !provider.enabled && !testing {
            return self.failed("disabled").await;
        }
        let settings = Settings::of(&provider)?;
        // A code that is none costs a place at the provider, and anybody brings one.
        let exchange = match (&flow.purpose, &proof) {
            (Purpose::SignIn { paid, .. }, Proof::Oidc(Back { code: Some(_), .. })) => {
                let exchange = self.throttle.exchange(&self.visitor, provider.id, *paid).await?;
                let Some(exchange) = exchange else { return self.turned_away().await };
                Some(exchange)
            }
            _ => None,
        };
        let found = match (proof, &settings.oidc, &settings.saml) {
            (Proof::Oidc(back), Some(oidc), None) => {
                let place = redirect(&self.site, provider.id);
                let secrets = flow.secrets(&token);
                let whose = Whose::of(&self.logins, &self.site);
                let back = (back, &secrets);
                let since = flow.purpose.since();
                let key = self.company.client_key(provider.id)?;
                let prove = |audience: &str| self.company.prove(&provider, oidc, (&key, audience));
                self.company.oidc().verified(&whose, oidc, prove, &place, back, since).await
            }
            (Proof::Saml(response), None, Some(own)) => {
                saml::verified(&self.company, &self.site, (&provider, own), (&flow, &token), response).await?
            }
            _ => return self.failed("protocol").await,
        };
        if let Some(exchange) = exchange {
            exchange.settle(found.as_ref().err().map(Failed::fault)).await?;
        }
        match flow.purpose {
            Purpose::Test { account } if own == Some(account) => self.test(&provider, &settings, found).await,
            Purpose::Test { .. } => self.failed("another's test").await,
            Purpose::Prove { session: id, purpose, back, .. } => {
                match session.filter(|own| own.session.id == id) {
                    Some(own) => self.prove((&provider, &settings), &own, (purpose, back), found).await,
                    None => self.failed("another's proof").await,
                }
            }
            purpose => match found {
                Err(Failed::Denied) => Ok(End::Denied),
                Err(failed) => self.failed(&failed.to_string()).await,
                Ok(Verified { issuer, subject, claims, .. }) => {
                    let said = settings.rules.read(&issuer, &subject, &claims);
                    match purpose {
                        Purpose::Link { account } if own == Some(account) => {
                            self.link(&provider, account, said).await
                        }
                        Purpose::SignIn { back, apart, .. } => {
                            self.admit((&provider, &settings), said, apart, (&token, back)).await
                        }
                        _ => self.failed("another's link").await,
                    }
                }
            },
        }
    }

    /// They come from where too many codes came to nothing: to begin anew, with a puzzle.
    async fn turned_away(&self) -> Result<End, ApiError> {
        let login = Login { account: None, address: None, method: LoginMethod::Company };
        self.company.arrivals().note(login, LoginResult::Slowed, &self.visitor).await?;
        Ok(End::Failed)
    }

    async fn failed(&self, why: &str) -> Result<End, ApiError> {
        tracing::info!(error.cause = why, "not signed in through a company");
        let login = Login { account: None, address: None, method: LoginMethod::Company };
        self.company.arrivals().note(login, LoginResult::Wrong, &self.visitor).await?;
        Ok(End::Failed)
    }

    async fn admit(
        &self,
        (provider, settings): (&Provider, &Settings),
        said: Said,
        apart: bool,
        (token, back): (&Token, String),
    ) -> Result<End, ApiError> {
        let claim = said.email.as_ref().map(|email| Purpose::Claim {
            issuer: said.issuer.clone(),
            subject: said.subject.clone(),
            email: email.to_string(),
        });
        let newcomer = Newcomer {
            provider,
            rules: &settings.rules,
            said,
            apart,
            logins: &self.logins,
            tenancy: &self.tenancy,
            site: &self.site,
            visitor: &self.visitor,
            throttle: &self.throttle,
        };
        Ok(match self.company.admit(newcomer).await? {
            Admittance::In(both) => {
                let known = self.throttle.came_through(&self.visitor, provider.id, &self.site).await?;
                End::In(back, vec![both.0, known])
            }
            Admittance::Stranger => End::Stranger,
            Admittance::Twin => {
                let claim = claim.ok_or_else(|| ApiError::internal("a twin without an address"))?;
                let claim = Flow::new(&self.company, (provider.tenant, provider.id), claim);
                End::Twin(provider.id, claim.state(&self.company, token)?, back)
            }
            Admittance::Full => End::Full,
        })
    }

    async fn link(&self, provider: &Provider, account: AccountId, said: Said) -> Result<End, ApiError> {
        let linking = Linking {
            company: &self.company,
            logins: &self.logins,
            post: &self.post,
            language: self.language,
        };
        let there = linking.link(provider.id, account, (said.issuer, said.subject)).await?;
        Ok(End::In(there, Vec::new()))
    }

    async fn test(
        &self,
        provider: &Provider,
        settings: &Settings,
        found: Result<Verified, Failed>,
    ) -> Result<End, ApiError> {
        let tested = Tested::new(&self.company, &self.tenancy, (provider, settings), found).await?;
        let token = self.company.keep_test(provider.id, &tested).await?;
        Ok(End::In(format!("/providers?tested={}&provider={}", token.expose(), provider.id), Vec::new()))
    }
}
