//! Annotations and expressions, from the model to JSON.

use super::{
    json_number, published,
    value::{default_json, write_cast_type},
    write::Writer,
};
use crate::{
    csdl::name_of,
    edm::{
        Annotation, Dynamic, Expression, Operator, PathKind, PlainOperator, QName, Record, Reference, Term,
        Version,
    },
};

impl Writer<'_> {
    /// What is said of the object that is open, or of its member of this name.
    pub(super) fn annotations(&mut self, of: &str, all: &[Annotation]) {
        for annotation in all {
            let mut name = format!("{of}@{}", annotation.term);
            if let Some(qualifier) = &annotation.qualifier {
                name.push('#');
                name.push_str(qualifier);
            }
            self.annotations(&name, &annotation.annotations);
            self.w.name(&name);
            // Without a value it has the term's default, which JSON has to say. Terms of another document that have one
            // are tags, as far as the standard's vocabularies go.
            if let Some(value) = &annotation.value {
                self.expression(value, false);
            } else {
                let term = self.declared(&annotation.term);
                let default =
                    term.and_then(|term| Some(default_json(self.edm, &term.kind, term.default.as_ref()?)));
                self.w.raw(default.as_deref().unwrap_or("true"));
            }
        }
    }

    /// The term of this name, where it is one of this document.
    fn declared(&self, name: &QName) -> Option<&Term> {
        self.edm.schema(&name.namespace)?.terms.iter().find(|term| term.name == name.name)
    }

    /// A value. An operand has no term that says its type, so an enumeration says its own there.
    fn expression(&mut self, of: &Expression, operand: bool) {
        match of {
            Expression::Null => self.w.raw("null"),
            Expression::Bool(value) => self.w.raw(if *value { "true" } else { "false" }),
            Expression::Int(value) => self.w.raw(&value.to_string()),
            Expression::Decimal(text) | Expression::Float(text) => match json_number(text) {
                Some(number) => self.w.raw(&number),
                None => self.w.string(text),
            },
            Expression::String(text) | Expression::Constant(_, text) => self.w.string(text),
            Expression::EnumMember(text) => self.members(text, operand),
            Expression::Collection(items) => {
                self.w.open('[');
                for item in items {
                    self.expression(item, operand);
                }
                self.w.close(']');
            }
            Expression::Record(record) => self.record(record),
            Expression::Path(PathKind::Path, path) => {
                self.w.open('{');
                self.w.text("$Path", path);
                self.w.close('}');
            }
            Expression::Path(_, path) => self.w.string(path),
            Expression::Dynamic(inner) => self.dynamic(inner),
        }
    }

    /// Members of an enumeration: their names, parted by commas.
    fn members(&mut self, text: &str, operand: bool) {
        let members = text.split_whitespace().map(|path| path.rsplit_once('/').unwrap_or(("", path)));
        let names: Vec<&str> = members.clone().map(|(_, name)| name).collect();
        let kind = members.map(|(kind, _)| kind).next().filter(|kind| operand && !kind.is_empty());
        let Some(kind) = kind else { return self.w.string(&names.join(",")) };
        self.w.open('{');
        self.w.text("$Type", kind);
        self.w.text("$Cast", &names.join(","));
        self.w.close('}');
    }

    fn record(&mut self, of: &Record) {
        self.w.open('{');
        if let Some(kind) = &of.kind {
            let address = self.address(kind);
            let name = if self.edm.version == Version::V4_0 { "@odata.type" } else { "@type" };
            self.w.text(name, &format!("{address}#{kind}"));
        }
        for property in &of.properties {
            self.annotations(&property.name, &property.annotations);
            // Without a value it has the default, and JSON leaves it out.
            if let Some(value) = &property.value {
                self.w.name(&property.name);
                self.expression(value, false);
            }
        }
        self.end(&of.annotations);
    }

    /// Where the document of a type is; empty for this one.
    fn address(&self, kind: &QName) -> String {
        let includes = |reference: &&Reference| {
            reference.includes.iter().any(|include| {
                include.alias.as_deref() == Some(&kind.namespace) || include.namespace == kind.namespace
            })
        };
        let found = self.edm.references.iter().find(includes);
        found.map_or_else(String::new, |reference| published(&reference.uri, ".xml", ".json"))
    }

    fn dynamic(&mut self, of: &Dynamic) {
        self.w.open('{');
        let many = match &of.operator {
            Operator::Plain(operator) => {
                self.w.name(&format!("${}", name_of(&PlainOperator::NAMES, *operator)));
                operator.operands() > 1
            }
            Operator::Apply(function) => {
                self.w.text("$Function", function);
                self.w.name("$Apply");
                true
            }
            Operator::Cast(kind) | Operator::IsOf(kind) => {
                write_cast_type(&mut self.w, kind);
                self.w.name(if matches!(of.operator, Operator::Cast(_)) { "$Cast" } else { "$IsOf" });
                false
            }
            Operator::If => {
                self.w.name("$If");
                true
            }
            Operator::Labeled(name) => {
                self.w.text("$Name", name);
                self.w.name("$LabeledElement");
                false
            }
            Operator::LabeledReference(name) => {
                self.w.text("$LabeledElementReference", name);
                false
            }
            Operator::UrlRef => {
                self.w.name("$UrlRef");
                false
            }
            Operator::Null => {
                self.w.value("$Null", "null");
                false
            }
        };
        // Only what compares or calculates leaves the type of an operand open.
        let untyped = matches!(of.operator, Operator::Plain(_));
        if many {
            self.w.open('[');
        }
        for operand in &of.operands {
            self.expression(operand, untyped);
        }
        if many {
            self.w.close(']');
        }
        self.end(&of.annotations);
    }
}
