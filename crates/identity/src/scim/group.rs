//! Groups as directories send and change them. Members are ids of users and may be many, so a change is a list of steps rather than
//! another list of members.

use serde_json::Value as Json;

use super::{
    Object, Refused,
    filter::{Filter, Literal, Operator},
    is_nothing, member,
    patch::{Kinds, Operation, operations},
    path::{Found, Path, find},
    quoted,
    read::{is_of, single},
    schema::{GROUP, GROUP_ATTRIBUTES, Resource, named},
};

/// Longest name, in characters.
const LONGEST_NAME: usize = 80;

/// A group as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What people call it.
    pub name: String,
    /// Its id in the directory.
    pub external: Option<String>,
    /// Ids of those in it; `None` where nothing is said of them.
    pub members: Option<Vec<String>>,
}

/// One step of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Another name.
    Name(String),
    /// Another id in the directory.
    External(Option<String>),
    /// These are in it too.
    Add(Vec<String>),
    /// These are not.
    Remove(Vec<String>),
    /// These are in it and nobody else.
    Members(Vec<String>),
}

impl Group {
    /// As it is posted or put.
    pub fn read(body: &Json) -> Result<Self, Refused> {
        let body =
            body.as_object().ok_or_else(|| Refused::Syntax("the body is no JSON object".to_owned()))?;
        is_of(body, GROUP)?;
        let given = |name: &str| {
            let keys = body.keys().filter(|key| matches!(find(Resource::Group, key), Some(Found::Attribute(found)) if found.attribute.name == name && found.part.is_none()));
            let mut keys = keys.map(|key| &body[key]);
            let first = keys.next();
            match keys.next() {
                Some(_) => Err(Refused::Syntax(format!("{name} stands there twice"))),
                None => Ok(first),
            }
        };
        let missing = || Refused::Value("displayName is missing".to_owned());
        let members = given("members")?.filter(|members| !is_nothing(members));
        Ok(Self {
            name: name(given("displayName")?.ok_or_else(missing)?)?,
            external: given("externalId")?.map(external).transpose()?.flatten(),
            members: members.map(ids).transpose()?,
        })
    }
}

/// The steps of a change.
pub fn steps(body: &Json) -> Result<Vec<Step>, Refused> {
    let mut steps = Vec::new();
    for Operation { kind, path, value } in operations(body)? {
        match path {
            Some(path) => steps.extend(step(kind, path, value.unwrap_or(&Json::Null))?),
            None if kind == Kinds::Remove => {
                return Err(Refused::NoTarget("remove says by its path what to remove".to_owned()));
            }
            None => {
                let fields = value.and_then(Json::as_object);
                let fields =
                    fields.ok_or_else(|| Refused::Value("without a path, value is an object".to_owned()))?;
                for (key, value) in fields {
                    // The server's own comes back as it was given, and what is unknown is somebody else's.
                    if let Some(Found::Attribute(found)) = find(Resource::Group, key)
                        && !found.attribute.read_only
                        && found.attribute.name != "schemas"
                    {
                        steps.extend(step(kind, key, value)?);
                    }
                }
            }
        }
    }
    Ok(steps)
}

fn step(kind: Kinds, path: &str, value: &Json) -> Result<Option<Step>, Refused> {
    let Path::Attribute(found, filter) = Path::read(Resource::Group, path)? else { return Ok(None) };
    if found.attribute.read_only || found.attribute.name == "schemas" {
        return Err(Refused::Mutability(found.to_string()));
    }
    match (found.attribute.name, kind, filter) {
        ("displayName", Kinds::Remove, _) => {
            Err(Refused::Mutability("displayName is required and".to_owned()))
        }
        ("displayName", ..) => Ok(Some(Step::Name(name(value)?))),
        ("externalId", Kinds::Remove, _) => Ok(Some(Step::External(None))),
        ("externalId", ..) => Ok(Some(Step::External(external(value)?))),
        (_, _, _) if found.part.is_some() => {
            Err(Refused::Mutability("a member is added or removed as a whole, a part of one".to_owned()))
        }
        (_, Kinds::Remove, Some(filter)) => {
            let mut ids = Vec::new();
            named_by(&filter, &mut ids)?;
            Ok(Some(Step::Remove(ids)))
        }
        (_, _, Some(filter)) => {
            let mut ids = Vec::new();
            named_by(&filter, &mut ids)?;
            match kind {
                // As one directory adds somebody.
                Kinds::Add => Ok(Some(Step::Add(ids))),
                _ => Err(Refused::Mutability(
                    "a member is added or removed as a whole, a part of one".to_owned(),
                )),
            }
        }
        (_, Kinds::Remove, None) if !is_nothing(value) => Ok(Some(Step::Remove(ids(value)?))),
        (_, Kinds::Remove, None) => Ok(Some(Step::Members(Vec::new()))),
        (_, Kinds::Add, None) => Ok(Some(Step::Add(ids(value)?))),
        (_, Kinds::Replace, None) => Ok(Some(Step::Members(ids(value)?))),
    }
}

