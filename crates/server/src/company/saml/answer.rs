//! `POST /company/{provider}/saml/answer`: where a provider's page makes the browser bring its answer (assertion consumer service).
//!
//! **Architecture Invariant:** nothing is believed here, and no cookie is read: whoever posts is a page of another site, and a browser
//! sends none of ours along. All that happens is that the answer becomes a page of ours, whose own request brings it to
//! [`super::finish`], with the cookie of whoever asked. The page is the same whatever it was given, at whichever tenant.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Form,
    extract::rejection::FormRejection,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gridkeep_model::ProviderId;

use crate::{error::ApiError, extract::Path, language::Language};

/// The largest form, in bytes: half a MiB as base64, whose signs a form escapes.
pub(super) const LARGEST: usize = 1 << 20;

const SCRIPT: &str = include_str!("answer.js");
const STYLE: &str = include_str!("answer.css");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
});

/// What a page says.
struct Words {
    title: &'static str,
    going: &'static str,
    failed: &'static str,
    why: &'static str,
    again: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::English => Words {
            title: "Signing in",
            going: "One moment…",
            failed: "You were not signed in",
            why: "It took too long, was begun in another browser, or your company’s sign-in was not accepted.",
            again: "Back to the beginning",
        },
        Language::German => Words {
            title: "Anmeldung",
            going: "Einen Augenblick …",
            failed: "Sie wurden nicht angemeldet",
            why: "Es hat zu lange gedauert, wurde in einem anderen Browser begonnen, oder die Anmeldung Ihres Unternehmens wurde nicht anerkannt.",
            again: "Zurück zum Anfang",
        },
    }
}

/// Takes an answer and gives it to a page of ours.
pub(super) async fn answer(
    language: Language,
    Path(_): Path<ProviderId>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, ApiError> {
    let Form(pairs) = form.map_err(|_| ApiError::InvalidRequest("form".to_owned()))?;
    let mut responses = pairs.into_iter().filter(|(name, _)| name == "SAMLResponse");
    let (Some((_, response)), None) = (responses.next(), responses.next()) else {
        return Err(ApiError::InvalidRequest("SAMLResponse".to_owned()));
    };
    // Base64 has no sign that means anything in a page; space is none of it.
    let response: String = response.split_ascii_whitespace().collect();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    if !response.bytes().all(plain) {
        return Err(ApiError::InvalidRequest("SAMLResponse".to_owned()));
    }
    let Words { title, going, failed, why, again } = words(language);
    let tag = language.tag();
    let page = format!(
        "<!doctype html><html lang=\"{tag}\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title} – Gridkeep</title><style>{STYLE}</style>\
         <main data-response=\"{response}\"><p id=\"going\" role=\"status\">{going}</p>\
         <div id=\"failed\" role=\"alert\" hidden><h1>{failed}</h1><p>{why}</p><p><a href=\"../../../\">{again}</a></p></div>\
         <noscript><p>JavaScript</p></noscript></main><script>{SCRIPT}</script></html>"
    );
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, POLICY.clone()),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, page).into_response())
}
