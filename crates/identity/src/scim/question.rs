//! What a list is asked for (RFC 7644 sections 3.4.2 and 3.4.3): by parameters of the address, or by a message.

use serde_json::Value as Json;

use super::{
    Refused, Shown,
    filter::Filter,
    is_nothing, member,
    read::is_of,
    schema::{Resource, SEARCH},
};

/// Resources of an answer, unless fewer are asked for, and the most there are.
pub const USUAL: usize = 100;
/// The most.
pub const MOST: usize = 200;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Which resources; all without.
    pub filter: Option<Filter>,
    /// The first one wanted, counted from 0.
    pub skip: u64,
    /// How many at most.
    pub count: usize,
    /// What of each.
    pub shown: Shown,
}

/// The parameters as they are written. Each is looked up in whatever case.
#[derive(Debug, Clone, Default)]
struct Written {
    filter: Option<String>,
    start: Option<String>,
    count: Option<String>,
    attributes: Option<String>,
    excluded: Option<String>,
}

impl Question {
    /// By parameters of the address, decoded.
    pub fn of_parameters<'a>(
        resource: Resource,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Refused> {
        let mut written = Written::default();
        for (name, value) in parameters {
            let slot = match name.to_ascii_lowercase().as_str() {
                "filter" => &mut written.filter,
                "startindex" => &mut written.start,
                "count" => &mut written.count,
                "attributes" => &mut written.attributes,
                "excludedattributes" => &mut written.excluded,
                // Sorting is not offered; what nobody knows asks for nothing (one directory sets flags there).
                _ => continue,
            };
            if slot.replace(value.to_owned()).is_some() {
                return Err(Refused::Syntax(format!("{} stands there twice", super::quoted(name))));
            }
        }
        Self::read(resource, written)
    }

    /// By a message.
    pub fn of_message(resource: Resource, body: &Json) -> Result<Self, Refused> {
        let body =
            body.as_object().ok_or_else(|| Refused::Syntax("the body is no JSON object".to_owned()))?;
        is_of(body, SEARCH)?;
        let text = |name: &str| -> Result<Option<String>, Refused> {
            match member(body, name).filter(|value| !is_nothing(value)) {
                None => Ok(None),
                Some(Json::String(text)) => Ok(Some(text.clone())),
                Some(Json::Number(number)) => Ok(Some(number.to_string())),
                Some(Json::Array(names)) if names.iter().all(Json::is_string) => {
                    Ok(Some(names.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(",")))
                }
                Some(_) => Err(Refused::Syntax(format!("{name} is of another kind"))),
            }
        };
        let written = Written {
            filter: text("filter")?,
            start: text("startIndex")?,
            count: text("count")?,
            attributes: text("attributes")?,
            excluded: text("excludedAttributes")?,
        };
        Self::read(resource, written)
    }

    fn read(resource: Resource, written: Written) -> Result<Self, Refused> {
        let number = |text: Option<String>, usual: i64, name: &str| match text {
            None => Ok(usual),
            Some(text) => {
                text.trim().parse::<i64>().map_err(|_| Refused::Value(format!("{name} is a whole number")))
            }
        };
        let start = number(written.start, 1, "startIndex")?.max(1);
        let count = number(written.count, USUAL as i64, "count")?.max(0);
        let filter = written.filter.filter(|text| !text.trim().is_empty());
        Ok(Self {
            filter: filter.map(|text| Filter::read(resource, &text)).transpose()?,
            skip: start as u64 - 1,
            count: usize::try_from(count).unwrap_or(MOST).min(MOST),
            shown: Shown::of(resource, written.attributes.as_deref(), written.excluded.as_deref()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_ask() {
        let check = |parameters: &[(&str, &str)], expect: Result<(u64, usize, bool), &str>| {
            let found = Question::of_parameters(Resource::User, parameters.iter().copied());
            let found = found.map(|question| (question.skip, question.count, question.filter.is_some()));
            assert_eq!(found.map_err(|refused| refused.scim_type()), expect, "{parameters:?}");
        };
        check(&[], Ok((0, 100, false)));
        check(&[("startIndex", "1"), ("count", "100"), ("filter", "userName eq \"a\"")], Ok((0, 100, true)));
        check(&[("STARTINDEX", "101"), ("aadOptscim062020", "")], Ok((100, 100, false)));
        check(&[("startIndex", "-5"), ("count", "-1")], Ok((0, 0, false)));
        check(&[("count", "0")], Ok((0, 0, false)));
        check(&[("count", "1000000000000")], Ok((0, 200, false)));
        check(&[("startIndex", "9223372036854775807")], Ok((9_223_372_036_854_775_806, 100, false)));
        check(&[("count", "many")], Err("invalidValue"));
        check(&[("startIndex", "1e3")], Err("invalidValue"));
        check(&[("filter", "userName")], Err("invalidFilter"));
        check(&[("filter", " ")], Ok((0, 100, false)));
        check(&[("count", "1"), ("Count", "2")], Err("invalidSyntax"));
    }

    #[test]
    fn messages_ask() {
        let check = |body: Json, expect: Result<(u64, usize, bool), &str>| {
            let found = Question::of_message(Resource::User, &body);
            let found = found.map(|question| (question.skip, question.count, question.shown.has("groups")));
            assert_eq!(found.map_err(|refused| refused.scim_type()), expect, "{body}");
        };
        let schemas = [SEARCH];
        check(json!({ "schemas": schemas }), Ok((0, 100, true)));
        check(
            json!({ "schemas": schemas, "startIndex": 3, "count": 2, "attributes": ["userName", "id"] }),
            Ok((2, 2, false)),
        );
        check(json!({ "schemas": schemas, "excludedAttributes": "groups" }), Ok((0, 100, false)));
        check(json!({ "schemas": schemas, "filter": "x" }), Err("invalidFilter"));
        check(json!({ "schemas": schemas, "filter": true }), Err("invalidSyntax"));
        check(json!({ "schemas": schemas, "attributes": [1] }), Err("invalidSyntax"));
        check(json!({ "count": 1 }), Err("invalidSyntax"));
        check(json!([]), Err("invalidSyntax"));
    }
}
