//! What came of testing a provider, in full: for whoever administers it.

use std::collections::BTreeMap;

use gridkeep_identity::oidc::Verified;
use gridkeep_store::Provider;
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::{Company, oidc::Failed, settings::Settings};
use crate::{error::ApiError, session::RoleView, tenancy::Tenancy};

/// What a provider said, and what would have come of it. Nothing has.
#[derive(Debug, Clone, Serialize, ToSchema)]
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

#[derive(Debug, Clone, Serialize, ToSchema)]
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
    factor: &'static str,
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
            factor,
        };
        Ok(Self { failed: None, claims: Some(Json::Object(claims)), person: Some(person) })
    }
}
