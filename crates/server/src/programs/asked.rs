//! What a program asks for when it sends a person to us (OAuth 2.1 section 4.1.1), checked in two steps: first where an answer
//! may go, then the rest, which the program is told there.

use gridkeep_identity::{dpop::is_thumbprint, pkce::Challenge};
use gridkeep_model::ChallengeId;
use gridkeep_store::Program;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{client, form::Parameters, issuer::Issuer};
use crate::{
    error::ApiError,
    session::{Logins, READ, WRITE},
    site::Site,
};

/// Longest `state`, in bytes.
const LONGEST_STATE: usize = 1_024;
/// The class of authentication that a security checkpoint names (RFC 9470).
const CHECKPOINT: &str = "checkpoint";
/// What stays as it is in a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A program we know, and an address of its own.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) program: Program,
    pub(super) redirect: String,
    state: Option<String>,
}

/// What it asks for.
#[derive(Debug)]
pub(super) struct Wish {
    /// `read` or `read write`.
    pub(super) scope: &'static str,
    pub(super) challenge: Challenge,
    /// The thumbprint of the key the code is to be bound to.
    pub(super) proof: Option<String>,
    /// How many seconds ago the person may have proven who they are (RFC 9470); any time will do when `None`.
    pub(super) max_age: Option<u32>,
    /// The security checkpoint that the program came to, and cannot go on without.
    pub(super) checkpoint: Option<ChallengeId>,
}

impl Asker {
    /// Who asks. Before this is known, nothing is sent anywhere.
    pub(super) async fn find(parameters: &Parameters, logins: &Logins) -> Result<Self, ApiError> {
        let unknown = || ApiError::UnknownProgram;
        let id = parameters.get("client_id").ok_or_else(unknown)?;
        let redirect = parameters.get("redirect_uri").ok_or_else(unknown)?;
        let program = client::find(logins, id).await?.ok_or_else(unknown)?;
        if !client::may_go_to(&program, redirect) {
            return Err(unknown());
        }
        let state = parameters.get("state").map(str::to_owned);
        Ok(Self { program, redirect: redirect.to_owned(), state })
    }

    /// What it asks for, or the error it is told.
    pub(super) fn wish(&self, parameters: &Parameters, site: &Site) -> Result<Wish, &'static str> {
        if self.state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
            return Err("invalid_request");
        }
        if parameters.get("request").is_some() {
            return Err("request_not_supported");
        }
        if parameters.get("request_uri").is_some() {
            return Err("request_uri_not_supported");
        }
        match parameters.get("response_type") {
            Some("code") => {}
            Some(_) => return Err("unsupported_response_type"),
            None => return Err("invalid_request"),
        }
        if !matches!(parameters.get("response_mode"), None | Some("query")) {
            return Err("invalid_request");
        }
        // What a token is for (RFC 8707): this server, there is nothing else.
        if parameters.get("resource").is_some_and(|resource| !is_ours(resource, site)) {
            return Err("invalid_target");
        }
        let challenge = parameters.get("code_challenge").ok_or("invalid_request")?;
        let method = parameters.get("code_challenge_method").ok_or("invalid_request")?;
        let challenge = Challenge::parse(challenge, method).ok_or("invalid_request")?;
        let proof = parameters.get("dpop_jkt");
        if proof.is_some_and(|proof| !is_thumbprint(proof)) {
            return Err("invalid_request");
        }
        let mut max_age = match parameters.get("max_age") {
            Some(age) => Some(age.parse().map_err(|_| "invalid_request")?),
            None => None,
        };
        // What a security checkpoint asks for is that they are there now, and where it says which one it is, that they approve it.
        let mut checkpoint = None;
        for class in parameters.get("acr_values").unwrap_or_default().split_ascii_whitespace() {
            let Some(rest) = class.strip_prefix(CHECKPOINT) else { continue };
            match rest.strip_prefix(':') {
                Some(id) => checkpoint = Some(id.parse().map_err(|_| "invalid_request")?),
                None if rest.is_empty() => max_age = Some(0),
                None => {}
            }
        }
        let scope = scope(parameters.get("scope").unwrap_or(READ)).ok_or("invalid_scope")?;
        Ok(Wish { scope, challenge, proof: proof.map(str::to_owned), max_age, checkpoint })
    }

    /// The address of an answer, with `iss` so that a program that asks several servers knows whose it is (RFC 9207).
    pub(super) fn answer(&self, issuer: &Issuer, name: &str, value: &str) -> String {
        let mut address = self.redirect.clone();
        let mut mark = if address.contains('?') { '&' } else { '?' };
        let mut add = |name: &str, value: &str| {
            address.push(mark);
            mark = '&';
            address.push_str(name);
            address.push('=');
            address.extend(utf8_percent_encode(value, ENCODED));
        };
        add(name, value);
        if let Some(state) = &self.state {
            add("state", state);
        }
        add("iss", &issuer.0);
        address
    }
}

/// What may be allowed, in one form; `None` when it is something else.
pub(super) fn scope(text: &str) -> Option<&'static str> {
    let mut writes = false;
    for word in text.split_ascii_whitespace() {
        match word {
            READ => {}
            WRITE => writes = true,
            _ => return None,
        }
    }
    Some(if writes { "read write" } else { READ })
}

fn is_ours(resource: &str, site: &Site) -> bool {
    let own = site.link("");
    resource.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_and_write() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(scope(text), expect, "{text}");
        check("read", Some("read"));
        check("write", Some("read write"));
        check(" write  read ", Some("read write"));
        check("", Some("read"));
        check("read admin", None);
        check("READ", None);
        check("read,write", None);
    }

    #[test]
    fn answers_carry_state_and_issuer() {
        let check = |redirect: &str, state: Option<&str>, expect: &str| {
            let program = Program {
                id: String::new(),
                name: String::new(),
                redirects: vec![],
                created: jiff::Timestamp::UNIX_EPOCH,
            };
            let asker = Asker { program, redirect: redirect.to_owned(), state: state.map(str::to_owned) };
            let issuer = Issuer("https://a.example".to_owned());
            assert_eq!(asker.answer(&issuer, "code", "c"), expect);
        };
        check("https://b.example/x", None, "https://b.example/x?code=c&iss=https%3A%2F%2Fa.example");
        check(
            "https://b.example/x?y=1",
            Some("a&code=evil #\u{e4}"),
            "https://b.example/x?y=1&code=c&state=a%26code%3Devil%20%23%C3%A4&iss=https%3A%2F%2Fa.example",
        );
    }
}
