//! Conditions on resources (RFC 7644 section 3.4.2.2).

use std::fmt;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    Object, Refused, is_nothing,
    parse::Parser,
    path::Name,
    schema::{Attribute, Kind, Resource},
};

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// One at least.
    Or(Box<Filter>, Box<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// Something is there.
    Present(Name),
    /// A value is so; of a list, one of them.
    Compare(Name, Operator, Literal),
    /// One element of a list is so.
    Elements(Name, Box<Filter>),
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// Nothing.
    Null,
    /// A text.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A moment.
    Moment(Timestamp),
    /// Something else, which no attribute is compared with.
    Other,
}

/// What resources are found by without looking at each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Their id.
    Id(String),
    /// The name of a user, folded.
    UserName(String),
    /// The id in the directory.
    External(String),
    /// An address, folded.
    Email(String),
    /// The name of a group, folded.
    DisplayName(String),
    /// Somebody who is in the group, by id.
    Member(String),
}

impl Operator {
    const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Equal),
        ("ne", Self::NotEqual),
        ("co", Self::Contains),
        ("sw", Self::StartsWith),
        ("ew", Self::EndsWith),
        ("gt", Self::Greater),
        ("ge", Self::GreaterOrEqual),
        ("lt", Self::Less),
        ("le", Self::LessOrEqual),
    ];

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(word)).map(|(_, operator)| operator)
    }

    fn holds<T: Ord + ?Sized>(self, one: &T, other: &T) -> bool {
        match self {
            Self::Equal => one == other,
            Self::NotEqual => one != other,
            Self::Greater => one > other,
            Self::GreaterOrEqual => one >= other,
            Self::Less => one < other,
            Self::LessOrEqual => one <= other,
            Self::Contains | Self::StartsWith | Self::EndsWith => false,
        }
    }
}

/// A text as it is compared where capitals do not matter.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

impl Filter {
    /// Reads a filter on resources of this kind.
    pub fn read(resource: Resource, text: &str) -> Result<Self, Refused> {
        Parser::new(resource, text).whole()
    }

    /// Whether it holds of a resource, or of an element of a list.
    pub fn holds(&self, object: &Object) -> bool {
        match self {
            Self::And(one, other) => one.holds(object) && other.holds(object),
            Self::Or(one, other) => one.holds(object) || other.holds(object),
            Self::Not(inner) => !inner.holds(object),
            Self::Present(name) => values(object, name).any(|value| !is_nothing(value)),
            Self::Compare(name, operator, literal) => compare(object, name, *operator, literal),
            Self::Elements(name, inner) => {
                values(object, name).filter_map(Json::as_object).any(|element| inner.holds(element))
            }
        }
    }

    /// Whether it asks for this attribute of the resource itself.
    pub fn asks_for(&self, attribute: &str) -> bool {
        match self {
            Self::And(one, other) | Self::Or(one, other) => {
                one.asks_for(attribute) || other.asks_for(attribute)
            }
            Self::Not(inner) => inner.asks_for(attribute),
            Self::Present(name) | Self::Compare(name, ..) | Self::Elements(name, _) => {
                name.extension.is_none() && name.attribute.name == attribute
            }
        }
    }

    /// What every resource has of which it holds, where there is an index.
    pub fn key(&self, resource: Resource) -> Option<Key> {
        match self {
            Self::And(one, other) => one.key(resource).or_else(|| other.key(resource)),
            Self::Compare(name, Operator::Equal, Literal::Text(text)) => {
                let part = name.part.map(|part| part.name);
                key(resource, name, part, text)
            }
            Self::Elements(name, inner) => {
                let text = value_of(inner)?;
                key(resource, name, Some("value"), text)
            }
            _ => None,
        }
    }

