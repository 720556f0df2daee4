//! The vocabularies of OASIS, as far as metadata here speaks in their terms: short constructors, so that a projection
//! reads like what it says.
//!
//! Whether an annotation is right (the term exists, may stand there and has a value of its type) is what
//! [`Vocabularies::judge`] finds out from the published vocabularies.

pub mod aggregation;
pub mod capabilities;
pub mod core;
mod judge;
pub mod measures;
pub(super) mod place;
pub mod validation;
mod value;

#[cfg(test)]
mod tests;

pub use judge::Vocabularies;

use super::{Annotation, Expression, Include, PathKind, PropertyValue, QName, Record, Reference};

/// A published vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vocabulary {
    /// `Org.OData.Core.V1`
    Core,
    /// `Org.OData.Capabilities.V1`
    Capabilities,
    /// `Org.OData.Validation.V1`
    Validation,
    /// `Org.OData.Aggregation.V1`
    Aggregation,
    /// `Org.OData.Measures.V1`
    Measures,
}

impl Vocabulary {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Core, Self::Capabilities, Self::Validation, Self::Aggregation, Self::Measures];

    /// The short name by which documents here call it.
    pub fn alias(self) -> &'static str {
        match self {
            Self::Core => "Core",
            Self::Capabilities => "Capabilities",
            Self::Validation => "Validation",
            Self::Aggregation => "Aggregation",
            Self::Measures => "Measures",
        }
    }

    /// Its namespace.
    pub fn namespace(self) -> String {
        format!("Org.OData.{}.V1", self.alias())
    }

    /// Where OASIS publishes it as XML. CSDL JSON writes the address of its JSON instead.
    pub fn uri(self) -> String {
        format!("https://oasis-tcs.github.io/odata-vocabularies/vocabularies/{}.xml", self.namespace())
    }

    /// One of its terms, types or enumerations.
    pub fn name(self, name: &str) -> QName {
        QName::new(self.alias(), name)
    }

    /// What a document needs to speak of it.
    pub fn reference(self) -> Reference {
        let alias = Some(self.alias().to_owned());
        let include = Include { namespace: self.namespace(), alias, annotations: Vec::new() };
        Reference { uri: self.uri(), includes: vec![include], ..Reference::default() }
    }

    /// One of its terms with a value.
    pub fn say(self, term: &str, value: Expression) -> Annotation {
        Annotation::new(self.name(term), Some(value))
    }

    /// Members of one of its enumerations.
    pub fn members(self, kind: &str, members: &[&str]) -> Expression {
        let one = |member: &&str| format!("{}/{member}", self.name(kind));
        Expression::EnumMember(members.iter().map(one).collect::<Vec<_>>().join(" "))
    }
}

/// What a document needs to speak of all of them.
pub fn references() -> Vec<Reference> {
    Vocabulary::ALL.map(Vocabulary::reference).into()
}

/// A text.
pub fn text(text: impl Into<String>) -> Expression {
    Expression::String(text.into())
}

/// Texts.
pub fn texts<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Expression {
    Expression::Collection(all.into_iter().map(text).collect())
}

/// A record of these values.
pub fn record(properties: impl IntoIterator<Item = (&'static str, Expression)>) -> Expression {
    let properties = properties.into_iter().map(|(name, value)| PropertyValue::new(name, value)).collect();
    Expression::Record(Record { properties, ..Record::default() })
}

/// Paths of properties.
pub fn properties<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Expression {
    paths(PathKind::Property, all)
}

/// Paths of navigation properties.
pub fn navigations<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Expression {
    paths(PathKind::NavigationProperty, all)
}

fn paths<T: Into<String>>(kind: PathKind, all: impl IntoIterator<Item = T>) -> Expression {
    Expression::Collection(all.into_iter().map(|path| Expression::Path(kind, path.into())).collect())
}

impl Annotation {
    /// The same with one more value in its record. A value that is no record becomes one.
    #[must_use]
    pub fn with(mut self, property: impl Into<String>, value: Expression) -> Self {
        let value = PropertyValue::new(property, value);
        match &mut self.value {
            Some(Expression::Record(record)) => record.properties.push(value),
            other => {
                let properties = vec![value];
                *other = Some(Expression::Record(Record { properties, ..Record::default() }));
            }
        }
        self
    }

    /// The same, told apart by this qualifier.
    #[must_use]
    pub fn qualified(self, qualifier: impl Into<String>) -> Self {
        Self { qualifier: Some(qualifier.into()), ..self }
    }
}
