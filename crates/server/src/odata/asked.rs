//! A request as this room sees it, whether it came by itself or within a batch.

use axum::http::{
    HeaderMap, HeaderName, Method,
    header::{ACCEPT, AsHeaderName, CONTENT_ENCODING, IF_MATCH, IF_NONE_MATCH},
};
use bytes::Bytes;
use gridkeep_odata::{
    Error, ErrorKind,
    header::{
        Condition, Isolation, JsonFormat, Offer, Preferences, Representation, Version, negotiate, prefixed,
    },
    syntax::utf8,
};

use super::{refusal::Refusal, sent::Sent};

/// What every request is looked through for: made once, since looking a text up takes it apart first.
pub(super) const MAX_VERSION: HeaderName = HeaderName::from_static("odata-maxversion");
pub(super) const VERSION: HeaderName = HeaderName::from_static("odata-version");
const ISOLATION: HeaderName = HeaderName::from_static("isolation");
const OWN_ISOLATION: HeaderName = HeaderName::from_static("odata-isolation");
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// A request to a service.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// Behind the service's root, still percent-encoded, with its query.
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// What is not held of the body.
    pub(super) sent: Sent,
    /// The answer goes into another one: it is needed whole.
    pub(super) within: bool,
}

impl Asked {
    /// A header's text; `None` when it is absent or no text.
    pub(super) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The part of the URL behind `?`; empty without one.
    pub(super) fn query(&self) -> &str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }

    /// The part of the URL before `?`.
    pub(super) fn path(&self) -> &str {
        self.url.split_once('?').map_or(&self.url, |(path, _)| path)
    }

    /// The read that a POST to `/$query` stands for: its options are in the body, since addresses must not be too long
    /// (OData-URL 4.01, section 4.17).
    pub(super) fn queried(&self) -> Result<Option<Self>, Error> {
        let Some(path) = self.path().strip_suffix("/$query").filter(|_| self.method == Method::POST) else {
            return Ok(None);
        };
        let plain = self.header("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
        if !plain {
            let message = "the options of /$query come as text/plain";
            return Err(Error::new(ErrorKind::MediaType, "MEDIA_TYPE", message).about("Content-Type"));
        }
        let options = utf8(&self.body)?.trim();
        let both = if self.query().is_empty() { "" } else { "&" };
        let url = format!("{path}?{}{both}{options}", self.query());
        Ok(Some(Self { method: Method::GET, url, body: Bytes::new(), ..self.clone() }))
    }

    /// The version to answer in.
    pub(super) fn version(&self) -> Result<Version, Error> {
        Version::of_answer(self.header(MAX_VERSION), self.header(VERSION))
    }

    /// What a request's headers demand and nobody here can give is refused before anything is done.
    pub(super) fn obeyed(&self) -> Result<(), Refusal> {
        self.version()?;
        if let Some(coding) = self.header(CONTENT_ENCODING).filter(|coding| !plain_coding(coding)) {
            // RFC 9110, section 8.4: what is packed is not taken for what it is when unpacked.
            let shown: String = coding.chars().take(40).collect();
            let message = format!("payloads are taken as they are, not packed as {shown}");
            return Err(Error::new(ErrorKind::MediaType, "CONTENT_ENCODING", message)
                .about("Content-Encoding")
                .into());
        }
        let isolation = self.header(ISOLATION).or_else(|| self.header(OWN_ISOLATION));
        match isolation.map(Isolation::parse).transpose()? {
            // OData-Protocol 4.01, section 8.2.6: not processed, and refused with this status.
            Some(Isolation::Snapshot) => Err(Refusal::Isolation),
            None => Ok(()),
        }
    }

    /// What the client prefers.
    pub(super) fn preferences(&self) -> Result<Preferences, Error> {
        let all = self.headers.get_all(PREFER);
        Preferences::parse(all.iter().filter_map(|header| header.to_str().ok()))
    }

    /// Which of the offers the client takes.
    pub(super) fn representation<'o>(
        &self,
        offers: &[Offer<'o>],
        format: Option<&str>,
    ) -> Result<Representation<'o>, Error> {
        negotiate(offers, self.header(ACCEPT), format)
    }

    /// The JSON the client takes.
    pub(super) fn json(&self, format: Option<&str>) -> Result<JsonFormat, Error> {
        match self.representation(&[Offer::Json], format)? {
            Representation::Json(format) => {
                let prefixed = prefixed(self.header(MAX_VERSION), self.header(VERSION));
                Ok(JsonFormat { prefixed, ..format })
            }
            _ => Ok(JsonFormat::default()),
        }
    }

    /// `If-Match`, if it is there.
    pub(super) fn if_match(&self) -> Result<Option<Condition>, Error> {
        self.header(IF_MATCH).map(|text| Condition::parse(text, "If-Match")).transpose()
    }

    /// `If-None-Match`, if it is there.
    pub(super) fn if_none_match(&self) -> Result<Option<Condition>, Error> {
        self.header(IF_NONE_MATCH).map(|text| Condition::parse(text, "If-None-Match")).transpose()
    }
}

fn plain_coding(coding: &str) -> bool {
    coding.split(',').all(|one| one.trim().is_empty() || one.trim().eq_ignore_ascii_case("identity"))
}
