//! Changes of a resource (RFC 7644 section 3.5.2), as the standard has them and as Entra ID and Okta send them.
//!
//! **Architecture Invariant:** all operations of a change or none: what is worked on is a copy.

use serde_json::Value as Json;

use super::{
    MOST_OPERATIONS, Object, Refused,
    filter::Filter,
    is_nothing, member,
    path::{Found, Name, Path, find},
    quoted,
    read::{check_list, extended, is_of, object, single, whole},
    schema::{Attribute, Kind, PATCH, Resource},
};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    Add,
    Replace,
    Remove,
}

/// One operation of a change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation<'a> {
    pub(super) kind: Kinds,
    pub(super) path: Option<&'a str>,
    pub(super) value: Option<&'a Json>,
}

/// The operations of a change.
pub(super) fn operations(body: &Json) -> Result<Vec<Operation<'_>>, Refused> {
    let syntax = |words: &str| Refused::Syntax(words.to_owned());
    let body = body.as_object().ok_or_else(|| syntax("the body is no JSON object"))?;
    is_of(body, PATCH)?;
    let all = member(body, "Operations").and_then(Json::as_array).filter(|all| !all.is_empty());
    let all = all.ok_or_else(|| syntax("there are no Operations"))?;
    if all.len() > MOST_OPERATIONS {
        return Err(Refused::Syntax(format!("there are more than {MOST_OPERATIONS} Operations")));
    }
    all.iter()
        .map(|operation| {
            let own = operation.as_object().ok_or_else(|| syntax("an operation is a JSON object"))?;
            let op = member(own, "op").and_then(Json::as_str).unwrap_or_default();
            let kind = match op.to_ascii_lowercase().as_str() {
                "add" => Kinds::Add,
                "replace" => Kinds::Replace,
                "remove" => Kinds::Remove,
                _ => {
                    return Err(Refused::Syntax(format!("op is add, replace or remove, not {}", quoted(op))));
                }
            };
            let path = match member(own, "path") {
                None | Some(Json::Null) => None,
                Some(Json::String(path)) => Some(path.as_str()).filter(|path| !path.trim().is_empty()),
                Some(_) => return Err(syntax("path is a text")),
            };
            Ok(Operation { kind, path, value: member(own, "value") })
        })
        .collect()
}

/// A user after a change.
pub fn patched(before: &Object, body: &Json) -> Result<Object, Refused> {
    let mut after = before.clone();
    for Operation { kind, path, value } in operations(body)? {
        match (path, kind) {
            (Some(path), _) => at(&mut after, kind, path, value)?,
            (None, Kinds::Remove) => {
                return Err(Refused::NoTarget("remove says by its path what to remove".to_owned()));
            }
            (None, _) => {
                let value = value.unwrap_or(&Json::Null);
                let fields = value.as_object();
                let fields =
                    fields.ok_or_else(|| Refused::Value("without a path, value is an object".to_owned()))?;
                for (key, value) in fields {
                    // What is the server's to say comes back as it was given, and what is unknown is somebody else's.
                    match find(Resource::User, key) {
                        Some(Found::Attribute(name)) if !is_fixed(&name) => {
                            at(&mut after, kind, key, Some(value))?;
                        }
                        Some(Found::Extension(_)) => at(&mut after, kind, key, Some(value))?,
                        _ => {}
                    }
                }
            }
        }
    }
    Ok(after)
}

/// Whether only the server says it.
fn is_fixed(name: &Name) -> bool {
    name.attribute.read_only || name.leaf().read_only || name.attribute.name == "schemas"
}

fn at(after: &mut Object, kind: Kinds, path: &str, value: Option<&Json>) -> Result<(), Refused> {
    let value = value.unwrap_or(&Json::Null);
    match Path::read(Resource::User, path)? {
        Path::NotKept => Ok(()),
        Path::Extension(schema) => {
            if kind == Kinds::Remove {
                after.remove(schema);
                return Ok(());
            }
            for (key, value) in object(value, schema)? {
                let path = format!("{schema}:{key}");
                if let Some(Found::Attribute(name)) = find(Resource::User, &path)
                    && !is_fixed(&name)
                {
                    at(after, kind, &path, Some(value))?;
                }
            }
            Ok(())
        }
        Path::Attribute(name, _) if is_fixed(&name) => Err(Refused::Mutability(name.to_string())),
        Path::Attribute(name, filter) => match name.extension {
            Some(schema) => extended(after, schema, |own| change(own, kind, &name, filter.as_ref(), value)),
            None => change(after, kind, &name, filter.as_ref(), value),
        },
    }
}

