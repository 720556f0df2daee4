//! A SAML provider as it is kept: what was read from its metadata, once.

use gridkeep_identity::saml;
use gridkeep_store::Provider;
use jiff::Timestamp;
use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{company::Company, error::ApiError, site::Site};

/// Longest name that an attribute gives somebody, and longest name of the attribute, in bytes.
pub(super) const LONGEST: usize = 300;

/// How SAML is spoken with a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = SamlSettings)]
pub struct SamlSettings {
    /// What its metadata said; `None` before somebody uploaded it, since some providers want ours first.
    pub(super) known: Option<Known>,
    /// Requests to it are signed.
    pub(super) signs: bool,
    /// The attribute that names people for good, instead of the provider's name of them (NameID).
    pub(super) subject: Option<String>,
    /// The provider never gives somebody's address to anybody else: it may name people by it.
    pub(super) addresses_last: bool,
}

/// What is known of a provider from its metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SamlKnown)]
pub(super) struct Known {
    /// Its name (entity id).
    pub(super) issuer: String,
    /// Where browsers go with a request.
    pub(super) place: String,
    /// Its certificates in base64.
    pub(super) certificates: Vec<String>,
}

impl SamlSettings {
    /// Takes over what a metadata document says, and signs where it wants that.
    pub(super) fn learn(&mut self, document: &str, now: Timestamp) -> Result<(), saml::BadProvider> {
        let read = saml::Provider::read(document.as_bytes(), now)?;
        self.signs |= read.wants_signed_requests;
        let saml::Provider { issuer, place, certificates, .. } = read;
        self.known = Some(Known { issuer, place, certificates });
        Ok(())
    }
}

impl SamlSettings {
    /// Whether it is known where people go, and whose word counts.
    pub(in crate::company) fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Its name, once it is known.
    pub(in crate::company) fn issuer(self) -> Option<String> {
        self.known.map(|known| known.issuer)
    }

    /// Who an answer is about: by what lasts.
    pub(super) fn subject(&self, person: &saml::Person) -> Result<String, saml::Refused> {
        let Some(name) = &self.subject else {
            let lasts = !person.addressed || self.addresses_last;
            return if lasts { Ok(person.subject.clone()) } else { Err(saml::Refused::Address) };
        };
        let mut values = person.values(name);
        // One, and none that somebody could mistake for a name of another kind: each is said by one attribute only.
        match (values.next().map(str::trim), values.next()) {
            (Some(one), None)
                if !one.is_empty() && one.len() <= LONGEST && !one.chars().any(char::is_control) =>
            {
                Ok(format!("{name}={one}"))
            }
            _ => Err(saml::Refused::Subject),
        }
    }
}

impl Known {
    /// Its keys; those that are of no use any more are left out.
    pub(super) fn keys(&self) -> Vec<saml::Key> {
        self.certificates.iter().filter_map(|text| saml::Key::of_certificate(text).ok()).collect()
    }
}

/// Where our side is for one provider, which knows us by the first.
pub(super) struct Place {
    /// Our name (entity id), where our metadata is.
    pub(super) name: String,
    /// Where browsers bring its answers.
    pub(super) answers: String,
}

impl Place {
    /// For this provider.
    pub(super) fn of(site: &Site, provider: &Provider) -> Self {
        let at = |what: &str| site.page(&format!("/company/{}/saml/{what}", provider.id));
        Self { name: at("metadata"), answers: at("answer") }
    }
}

/// A new key to sign requests with, as it is kept.
pub(super) async fn new_key(company: &Company, provider: &mut Provider) -> Result<(), ApiError> {
    let none = || ApiError::internal("no key to sign requests with");
    let made = tokio::task::spawn_blocking(saml::Signer::generate).await.ok().flatten().ok_or_else(none)?;
    provider.secret =
        Some(company.seal(provider.id.uuid().as_bytes(), secrecy::ExposeSecret::expose_secret(&made))?);
    Ok(())
}

/// The key that requests to it are signed with.
pub(super) fn signer(company: &Company, provider: &Provider) -> Option<saml::Signer> {
    let opened = company.open(provider.id.uuid().as_bytes(), provider.secret.as_ref()?)?;
    saml::Signer::kept(&SecretSlice::from(opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_by_what_lasts() {
        let person = |subject: &str, addressed| saml::Person {
            subject: subject.to_owned(),
            addressed,
            session: None,
            contexts: Vec::new(),
            proven: Timestamp::UNIX_EPOCH,
            until: None,
            attributes: vec![
                ("uid".to_owned(), vec!["u7".to_owned()]),
                ("two".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
                ("none".to_owned(), vec![" ".to_owned()]),
            ],
        };
        let check = |own: (Option<&str>, bool), addressed, expect: Result<&str, saml::Refused>| {
            let settings = SamlSettings {
                subject: own.0.map(str::to_owned),
                addresses_last: own.1,
                ..SamlSettings::default()
            };
            let found = settings.subject(&person("ann@corp.example", addressed));
            assert_eq!(found, expect.map(str::to_owned), "{own:?} {addressed}");
        };
        check((None, false), false, Ok("ann@corp.example"));
        check((None, false), true, Err(saml::Refused::Address));
        check((None, true), true, Ok("ann@corp.example"));
        check((Some("uid"), false), true, Ok("uid=u7"));
        for wrong in ["two", "none", "absent"] {
            check((Some(wrong), true), true, Err(saml::Refused::Subject));
        }
    }
}
