//! Companies' sign-in.

mod approve;
mod crowd;
pub(crate) mod door;
mod fresh;
mod glass;
mod hostile;
pub(crate) mod providers;
mod real;
pub(crate) mod required;
mod saml;
mod tested;

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser};

/// What a provider is made of.
#[expect(clippy::needless_pass_by_value, reason = "a value at hand in every test")]
pub(crate) fn settings(issuer: &str, client: &str, rules: Json) -> Json {
    json!({"rules": rules, "oidc": {"issuer": issuer, "client": client, "algorithms": ["RS256", "EdDSA"]}})
}

/// Adds a provider at a place; as the server shows it.
pub(crate) async fn add(
    browser: &mut Browser,
    place: &str,
    name: &str,
    settings: &Json,
    secret: &str,
) -> Json {
    let new = json!({"name": name, "enabled": true, "settings": settings, "secret": secret});
    browser.post(&format!("{place}/api/providers"), new).await.expect(201).json()
}

/// The parameters of an address.
pub(crate) fn query(address: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned()
    };
    let pairs = address.split_once('?').map_or("", |(_, query)| query);
    let pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// A parameter of an address.
#[track_caller]
pub(crate) fn parameter(address: &str, name: &str) -> String {
    query(address)
        .into_iter()
        .find(|(own, _)| own == name)
        .unwrap_or_else(|| panic!("no {name} in {address}"))
        .1
}

/// Sets out to a provider; where it leads.
pub(crate) async fn set_out(browser: &mut Browser, place: &str, provider: &str) -> String {
    let departure = json!({"provider": provider, "back": "/apps/1"});
    let answer = browser.post(&format!("{place}/api/company/start"), departure).await.expect(200);
    answer.json()["location"].as_str().unwrap().to_owned()
}

/// Comes back as browsers do, without what our own pages send; with these parameters.
pub(crate) async fn come_back(
    browser: &mut Browser,
    place: &str,
    provider: &str,
    pairs: &[(&str, &str)],
) -> Answer {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let path = format!("{place}/api/company/{provider}/callback?{}", pairs.join("&"));
    let mut request = browser.request(Method::GET, &path).body(axum::body::Body::empty()).unwrap();
    request.headers_mut().remove("x-gridkeep");
    browser.send(request).await
}
