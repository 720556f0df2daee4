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

    /// The version to answer in: the greatest one known here that does not exceed `OData-MaxVersion`.
    pub fn of_answer(max_version: Option<&str>) -> Result<Self, Error> {
        max_version.map_or(Ok(Self::default()), |text| MaxVersion::parse(text)?.greatest())
    }

    /// The version a request's body is written in: `OData-Version`, or else what it would be answered in.
    pub fn of_request(version: Option<&str>, max_version: Option<&str>) -> Result<Self, Error> {
        version.map_or_else(|| Self::of_answer(max_version), Self::parse)
    }
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
        let major =
            scan.run(|byte| byte.is_ascii_digit()).parse().map_err(|_| refuse("OData-MaxVersion", text))?;
        let point = scan.eat('.');
        let fraction = scan.run(|byte| byte.is_ascii_digit()).to_owned();
        if !point || fraction.is_empty() || !scan.done() {
            return Err(refuse("OData-MaxVersion", text));
        }
        Ok(Self { major, fraction })
    }

    fn greatest(&self) -> Result<Version, Error> {
        // Digits behind a point compare as text.
        match self.major {
            0..=3 => Err(Error::new(
                ErrorKind::Malformed,
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
            assert_eq!(Version::of_answer(max).ok(), expect, "{max:?}");
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
    fn bodies_are_read_in_the_version_they_name() {
        let check = |version, max, expect: Option<Version>| {
            assert_eq!(Version::of_request(version, max).ok(), expect);
        };
        check(None, None, Some(Version::V4_01));
        check(Some("4.0"), Some("4.01"), Some(Version::V4_0));
        check(None, Some("4.0"), Some(Version::V4_0));
        check(Some("4.02"), None, None);
        check(Some("3.0"), None, None);
    }
}
