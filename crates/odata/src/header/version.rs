//! Versions of the protocol: `OData-Version` and `OData-MaxVersion` (OData-Protocol 4.01, sections 8.1.5 and 8.2.7).

use super::scan::Scan;
pub use crate::edm::Version;
use crate::{Error, ErrorKind};

impl Version {
    /// The value of `OData-Version`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V4_0 => "4.0",
            Self::V4_01 => "4.01",
        }
    }

    /// What stands before the names of control information, format parameters and preferences.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::V4_0 => "odata.",
            Self::V4_01 => "",
        }
    }

    /// Reads `OData-Version`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.trim_matches([' ', '\t']) {
            "4.0" => Ok(Self::V4_0),
            "4.01" => Ok(Self::V4_01),
            _ => Err(refuse("OData-Version", text)),
        }
    }

    /// The version to answer in, by `OData-MaxVersion` and the request's own `OData-Version`: the greatest one known here
    /// that the client understands. Who says nothing of what it understands can read what it writes, and otherwise anything
    /// (section 8.2.7); see [`prefixed`] for the names it gets.
    pub fn of_answer(max_version: Option<&str>, version: Option<&str>) -> Result<Self, Error> {
        let own = version.map(Self::parse).transpose()?;
        match max_version {
            Some(text) => MaxVersion::parse(text)?.greatest(),
            None => Ok(own.unwrap_or_default()),
        }
    }
}

/// Whether names of control information keep their prefix `odata.` whatever the version: 4.01 makes it optional
/// (OData-JSON 4.01, section 4.6), and clients that do not speak of versions were mostly written for 4.0, where it is not.
pub const fn prefixed(max_version: Option<&str>, version: Option<&str>) -> bool {
    max_version.is_none() && version.is_none()
}

/// The highest version a client understands, known here or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaxVersion {
    /// Before the point.
    pub major: u32,
    /// The digits behind the point: `4.01` lies between `4.0` and `4.1`.
    pub fraction: String,
}

impl MaxVersion {
    /// Reads `OData-MaxVersion`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut scan = Scan::new(text.trim_matches([' ', '\t']));
        let major = scan.run(|byte| byte.is_ascii_digit()).parse().map_err(|_| Self::refuse(text))?;
        let point = scan.eat('.');
        let fraction = scan.run(|byte| byte.is_ascii_digit()).to_owned();
        if !point || fraction.is_empty() || !scan.done() {
            return Err(Self::refuse(text));
        }
        Ok(Self { major, fraction })
    }

    /// There is no answer in such a version: not acceptable.
    fn refuse(text: &str) -> Error {
        Error { kind: ErrorKind::NotAcceptable, ..refuse("OData-MaxVersion", text) }
    }

    fn greatest(&self) -> Result<Version, Error> {
        // Digits behind a point compare as text.
        match self.major {
            0..=3 => Err(Error::new(
                ErrorKind::NotAcceptable,
                "VERSION",
                format!("The lowest version spoken here is 4.0, above {}.{}", self.major, self.fraction),
            )
            .about("OData-MaxVersion")),
            4 if self.fraction.as_str() < "01" => Ok(Version::V4_0),
            _ => Ok(Version::V4_01),
        }
    }
}

fn refuse(header: &str, text: &str) -> Error {
    let text = super::line::excerpt(text);
    Error::new(
        ErrorKind::Malformed,
        "VERSION",
        format!("`{text}` is not a version spoken here: 4.0 and 4.01 are"),
    )
    .about(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_never_exceed_what_the_client_understands() {
        let check = |max: Option<&str>, expect: Option<Version>| {
            assert_eq!(Version::of_answer(max, None).ok(), expect, "{max:?}");
        };
        check(None, Some(Version::V4_01));
        check(Some("4.0"), Some(Version::V4_0));
        check(Some("4.00"), Some(Version::V4_0));
        check(Some(" 4.01 "), Some(Version::V4_01));
        check(Some("4.1"), Some(Version::V4_01));
        check(Some("06.2831852000"), Some(Version::V4_01));
        for bad in ["3.0", "", "4", "4.", ".0", "4.0;NetFx", "99999999999.0", "latest"] {
            check(Some(bad), None);
        }
    }

    #[test]
    fn what_a_client_writes_it_reads() {
        let check = |version, max, expect: Option<Version>| {
            assert_eq!(Version::of_answer(max, version).ok(), expect);
        };
        check(None, None, Some(Version::V4_01));
        check(Some("4.01"), None, Some(Version::V4_01));
        check(Some("4.0"), None, Some(Version::V4_0));
        check(Some("4.0"), Some("4.01"), Some(Version::V4_01));
        check(Some("4.01"), Some("4.0"), Some(Version::V4_0));
        for bad in ["4.02", "3.0", "5.0", "", "x"] {
            check(Some(bad), None, None);
            check(Some(bad), Some("4.0"), None);
        }
    }
}
