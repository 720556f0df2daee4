//! What a user's attributes mean here: who they are called, where they are written to, whether they may come in.

use serde_json::Value as Json;

use super::{Object, Refused, filter::fold, quoted};
use crate::email::Email;

/// Longest name of an account, in characters.
const LONGEST_NAME: usize = 100;

/// A user as the rest of the server needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// What the directory calls them.
    pub user_name: String,
    /// Their id in the directory.
    pub external: Option<String>,
    /// They may come in.
    pub active: bool,
    /// Where they are written to.
    pub address: Email,
    /// All their addresses, folded, as filters ask for them.
    pub addresses: Vec<String>,
    /// What others read.
    pub name: String,
}

impl User {
    /// Of these attributes.
    pub fn of(object: &Object) -> Result<Self, Refused> {
        let text = |name: &str| object.get(name).and_then(Json::as_str).map(ToOwned::to_owned);
        let user_name = text("userName").ok_or_else(|| Refused::Value("userName is missing".to_owned()))?;
        // Whoever looks like an address is one, letters of one script and all.
        if user_name.contains('@') && Email::new(&user_name).is_err() {
            return Err(Refused::Value(format!("userName {} is no address", quoted(&user_name))));
        }
        let emails: Vec<&Object> = object
            .get("emails")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_object)
            .collect();
        let mut values = Vec::new();
        for email in &emails {
            let Some(value) = email.get("value").and_then(Json::as_str) else {
                return Err(Refused::Value("one of emails has no value".to_owned()));
            };
            let address = Email::new(value);
            values.push((
                address.map_err(|_| Refused::Value(format!("{} is no address", quoted(value))))?,
                *email,
            ));
        }
        let primary = values.iter().find(|(_, email)| email.get("primary") == Some(&Json::Bool(true)));
        let is_work = |email: &Object| {
            email.get("type").and_then(Json::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
        };
        let chosen = primary.or_else(|| values.iter().find(|(_, email)| is_work(email))).or(values.first());
        let address = match chosen {
            Some((address, _)) => address.clone(),
            None => Email::new(&user_name).map_err(|_| {
                Refused::Value("there is no address among emails, and userName is none".to_owned())
            })?,
        };
        let addresses = emails.iter().filter_map(|email| email.get("value")?.as_str()).map(fold).collect();
        let name = name(object).unwrap_or_else(|| user_name.clone());
        Ok(Self {
            external: text("externalId"),
            active: object.get("active") != Some(&Json::Bool(false)),
            address,
            addresses,
            name: name.chars().take(LONGEST_NAME).collect(),
            user_name,
        })
    }
}

fn name(object: &Object) -> Option<String> {
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(ToOwned::to_owned);
    let part = |part: &str| text(object.get("name").and_then(|name| name.get(part)));
    let both = || {
        let parts: Vec<String> = [part("givenName"), part("familyName")].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    text(object.get("displayName")).or_else(|| part("formatted")).or_else(both)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn users_are_told_by_their_attributes() {
        let check = |json: Json, expect: Result<(&str, &str), &str>| {
            let found = User::of(json.as_object().unwrap());
            let found = found
                .map(|user| (user.address.to_string(), user.name))
                .map_err(|refused| refused.to_string());
            let expect = expect.map(|(a, b)| (a.to_owned(), b.to_owned())).map_err(ToOwned::to_owned);
            assert_eq!(found, expect, "{json}");
        };
        check(json!({ "userName": "Ada@Example.com" }), Ok(("ada@example.com", "Ada@Example.com")));
        check(
            json!({ "userName": "ada", "emails": [{ "value": "a@home.example" }, { "value": "A@b.example", "type": "Work" }],
                "name": { "givenName": "Ada", "familyName": "Lovelace" } }),
            Ok(("a@b.example", "Ada Lovelace")),
        );
        check(
            json!({ "userName": "ada", "emails": [{ "value": "a@b.example", "type": "work" }, { "value": "p@b.example", "primary": true }],
                "displayName": "A", "name": { "formatted": "B" } }),
            Ok(("p@b.example", "A")),
        );
        check(
            json!({ "userName": "ada", "emails": [{ "value": "a@b.example" }], "name": { "formatted": "B" } }),
            Ok(("a@b.example", "B")),
        );
        check(json!({}), Err("userName is missing"));
        check(json!({ "userName": "ada" }), Err("there is no address among emails, and userName is none"));
        check(json!({ "userName": "ada", "emails": [{ "value": "none" }] }), Err("\"none\" is no address"));
        check(
            json!({ "userName": "ada", "emails": [{ "type": "work" }] }),
            Err("one of emails has no value"),
        );
        check(
            json!({ "userName": "p\u{430}ypal@example.com" }),
            Err("userName \"p\u{430}ypal@example.com\" is no address"),
        );
        check(
            json!({ "userName": "ada", "emails": [{ "value": "p\u{430}ypal@example.com" }] }),
            Err("\"p\u{430}ypal@example.com\" is no address"),
        );
    }
}
