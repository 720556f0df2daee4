//! What of a resource is shown (RFC 7644 section 3.9), and which version it is.

use serde_json::Value as Json;

use super::{
    Object,
    path::{Found, Name, find},
    schema::Resource,
};

/// Which attributes are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    only: Option<Vec<Wanted>>,
    without: Vec<Wanted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Attribute(Name),
    Extension(&'static str),
}

impl Shown {
    /// Those of a list with commas between, or all but those of another. Names that nobody knows ask for nothing.
    pub fn of(resource: Resource, attributes: Option<&str>, excluded: Option<&str>) -> Self {
        let read = |text: &str| {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            let found = names.filter_map(|name| match find(resource, name) {
                Some(Found::Attribute(name)) => Some(Wanted::Attribute(name)),
                Some(Found::Extension(schema)) => Some(Wanted::Extension(schema)),
                _ => None,
            });
            found.collect::<Vec<_>>()
        };
        let only = attributes.filter(|text| !text.trim().is_empty()).map(read);
        let without = if only.is_some() { Vec::new() } else { excluded.map(read).unwrap_or_default() };
        Self { only, without }
    }

    /// Whether this attribute of the resource itself is wanted at all: what is dear to find need not be looked for.
    pub fn has(&self, attribute: &str) -> bool {
        let is = |wanted: &Wanted, whole: bool| match wanted {
            Wanted::Attribute(name) => {
                name.extension.is_none()
                    && name.attribute.name == attribute
                    && !(whole && name.part.is_some())
            }
            Wanted::Extension(_) => false,
        };
        match &self.only {
            Some(only) => only.iter().any(|wanted| is(wanted, false)),
            None => !self.without.iter().any(|wanted| is(wanted, true)),
        }
    }

    /// What of a resource is shown: its id and schemas always.
    pub fn apply(&self, whole: Object) -> Object {
        if let Some(only) = &self.only {
            let mut shown = Object::new();
            for key in ["schemas", "id"] {
                shown.extend(whole.get(key).map(|value| (key.to_owned(), value.clone())));
            }
            for wanted in only {
                take(&mut shown, &whole, wanted);
            }
            shown
        } else {
            let mut shown = whole;
            for wanted in &self.without {
                leave_out(&mut shown, wanted);
            }
            shown
        }
    }
}

fn take(shown: &mut Object, whole: &Object, wanted: &Wanted) {
    match wanted {
        Wanted::Extension(schema) => {
            shown.extend(whole.get(*schema).map(|value| ((*schema).to_owned(), value.clone())));
        }
        Wanted::Attribute(name) => {
            let (from, into) = match name.extension {
                Some(schema) => {
                    let Some(from) = whole.get(schema).and_then(Json::as_object) else { return };
                    let into = shown.entry(schema).or_insert_with(|| Object::new().into());
                    let Some(into) = into.as_object_mut() else { return };
                    (from, into)
                }
                None => (whole, shown),
            };
            let key = name.attribute.name;
            let Some(value) = from.get(key) else { return };
            let Some(part) = name.part else {
                into.insert(key.to_owned(), value.clone());
                return;
            };
            let only = |value: &Json, before: Option<&Json>| {
                let mut parts = before.and_then(Json::as_object).cloned().unwrap_or_default();
                parts.extend(value.get(part.name).map(|value| (part.name.to_owned(), value.clone())));
                Json::Object(parts)
            };
            let before = into.get(key);
            let taken = match value {
                Json::Array(all) => all
                    .iter()
                    .enumerate()
                    .map(|(index, one)| only(one, before.and_then(|own| own.get(index))))
                    .collect(),
                one => only(one, before),
            };
            into.insert(key.to_owned(), taken);
        }
    }
}

fn leave_out(shown: &mut Object, wanted: &Wanted) {
    match wanted {
        Wanted::Extension(schema) => drop(shown.remove(*schema)),
        Wanted::Attribute(name) => {
            let own = match name.extension {
                Some(schema) => match shown.get_mut(schema).and_then(Json::as_object_mut) {
                    Some(own) => own,
                    None => return,
                },
                None => shown,
            };
            let key = name.attribute.name;
            match name.part {
                None if ["id", "schemas"].contains(&key) => {}
                None => drop(own.remove(key)),
                Some(part) => match own.get_mut(key) {
                    Some(Json::Array(all)) => {
                        all.iter_mut()
                            .filter_map(Json::as_object_mut)
                            .for_each(|one| drop(one.remove(part.name)));
                    }
                    Some(Json::Object(one)) => drop(one.remove(part.name)),
                    _ => {}
                },
            }
        }
    }
}

/// The entity tag of a version.
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema::{ENTERPRISE, USER};

    #[test]
    fn only_what_is_wanted_is_shown() {
        let whole = json!({
            "schemas": [USER], "id": "7", "userName": "ada", "name": { "familyName": "L", "givenName": "A" },
            "emails": [{ "value": "a@b.c", "type": "work" }, { "value": "d@e.f" }], ENTERPRISE: { "department": "E", "division": "D" }
        });
        let whole = whole.as_object().unwrap();
        let check = |attributes: Option<&str>, excluded: Option<&str>, expect: Json| {
            let shown = Shown::of(Resource::User, attributes, excluded).apply(whole.clone());
            assert_eq!(Json::Object(shown), expect, "{attributes:?} {excluded:?}");
        };
        let least = json!({ "schemas": [USER], "id": "7" });
        let with = |more: Json| {
            let mut json = least.clone();
            json.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            json
        };
        check(None, None, whole.clone().into());
        check(Some(""), None, whole.clone().into());
        check(Some("username"), None, with(json!({ "userName": "ada" })));
        check(Some("nothing"), None, least.clone());
        check(
            Some("name.givenName, emails.value"),
            None,
            with(
                json!({ "name": { "givenName": "A" }, "emails": [{ "value": "a@b.c" }, { "value": "d@e.f" }] }),
            ),
        );
        check(
            Some("emails.value,emails.type"),
            None,
            with(json!({ "emails": [{ "value": "a@b.c", "type": "work" }, { "value": "d@e.f" }] })),
        );
        check(Some(ENTERPRISE), None, with(json!({ ENTERPRISE: { "department": "E", "division": "D" } })));
        check(
            Some(&format!("{ENTERPRISE}:division")),
            Some("userName"),
            with(json!({ ENTERPRISE: { "division": "D" } })),
        );
        check(
            None,
            Some("id,schemas,userName,name,emails,nothing"),
            with(json!({ ENTERPRISE: { "department": "E", "division": "D" } })),
        );
        check(
            None,
            Some(&format!("emails.type,{ENTERPRISE}:department,userName,name")),
            with(
                json!({ "emails": [{ "value": "a@b.c" }, { "value": "d@e.f" }], ENTERPRISE: { "division": "D" } }),
            ),
        );
        assert!(
            Shown::default().has("groups")
                && Shown::of(Resource::User, Some("groups.value"), None).has("groups")
        );
        assert!(Shown::of(Resource::User, None, Some("groups.value")).has("groups"));
        assert!(!Shown::of(Resource::User, None, Some("groups")).has("groups"));
        assert!(!Shown::of(Resource::User, Some("userName"), None).has("groups"));
    }
}