    /// The values that an element must have for it to hold, where it says nothing else: what `type eq "work"` asks for.
    pub(super) fn equalities(&self) -> Option<Vec<(&'static str, Json)>> {
        match self {
            Self::And(one, other) => {
                let mut all = one.equalities()?;
                all.extend(other.equalities()?);
                Some(all)
            }
            Self::Compare(name, Operator::Equal, literal) => {
                let value = match literal {
                    Literal::Text(text) => text.as_str().into(),
                    Literal::Boolean(value) => (*value).into(),
                    _ => return None,
                };
                Some(vec![(name.leaf().name, value)])
            }
            _ => None,
        }
    }
}

/// The value that an element's own must be.
fn value_of(inner: &Filter) -> Option<&str> {
    match inner {
        Filter::And(one, other) => value_of(one).or_else(|| value_of(other)),
        Filter::Compare(name, Operator::Equal, Literal::Text(text)) if name.leaf().name == "value" => {
            Some(text)
        }
        _ => None,
    }
}

fn key(resource: Resource, name: &Name, part: Option<&str>, text: &str) -> Option<Key> {
    if name.extension.is_some() {
        return None;
    }
    Some(match (resource, name.attribute.name, part) {
        (_, "id", None) => Key::Id(text.to_owned()),
        (_, "externalId", None) => Key::External(text.to_owned()),
        (Resource::User, "userName", None) => Key::UserName(fold(text)),
        (Resource::User, "emails", Some("value")) => Key::Email(fold(text)),
        (Resource::Group, "displayName", None) => Key::DisplayName(fold(text)),
        (Resource::Group, "members", Some("value")) => Key::Member(text.to_owned()),
        _ => return None,
    })
}

/// What a name says of an object: each element of a list.
fn values<'a>(object: &'a Object, name: &Name) -> impl Iterator<Item = &'a Json> {
    let holder = match name.extension {
        Some(extension) => object.get(extension).and_then(Json::as_object),
        None => Some(object),
    };
    let value = holder.and_then(|holder| holder.get(name.attribute.name));
    let one = value.filter(|value| !value.is_array());
    let many = value.and_then(Json::as_array);
    let part = name.part;
    one.into_iter().chain(many.into_iter().flatten()).filter_map(move |value| match part {
        Some(part) => value.get(part.name),
        None => Some(value),
    })
}

fn compare(object: &Object, name: &Name, operator: Operator, literal: &Literal) -> bool {
    let mut found = values(object, name).filter(|value| !is_nothing(value)).peekable();
    if *literal == Literal::Null {
        return found.peek().is_some() == (operator == Operator::NotEqual);
    }
    if found.peek().is_none() {
        return operator == Operator::NotEqual;
    }
    found.any(|value| one(name.leaf(), value, operator, literal))
}

fn one(attribute: &Attribute, value: &Json, operator: Operator, literal: &Literal) -> bool {
    match (literal, value) {
        (Literal::Boolean(wanted), Json::Bool(value)) => operator.holds(value, wanted),
        (Literal::Moment(wanted), Json::String(text)) => {
            text.parse::<Timestamp>().is_ok_and(|moment| operator.holds(&moment, wanted))
        }
        (Literal::Text(wanted), Json::String(text)) => {
            if attribute.case_exact && attribute.kind != Kind::Complex {
                texts(text, wanted, operator)
            } else {
                texts(&fold(text), &fold(wanted), operator)
            }
        }
        _ => operator == Operator::NotEqual,
    }
}

