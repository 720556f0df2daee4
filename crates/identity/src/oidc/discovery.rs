//! What a provider says of itself (OpenID Connect Discovery 1.0 section 4; RFC 8414).

use serde::{Deserialize, Serialize};

/// What a provider says of itself, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Who it is: exactly what its tokens name.
    pub issuer: String,
    /// Where people are sent.
    pub authorization_endpoint: String,
    /// Where codes are redeemed.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where more is said of somebody.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// How the server may prove itself there; with HTTP's Basic when it does not say.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// What it signs with.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// It names itself in every answer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Why metadata is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoMetadata {
    /// No document of this kind.
    #[error("no provider metadata")]
    Form,
    /// It is another's: the issuer is not the one that was asked.
    #[error("another issuer")]
    Issuer,
    /// An address that is none, or has a fragment.
    #[error("an address that is none")]
    Address,
}

impl Metadata {
    /// Where the metadata of an issuer is.
    pub fn place(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// Reads what an issuer says of itself.
    pub fn read(text: &[u8], issuer: &str) -> Result<Self, NoMetadata> {
        let own: Self = serde_json::from_slice(text).map_err(|_| NoMetadata::Form)?;
        if own.issuer != issuer {
            return Err(NoMetadata::Issuer);
        }
        let endpoints = [&own.authorization_endpoint, &own.token_endpoint, &own.jwks_uri];
        let plain = |address: &&String| {
            let (scheme, rest) = address.split_once("://").unwrap_or_default();
            matches!(scheme, "https" | "http")
                && !rest.is_empty()
                && !address.contains('#')
                && address.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if endpoints.iter().chain(&own.userinfo_endpoint.as_ref()).all(plain) {
            Ok(own)
        } else {
            Err(NoMetadata::Address)
        }
    }

    /// How the server proves itself at the token endpoint: `true` in the form, `false` in a header (RFC 6749 section 2.3.1).
    pub fn wants_secret_in_form(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_deref().unwrap_or_default();
        let has = |method: &str| methods.iter().any(|own| own == method);
        !methods.is_empty() && !has("client_secret_basic") && has("client_secret_post")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_is_the_issuers_own() {
        let base = json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/auth?x=1",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/jwks",
        });
        let check = |name: &str, value: serde_json::Value, expect: Result<(), NoMetadata>| {
            let mut own = base.clone();
            own[name] = value;
            let found = Metadata::read(own.to_string().as_bytes(), "https://id.example").map(drop);
            assert_eq!(found, expect, "{name}");
        };
        check("other", json!(1), Ok(()));
        check("issuer", json!("https://id.example/"), Err(NoMetadata::Issuer));
        check("issuer", json!("https://evil.example"), Err(NoMetadata::Issuer));
        check("jwks_uri", json!(7), Err(NoMetadata::Form));
        check("jwks_uri", json!("file:///etc/passwd"), Err(NoMetadata::Address));
        check("token_endpoint", json!("https://id.example/token#x"), Err(NoMetadata::Address));
        check("userinfo_endpoint", json!("javascript:alert(1)"), Err(NoMetadata::Address));
        check("authorization_endpoint", json!("https://id.example/a b"), Err(NoMetadata::Address));
        assert_eq!(Metadata::read(b"[]", "https://id.example"), Err(NoMetadata::Form));
        assert_eq!(
            Metadata::place("https://id.example/x/"),
            "https://id.example/x/.well-known/openid-configuration"
        );
    }
}