/// Changes what a name says in the object that has it.
fn change(
    own: &mut Object,
    kind: Kinds,
    name: &Name,
    filter: Option<&Filter>,
    value: &Json,
) -> Result<(), Refused> {
    let attribute = name.attribute;
    let removes = kind == Kinds::Remove || (kind == Kinds::Replace && is_empty(value));
    if removes && name.part.is_none() && !attribute.list && attribute.required {
        return Err(Refused::Mutability(format!("{} is required and", attribute.name)));
    }
    if attribute.list {
        let mut list = match own.remove(attribute.name) {
            Some(Json::Array(list)) => list,
            _ => Vec::new(),
        };
        change_list(&mut list, kind, name, filter, value)?;
        if list.is_empty() && attribute.required {
            return Err(Refused::Mutability(format!("{} is required and", attribute.name)));
        }
        check_list(attribute, &list)?;
        if !list.is_empty() {
            own.insert(attribute.name.to_owned(), list.into());
        }
        return Ok(());
    }
    match name.part {
        Some(part) => {
            let mut parts = match own.remove(attribute.name) {
                Some(Json::Object(parts)) => parts,
                _ => Object::new(),
            };
            set(&mut parts, part, if removes { &Json::Null } else { value })?;
            if !parts.is_empty() {
                own.insert(attribute.name.to_owned(), parts.into());
            }
            Ok(())
        }
        // Parts that are said take the place of their own only.
        None if attribute.kind == Kind::Complex && !removes => {
            let mut parts = match own.remove(attribute.name) {
                Some(Json::Object(parts)) => parts,
                _ => Object::new(),
            };
            if let Some(Json::Object(said)) = single(attribute, value)? {
                parts.extend(said);
            }
            own.insert(attribute.name.to_owned(), parts.into());
            Ok(())
        }
        None => set(own, attribute, if removes { &Json::Null } else { value }),
    }
}