fn texts(text: &str, wanted: &str, operator: Operator) -> bool {
    match operator {
        Operator::Contains => text.contains(wanted),
        Operator::StartsWith => text.starts_with(wanted),
        Operator::EndsWith => text.ends_with(wanted),
        other => other.holds(text, wanted),
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(one, other) => write!(f, "{one} and {other}"),
            Self::Or(one, other) => write!(f, "({one} or {other})"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(name) => write!(f, "{name} pr"),
            Self::Compare(name, operator, literal) => {
                let word = Operator::ALL.iter().find(|(_, own)| own == operator).map_or("", |(word, _)| word);
                write!(f, "{name} {word} {literal}")
            }
            Self::Elements(name, inner) => write!(f, "{name}[{inner}]"),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null | Self::Other => f.write_str("null"),
            Self::Text(text) => write!(f, "{}", Json::from(text.as_str())),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Moment(moment) => write!(f, "\"{moment}\""),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(extension) = self.extension {
            write!(f, "{extension}:")?;
        }
        f.write_str(self.attribute.name)?;
        self.part.map_or(Ok(()), |part| write!(f, ".{}", part.name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Object {
        let json = json!({
            "id": "7a", "externalId": "Ext-1", "userName": "Ada@Example.com", "displayName": "Ada Lovelace", "active": true,
            "name": { "familyName": "Lovelace", "givenName": "Ada" },
            "emails": [
                { "value": "ada@example.com", "type": "work", "primary": true },
                { "value": "ada@home.example", "type": "home" }
            ],
            "meta": { "created": "2026-11-22T12:00:00Z" },
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Engines", "manager": { "value": "9" } }
        });
        json.as_object().cloned().unwrap()
    }

    #[test]
    fn filters_hold_or_do_not() {
        let check = |text: &str, expect: bool| {
            let filter = Filter::read(Resource::User, text).unwrap();
            assert_eq!(filter.holds(&ada()), expect, "{text}");
            // What is written is read as the same.
            let again = Filter::read(Resource::User, &filter.to_string()).unwrap();
            assert_eq!(again, filter, "{filter}");
        };
        check("userName eq \"ada@example.com\"", true);
        check("username Eq \"ADA@EXAMPLE.COM\"", true);
        check("userName eq \"eve@example.com\"", false);
        check("userName ne \"eve@example.com\"", true);
        check("externalId eq \"Ext-1\"", true);
        check("externalId eq \"ext-1\"", false);
        check("displayName co \"love\"", true);
        check("displayName sw \"ada\"", true);
        check("displayName ew \"lace\"", true);
        check("displayName ew \"ada\"", false);
        check("title pr", false);
        check("not (title pr)", true);
        check("name pr", true);
        check("name.familyName eq \"Lovelace\"", true);
        check("active eq true", true);
        check("active eq \"True\"", true);
        check("active ne true", false);
        check("title eq null", true);
        check("displayName eq null", false);
        check("displayName ne null", true);
        check("title ne \"Countess\"", true);
        check("emails.value eq \"ada@home.example\"", true);
        check("emails eq \"ada@home.example\"", true);
        check("emails co \"home\"", true);
        check("emails.type eq \"home\" and emails.primary eq true", true);
        check("emails[type eq \"home\" and primary eq true]", false);
        check("emails[type eq \"work\"].value eq \"ada@example.com\"", true);
        check("emails[type eq \"home\"].value eq \"ada@example.com\"", false);
        check("emails[type eq \"work\"] and active eq true", true);
        check("meta.created gt \"2026-11-22T11:59:59Z\"", true);
        check("meta.created ge \"2026-11-22T13:00:00+01:00\"", true);
        check("meta.created lt \"2026-11-22T12:00:00Z\"", false);
        check("meta.created le \"2026-11-22T12:00:00.000Z\"", true);
        check("displayName gt \"aaa\" and displayName lt \"b\"", true);
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"engines\"", true);
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"9\"", true);
        check("urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"ada\"", true);
        // And binds more than or.
        check("active eq true or title pr and title pr", true);
        check("(active eq true or title pr) and title pr", false);
        check("title pr or not (title pr and active eq true) and userName pr", true);
        check("displayName eq \"a \\\"b\\\\\"", false);
        check("displayName co \" \"", true);
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let check = |text: &str, about: &str| match Filter::read(Resource::User, text) {
            Err(Refused::Filter(words)) => assert!(words.contains(about), "{text}: {words}"),
            other => panic!("{text}: {other:?}"),
        };
        check("", "attribute");
        check("userName", "operator");
        check("userName is \"a\"", "no operator");
        check("userName eq", "value");
        check("userName eq a", "quotation marks");
        check("userName eq 5", "quotation marks");
        check("userName eq 'a'", "a value");
        check("userName eq \"a", "end of a text");
        check("userName eq \"\\x\"", "JSON");
        check("userName eq \"a\" nand active eq true", "and, or or the end");
        check("userName eq \"a\" and", "attribute");
        check("(userName eq \"a\"", ")");
        check("userName eq \"a\")", "the end");
        check("not userName eq \"a\"", "not");
        check("password eq \"a\"", "password");
        check("roles eq \"a\"", "roles");
        check("nothing eq \"a\"", "nothing");
        check("name eq \"a\"", "parts");
        check("emails[type eq \"work\"", "]");
        check("emails[type eq \"work\"].nothing eq \"a\"", "nothing");
        check("emails[emails[type eq \"a\"]]", "emails");
        check("userName[type eq \"work\"]", "no list");
        check("active gt true", "eq or ne");
        check("active eq \"yes\"", "true or false");
        check("meta.created gt \"yesterday\"", "moment");
        check("meta.created co \"2026\"", "no text");
        check("title gt null", "null");
        check(&"(".repeat(100), "deep");
        check(&format!("userName eq \"{}\"", "a".repeat(5_000)), "4096");
        check("userName eq \"a\"\u{0}", "the end");
        check("üserName eq \"a\"", "attribute");
    }

    #[test]
    fn keys_are_found() {
        let check = |resource, text: &str, expect: Option<Key>| {
            assert_eq!(Filter::read(resource, text).unwrap().key(resource), expect, "{text}");
        };
        let user = Resource::User;
        check(user, "userName eq \"Ada\"", Some(Key::UserName("ada".to_owned())));
        check(user, "active eq true and externalId eq \"X\"", Some(Key::External("X".to_owned())));
        check(user, "id eq \"X\" or active eq true", None);
        check(user, "not (id eq \"X\")", None);
        check(user, "emails[type eq \"work\" and value eq \"A@b\"]", Some(Key::Email("a@b".to_owned())));
        check(user, "emails[type eq \"work\"].value eq \"A@b\"", Some(Key::Email("a@b".to_owned())));
        check(user, "emails.value eq \"A@b\"", Some(Key::Email("a@b".to_owned())));
        check(user, "emails.type eq \"work\"", None);
        check(user, "userName co \"a\"", None);
        let group = Resource::Group;
        check(group, "displayName eq \"Sales\"", Some(Key::DisplayName("sales".to_owned())));
        check(group, "id eq \"1\" and members eq \"2\"", Some(Key::Id("1".to_owned())));
        check(group, "members[value eq \"2\"]", Some(Key::Member("2".to_owned())));
        check(user, "displayName eq \"Sales\"", None);
    }

    #[test]
    fn deep_and_long_filters_end_in_time() {
        let deep = format!("{}title pr{}", "not (".repeat(20), ")".repeat(20));
        assert!(Filter::read(Resource::User, &deep).is_ok());
        let long = vec!["title pr"; 300].join(" or ");
        assert!(!Filter::read(Resource::User, &long).unwrap().holds(&ada()));
    }

    proptest::proptest! {
        #[test]
        fn noise_is_refused_or_read(
            text in "(userName|emails|name|\\[|\\]|\\(|\\)|not| |\"|\\\\|eq|ne|and|or|pr|a|ä|\\.|type|value|true){0,40}"
        ) {
            if let Ok(filter) = Filter::read(Resource::User, &text) {
                filter.holds(&ada());
                let again = Filter::read(Resource::User, &filter.to_string());
                proptest::prop_assert_eq!(again.unwrap().holds(&ada()), filter.holds(&ada()));
            }
            drop(crate::scim::path::Path::read(Resource::User, &text));
        }
    }
}
