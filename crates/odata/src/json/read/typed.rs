//! Values by their declared type.

use std::borrow::Cow;

use super::{Content, Kind, Reader, Result, refuse};
use crate::{
    Error, ErrorKind, Span,
    edm::{Facets, Primitive, StructuredType, TypeName, TypeRef},
    json::{Item, Mismatch, Scalar},
};

impl<'e, 'a> Reader<'e, 'a> {
    /// A value of this type: of a property or a parameter.
    pub(super) fn content(&mut self, kind: &TypeRef) -> Result<Content<'a>> {
        if kind.collection {
            let entities = self.named_structure(kind).filter(|it| Self::is_entity(it));
            if let Some(structure) = entities {
                return self.items(|reader| reader.instance(structure)).map(Content::Entities);
            }
            return self.items(|reader| reader.single(kind)).map(Content::Collection);
        }
        self.single(kind)
    }

    pub(super) fn named_structure(&self, kind: &TypeRef) -> Option<&'e StructuredType> {
        match &kind.name {
            TypeName::Named(name) => self.edm.structured(name),
            TypeName::Primitive(_) => None,
        }
    }

    fn single(&mut self, kind: &TypeRef) -> Result<Content<'a>> {
        let found = self.tokens.kind()?;
        if let TypeName::Primitive(Primitive::Abstract(_)) = kind.name {
            return self.untyped().map(Content::Untyped);
        }
        let structure = self.named_structure(kind);
        if found == Kind::Null {
            self.not_null(kind.nullable)?;
            self.tokens.null()?;
            let entity = structure.is_some_and(Self::is_entity);
            return Ok(if entity { Content::Entity(None) } else { Content::Scalar(Scalar::Null) });
        }
        if let Some(structure) = structure {
            let instance = self.instance(structure)?;
            return Ok(if Self::is_entity(structure) {
                Content::Entity(Some(Box::new(instance)))
            } else {
                Content::Complex(instance)
            });
        }
        match &kind.name {
            TypeName::Primitive(primitive) => {
                self.primitive(*primitive, &[&kind.facets]).map(Content::Scalar)
            }
            TypeName::Named(name) => {
                if let Some(definition) = self.edm.definition(name) {
                    let facets = [&kind.facets, &definition.facets];
                    return self.primitive(definition.underlying, &facets).map(Content::Scalar);
                }
                let Some(enumeration) = self.edm.enumeration(name) else {
                    let place = self.tokens.place();
                    let message = format!("There is no type {name}");
                    return refuse("UNKNOWN_TYPE", message, Span { start: place, end: place + 1 });
                };
                let start = self.tokens.place();
                // Numbers of members come in a string (section 7.1); clients send them without one too.
                let text = match found {
                    Kind::String => self.tokens.string()?,
                    Kind::Number => Cow::Borrowed(self.tokens.number()?),
                    _ => return self.expected(&format!("a member of {name} as a string"), found),
                };
                Scalar::parse_enum(enumeration, &text).map(Content::Scalar).or_else(|_| {
                    refuse("WRONG_TYPE", format!("Expected a member of {name}"), self.tokens.since(start))
                })
            }
        }
    }

    fn primitive(&mut self, kind: Primitive, facets: &[&Facets]) -> Result<Scalar<'a>> {
        let found = self.tokens.kind()?;
        let number = matches!(
            kind,
            Primitive::Byte
                | Primitive::SByte
                | Primitive::Int16
                | Primitive::Int32
                | Primitive::Int64
                | Primitive::Decimal
                | Primitive::Double
                | Primitive::Single
        );
        // Int64 and Decimal come as strings too, said or not by IEEE754Compatible; floats only where they are no numbers.
        let texts = match kind {
            Primitive::Boolean => false,
            Primitive::Double | Primitive::Single => {
                let special =
                    |text: &str| ["\"INF\"", "\"-INF\"", "\"NaN\""].iter().any(|it| text.starts_with(it));
                found == Kind::String && special(self.ahead())
            }
            Primitive::Int64 | Primitive::Decimal => true,
            _ => !number,
        };
        let start = self.place_of_value()?;
        if let Primitive::Geo(_) = kind {
            return Err(mismatched(Mismatch::Unsupported, kind).at(start..start + 1));
        }
        let text = match found {
            Kind::Boolean if kind == Primitive::Boolean => return self.tokens.boolean().map(Scalar::Boolean),
            Kind::Number if number => Cow::Borrowed(self.tokens.number()?),
            Kind::String if texts => self.tokens.string()?,
            other => return self.expected(&format!("a value of {}", kind.name()), other),
        };
        let span = self.tokens.since(start);
        let scalar = Scalar::parse(kind, text).and_then(|scalar| {
            facets.iter().try_for_each(|facets| scalar.check(facets))?;
            Ok(scalar)
        });
        scalar.map_err(|mismatch| mismatched(mismatch, kind).at(span.start..span.end))
    }

    fn ahead(&self) -> &'a str {
        self.tokens.rest()
    }

    /// Where the value begins, behind white space.
    fn place_of_value(&mut self) -> Result<usize> {
        self.tokens.kind()?;
        Ok(self.tokens.place())
    }

    /// A value without a declared type: whole numbers are Int64 where they fit, other numbers Double (section 4.6.3).
    pub(super) fn untyped(&mut self) -> Result<Item<'a>> {
        Ok(match self.tokens.kind()? {
            Kind::Null => {
                self.tokens.null()?;
                Item::NULL
            }
            Kind::Boolean => Scalar::Boolean(self.tokens.boolean()?).into(),
            Kind::String => Scalar::Text(self.tokens.string()?).into(),
            Kind::Number => {
                let start = self.place_of_value()?;
                let text = Cow::Borrowed(self.tokens.number()?);
                let span = self.tokens.since(start);
                let whole = Scalar::parse(Primitive::Int64, Cow::clone(&text));
                let number = whole.or_else(|_| Scalar::parse(Primitive::Double, text));
                number.map_err(|it| mismatched(it, Primitive::Double).at(span.start..span.end))?.into()
            }
            Kind::Array => Item::Collection(self.items(Self::untyped)?),
            Kind::Object => {
                let mut members = Vec::new();
                self.members(|reader, name, _| {
                    members.push((name, reader.untyped()?));
                    Ok(())
                })?;
                Item::Complex { kind: None, members }
            }
        })
    }

    /// A stream's content inline: text as it is, JSON as it is, anything else in base64url (section 9).
    pub(super) fn stream(&mut self, content_type: Option<Cow<'a, str>>) -> Result<Content<'a>> {
        let known = |kind: &str| content_type.as_deref().is_some_and(|it| it.trim_start().starts_with(kind));
        let found = self.tokens.kind()?;
        let bytes = match found {
            Kind::Null => {
                self.tokens.null()?;
                return Ok(Content::Scalar(Scalar::Null));
            }
            _ if known("application/json") => {
                let span = self.tokens.skip()?;
                self.tokens.text_of(span).as_bytes().to_vec()
            }
            Kind::String if known("text/") => self.tokens.string()?.into_owned().into_bytes(),
            Kind::String => {
                let start = self.tokens.place();
                let text = self.tokens.string()?;
                let span = self.tokens.since(start);
                match Scalar::parse(Primitive::Binary, text) {
                    Ok(Scalar::Binary(bytes)) => bytes.into_owned(),
                    _ => return refuse("WRONG_TYPE", "Expected a stream's content in base64url", span),
                }
            }
            other => return self.expected("a stream's content as a string", other),
        };
        Ok(Content::Stream { content_type, bytes })
    }
}

fn mismatched(mismatch: Mismatch, kind: Primitive) -> Error {
    let name = kind.name();
    let (kind, message) = match mismatch {
        Mismatch::Type => (ErrorKind::Malformed, format!("Expected a value of {name}")),
        Mismatch::Range => (ErrorKind::Malformed, format!("Beyond the range of this {name}")),
        Mismatch::Precision => (ErrorKind::Malformed, format!("More digits than this {name} keeps")),
        Mismatch::Length => (ErrorKind::Malformed, format!("Longer than this {name} may be")),
        Mismatch::Unsupported => (ErrorKind::Unsupported, format!("{name} is not offered")),
    };
    Error::new(kind, mismatch.code(), message)
}
