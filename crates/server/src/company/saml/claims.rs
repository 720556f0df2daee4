//! What an assertion says, as the claims that a tenant's rules speak of.

use std::collections::BTreeMap;

use gridkeep_identity::saml::Person;
use serde_json::{Map, Value as Json, json};

use crate::company::rules::UNTIL;

/// What providers call what we ask for, beside its own name: by X.500 and LDAP, by WS-Federation (ADFS, Entra ID), by eduPerson. A
/// tenant's rules can name any other.
const KNOWN_AS: &[(&str, &[&str])] = &[
    (
        "email",
        &[
            "mail",
            "urn:oid:0.9.2342.19200300.100.1.3",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        ],
    ),
    (
        "name",
        &[
            "displayName",
            "urn:oid:2.16.840.1.113730.3.1.241",
            "http://schemas.microsoft.com/identity/claims/displayname",
            "cn",
            "urn:oid:2.5.4.3",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        ],
    ),
    (
        "groups",
        &[
            "memberOf",
            "isMemberOf",
            "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
            "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
            "http://schemas.xmlsoap.org/claims/Group",
        ],
    ),
    ("amr", &["http://schemas.microsoft.com/claims/authnmethodsreferences"]),
];

/// Most values of one attribute that are looked at.
const MOST_VALUES: usize = 2_000;

/// The attributes by their names, and how and when they proved who they are.
pub(super) fn claims(person: &Person) -> Map<String, Json> {
    // Each looked at once: an answer may name one of them thousands of times.
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, some) in &person.attributes {
        let own = values.entry(name).or_default();
        own.extend(some.iter().map(String::as_str).take(MOST_VALUES.saturating_sub(own.len())));
    }
    let mut claims: Map<String, Json> =
        values.into_iter().map(|(name, values)| (name.to_owned(), json!(values))).collect();
    for (name, others) in KNOWN_AS {
        if !claims.contains_key(*name)
            && let Some(found) = others.iter().find_map(|other| claims.get(*other).cloned())
        {
            claims.insert((*name).to_owned(), found);
        }
    }
    // These the assertion itself says; no attribute of the same name can.
    claims.remove("acr");
    if let Some(context) = person.contexts.first() {
        claims.insert("acr".to_owned(), json!(context));
    }
    claims.insert("auth_time".to_owned(), json!(person.proven.as_second()));
    claims.remove(UNTIL);
    if let Some(until) = person.until {
        claims.insert(UNTIL.to_owned(), json!(until.as_second()));
    }
    claims
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{company::Rules, session::Email};

    #[test]
    fn attributes_are_known_by_many_names() {
        let person = |attributes: &[(&str, &[&str])]| Person {
            subject: "7".to_owned(),
            addressed: false,
            session: None,
            contexts: vec!["urn:gold".to_owned(), "urn:silver".to_owned()],
            proven: Timestamp::from_second(60).unwrap(),
            until: None,
            attributes: attributes
                .iter()
                .map(|(name, values)| {
                    ((*name).to_owned(), values.iter().map(|&value| value.to_owned()).collect())
                })
                .collect(),
        };
        let check = |attributes: &[(&str, &[&str])], expect: Json| {
            let found = Rules::default().read("https://id.example", "7", &claims(&person(attributes)));
            let found = json!([found.email.as_ref().map(Email::as_str), found.name, found.groups]);
            assert_eq!(found, expect, "{attributes:?}");
        };
        check(&[], json!([null, null, null]));
        check(
            &[("mail", &["Ann@Example.com"]), ("displayName", &["Ann"]), ("memberOf", &["a", "b"])],
            json!(["ann@example.com", "Ann", ["a", "b"]]),
        );
        check(
            &[
                ("urn:oid:0.9.2342.19200300.100.1.3", &["ann@example.com"]),
                ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", &["Ann"]),
                ("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", &["a"]),
            ],
            json!(["ann@example.com", "Ann", ["a"]]),
        );
        // Its own name before others; two addresses are none.
        check(
            &[("mail", &["b@example.com"]), ("email", &["a@example.com"])],
            json!(["a@example.com", null, null]),
        );
        check(&[("mail", &["a@example.com", "b@example.com"])], json!([null, null, null]));
        let found = Rules::default().read(
            "https://id.example",
            "7",
            &claims(&person(&[
                ("acr", &["urn:platinum"]),
                ("auth_time", &["1"]),
                ("groups", &["a"]),
                ("groups", &["b"]),
            ])),
        );
        assert_eq!(found.acr.as_deref(), Some("urn:gold"));
        assert_eq!(found.authenticated, Timestamp::from_second(60).ok());
        assert_eq!(found.groups.map(|groups| groups.len()), Some(2));
    }
}