fn is_empty(value: &Json) -> bool {
    is_nothing(value) || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn set(own: &mut Object, attribute: &Attribute, value: &Json) -> Result<(), Refused> {
    match single(attribute, value)? {
        Some(value) => own.insert(attribute.name.to_owned(), value),
        None => own.remove(attribute.name),
    };
    Ok(())
}

fn change_list(
    list: &mut Vec<Json>,
    kind: Kinds,
    name: &Name,
    filter: Option<&Filter>,
    value: &Json,
) -> Result<(), Refused> {
    let attribute = name.attribute;
    let chosen = |one: &Json| match filter {
        Some(filter) => one.as_object().is_some_and(|element| filter.holds(element)),
        None => true,
    };
    match (kind, name.part) {
        (Kinds::Remove, Some(part)) => {
            for element in list.iter_mut().filter(|one| chosen(one)).filter_map(Json::as_object_mut) {
                element.remove(part.name);
            }
            list.retain(|one| !is_nothing(one));
        }
        (Kinds::Remove, None) if filter.is_none() && !is_nothing(value) => {
            // As one directory names those to remove.
            let Some(Json::Array(named)) = whole(attribute, value)? else { return Ok(()) };
            list.retain(|one| !named.iter().any(|named| is_like(one, named)));
        }
        (Kinds::Remove, None) => list.retain(|one| !chosen(one)),
        (Kinds::Add, None) if filter.is_none() => {
            let Some(Json::Array(new)) = whole(attribute, value)? else { return Ok(()) };
            for one in new {
                if is_primary(&one) {
                    list.iter_mut().for_each(not_primary);
                }
                match list
                    .iter_mut()
                    .find(|own| own.get("value").is_some() && own.get("value") == one.get("value"))
                {
                    Some(own) => *own = one,
                    None => list.push(one),
                }
            }
        }
        (Kinds::Replace, None) if filter.is_none() => {
            *list = match whole(attribute, value)? {
                Some(Json::Array(new)) => new,
                _ => Vec::new(),
            };
        }
        (_, part) => {
            let becomes_primary = match part {
                Some(part) => part.name == "primary" && single(part, value)? == Some(Json::Bool(true)),
                None => single(attribute, value)?.is_some_and(|one| is_primary(&one)),
            };
            if !list.iter().any(chosen) {
                let made = filter.filter(|_| kind == Kinds::Add).and_then(Filter::equalities);
                let Some(made) = made else {
                    return Err(Refused::NoTarget(format!("{} has no such element", attribute.name)));
                };
                let fields = made.into_iter().map(|(key, value)| (key.to_owned(), value));
                let new = Json::Object(fields.collect());
                list.extend(single(attribute, &new)?);
            }
            let at: Vec<usize> = (0..list.len()).filter(|index| chosen(&list[*index])).collect();
            if becomes_primary {
                list.iter_mut().for_each(not_primary);
            }
            for index in at {
                let Some(element) = list[index].as_object_mut() else { continue };
                match part {
                    Some(part) => set(element, part, value)?,
                    None => {
                        if let Some(Json::Object(said)) = single(attribute, value)? {
                            element.extend(said);
                        }
                    }
                }
            }
            list.retain(|one| !is_nothing(one));
        }
    }
    Ok(())
}

/// Whether an element has all the parts that another one has.
fn is_like(one: &Json, named: &Json) -> bool {
    named.as_object().is_some_and(|parts| parts.iter().all(|(key, value)| one.get(key) == Some(value)))
}

fn is_primary(one: &Json) -> bool {
    one.get("primary") == Some(&Json::Bool(true))
}

fn not_primary(one: &mut Json) {
    if is_primary(one)
        && let Some(element) = one.as_object_mut()
    {
        element.insert("primary".to_owned(), false.into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema::ENTERPRISE;

    fn ada() -> Object {
        let json = json!({
            "userName": "ada", "externalId": "x", "displayName": "Ada", "active": true,
            "name": { "familyName": "Lovelace", "givenName": "Ada" },
            "emails": [
                { "value": "ada@example.com", "type": "work", "primary": true },
                { "value": "ada@home.example", "type": "home" }
            ],
            ENTERPRISE: { "department": "Engines" }
        });
        json.as_object().cloned().unwrap()
    }

    fn check(operations: &Json, expect: &Result<Json, &str>) {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        let found = patched(&ada(), &body).map(|after| {
            // Only what is not as before.
            let mut changed = Object::new();
            for (key, value) in &after {
                if ada().get(key) != Some(value) {
                    changed.insert(key.clone(), value.clone());
                }
            }
            for key in ada().keys().filter(|key| !after.contains_key(*key)) {
                changed.insert(key.clone(), Json::Null);
            }
            Json::Object(changed)
        });
        assert_eq!(found.map_err(|refused| refused.scim_type()), *expect, "{operations}");
    }

    #[test]
    fn directories_change_what_they_mean_to() {
        let one = |operation: Json, expect| check(&json!([operation]), &expect);
        // Entra ID as it is, and with its flag for the standard.
        one(json!({ "op": "Replace", "path": "active", "value": "False" }), Ok(json!({ "active": false })));
        one(json!({ "op": "replace", "path": "active", "value": false }), Ok(json!({ "active": false })));
        one(json!({ "op": "Add", "path": "title", "value": "Countess" }), Ok(json!({ "title": "Countess" })));
        one(
            json!({ "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "a@b.example" }),
            Ok(
                json!({ "emails": [{ "value": "a@b.example", "type": "work", "primary": true }, { "value": "ada@home.example", "type": "home" }] }),
            ),
        );
        one(
            json!({ "op": "replace", "value": { "displayName": "A", "name.givenName": "Augusta", format!("{ENTERPRISE}:employeeNumber"): "7" } }),
            Ok(json!({ "displayName": "A", "name": { "familyName": "Lovelace", "givenName": "Augusta" },
                ENTERPRISE: { "department": "Engines", "employeeNumber": "7" } })),
        );
        one(
            json!({ "op": "Replace", "path": format!("{ENTERPRISE}:manager"), "value": "9" }),
            Ok(json!({ ENTERPRISE: { "department": "Engines", "manager": { "value": "9" } } })),
        );
        one(
            json!({ "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "1" }),
            Ok(json!({})),
        );
        one(
            json!({ "op": "Add", "path": "emails[type eq \"other\"].value", "value": "o@b.example" }),
            Ok(json!({ "emails": [{ "value": "ada@example.com", "type": "work", "primary": true },
                { "value": "ada@home.example", "type": "home" }, { "type": "other", "value": "o@b.example" }] })),
        );
        // Okta.
        one(json!({ "op": "replace", "value": { "active": false } }), Ok(json!({ "active": false })));
        one(
            json!({ "op": "replace", "value": { "id": "1", "meta": {}, "displayName": "B", "password": "x" } }),
            Ok(json!({ "displayName": "B" })),
        );
        // The standard.
        one(json!({ "op": "remove", "path": "displayName" }), Ok(json!({ "displayName": null })));
        one(
            json!({ "op": "remove", "path": "name.givenName" }),
            Ok(json!({ "name": { "familyName": "Lovelace" } })),
        );
        one(
            json!({ "op": "remove", "path": "emails[type eq \"home\"]" }),
            Ok(json!({ "emails": [{ "value": "ada@example.com", "type": "work", "primary": true }] })),
        );
        one(json!({ "op": "remove", "path": "emails[type eq \"none\"]" }), Ok(json!({})));
        one(
            json!({ "op": "remove", "path": "emails", "value": [{ "value": "ada@home.example" }] }),
            Ok(json!({ "emails": [{ "value": "ada@example.com", "type": "work", "primary": true }] })),
        );
        one(
            json!({ "op": "add", "path": "emails", "value": [{ "value": "n@b.example", "primary": true }] }),
            Ok(json!({ "emails": [{ "value": "ada@example.com", "type": "work", "primary": false },
                { "value": "ada@home.example", "type": "home" }, { "value": "n@b.example", "primary": true }] })),
        );
        one(
            json!({ "op": "add", "path": "emails", "value": { "value": "ada@home.example", "type": "other" } }),
            Ok(
                json!({ "emails": [{ "value": "ada@example.com", "type": "work", "primary": true }, { "value": "ada@home.example", "type": "other" }] }),
            ),
        );
        one(
            json!({ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": "true" }),
            Ok(
                json!({ "emails": [{ "value": "ada@example.com", "type": "work", "primary": false }, { "value": "ada@home.example", "type": "home", "primary": true }] }),
            ),
        );
        one(
            json!({ "op": "replace", "path": "emails", "value": [{ "value": "z@b.example" }] }),
            Ok(json!({ "emails": [{ "value": "z@b.example" }] })),
        );
        one(
            json!({ "op": "replace", "path": "displayName", "value": null }),
            Ok(json!({ "displayName": null })),
        );
        one(
            json!({ "op": "replace", "path": "name", "value": { "givenName": "A" } }),
            Ok(json!({ "name": { "familyName": "Lovelace", "givenName": "A" } })),
        );
        one(json!({ "op": "remove", "path": ENTERPRISE }), Ok(json!({ ENTERPRISE: null })));
        one(
            json!({ "op": "add", "value": { ENTERPRISE: { "division": "D" } } }),
            Ok(json!({ ENTERPRISE: { "department": "Engines", "division": "D" } })),
        );
        check(
            &json!([{ "op": "add", "path": "title", "value": "A" }, { "op": "remove", "path": "title" }]),
            &Ok(json!({})),
        );
    }

    #[test]
    fn bad_changes_are_refused_as_a_whole() {
        let one = |operation: Json, expect| check(&json!([operation]), &Err(expect));
        one(json!({ "op": "replace", "path": "id", "value": "1" }), "mutability");
        one(json!({ "op": "replace", "path": "meta.version", "value": "1" }), "mutability");
        one(json!({ "op": "add", "path": "groups", "value": [{ "value": "1" }] }), "mutability");
        one(json!({ "op": "replace", "path": "schemas", "value": [] }), "mutability");
        one(json!({ "op": "remove", "path": "userName" }), "mutability");
        one(json!({ "op": "replace", "path": "userName", "value": "" }), "mutability");
        one(json!({ "op": "remove", "path": "emails" }), "mutability");
        one(json!({ "op": "remove", "path": "emails[value pr]" }), "mutability");
        one(json!({ "op": "remove" }), "noTarget");
        one(json!({ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "a" }), "noTarget");
        one(json!({ "op": "add", "path": "emails[type sw \"oth\"].value", "value": "a" }), "noTarget");
        one(json!({ "op": "replace", "path": "role", "value": "owner" }), "invalidPath");
        one(json!({ "op": "replace", "path": "emails[", "value": "a" }), "invalidFilter");
        one(json!({ "op": "replace", "value": "a" }), "invalidValue");
        one(json!({ "op": "replace", "path": "title", "value": 1 }), "invalidValue");
        one(json!({ "op": "replace", "path": "active", "value": "perhaps" }), "invalidValue");
        one(json!({ "op": "move", "path": "title" }), "invalidSyntax");
        one(json!({ "path": "title" }), "invalidSyntax");
        one(json!({ "op": "add", "path": 5, "value": "a" }), "invalidSyntax");
        one(json!("add"), "invalidSyntax");
        check(&json!([]), &Err("invalidSyntax"));
        check(&json!({}), &Err("invalidSyntax"));
        check(&json!(vec![json!({ "op": "remove", "path": "title" }); 1_001]), &Err("invalidSyntax"));
        let many: Vec<Json> = (0..21)
            .map(|n| json!({ "op": "add", "path": "emails", "value": [{ "value": n.to_string() }] }))
            .collect();
        check(&json!(many), &Err("invalidValue"));
        assert_eq!(patched(&ada(), &json!({ "Operations": [] })).unwrap_err().scim_type(), "invalidSyntax");
    }
}
