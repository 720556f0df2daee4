//! References to earlier requests of a batch: `$<id>` in URLs and conditions (OData-Protocol 4.01, sections 11.7.4 and 11.7.5).

use std::{borrow::Cow, collections::HashMap};

use crate::{
    Error, ErrorKind,
    header::{Condition, ETag, RequestId},
};

/// What begins with `$` and is no reference.
const SYSTEM: [&str; 8] = ["batch", "crossjoin", "all", "entity", "root", "id", "metadata", "it"];

/// What the requests of a batch were answered with, as far as later ones may refer to it.
#[derive(Debug, Default)]
pub struct References {
    answers: HashMap<String, (Option<String>, Option<ETag>)>,
}

/// The id that a URL refers to by its first segment.
pub(super) fn referenced(url: &str) -> Option<&str> {
    // Some write the slash of the root before it.
    let segment = url.strip_prefix('/').unwrap_or(url).strip_prefix('$')?.split(['/', '?', '(']).next()?;
    (!segment.is_empty() && !SYSTEM.contains(&segment)).then_some(segment)
}

impl References {
    /// Keeps the answer to a request: the address of the entity that it made or gave, and its ETag.
    pub fn keep(&mut self, id: impl Into<String>, location: Option<String>, etag: Option<ETag>) {
        self.answers.insert(id.into(), (location, etag));
    }

    /// The URL with its reference replaced: of a request, or of a `@odata.bind` or `@id` in its body. `$1/Orders` becomes
    /// what `1` was answered with, then `/Orders`. Others come back as they are.
    pub fn url<'a>(&self, url: &'a str) -> Result<Cow<'a, str>, Error> {
        let Some(id) = referenced(url) else { return Ok(Cow::Borrowed(url)) };
        match self.answers.get(id) {
            Some((Some(location), _)) => {
                let behind = url.trim_start_matches('/').get(1 + id.len()..).unwrap_or_default();
                Ok(Cow::Owned(format!("{location}{behind}")))
            }
            Some((None, _)) => Err(refuse(format!("Request `{id}` was not answered with an entity"))),
            None => Err(refuse(format!("`${}` refers to no earlier request", crate::header::excerpt(id)))),
        }
    }

    /// The condition with its reference replaced.
    pub fn condition(&self, condition: Condition) -> Result<Condition, Error> {
        let Condition::Reference(id) = condition else { return Ok(condition) };
        match self.answers.get(&id) {
            Some((_, Some(etag))) => Ok(Condition::Tags(vec![etag.clone()])),
            Some((_, None)) => Err(refuse(format!("Request `{id}` was not answered with an ETag"))),
            None => Err(refuse(format!("`${id}` refers to no earlier request"))),
        }
    }

    /// Whether an id was answered.
    pub fn knows(&self, id: &RequestId) -> bool {
        self.answers.contains_key(&id.0)
    }
}

fn refuse(message: String) -> Error {
    Error::new(ErrorKind::Malformed, "BAD_REFERENCE", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced() {
        let mut references = References::default();
        references.keep("1", Some("Customers('A')".into()), Some(ETag::weak("3")));
        references.keep("2", None, None);
        let check = |url: &str, expect: Result<&str, &str>| {
            let found = references.url(url).map_err(|error| error.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expect, "{url}");
        };
        check("$1/Orders?$top=1", Ok("Customers('A')/Orders?$top=1"));
        check("$1", Ok("Customers('A')"));
        check("/$1/Orders", Ok("Customers('A')/Orders"));
        check("/$metadata", Ok("/$metadata"));
        check("$1?$select=ID", Ok("Customers('A')?$select=ID"));
        check("$metadata", Ok("$metadata"));
        check("$crossjoin(A,B)", Ok("$crossjoin(A,B)"));
        check("Customers?$filter=$it/A eq 1", Ok("Customers?$filter=$it/A eq 1"));
        check("$2/Orders", Err("Request `2` was not answered with an entity"));
        check("$3", Err("`$3` refers to no earlier request"));
        let condition = |text: &str| references.condition(Condition::parse(text, "If-Match").unwrap());
        assert_eq!(condition("$1").unwrap(), Condition::Tags(vec![ETag::weak("3")]));
        assert_eq!(condition("*").unwrap(), Condition::Any);
        assert!(condition("$2").is_err() && condition("$9").is_err());
    }
}
