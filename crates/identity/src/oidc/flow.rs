//! Sending somebody to a provider, reading what they come back with, and redeeming it (the code flow with PKCE; RFC 9700).

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value as Json};

use super::{Metadata, Refused, client_key};

/// What is asked of a provider.
pub struct Ask<'a> {
    /// Who we are to it.
    pub client: &'a str,
    /// Where the answer goes; exactly as the provider knows it.
    pub redirect: &'a str,
    /// What the answer is to bring back.
    pub state: &'a str,
    /// What the token is to say.
    pub nonce: &'a str,
    /// What only we know until the code is redeemed.
    pub verifier: &'a str,
    /// What else is wanted, with blanks between; `openid` is always asked for.
    pub scope: &'a str,
    /// How people are to show who they are, with blanks between.
    pub acr: Option<&'a str>,
    /// Whom it is about, as far as they have said.
    pub hint: Option<&'a str>,
    /// They are to show anew who they are, at this very moment.
    pub anew: bool,
}

impl Ask<'_> {
    /// Where to send them.
    pub fn location(&self, metadata: &Metadata) -> String {
        let mut scope: Vec<&str> =
            self.scope.split_ascii_whitespace().filter(|word| *word != "openid").collect();
        scope.insert(0, "openid");
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.as_bytes()));
        let mut pairs = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.client.to_owned()),
            ("redirect_uri", self.redirect.to_owned()),
            ("scope", scope.join(" ")),
            ("state", self.state.to_owned()),
            ("nonce", self.nonce.to_owned()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
        ];
        pairs.extend(self.acr.map(|acr| ("acr_values", acr.to_owned())));
        pairs.extend(self.hint.map(|hint| ("login_hint", hint.to_owned())));
        if self.anew {
            pairs.extend([("prompt", "login".to_owned()), ("max_age", "0".to_owned())]);
        }
        let endpoint = &metadata.authorization_endpoint;
        let mark = if endpoint.contains('?') { '&' } else { '?' };
        format!("{endpoint}{mark}{}", form(&pairs))
    }
}

/// Pairs as `application/x-www-form-urlencoded`.
fn form(pairs: &[(&str, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// What somebody comes back with from a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Back {
    /// The code.
    pub code: Option<String>,
    /// Who answered (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// What the provider answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A code to redeem.
    Code(String),
    /// They said no, there.
    Denied,
}

/// Reads what came back as this provider's answer; its state has been found to be this browser's.
pub fn answer(back: Back, metadata: &Metadata) -> Result<Answer, Refused> {
    match &back.iss {
        // Another provider's answer: whoever mixed them up is not told our code.
        Some(iss) if *iss != metadata.issuer => return Err(Refused::Issuer),
        None if metadata.authorization_response_iss_parameter_supported => return Err(Refused::Issuer),
        _ => {}
    }
    match (back.code, back.error) {
        (Some(code), None) if !code.is_empty() && code.len() <= 4_096 => Ok(Answer::Code(code)),
        (None, Some(error)) if error == "access_denied" => Ok(Answer::Denied),
        _ => Err(Refused::Form),
    }
}

/// What we prove to a provider that we are its client with.
#[derive(Debug, Clone)]
pub enum ClientProof {
    /// Nothing: the verifier alone says that whoever set out has come back.
    Nothing,
    /// What both know.
    Secret(SecretString),
    /// A signed assertion (see [`super::ClientKey`]).
    Assertion(String),
}

/// How a code is redeemed.
pub struct Redeem<'a> {
    /// Who we are to the provider.
    pub client: &'a str,
    /// What we prove it with.
    pub proof: &'a ClientProof,
    /// The code.
    pub code: &'a str,
    /// Where it came to.
    pub redirect: &'a str,
    /// What the challenge was made of.
    pub verifier: &'a str,
}

impl Redeem<'_> {
    /// The body of the request, and the `Authorization` header where the secret goes there.
    pub fn request(&self, metadata: &Metadata) -> (String, Option<SecretString>) {
        let mut pairs = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", self.code.to_owned()),
            ("redirect_uri", self.redirect.to_owned()),
            ("code_verifier", self.verifier.to_owned()),
        ];
        let mut header = None;
        match self.proof {
            ClientProof::Secret(secret) if !metadata.wants_secret_in_form() => {
                let both = format!("{}:{}", encoded(self.client), encoded(secret.expose_secret()));
                header = Some(format!("Basic {}", STANDARD.encode(both)).into());
            }
            ClientProof::Secret(secret) => pairs.extend([
                ("client_id", self.client.to_owned()),
                ("client_secret", secret.expose_secret().to_owned()),
            ]),
            ClientProof::Assertion(signed) => pairs.extend([
                ("client_id", self.client.to_owned()),
                ("client_assertion_type", client_key::KIND.to_owned()),
                ("client_assertion", signed.clone()),
            ]),
            ClientProof::Nothing => pairs.push(("client_id", self.client.to_owned())),
        }
        (form(&pairs), header)
    }
}

/// What a code was redeemed for: the ID token, and the access token where there is one.
pub fn redeemed(body: &[u8]) -> Result<(SecretString, Option<SecretString>), Refused> {
    let body: Json = serde_json::from_slice(body).map_err(|_| Refused::Form)?;
    let text = |name: &str| body.get(name).and_then(Json::as_str).map(str::to_owned);
    let bearer = text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    let access =
        text("access_token").filter(|_| bearer).filter(|token| token.bytes().all(|b| b.is_ascii_graphic()));
    Ok((text("id_token").ok_or(Refused::Form)?.into(), access.map(Into::into)))
}

/// What the provider says beside the token (UserInfo, OpenID Connect Core section 5.3), if it is about the same person: it adds,
/// and changes nothing that was signed. How and when somebody showed who they are is for the token alone to say.
pub fn merge(claims: &mut Map<String, Json>, beside: &[u8]) -> Result<(), Refused> {
    let Ok(Json::Object(beside)) = serde_json::from_slice(beside) else { return Err(Refused::Form) };
    if beside.get("sub").and_then(Json::as_str).is_none() || beside.get("sub") != claims.get("sub") {
        return Err(Refused::Subject);
    }
    let kept = [
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "iat",
        "nbf",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "at_hash",
        "c_hash",
        "sid",
    ];
    // Its word for an address is its word for its own address: about the token's it says something only where both are the same.
    let other = claims.get("email").is_some_and(|own| beside.get("email") != Some(own));
    for (name, value) in beside {
        if name == "email_verified" && other {
            continue;
        }
        if !kept.contains(&name.as_str()) && !claims.contains_key(&name) {
            claims.insert(name, value);
        }
    }
    Ok(())
}
