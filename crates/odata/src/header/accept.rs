//! Which representation answers a request: `Accept` and `$format` (OData-Protocol 4.01, sections 8.2.1 and 11.2.12).

use super::{JsonFormat, MediaType, scan::Scan};
use crate::{Error, ErrorKind};

/// What a resource can be represented as. The first of a list is what a client without wishes gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer<'a> {
    /// `application/json` with format parameters.
    Json,
    /// `application/xml`, for metadata.
    Xml,
    /// `multipart/mixed`, for batches.
    Multipart,
    /// One type without parameters of ours, such as `text/plain` of `/$value` or the type of a stored stream.
    Media(&'a str, &'a str),
}

impl Offer<'_> {
    const fn names(&self) -> (&str, &str) {
        match self {
            Self::Json => ("application", "json"),
            Self::Xml => ("application", "xml"),
            Self::Multipart => ("multipart", "mixed"),
            Self::Media(kind, subtype) => (kind, subtype),
        }
    }
}

/// What was agreed upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Representation<'a> {
    /// JSON, written like this.
    Json(JsonFormat),
    /// XML.
    Xml,
    /// A multipart batch.
    Multipart,
    /// The offered type.
    Media(&'a str, &'a str),
}

/// Ranges beyond this many are not looked at.
const MAX_RANGES: usize = 64;

/// Chooses among the offers. `format` is the decoded value of `$format` and overrides `accept`; neither means the first
/// offer. Nothing acceptable is 406.
pub fn negotiate<'a>(
    offers: &[Offer<'a>],
    accept: Option<&str>,
    format: Option<&str>,
) -> Result<Representation<'a>, Error> {
    if let Some(format) = format {
        return by_format(offers, format);
    }
    let Some(accept) = accept.filter(|text| !text.trim().is_empty()) else {
        return offers
            .first()
            .map(|offer| represent(*offer, JsonFormat::default()))
            .ok_or_else(|| refuse("Accept", ""));
    };
    let mut ranges = ranges(accept)?;
    // What a specific range says of a type overrides what a wider one says of it.
    let refused = |offer: &Offer<'_>| {
        let (kind, subtype) = offer.names();
        let best =
            ranges.iter().filter(|range| range.media.covers(kind, subtype)).max_by_key(|range| range.rank());
        best.is_some_and(|range| range.quality == 0)
    };
    let open: Vec<_> = offers.iter().copied().filter(|offer| !refused(offer)).collect();
    ranges.retain(|range| range.quality > 0);
    ranges.sort_by_key(|range| std::cmp::Reverse((range.quality, range.rank())));
    ranges
        .iter()
        .find_map(|range| open.iter().find_map(|offer| range.fit(*offer)))
        .ok_or_else(|| refuse("Accept", accept))
}

fn by_format<'a>(offers: &[Offer<'a>], format: &str) -> Result<Representation<'a>, Error> {
    let text = match format.to_ascii_lowercase().as_str() {
        "json" => "application/json",
        "xml" => "application/xml",
        "atom" => "application/atom+xml",
        _ => format,
    };
    let media =
        MediaType::parse(text).map_err(|error| Error { target: Some("$format".to_owned()), ..error })?;
    let range = Range { media, quality: 1000 };
    offers.iter().find_map(|offer| range.fit(*offer)).ok_or_else(|| refuse("$format", format))
}

fn refuse(target: &str, asked: &str) -> Error {
    let message = format!(
        "None of the representations of this resource fits `{}`",
        crate::header::line::excerpt(asked)
    );
    Error::new(ErrorKind::NotAcceptable, "NOT_ACCEPTABLE", message).about(target)
}

struct Range {
    media: MediaType,
    /// In thousandths.
    quality: u16,
}

impl Range {
    /// More specific is higher.
    fn rank(&self) -> (bool, bool, usize) {
        (self.media.kind != "*", self.media.subtype != "*", self.media.parameters.len())
    }

    fn fit<'a>(&self, offer: Offer<'a>) -> Option<Representation<'a>> {
        let (kind, subtype) = offer.names();
        if !self.media.covers(kind, subtype) {
            return None;
        }
        let format = if self.media.subtype == "*" || !matches!(offer, Offer::Json) {
            let unknown = |name: &str| !matches!(name, "charset" | "boundary");
            if self.media.parameters.iter().any(|(name, _)| unknown(name)) {
                return None;
            }
            JsonFormat::default()
        } else {
            JsonFormat::from_parameters(&self.media.parameters).ok()?
        };
        Some(represent(offer, format))
    }
}

