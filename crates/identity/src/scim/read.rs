//! What a directory sends, as a resource: only what [`super::schema`] has, under its names, of its kinds.

use serde_json::Value as Json;

use super::{
    LONGEST_TEXT, MOST_ELEMENTS, Object, Refused, is_nothing, member,
    path::{Found, find},
    quoted,
    schema::{Attribute, Kind, Resource, named},
};

/// A resource as a whole, as it is posted or put. What is the server's to say is left out, and so is what is not kept.
pub fn resource(resource: Resource, body: &Json) -> Result<Object, Refused> {
    let body = body.as_object().ok_or_else(|| Refused::Syntax("the body is no JSON object".to_owned()))?;
    is_of(body, resource.schema())?;
    let mut read = Object::new();
    for (key, value) in body {
        match find(resource, key) {
            Some(Found::Attribute(name)) if name.part.is_none() && !name.attribute.read_only => {
                if name.attribute.name == "schemas" {
                    continue;
                }
                match name.extension {
                    Some(schema) => extended(&mut read, schema, |own| put(own, name.attribute, value))?,
                    None => put(&mut read, name.attribute, value)?,
                }
            }
            Some(Found::Extension(schema)) => {
                let (_, attributes) = resource.extension().unwrap_or((schema, &[]));
                let fields = object(value, schema)?;
                for (key, value) in fields {
                    if let Some(attribute) = named(attributes, key) {
                        extended(&mut read, schema, |own| put(own, attribute, value))?;
                    }
                }
            }
            _ => {}
        }
    }
    read.retain(|_, value| !is_nothing(value));
    Ok(read)
}

/// Whether a message says of itself that it is of this schema.
pub(super) fn is_of(body: &Object, schema: &str) -> Result<(), Refused> {
    let said = member(body, "schemas").and_then(Json::as_array).into_iter().flatten();
    let found = said.filter_map(Json::as_str).any(|own| own.eq_ignore_ascii_case(schema));
    if found { Ok(()) } else { Err(Refused::Syntax(format!("schemas does not name {schema}"))) }
}

/// Changes what an extension says of a resource.
pub(super) fn extended<T>(read: &mut Object, schema: &str, change: impl FnOnce(&mut Object) -> T) -> T {
    let mut fields = match read.remove(schema) {
        Some(Json::Object(fields)) => fields,
        _ => Object::new(),
    };
    let result = change(&mut fields);
    if !fields.is_empty() {
        read.insert(schema.to_owned(), fields.into());
    }
    result
}

pub(super) fn object<'a>(value: &'a Json, name: &str) -> Result<&'a Object, Refused> {
    value.as_object().ok_or_else(|| Refused::Value(format!("{} has parts", quoted(name))))
}

fn put(holder: &mut Object, attribute: &Attribute, value: &Json) -> Result<(), Refused> {
    if holder.contains_key(attribute.name) {
        return Err(Refused::Syntax(format!("{} stands there twice", attribute.name)));
    }
    if let Some(value) = whole(attribute, value)? {
        holder.insert(attribute.name.to_owned(), value);
    }
    Ok(())
}

/// All that an attribute says; `None` for nothing.
pub(super) fn whole(attribute: &Attribute, value: &Json) -> Result<Option<Json>, Refused> {
    if !attribute.list {
        return single(attribute, value);
    }
    let given = match value {
        Json::Array(list) => list.as_slice(),
        Json::Null => &[],
        // One alone is meant as a list of one.
        other => std::slice::from_ref(other),
    };
    if given.len() > MOST_ELEMENTS {
        return Err(Refused::Value(format!("{} has at most {MOST_ELEMENTS} elements", attribute.name)));
    }
    let read: Result<Vec<Option<Json>>, Refused> = given.iter().map(|one| single(attribute, one)).collect();
    let list: Vec<Json> = read?.into_iter().flatten().collect();
    check_list(attribute, &list)?;
    Ok((!list.is_empty()).then_some(Json::Array(list)))
}

/// What must hold of a list as a whole.
pub(super) fn check_list(attribute: &Attribute, list: &[Json]) -> Result<(), Refused> {
    if list.len() > MOST_ELEMENTS {
        return Err(Refused::Value(format!("{} has at most {MOST_ELEMENTS} elements", attribute.name)));
    }
    let primary = list.iter().filter(|one| one.get("primary") == Some(&Json::Bool(true))).count();
    if primary > 1 {
        return Err(Refused::Value(format!("one of {} is primary at most", attribute.name)));
    }
    Ok(())
}

