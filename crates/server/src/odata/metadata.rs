//! What a service says of itself: the service document and `$metadata`.

use std::borrow::Cow;

use axum::http::{StatusCode, header::ETAG};
use gridkeep_odata::{
    csdl,
    header::{ETag, Offer, Representation, Version},
    json::{Style, service_document},
    project::Policies,
    syntax::ast::Format,
};

use super::{
    answer::{Answer, ODATA_VERSION},
    dispatch::{Service, Understood},
    refusal::Refusal,
};

/// `$format` as text.
pub(super) fn format_of(request: Understood<'_>) -> Option<&str> {
    Some(match &request.options.format.as_ref()?.value {
        Format::Json => "json",
        Format::Xml => "xml",
        Format::Atom => "atom",
        Format::Media(text) => text,
    })
}

impl Service {
    /// The service document.
    pub(super) fn service_document(&self, request: Understood<'_>) -> Result<Answer, Refusal> {
        let version = request.asked.version()?;
        let format = request.asked.json(format_of(request))?;
        let style = Style::new(version, format, None);
        let context = format!("{}$metadata", self.root);
        let body = service_document(&self.projection.edm, style, &context, |_| None);
        Ok(Answer::json(format, version, body))
    }

    /// The metadata, as XML unless JSON is asked for. It is that of a version of the app for a role and the shape of
    /// rights, which its ETag names.
    ///
    /// Whoever does not say which versions it knows gets XML of 4.0: OpenUI5 asks for the metadata without `OData-MaxVersion`
    /// and refuses a document of 4.01. JSON came with 4.01.
    pub(super) async fn metadata(&self, request: Understood<'_>) -> Result<Answer, Refusal> {
        let offers = [Offer::Xml, Offer::Json];
        let representation = request.asked.representation(&offers, format_of(request))?;
        let (content_type, name) = match representation {
            Representation::Json(_) => ("application/json", "json"),
            _ => ("application/xml", "xml"),
        };
        let version = match (&representation, request.asked.header("odata-maxversion")) {
            (Representation::Json(_), _) | (_, Some(_)) => request.asked.version()?,
            (_, None) => Version::V4_0,
        };
        let grant = &self.caller.grant;
        let (app, role, version_name) = (grant.app.current.version, grant.role, version.name());
        let shape = shape_of(grant.rights.shape());
        // What gates ask changes with no version of the app.
        let policies = self.executor.policies(&self.definition).await?;
        let gates =
            if policies == Policies::default() { String::new() } else { shape_of(&format!("{policies:?}")) };
        let etag = ETag::weak(format!("{app}-{role:?}{shape}{gates}-{name}-{version_name}"));
        if let Some(condition) = request.asked.if_none_match()?
            && condition.fits(Some(&etag))
        {
            let answer = Answer::empty(StatusCode::NOT_MODIFIED);
            return Ok(answer.with(ODATA_VERSION, version.name()).with(ETAG, &etag.to_string()));
        }
        let edm = if gates.is_empty() {
            Cow::Borrowed(&self.projection.edm)
        } else {
            Cow::Owned(self.projection.guarded(&policies))
        };
        let body = match representation {
            Representation::Json(_) => csdl::json::write(&edm, version),
            _ => csdl::xml::write(&edm, version),
        };
        let answer = Answer::new(StatusCode::OK, content_type, body);
        Ok(answer.with(ODATA_VERSION, version.name()).with(ETAG, &etag.to_string()))
    }
}

/// Tells shapes of rights apart in few characters.
fn shape_of(shape: &str) -> String {
    if shape.is_empty() {
        return String::new();
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, shape.as_bytes());
    let digits = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}"));
    format!("-{}", digits.collect::<String>())
}