/// The members that `value eq "1" or value eq "2"` names.
fn named_by(filter: &Filter, ids: &mut Vec<String>) -> Result<(), Refused> {
    match filter {
        Filter::Or(one, other) => {
            named_by(one, ids)?;
            named_by(other, ids)
        }
        Filter::Compare(name, Operator::Equal, Literal::Text(id)) if name.leaf().name == "value" => {
            ids.push(id.clone());
            Ok(())
        }
        _ => Err(Refused::Filter("members are named by value eq".to_owned())),
    }
}

fn name(value: &Json) -> Result<String, Refused> {
    let name =
        text("displayName", value)?.ok_or_else(|| Refused::Value("displayName is empty".to_owned()))?;
    if name.chars().count() > LONGEST_NAME {
        return Err(Refused::Value(format!("displayName has at most {LONGEST_NAME} characters")));
    }
    Ok(name)
}

fn external(value: &Json) -> Result<Option<String>, Refused> {
    text("externalId", value)
}

fn text(name: &str, value: &Json) -> Result<Option<String>, Refused> {
    let attributes = [GROUP_ATTRIBUTES, super::schema::COMMON];
    let attribute = attributes.iter().find_map(|all| named(all, name));
    let read = attribute.map(|attribute| single(attribute, value)).transpose()?.flatten();
    Ok(read.and_then(|value| value.as_str().map(ToOwned::to_owned)))
}

