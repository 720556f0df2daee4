//! Whether annotations are right: the term exists, may stand there, and has a value of its type.

use super::{
    place::{Place, places},
    value::Values,
};
use crate::edm::{Annotation, Edm, Expression, Finding, Primitive, QName, Term, TypeName, index::Index};

/// Published vocabularies, to judge annotations by.
#[derive(Debug, Clone, Default)]
pub struct Vocabularies {
    edm: Edm,
}

impl Vocabularies {
    /// From their documents.
    pub fn new(documents: impl IntoIterator<Item = Edm>) -> Self {
        let schemas = documents.into_iter().flat_map(|document| document.schemas).collect();
        Self { edm: Edm { schemas, ..Edm::default() } }
    }

    /// What is wrong with the annotations of a model. Terms of namespaces that are included from elsewhere and are none
    /// of these vocabularies are not judged.
    pub fn judge(&self, edm: &Edm) -> Vec<Finding> {
        let own = Index::new(edm);
        let (places, _) = places(edm, &own);
        let mut judge =
            Judge { vocabularies: self, edm, values: Values::new(&self.edm, own), findings: Vec::new() };
        for place in &places {
            judge.all(place, place.said);
        }
        judge.findings
    }

    fn term(&self, namespace: &str, name: &str) -> Option<&Term> {
        self.edm.schema(namespace)?.terms.iter().find(|term| term.name == name)
    }
}

struct Judge<'e> {
    vocabularies: &'e Vocabularies,
    edm: &'e Edm,
    values: Values<'e>,
    findings: Vec<Finding>,
}

impl<'e> Judge<'e> {
    fn all(&mut self, place: &Place<'e>, said: &'e [Annotation]) {
        for annotation in said {
            let qualifier = annotation.qualifier.as_deref().map_or_else(String::new, |q| format!("#{q}"));
            let at = format!("{}@{}{qualifier}", place.at, annotation.term);
            self.one(place, annotation, &at);
            let inner =
                Place { at, kinds: vec!["Annotation"], value: None, context: place.context, said: &[] };
            self.all(&inner, &annotation.annotations);
            if let Some(value) = &annotation.value {
                self.within(&inner, value);
            }
        }
    }

    /// What is said of the parts of a value.
    fn within(&mut self, around: &Place<'e>, value: &'e Expression) {
        let place = |at: &str, kind| {
            let (at, context) = (format!("{}/{at}", around.at), around.context);
            Place { at, kinds: vec![kind], value: None, context, said: &[] }
        };
        match value {
            Expression::Collection(items) => {
                for item in items {
                    self.within(around, item);
                }
            }
            Expression::Record(record) => {
                self.all(&place("Record", "Record"), &record.annotations);
                for property in &record.properties {
                    let inner = place(&property.name, "PropertyValue");
                    self.all(&inner, &property.annotations);
                    if let Some(value) = &property.value {
                        self.within(&inner, value);
                    }
                }
            }
            Expression::Dynamic(dynamic) => {
                for operand in &dynamic.operands {
                    self.within(around, operand);
                }
            }
            _ => {}
        }
    }

    fn one(&mut self, place: &Place<'e>, annotation: &'e Annotation, at: &str) {
        let written = annotation.term.namespace.as_str();
        let namespace = self.values.own.namespace(written);
        let (term, loaded) = if self.values.own.is_own(written) {
            let schema = self.edm.schema(namespace);
            (
                schema.and_then(|schema| schema.terms.iter().find(|term| term.name == annotation.term.name)),
                true,
            )
        } else {
            let loaded = self.vocabularies.edm.schemas.iter().any(|schema| schema.namespace == namespace);
            (self.vocabularies.term(namespace, &annotation.term.name), loaded)
        };
        if !self.values.own.is_own(written) && !self.values.own.is_elsewhere(&annotation.term) {
            let message = format!("the namespace {written} is neither declared nor included");
            self.values.found(&mut self.findings, at, "TERM_NAMESPACE", message);
            return;
        }
        let Some(term) = term else {
            if loaded {
                let message = format!("{namespace} has no term {}", annotation.term.name);
                self.values.found(&mut self.findings, at, "TERM", message);
            }
            return;
        };
        let applies = |known: &String| place.kinds.contains(&known.as_str());
        if !term.applies_to.is_empty() && !term.applies_to.iter().any(applies) {
            let message = format!(
                "it applies to {}, and this is {}",
                term.applies_to.join(", "),
                place.kinds.join(", ")
            );
            self.values.found(&mut self.findings, at, "APPLIES_TO", message);
        }
        self.required_type(place, term, at);
        match &annotation.value {
            Some(value) => self.values.check(&mut self.findings, at, value, &term.kind, place.context),
            None if term.default.is_none() && !term.kind.nullable => {
                let message = "it lacks a value, and the term has no default".to_owned();
                self.values.found(&mut self.findings, at, "VALUE", message);
            }
            None => {}
        }
    }

    /// A term may ask for a type of what it is said of.
    fn required_type(&mut self, place: &Place<'e>, term: &Term, at: &str) {
        let is_it = |annotation: &&Annotation| annotation.term.name == "RequiresType";
        let wanted = term.annotations.iter().find(is_it).and_then(|annotation| annotation.value.as_ref());
        let (Some(Expression::String(wanted)), Some(kind)) = (wanted, place.value) else { return };
        let actual = self.values.underlying(&kind.name);
        let wanted = Primitive::parse(wanted)
            .map_or_else(|| QName::parse(wanted).map(TypeName::Named), |p| Some(TypeName::Primitive(p)));
        let (Some(actual), Some(TypeName::Primitive(wanted))) = (actual, wanted) else { return };
        if actual != wanted {
            let message = format!("it is for values of {}, and this is {}", wanted.name(), actual.name());
            self.values.found(&mut self.findings, at, "REQUIRES_TYPE", message);
        }
    }
}
