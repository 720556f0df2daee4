//! What the address of a request asks for.

use gridkeep_identity::scim::{Refused, Shown, question::Question, schema::Resource};

/// What of a resource is asked for by the address.
pub(super) fn shown(kind: Resource, query: Option<&str>) -> Result<Shown, Refused> {
    Ok(asked(kind, query)?.shown)
}

/// What is asked for by the address.
pub(super) fn asked(kind: Resource, query: Option<&str>) -> Result<Question, Refused> {
    let pairs: Vec<(String, String)> = form(query.unwrap_or_default())?;
    Question::of_parameters(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn form(query: &str) -> Result<Vec<(String, String)>, Refused> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        let bytes = percent_encoding::percent_decode_str(&text).decode_utf8();
        let wrong = || Refused::Syntax("the address has bytes that are no UTF-8".to_owned());
        bytes.map(std::borrow::Cow::into_owned).map_err(|_| wrong())
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}