/// Ids of members: a list of objects with a value, or one of them alone.
fn ids(value: &Json) -> Result<Vec<String>, Refused> {
    let id = |one: &Json| {
        let wrong = || Refused::Value("a member is an object with a value".to_owned());
        let own: &Object = one.as_object().ok_or_else(wrong)?;
        if let Some(Json::String(kind)) = member(own, "type")
            && kind.eq_ignore_ascii_case("group")
        {
            return Err(Refused::Value("groups have no groups in them".to_owned()));
        }
        let id = member(own, "value").and_then(Json::as_str).ok_or_else(wrong)?;
        if id.is_empty() || id.len() > 100 {
            return Err(Refused::Value(format!("{} is nobody's id", quoted(id))));
        }
        Ok(id.to_owned())
    };
    match value {
        Json::Null => Ok(Vec::new()),
        Json::Array(all) => all.iter().map(id).collect(),
        one => Ok(vec![id(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema::PATCH;

    type Told<'a> = (&'a str, Option<&'a str>, Option<&'a [&'a str]>);

    #[test]
    fn groups_are_read() {
        let check = |body: Json, expect: Result<Told<'_>, &str>| {
            let mut whole = json!({ "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"] });
            whole.as_object_mut().unwrap().extend(body.as_object().cloned().unwrap());
            let expect = expect.map(|(name, external, members)| Group {
                name: name.to_owned(),
                external: external.map(ToOwned::to_owned),
                members: members.map(|all| all.iter().map(|id| (*id).to_owned()).collect()),
            });
            assert_eq!(Group::read(&whole).map_err(|refused| refused.scim_type()), expect, "{body}");
        };
        check(
            json!({ "displayName": " Sales ", "externalId": "8a", "meta": { "resourceType": "Group" } }),
            Ok(("Sales", Some("8a"), None)),
        );
        check(json!({ "displayName": "Sales", "members": [] }), Ok(("Sales", None, None)));
        check(
            json!({ "displayName": "Sales", "members": [{ "value": "1", "display": "x" }, { "value": "2", "type": "User" }] }),
            Ok(("Sales", None, Some(&["1", "2"]))),
        );
        check(json!({}), Err("invalidValue"));
        check(json!({ "displayName": "" }), Err("invalidValue"));
        check(json!({ "displayName": 5 }), Err("invalidValue"));
        check(json!({ "displayName": "a".repeat(81) }), Err("invalidValue"));
        check(json!({ "displayName": "a", "DisplayName": "b" }), Err("invalidSyntax"));
        check(json!({ "displayName": "a", "members": ["1"] }), Err("invalidValue"));
        check(json!({ "displayName": "a", "members": [{}] }), Err("invalidValue"));
        check(
            json!({ "displayName": "a", "members": [{ "value": "1", "type": "Group" }] }),
            Err("invalidValue"),
        );
    }

    #[test]
    fn changes_are_steps() {
        let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let check = |operation: Json, expect: Result<Vec<Step>, &str>| {
            let body = json!({ "schemas": [PATCH], "Operations": [operation] });
            assert_eq!(steps(&body).map_err(|refused| refused.scim_type()), expect, "{body}");
        };
        check(
            json!({ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "1" }] }),
            Ok(vec![Step::Add(list(&["1"]))]),
        );
        check(
            json!({ "op": "Remove", "path": "members", "value": [{ "value": "1" }, { "value": "2" }] }),
            Ok(vec![Step::Remove(list(&["1", "2"]))]),
        );
        check(
            json!({ "op": "remove", "path": "members[value eq \"1\"]" }),
            Ok(vec![Step::Remove(list(&["1"]))]),
        );
        check(
            json!({ "op": "remove", "path": "members[value eq \"1\" or value eq \"2\"]" }),
            Ok(vec![Step::Remove(list(&["1", "2"]))]),
        );
        check(json!({ "op": "remove", "path": "members" }), Ok(vec![Step::Members(vec![])]));
        check(
            json!({ "op": "replace", "path": "members", "value": [{ "value": "1", "display": "t" }] }),
            Ok(vec![Step::Members(list(&["1"]))]),
        );
        check(
            json!({ "op": "add", "value": { "members": [{ "value": "1" }] } }),
            Ok(vec![Step::Add(list(&["1"]))]),
        );
        check(json!({ "op": "add", "path": "members[value eq \"1\"]" }), Ok(vec![Step::Add(list(&["1"]))]));
        check(
            json!({ "op": "replace", "value": { "id": "7", "displayName": "B" } }),
            Ok(vec![Step::Name("B".to_owned())]),
        );
        check(
            json!({ "op": "Replace", "path": "displayName", "value": "B" }),
            Ok(vec![Step::Name("B".to_owned())]),
        );
        check(
            json!({ "op": "replace", "path": "externalId", "value": "x" }),
            Ok(vec![Step::External(Some("x".to_owned()))]),
        );
        check(json!({ "op": "remove", "path": "externalId" }), Ok(vec![Step::External(None)]));
        check(
            json!({ "op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:Group:displayName", "value": "B" }),
            Ok(vec![Step::Name("B".to_owned())]),
        );
        check(json!({ "op": "remove", "path": "displayName" }), Err("mutability"));
        check(json!({ "op": "replace", "path": "id", "value": "1" }), Err("mutability"));
        check(
            json!({ "op": "replace", "path": "members[value eq \"1\"].display", "value": "B" }),
            Err("mutability"),
        );
        check(json!({ "op": "remove", "path": "members[display sw \"a\"]" }), Err("invalidFilter"));
        check(json!({ "op": "replace", "path": "members", "value": "1" }), Err("invalidValue"));
        check(json!({ "op": "replace", "path": "role", "value": "owner" }), Err("invalidPath"));
        check(json!({ "op": "remove" }), Err("noTarget"));
        check(json!({ "op": "replace", "value": [1] }), Err("invalidValue"));
    }
}
