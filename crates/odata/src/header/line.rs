//! A whole header line of those that OData defines: name, colon, value.

use super::{AsyncResult, EntityId, Isolation, MaxVersion, Preference, RequestId, Version, scan::Scan};
use crate::{Error, ErrorKind};

/// A header of OData's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    /// `AsyncResult`
    AsyncResult(AsyncResult),
    /// `Content-ID`
    ContentId(RequestId),
    /// `Isolation`, `OData-Isolation`
    Isolation(Isolation),
    /// `OData-EntityId`
    EntityId(EntityId),
    /// `OData-Error`: an error that came after the body began, as JSON text.
    Error(String),
    /// `OData-MaxVersion`
    MaxVersion(MaxVersion),
    /// `OData-Version`
    Version(Version),
    /// `Prefer`, with what is known of it.
    Prefer(Vec<Preference>),
}

impl Header {
    /// Reads a line such as `OData-Version: 4.01`. Names are in any case.
    pub fn parse(line: &str) -> Result<Self, Error> {
        let mut scan = Scan::new(line);
        let name = scan.token();
        if !scan.eat(':') {
            return Err(scan.fail("Header", "Expected a name and a colon"));
        }
        scan.white();
        let value = scan.rest();
        Ok(match name.to_ascii_lowercase().as_str() {
            "asyncresult" => Self::AsyncResult(AsyncResult::parse(value)?),
            "content-id" => Self::ContentId(RequestId::parse(value)?),
            "isolation" | "odata-isolation" => Self::Isolation(Isolation::parse(value)?),
            "odata-entityid" => Self::EntityId(EntityId::parse(value)?),
            "odata-error" => {
                let visible = value.chars().all(|character| matches!(character, ' '..='~'));
                if !visible || !value.starts_with("{\"code\":") {
                    return Err(scan.fail(
                        "OData-Error",
                        "Expected an error as a JSON object that begins with its code",
                    ));
                }
                Self::Error(value.to_owned())
            }
            "odata-maxversion" => Self::MaxVersion(MaxVersion::parse(value)?),
            "odata-version" => Self::Version(Version::parse(value)?),
            "prefer" => {
                let mut known = Vec::new();
                while !scan.done() {
                    known.extend(Preference::parse(scan.list_item())?.map(|(preference, _)| preference));
                }
                Self::Prefer(known)
            }
            _ => {
                return Err(
                    Error::new(ErrorKind::Malformed, "BAD_HEADER", "Not a header of OData").about(name)
                );
            }
        })
    }
}

/// What may be shown of a text from outside: its beginning, without control characters.
pub(crate) fn excerpt(text: &str) -> String {
    const LENGTH: usize = 80;
    let mut shown: String = text.chars().filter(|character| !character.is_control()).take(LENGTH).collect();
    if text.chars().count() > LENGTH {
        shown.push('…');
    }
    shown
}
