//! The two languages the server speaks, by `Accept-Language` (RFC 9110 section 12.5.4).

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::ACCEPT_LANGUAGE, request::Parts},
};
use serde::{Deserialize, Serialize};

/// The language of a person's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Language {
    /// English, also for everybody who reads neither.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// The language wanted most of those we have; English when the header is missing or unreadable.
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let mut best = (Self::English, 0.0);
        for part in wanted.split(',').take(16) {
            let (range, quality) = match part.split_once(";q=") {
                Some((range, quality)) => (range, quality.trim().parse().unwrap_or(0.0)),
                None => (part, 1.0),
            };
            let language = match range.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("de") => Self::German,
                Some("en") => Self::English,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }

    /// Its tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language an app's definition is written in (BCP 47).
    pub fn of_definition(tag: &str) -> Self {
        let german = tag.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("de"));
        if german { Self::German } else { Self::English }
    }

    /// As the engine formats numbers and dates.
    pub const fn locale(self) -> gridkeep_engine::Locale {
        match self {
            Self::English => gridkeep_engine::Locale::En,
            Self::German => gridkeep_engine::Locale::De,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_wanted_most_wins() {
        let check = |header: &str, expect| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().unwrap());
            assert_eq!(Language::of(&headers), expect, "{header}");
        };
        check("de-DE,de;q=0.9,en;q=0.8", Language::German);
        check("en-GB,de;q=0.9", Language::English);
        check("fr, de;q=0.5", Language::German);
        check("fr", Language::English);
        check("de;q=x, en;q=0.1", Language::English);
        check("d", Language::English);
        assert_eq!(Language::of(&HeaderMap::new()), Language::English);
    }
}
