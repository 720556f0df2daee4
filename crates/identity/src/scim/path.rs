//! Names of attributes, and paths to values (RFC 7644 sections 3.5.2 and 3.10): `userName`, `name.familyName`,
//! `emails[type eq "work"].value`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.

use super::{
    Refused,
    filter::Filter,
    parse::Parser,
    quoted,
    schema::{Attribute, COMMON, Kind, NOT_KEPT, Resource, named},
};

/// An attribute of a resource, or one of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// The extension it is in, if it is in one.
    pub extension: Option<&'static str>,
    /// Which.
    pub attribute: &'static Attribute,
    /// Which part of it.
    pub part: Option<&'static Attribute>,
}

/// Where a change is to be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Path {
    /// At an attribute; at those elements of a list that fulfil a condition, where there is one.
    Attribute(Name, Option<Filter>),
    /// At all that an extension says.
    Extension(&'static str),
    /// At what is not kept: nothing is to be done.
    NotKept,
}

/// What a name turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// An attribute.
    Attribute(Name),
    /// All of an extension.
    Extension(&'static str),
    /// Something that is not kept.
    NotKept,
}

impl Name {
    /// What its values are: those of the part, where there is one.
    pub fn leaf(&self) -> &'static Attribute {
        self.part.unwrap_or(self.attribute)
    }
}

/// What stands behind a schema's name and a colon.
fn behind<'a>(text: &'a str, schema: &str) -> Option<&'a str> {
    let start = text.get(..schema.len())?;
    if !start.eq_ignore_ascii_case(schema) {
        return None;
    }
    let rest = &text[schema.len()..];
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
}

/// Finds what a name says, its schema before it or not.
pub fn find(resource: Resource, text: &str) -> Option<Found> {
    if let Some((schema, attributes)) = resource.extension()
        && let Some(rest) = behind(text, schema)
    {
        if rest.is_empty() {
            return Some(Found::Extension(schema));
        }
        return at(attributes, rest, Some(schema)).map(Found::Attribute);
    }
    let rest = behind(text, resource.schema()).filter(|rest| !rest.is_empty()).unwrap_or(text);
    if let Some(name) = at(resource.attributes(), rest, None).or_else(|| at(COMMON, rest, None)) {
        return Some(Found::Attribute(name));
    }
    let first = rest.split('.').next().unwrap_or_default();
    let not_kept = resource == Resource::User && NOT_KEPT.iter().any(|name| name.eq_ignore_ascii_case(first));
    not_kept.then_some(Found::NotKept)
}

fn at(attributes: &'static [Attribute], text: &str, extension: Option<&'static str>) -> Option<Name> {
    let (name, part) = text.split_once('.').map_or((text, None), |(name, part)| (name, Some(part)));
    let attribute = named(attributes, name)?;
    let part = match part {
        Some(part) => Some(named(attribute.parts, part)?),
        None => None,
    };
    Some(Name { extension, attribute, part })
}

impl Path {
    /// Reads a path.
    pub fn read(resource: Resource, text: &str) -> Result<Self, Refused> {
        let unknown = || Refused::Path(format!("there is no attribute {}", quoted(text)));
        let mut parser = Parser::new(resource, text);
        let word = parser.word().ok_or_else(unknown)?.to_owned();
        let found = find(resource, &word);
        if !parser.eat('[') {
            if !parser.is_at_end() {
                return Err(unknown());
            }
            return Ok(match found.ok_or_else(unknown)? {
                Found::Attribute(name) => Self::Attribute(name, None),
                Found::Extension(schema) => Self::Extension(schema),
                Found::NotKept => Self::NotKept,
            });
        }
        match found.ok_or_else(unknown)? {
            Found::Attribute(name)
                if name.attribute.list && name.attribute.kind == Kind::Complex && name.part.is_none() =>
            {
                let filter = parser.within(name.attribute)?;
                let part = match parser.part() {
                    Some(part) => Some(named(name.attribute.parts, part).ok_or_else(unknown)?),
                    None => None,
                };
                if !parser.is_at_end() {
                    return Err(unknown());
                }
                Ok(Self::Attribute(Name { part, ..name }, Some(filter)))
            }
            Found::NotKept => Ok(Self::NotKept),
            _ => Err(Refused::Path(format!("{} is no list", quoted(&word)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_attributes() {
        let check = |text: &str, expect: Result<&str, &str>| {
            let found = Path::read(Resource::User, text);
            let found = found.map(|path| match path {
                Path::Attribute(name, filter) => {
                    let extension = if name.extension.is_some() { "+" } else { "" };
                    let part = name.part.map_or(String::new(), |part| format!(".{}", part.name));
                    let filter = filter.map_or(String::new(), |filter| format!(" where {filter}"));
                    format!("{extension}{}{part}{filter}", name.attribute.name)
                }
                Path::Extension(_) => "+".to_owned(),
                Path::NotKept => "-".to_owned(),
            });
            let found = found.map_err(|refused| refused.scim_type().to_owned());
            assert_eq!(found, expect.map(ToOwned::to_owned).map_err(ToOwned::to_owned), "{text}");
        };
        check("userName", Ok("userName"));
        check("USERNAME", Ok("userName"));
        check("name.familyName", Ok("name.familyName"));
        check("emails[type eq \"work\"].value", Ok("emails.value where type eq \"work\""));
        check("emails[type eq \"work\"]", Ok("emails where type eq \"work\""));
        check(
            "emails[ not (primary eq true) and value ew \".org\" ].display",
            Ok("emails.display where not (primary eq true) and value ew \".org\""),
        );
        check("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", Ok("name.givenName"));
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", Ok("+department"));
        check(
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user:Manager.value",
            Ok("+manager.value"),
        );
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", Ok("+"));
        check("externalId", Ok("externalId"));
        check("meta.created", Ok("meta.created"));
        check("phoneNumbers[type eq \"mobile\"].value", Ok("-"));
        check("roles", Ok("-"));
        check("password", Ok("-"));
        check("", Err("invalidPath"));
        check("nothing", Err("invalidPath"));
        check("name.nothing", Err("invalidPath"));
        check("name.familyName.more", Err("invalidPath"));
        check("urn:example:params:Other:2.0:User:tag", Err("invalidPath"));
        check("name[familyName eq \"a\"]", Err("invalidPath"));
        check("userName ", Ok("userName"));
        check("userName extra", Err("invalidPath"));
        check("emails[type eq \"work\"", Err("invalidFilter"));
        check("emails[type eq \"work\"].nothing", Err("invalidPath"));
        check("emails[colour eq \"red\"].value", Err("invalidFilter"));
        check("emails[]", Err("invalidFilter"));
    }
}