/// One value of an attribute, an element of a list too; `None` for nothing.
pub(super) fn single(attribute: &Attribute, value: &Json) -> Result<Option<Json>, Refused> {
    let wrong = |what: &str| Err(Refused::Value(format!("{} {what}", attribute.name)));
    match (attribute.kind, value) {
        (_, Json::Null) => Ok(None),
        (Kind::Boolean, Json::Bool(_)) => Ok(Some(value.clone())),
        // As one directory writes it.
        (Kind::Boolean, Json::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true.into())),
        (Kind::Boolean, Json::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false.into())),
        (Kind::Boolean, _) => wrong("is true or false"),
        (Kind::Text | Kind::Reference | Kind::Moment, Json::String(text)) => {
            let text = text.trim();
            if text.chars().count() > LONGEST_TEXT {
                return wrong(&format!("has at most {LONGEST_TEXT} characters"));
            }
            if text.chars().any(char::is_control) {
                return wrong("is one line");
            }
            Ok((!text.is_empty()).then(|| text.into()))
        }
        (Kind::Text | Kind::Reference | Kind::Moment, _) => wrong("is a text"),
        // A manager by their id alone.
        (Kind::Complex, Json::String(_)) => match named(attribute.parts, "value") {
            Some(part) => Ok(single(part, value)?.map(|value| {
                let mut parts = Object::new();
                parts.insert("value".to_owned(), value);
                parts.into()
            })),
            None => wrong("has parts"),
        },
        (Kind::Complex, Json::Object(fields)) => {
            let mut parts = Object::new();
            for (key, value) in fields {
                if let Some(part) = named(attribute.parts, key)
                    && !part.read_only
                    && let Some(value) = single(part, value)?
                    && parts.insert(part.name.to_owned(), value).is_some()
                {
                    return wrong(&format!("has {} twice", part.name));
                }
            }
            Ok((!parts.is_empty()).then_some(parts.into()))
        }
        (Kind::Complex, _) => wrong("has parts"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema::{ENTERPRISE, USER};

    #[test]
    fn only_what_is_known_is_kept() {
        let check = |body: Json, expect: Result<Json, &str>| {
            let mut whole = json!({ "schemas": [USER, ENTERPRISE] });
            whole.as_object_mut().unwrap().extend(body.as_object().cloned().unwrap());
            let found =
                resource(Resource::User, &whole).map(Json::Object).map_err(|refused| refused.scim_type());
            assert_eq!(found, expect, "{body}");
        };
        check(json!({ "userName": " ada " }), Ok(json!({ "userName": "ada" })));
        check(
            json!({ "USERNAME": "ada", "Active": "False" }),
            Ok(json!({ "userName": "ada", "active": false })),
        );
        check(
            json!({ "userName": "ada", "password": "1mz050nq", "roles": [{ "value": "owner" }], "entitlements": ["all"],
                "administrator": true, "role": "owner", "id": "1", "meta": { "version": "1" }, "groups": [{ "value": "2" }] }),
            Ok(json!({ "userName": "ada" })),
        );
        check(json!({ "title": "", "displayName": null, "emails": [], "name": {} }), Ok(json!({})));
        check(
            json!({ "emails": { "value": "a@b.c", "Type": "work", "more": 1 } }),
            Ok(json!({ "emails": [{ "value": "a@b.c", "type": "work" }] })),
        );
        check(
            json!({ ENTERPRISE: { "Department": "A", "manager": "7", "x": 1 } }),
            Ok(json!({ ENTERPRISE: { "department": "A", "manager": { "value": "7" } } })),
        );
        check(
            json!({ format!("{ENTERPRISE}:department"): "A" }),
            Ok(json!({ ENTERPRISE: { "department": "A" } })),
        );
        check(json!({ "externalId": "X", "schemas": [USER] }), Ok(json!({ "externalId": "X" })));
        check(json!({ "title": 5 }), Err("invalidValue"));
        check(json!({ "title": ["a"] }), Err("invalidValue"));
        check(json!({ "title": "a\nb" }), Err("invalidValue"));
        check(json!({ "title": "a".repeat(501) }), Err("invalidValue"));
        check(json!({ "active": "yes" }), Err("invalidValue"));
        check(json!({ "name": "Ada" }), Err("invalidValue"));
        check(json!({ ENTERPRISE: 1 }), Err("invalidValue"));
        check(json!({ "title": "a", "Title": "b" }), Err("invalidSyntax"));
        check(json!({ "emails": vec![json!({ "value": "a" }); 21] }), Err("invalidValue"));
        check(json!({ "emails": [{ "primary": true }, { "primary": "true" }] }), Err("invalidValue"));
        for body in [json!([]), json!({}), json!({ "schemas": USER }), json!({ "schemas": ["urn:other"] })] {
            assert_eq!(resource(Resource::User, &body).unwrap_err().scim_type(), "invalidSyntax", "{body}");
        }
    }
}
