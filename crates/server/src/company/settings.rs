//! What is set of a provider, as it is kept and shown.

use gridkeep_identity::oidc::Algorithm;
use gridkeep_store::{Provider, ProviderKind, TenantRole};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::{Company, Rules, SamlSettings, Whose};
use crate::error::ApiError;

/// All that is set of a provider but its name, whether people may come, and its secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = ProviderSettings)]
pub struct Settings {
    /// What is made of what it says.
    pub rules: Rules,
    /// How OpenID Connect is spoken with it, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcSettings>,
    /// How SAML is spoken with it, where it is: set by its metadata alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saml: Option<SamlSettings>,
}

/// How OpenID Connect is spoken with a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = OidcSettings)]
pub struct OidcSettings {
    /// Its address, exactly as it names itself.
    pub issuer: String,
    /// Who we are to it (`client_id`).
    pub client: String,
    /// What we prove that with when a code is redeemed.
    #[serde(default)]
    pub proves: Proves,
    /// What is asked for.
    #[serde(default = "scope")]
    pub scope: String,
    /// What its tokens may be signed with; RS256 when none is named.
    #[serde(default = "algorithms")]
    #[schema(value_type = Vec<String>)]
    pub algorithms: Vec<Algorithm>,
    /// How people have to show who they are (`acr`), one of these; as the provider likes when there is none.
    #[serde(default)]
    pub acr: Vec<String>,
    /// What it says of people beside the token is asked for too.
    #[serde(default = "yes")]
    pub userinfo: bool,
}

/// What the server proves itself with at a provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProviderProves)]
pub enum Proves {
    /// The secret that was entered, if one was.
    #[default]
    Secret,
    /// A key of our own, which the provider finds at `keys` (`private_key_jwt`).
    Key,
}

fn scope() -> String {
    "openid email profile".to_owned()
}

fn algorithms() -> Vec<Algorithm> {
    vec![Algorithm::Rs256]
}

const fn yes() -> bool {
    true
}

impl Settings {
    /// As they are kept.
    pub fn of(provider: &Provider) -> Result<Self, ApiError> {
        serde_json::from_str(&provider.settings).map_err(ApiError::internal)
    }

    /// As they are to be kept.
    pub fn text(&self) -> Result<String, ApiError> {
        serde_json::to_string(self).map_err(ApiError::internal)
    }

    /// Settings of a provider of another protocol, with these rules.
    pub fn rules_within(&self, provider: &Provider) -> Result<String, ApiError> {
        let mut all: Json = serde_json::from_str(&provider.settings).map_err(ApiError::internal)?;
        all["rules"] = serde_json::to_value(&self.rules).map_err(ApiError::internal)?;
        Ok(all.to_string())
    }

    /// Refuses what cannot be meant.
    pub fn check(
        &self,
        kind: ProviderKind,
        (company, whose): (&Company, &Whose),
        most: TenantRole,
    ) -> Result<(), ApiError> {
        self.rules.check(most)?;
        if kind == ProviderKind::Saml {
            return Ok(());
        }
        let wrong = |what: &str| Err(ApiError::InvalidRequest(format!("oidc.{what}")));
        let Some(OidcSettings { issuer, client, scope, algorithms, acr, .. }) = &self.oidc else {
            return Err(ApiError::InvalidRequest("oidc".to_owned()));
        };
        let fits = |text: &str| !text.is_empty() && text.len() <= 300 && !text.chars().any(char::is_control);
        if !fits(issuer) || issuer.contains(['?', '#', ' ']) || !company.caller().takes(whose, issuer) {
            return wrong("issuer: an https address without a question mark");
        }
        if !fits(client) {
            return wrong("client");
        }
        if !fits(scope) {
            return wrong("scope");
        }
        if algorithms.is_empty() || algorithms.len() > Algorithm::ALL.len() {
            return wrong("algorithms");
        }
        if acr.len() > 20 || !acr.iter().all(|one| fits(one) && !one.contains(' ')) {
            return wrong("acr");
        }
        Ok(())
    }
}