const fn represent(offer: Offer<'_>, format: JsonFormat) -> Representation<'_> {
    match offer {
        Offer::Json => Representation::Json(format),
        Offer::Xml => Representation::Xml,
        Offer::Multipart => Representation::Multipart,
        Offer::Media(kind, subtype) => Representation::Media(kind, subtype),
    }
}

fn ranges(accept: &str) -> Result<Vec<Range>, Error> {
    let mut scan = Scan::new(accept);
    let mut ranges = Vec::new();
    loop {
        scan.white();
        while scan.eat_loose(',') {}
        if scan.done() || ranges.len() == MAX_RANGES {
            return Ok(ranges);
        }
        let mut media = MediaType::scan(&mut scan, "Accept")?;
        let mut quality = 1000;
        if let Some(weight) = media.parameters.iter().position(|(name, _)| name == "q") {
            quality = thousandths(&media.parameters[weight].1)
                .ok_or_else(|| scan.fail("Accept", "A quality is a number from 0 to 1"))?;
            // What follows the quality are extensions of Accept, not format parameters.
            media.parameters.truncate(weight);
        }
        ranges.push(Range { media, quality });
        scan.white();
        if !scan.done() && !scan.eat(',') {
            return Err(scan.fail("Accept", "Expected `,` or `;` after the media type"));
        }
    }
}

/// RFC 9110, section 12.4.2.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{fraction:0<3}").parse::<u16>().ok()?;
    match (whole, digits) {
        ("0", _) => Some(digits),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Metadata, *};

    #[track_caller]
    fn check(offers: &[Offer<'_>], accept: Option<&str>, format: Option<&str>, expect: &str) {
        let found = match negotiate(offers, accept, format) {
            Ok(Representation::Json(it)) => it.content_type(super::super::Version::V4_01),
            Ok(other) => format!("{other:?}"),
            Err(error) => format!("{:?}: {error}", error.kind),
        };
        assert_eq!(found, expect, "{accept:?} {format:?}");
    }

    #[test]
    fn data_is_json() {
        let data = |accept: &str, expect: &str| check(&[Offer::Json], Some(accept), None, expect);
        let minimal = "application/json;metadata=minimal";
        check(&[Offer::Json], None, None, minimal);
        data("", minimal);
        data("*/*", minimal);
        data("application/*;q=0.1", minimal);
        data("application/json", minimal);
        data("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", minimal);
        data("application/json;odata.metadata=full", "application/json;metadata=full");
        data("application/json;METADATA=None", "application/json;metadata=none");
        data("application/json;odata.metadata=some, */*;q=0.1", minimal);
        data("application/json;q=0.5, application/json;metadata=full", "application/json;metadata=full");
        data("application/json;q=0.5;metadata=full", minimal);
        data(
            "application/json;odata.metadata=minimal;IEEE754Compatible=true;charset=UTF-8",
            "application/json;metadata=minimal;IEEE754Compatible=true;charset=utf-8",
        );
        data("application/json;odata.streaming=true", "application/json;metadata=minimal;streaming=true");
        // Power Query
        data(
            "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,\
             application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7",
            minimal,
        );
        let none = |asked: &str| {
            format!("NotAcceptable: None of the representations of this resource fits `{asked}`")
        };
        for asked in [
            "text/html",
            "application/json;q=0",
            "application/json;x=y",
            "application/json;charset=utf-16",
            "application/json;odata.metadata=some",
            "application/json;q=0, */*",
            "application/atom+xml",
        ] {
            data(asked, &none(asked));
        }
        data("json", "Malformed: Expected a media type such as application/json (at position 5)");
        data("application/json;q=2", "Malformed: A quality is a number from 0 to 1 (at position 21)");
        data("application/json a", "Malformed: Expected `,` or `;` after the media type (at position 18)");
    }

    #[test]
    fn format_overrides_accept() {
        let check = |format: &str, expect: &str| {
            check(&[Offer::Xml, Offer::Json], Some("application/xml"), Some(format), expect);
        };
        check("json", "application/json;metadata=minimal");
        check("XML", "Xml");
        check("application/json;odata.metadata=none", "application/json;metadata=none");
        check("atom", "NotAcceptable: None of the representations of this resource fits `atom`");
        check(
            "application/json;foo=bar",
            "NotAcceptable: None of the representations of this resource fits `application/json;foo=bar`",
        );
        check("jason", "Malformed: Expected a media type such as application/json (at position 6)");
    }

    #[test]
    fn the_other_resources() {
        let metadata = [Offer::Xml, Offer::Json];
        check(&metadata, Some("*/*"), None, "Xml");
        check(&metadata, Some("application/json"), None, "application/json;metadata=minimal");
        check(
            &metadata,
            Some("application/xml;q=0.8, application/json;q=0.9"),
            None,
            "application/json;metadata=minimal",
        );
        check(&metadata, Some("application/xml;charset=utf-8"), None, "Xml");
        let batch = [Offer::Multipart, Offer::Json];
        check(&batch, Some("multipart/mixed"), None, "Multipart");
        check(&batch, Some("application/json"), None, "application/json;metadata=minimal");
        let value = [Offer::Media("text", "plain")];
        check(&value, Some("text/*"), None, "Media(\"text\", \"plain\")");
        check(
            &value,
            Some("application/json"),
            None,
            "NotAcceptable: None of the representations of this resource fits `application/json`",
        );
        assert_eq!(JsonFormat::default().metadata, Metadata::Minimal);
    }
}
