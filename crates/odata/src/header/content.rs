//! How a JSON payload is written, and what a request's body is (OData-JSON 4.01, sections 3 and 4.1).

use std::fmt;

use super::{MediaType, Version};
use crate::{Error, ErrorKind};

/// How much control information a payload carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Metadata {
    /// Only counts and links to further pages.
    None,
    /// What a client that knows the metadata cannot compute.
    #[default]
    Minimal,
    /// Everything.
    Full,
}

impl Metadata {
    /// The value of the format parameter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Full => "full",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::None, Self::Minimal, Self::Full].into_iter().find(|it| text.eq_ignore_ascii_case(it.name()))
    }
}

/// Format parameters of `application/json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct JsonFormat {
    /// How much control information.
    pub metadata: Metadata,
    /// Int64 and Decimal as strings.
    pub ieee754_compatible: bool,
    /// Decimals may come in exponential notation.
    pub exponential_decimals: bool,
    /// The order of members follows the rules for streaming; `None` when it was not spoken of.
    pub streaming: Option<bool>,
    /// `charset=utf-8` was asked for, so the answer says it too.
    pub charset: bool,
    /// Names keep the prefix `odata.` in 4.01 too: [`prefixed`](super::prefixed) says for whom.
    pub prefixed: bool,
}

impl JsonFormat {
    /// From the parameters of `application/json`. Names and values are in any case, with and without `odata.`; an unknown
    /// parameter or value is an error, since section 8.2.1 of the protocol wants such formats rejected.
    pub(super) fn from_parameters(parameters: &[(String, String)]) -> Result<Self, String> {
        let mut format = Self::default();
        for (name, value) in parameters {
            let unknown = || format!("{name}={value} is not a format parameter known here");
            let flag = || match value.to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(unknown()),
            };
            match name.strip_prefix("odata.").unwrap_or(name) {
                "metadata" => format.metadata = Metadata::parse(value).ok_or_else(unknown)?,
                "streaming" => format.streaming = Some(flag()?),
                "ieee754compatible" if !name.starts_with("odata.") => format.ieee754_compatible = flag()?,
                "exponentialdecimals" if !name.starts_with("odata.") => format.exponential_decimals = flag()?,
                "charset"
                    if value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("us-ascii") =>
                {
                    format.charset = true;
                }
                _ => return Err(unknown()),
            }
        }
        Ok(format)
    }

    /// What stands before the names of control information and format parameters in this version.
    pub const fn prefix(self, version: Version) -> &'static str {
        if self.prefixed { Version::V4_0.prefix() } else { version.prefix() }
    }

    /// The `Content-Type` of an answer of this format and version: always with `metadata`, as section 4.1 wants it, and
    /// with nothing else that was not asked for.
    pub fn content_type(self, version: Version) -> String {
        ContentType { format: self, version }.to_string()
    }
}

struct ContentType {
    format: JsonFormat,
    version: Version,
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.format.prefix(self.version);
        write!(f, "application/json;{prefix}metadata={}", self.format.metadata.name())?;
        if let Some(streaming) = self.format.streaming {
            write!(f, ";{prefix}streaming={streaming}")?;
        }
        if self.format.ieee754_compatible {
            f.write_str(";IEEE754Compatible=true")?;
        }
        if self.format.exponential_decimals && self.version == Version::V4_0 {
            f.write_str(";ExponentialDecimals=true")?;
        }
        if self.format.charset {
            f.write_str(";charset=utf-8")?;
        }
        Ok(())
    }
}

/// What the body of a request is, by its `Content-Type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestBody {
    /// A JSON payload.
    Json(JsonFormat),
    /// A multipart batch with this boundary.
    Multipart {
        /// Separates the parts; 1 to 70 characters.
        boundary: String,
    },
    /// Anything else: the content of a stream.
    Other(MediaType),
}

impl RequestBody {
    /// Reads the `Content-Type` of a request. A known type with parameters that are not understood is 415.
    pub fn parse(content_type: &str) -> Result<Self, Error> {
        let media = MediaType::parse(content_type)?;
        let refuse =
            |message: String| Error::new(ErrorKind::MediaType, "MEDIA_TYPE", message).about("Content-Type");
        if media.is("application", "json") {
            return JsonFormat::from_parameters(&media.parameters).map(Self::Json).map_err(refuse);
        }
        if media.is("multipart", "mixed") {
            let boundary = media.parameter("boundary").unwrap_or_default().to_owned();
            return match check_boundary(&boundary) {
                Ok(()) => Ok(Self::Multipart { boundary }),
                Err(message) => {
                    Err(Error::new(ErrorKind::Malformed, "BAD_BOUNDARY", message).about("Content-Type"))
                }
            };
        }
        Ok(Self::Other(media))
    }

