//! The body of a refusal (OData-JSON 4.01, section 21).

use std::{borrow::Cow, fmt::Write as _};

use super::{Item, Scalar, Style, Writer};
use crate::Error;

/// What an error answer says. Nothing internal belongs here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ErrorBody<'a> {
    /// For programs.
    pub code: Cow<'a, str>,
    /// For people.
    pub message: Cow<'a, str>,
    /// What it is about.
    pub target: Option<Cow<'a, str>>,
    /// Further errors.
    pub details: Vec<ErrorDetail<'a>>,
    /// More of it, for programs that know it: members of `innererror`.
    pub inner: Vec<(Cow<'a, str>, Item<'a>)>,
    /// Annotations, by qualified term name such as `Core.ContentID`.
    pub annotations: Vec<(Cow<'a, str>, Item<'a>)>,
}

/// One error of several.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ErrorDetail<'a> {
    /// For programs.
    pub code: Cow<'a, str>,
    /// For people.
    pub message: Cow<'a, str>,
    /// What it is about.
    pub target: Option<Cow<'a, str>>,
}

/// With the position in the message, as [`Error`]'s `Display` has it.
impl From<&Error> for ErrorBody<'static> {
    fn from(error: &Error) -> Self {
        Self {
            code: Cow::Borrowed(error.code),
            message: Cow::Owned(error.to_string()),
            target: error.target.clone().map(Cow::Owned),
            ..Self::default()
        }
    }
}

impl ErrorBody<'_> {
    /// Its JSON; the same in both versions.
    pub fn to_json(&self) -> Vec<u8> {
        let mut writer = Writer::new(Style::default());
        writer.begin_object();
        writer.key("error");
        self.write(&mut writer);
        writer.end_object();
        writer.finish()
    }

    /// The value of the trailing header `OData-Error`, when the error came after the body had begun (section 21.2): one
    /// line of ASCII.
    pub fn to_header(&self) -> String {
        let mut writer = Writer::new(Style::default());
        // Annotations would come before the code, which a header begins with.
        Self { annotations: Vec::new(), ..self.clone() }.write(&mut writer);
        let json = String::from_utf8_lossy(&writer.finish()).into_owned();
        let mut line = String::with_capacity(json.len());
        for character in json.chars() {
            if matches!(character, ' '..='~') {
                line.push(character);
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(line, "\\u{unit:04x}");
                }
            }
        }
        line
    }

    fn write(&self, writer: &mut Writer) {
        let text = |writer: &mut Writer, name: &str, content: &str| {
            writer.key(name);
            writer.scalar(&Scalar::Text(Cow::Borrowed(content)));
        };
        writer.begin_object();
        for (term, item) in &self.annotations {
            writer.annotation("", term);
            writer.item(item);
        }
        text(writer, "code", &self.code);
        text(writer, "message", &self.message);
        if let Some(target) = &self.target {
            text(writer, "target", target);
        }
        if !self.details.is_empty() {
            writer.key("details");
            writer.begin_array();
            for detail in &self.details {
                writer.begin_object();
                text(writer, "code", &detail.code);
                text(writer, "message", &detail.message);
                if let Some(target) = &detail.target {
                    text(writer, "target", target);
                }
                writer.end_object();
            }
            writer.end_array();
        }
        if !self.inner.is_empty() {
            writer.key("innererror");
            writer.begin_object();
            for (name, item) in &self.inner {
                writer.key(name);
                writer.item(item);
            }
            writer.end_object();
        }
        writer.end_object();
    }
}
