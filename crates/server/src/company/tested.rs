//! What came of testing a provider, in full: for whoever administers it.

use std::collections::BTreeMap;

use gridkeep_identity::oidc::Verified;
use gridkeep_model::ProviderId;
use gridkeep_store::Provider;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::{Company, oidc::Failed, settings::Settings};
use crate::{error::ApiError, secret::Token, session::RoleView, tenancy::Tenancy};

/// How long it is kept.
const KEPT: SignedDuration = SignedDuration::from_mins(5);

/// What a provider said, and what would have come of it. Nothing has.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProviderTest)]
pub(super) struct Tested {
    /// Why nobody would have come in; null when the provider's answer counts.
    failed: Option<String>,
    /// What it said, as it said it.
    #[schema(value_type = Option<Object>)]
    claims: Option<Json>,
    /// What would have come of it.
    person: Option<TestedPerson>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TestedPerson {
    email: Option<String>,
    name: Option<String>,
    /// The address would count as proven here.
    vouched: bool,
    /// Somebody has come with this identity before.
    known: bool,
    /// They are locked out.
    blocked: bool,
    /// What they become when they are new; null when not let in.
    newcomer: Option<RoleView>,
    /// What they become when they are known; null when that stays.
    role: Option<RoleView>,
    /// Groups they join.
    joins: Vec<String>,
    /// Groups they leave.
    leaves: Vec<String>,
    /// Attributes they get; null takes one away.
    attributes: BTreeMap<String, Option<String>>,
    /// What the session would be worth: `none`, `any` or `passkey`.
    factor: String,
}

impl Tested {
    pub(super) async fn new(
        company: &Company,
        tenancy: &Tenancy,
        (provider, settings): (&Provider, &Settings),
        found: Result<Verified, Failed>,
    ) -> Result<Self, ApiError> {
        let Verified { issuer, subject, claims, .. } = match found {
            Ok(verified) => verified,
            Err(failed) => return Ok(Self { failed: Some(failed.to_string()), claims: None, person: None }),
        };
        let said = settings.rules.read(&issuer, &subject, &claims);
        let outcome = settings.rules.outcome(&said, provider.most);
        let known = company.control().outside(provider.id, &issuer, &subject).await?;
        let groups = tenancy.read(|reader| Ok(reader.groups()?)).await?;
        let names = |ids: &std::collections::BTreeSet<gridkeep_model::GroupId>| {
            groups.iter().filter(|group| ids.contains(&group.id)).map(|group| group.name.clone()).collect()
        };
        let factor = match outcome.methods.as_str() {
            methods if methods.contains(crate::session::FEDERATED_PASSKEY) => "passkey",
            methods if methods.contains(crate::session::FEDERATED_FACTOR) => "any",
            _ => "none",
        };
        let person = TestedPerson {
            vouched: company.vouched_domain(provider, &said).await?.is_some(),
            email: said.email.as_ref().map(ToString::to_string),
            name: said.name,
            known: known.is_some(),
            blocked: known.is_some_and(|known| known.blocked.is_some()),
            newcomer: outcome.newcomer.filter(|_| said.email.is_some()).map(RoleView::from),
            role: outcome.role.map(RoleView::from),
            joins: names(&outcome.joins),
            leaves: names(&outcome.leaves),
            attributes: outcome.attributes,
            factor: factor.to_owned(),
        };
        Ok(Self { failed: None, claims: Some(Json::Object(claims)), person: Some(person) })
    }
}

impl Company {
    /// Keeps what came of a test for a while, by this token: whoever tested may come back to another server.
    pub(super) async fn keep_test(&self, provider: ProviderId, tested: &Tested) -> Result<Token, ApiError> {
        let (token, now) = (Token::new(self.chance()), self.time().now());
        let said = serde_json::to_vec(tested).map_err(ApiError::internal)?;
        let sealed = self.seal(&context(provider, &token), &said)?;
        let until = (now, self.time().after(KEPT));
        let kept = self.control().keep_company_test(provider, token.hash().0, sealed, until).await?;
        if kept { Ok(token) } else { Err(ApiError::NotFound) }
    }

    /// What came of a test of this provider.
    pub(super) async fn kept_test(
        &self,
        provider: ProviderId,
        token: &Token,
    ) -> Result<Option<Tested>, ApiError> {
        let sealed = self.control().company_test(provider, token.hash().0, self.time().now()).await?;
        let opened = sealed.and_then(|sealed| self.open(&context(provider, token), &sealed));
        opened.map(|said| serde_json::from_slice(&said)).transpose().map_err(ApiError::internal)
    }

    /// Forgets what came of tests that nobody may look at any more. Failing is no reason not to serve.
    pub async fn forget_tests(&self) {
        if let Err(error) = self.sweep_tests().await {
            tracing::warn!(error.code = error.code(), "results of tests could not be forgotten");
        }
    }

    /// The same; answers how many.
    pub async fn sweep_tests(&self) -> Result<u64, ApiError> {
        Ok(self.control().forget_company_tests(self.time().now()).await?)
    }
}

/// What a result is sealed for: this test of this provider.
fn context(provider: ProviderId, token: &Token) -> Vec<u8> {
    [b"gridkeep-test-1\0".as_slice(), provider.uuid().as_bytes(), &token.hash().0].concat()
}