    /// The same where only JSON makes sense: anything else, and no `Content-Type` with a body, is 415.
    pub fn json(content_type: Option<&str>) -> Result<JsonFormat, Error> {
        let refuse = || {
            Error::new(ErrorKind::MediaType, "MEDIA_TYPE", "The body must be application/json")
                .about("Content-Type")
        };
        match Self::parse(content_type.ok_or_else(refuse)?)? {
            Self::Json(format) => Ok(format),
            Self::Multipart { .. } | Self::Other(_) => Err(refuse()),
        }
    }
}

/// RFC 2046, section 5.1.1.
pub(crate) fn check_boundary(boundary: &str) -> Result<(), &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    if boundary.is_empty() {
        Err("multipart/mixed needs the parameter boundary")
    } else if boundary.len() > 70 {
        Err("A boundary has at most 70 characters")
    } else if !boundary.bytes().all(allowed) || boundary.ends_with(' ') {
        Err("The boundary contains a character that none may have")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_bodies_are_known_by_their_type() {
        let check = |input: &str, expect: Result<RequestBody, &str>| {
            let found = RequestBody::parse(input).map_err(|error| error.message);
            assert_eq!(
                found.as_ref().map_err(String::as_str),
                expect.as_ref().map_err(|text| *text),
                "{input}"
            );
        };
        let json = |change: fn(&mut JsonFormat)| {
            let mut format = JsonFormat::default();
            change(&mut format);
            Ok(RequestBody::Json(format))
        };
        check("application/json", json(|_| ()));
        check(
            "application/json;charset=UTF-8;IEEE754Compatible=TRUE",
            json(|it| {
                (it.charset, it.ieee754_compatible) = (true, true);
            }),
        );
        check(
            "application/json;odata.metadata=FULL;streaming=true",
            json(|it| {
                (it.metadata, it.streaming) = (Metadata::Full, Some(true));
            }),
        );
        check("application/json;ExponentialDecimals=true", json(|it| it.exponential_decimals = true));
        check("application/json;charset=utf-16", Err("charset=utf-16 is not a format parameter known here"));
        check("application/json;metadata=some", Err("metadata=some is not a format parameter known here"));
        check(
            "multipart/mixed; boundary=batch_1",
            Ok(RequestBody::Multipart { boundary: "batch_1".to_owned() }),
        );
        check("multipart/mixed", Err("multipart/mixed needs the parameter boundary"));
        check("multipart/mixed;boundary=\"a*\"", Err("The boundary contains a character that none may have"));
        check(
            &format!("multipart/mixed;boundary={}", "a".repeat(71)),
            Err("A boundary has at most 70 characters"),
        );
        check("image/png", Ok(RequestBody::Other(MediaType::parse("image/png").unwrap())));
        assert_eq!(RequestBody::json(None).unwrap_err().kind, ErrorKind::MediaType);
        assert_eq!(RequestBody::json(Some("text/plain")).unwrap_err().kind, ErrorKind::MediaType);
    }

    #[test]
    fn content_types_say_what_was_asked() {
        let full = JsonFormat {
            metadata: Metadata::Full,
            ieee754_compatible: true,
            exponential_decimals: true,
            streaming: Some(true),
            charset: true,
            prefixed: false,
        };
        let check = |format: JsonFormat, version: Version, expect: &str| {
            assert_eq!(format.content_type(version), expect);
        };
        check(JsonFormat::default(), Version::V4_01, "application/json;metadata=minimal");
        check(JsonFormat::default(), Version::V4_0, "application/json;odata.metadata=minimal");
        check(
            full,
            Version::V4_0,
            "application/json;odata.metadata=full;odata.streaming=true;IEEE754Compatible=true;ExponentialDecimals=true;\
             charset=utf-8",
        );
        check(
            full,
            Version::V4_01,
            "application/json;metadata=full;streaming=true;IEEE754Compatible=true;charset=utf-8",
        );
    }
}
