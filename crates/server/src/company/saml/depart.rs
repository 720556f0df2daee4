//! On the way to a SAML provider: the request, and what the browser carries meanwhile.
//!
//! **Architecture Invariant:** the request's id is made of what only this browser and this server know, so that an answer is good only in
//! the browser that asked for it. What the browser carries (see [`Flow`]) is in a cookie of its own, since a provider gives back
//! no more than 80 bytes and is not to be believed anyway; no page of another site makes a browser send it (SameSite=Lax).

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use gridkeep_identity::saml::{Request, RequestId};
use gridkeep_store::Provider;

use super::settings::{Place, SamlSettings, signer};
use crate::{
    company::{
        Company,
        flow::{Flow, LIFE},
    },
    error::{ApiError, CompanyRefusal},
    secret::Token,
    site::Site,
};

/// The address that a browser is sent to, and a `Set-Cookie` value with what it is to bring back.
pub(in crate::company) fn depart(
    company: &Company,
    site: &Site,
    (provider, own): (&Provider, &SamlSettings),
    (flow, token): (&Flow, &Token),
) -> Result<(String, HeaderValue), ApiError> {
    // None is opened without; this one was before that was asked for, or is tried.
    let known = own.known.as_ref().ok_or(ApiError::Company(CompanyRefusal::NoMetadata))?;
    let signer = own.signs.then(|| signer(company, provider)).flatten();
    let place = Place::of(site, provider);
    let request = Request {
        id: &request_id(flow, token),
        to: &known.place,
        issuer: &place.name,
        place: &place.answers,
        now: company.time().now(),
        anew: flow.purpose.since().is_some(),
        relay: None,
    };
    let cookie = cookie(site, &flow.state(company, token)?, LIFE.as_secs())?;
    Ok((request.address(signer.as_ref()), cookie))
}

/// The id of the request of a flow.
pub(super) fn request_id(flow: &Flow, token: &Token) -> RequestId {
    RequestId::of_secret(&flow.secrets(token).nonce)
}

/// What a browser carries; empty when it carries nothing.
pub(super) fn carried(site: &Site, headers: &HeaderMap) -> String {
    let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let own = pairs.find(|(key, _)| *key == name(site));
    own.map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// A `Set-Cookie` value by which it carries nothing more.
pub(super) fn put_down(site: &Site) -> Result<HeaderValue, ApiError> {
    cookie(site, "", 0)
}

fn name(site: &Site) -> &'static str {
    if site.secure() { "__Host-gk_saml" } else { "gk_saml" }
}

fn cookie(site: &Site, value: &str, seconds: i64) -> Result<HeaderValue, ApiError> {
    let secure = if site.secure() { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={seconds}", name(site));
    HeaderValue::from_str(&text).map_err(ApiError::internal)
}
