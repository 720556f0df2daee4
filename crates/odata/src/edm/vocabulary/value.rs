//! Whether a value is of a type.

use crate::edm::{
    Constant, Edm, EnumType, Expression, Finding, PathKind, Primitive, QName, Record, StructuredType,
    TypeName, TypeRef,
    index::{End, Index},
};

/// Types of the model and of the vocabularies.
pub(super) struct Values<'e> {
    pub(super) own: Index<'e>,
    vocabularies: Index<'e>,
}

/// The type of a name.
enum Kind<'e> {
    Primitive(Primitive),
    Enum(&'e EnumType, String),
    Structured(&'e StructuredType),
    Unknown,
}

impl<'e> Values<'e> {
    pub(super) fn new(vocabularies: &'e Edm, own: Index<'e>) -> Self {
        Self { own, vocabularies: Index::new(vocabularies) }
    }

    #[expect(clippy::unused_self, reason = "reads as what it does where it is called")]
    pub(super) fn found(&self, findings: &mut Vec<Finding>, at: &str, code: &'static str, message: String) {
        findings.push(Finding { at: at.to_owned(), code, message });
    }

    /// The built-in type beneath a name, where it has one.
    pub(super) fn underlying(&self, name: &TypeName) -> Option<Primitive> {
        match self.kind(name) {
            Kind::Primitive(primitive) => Some(primitive),
            _ => None,
        }
    }

    fn kind(&self, name: &TypeName) -> Kind<'e> {
        let name = match name {
            TypeName::Primitive(primitive) => return Kind::Primitive(*primitive),
            TypeName::Named(name) => name,
        };
        for index in [&self.vocabularies, &self.own] {
            if let Some(found) = index.definition(name) {
                return Kind::Primitive(found.underlying);
            }
            if let Some(found) = index.enumeration(name) {
                return Kind::Enum(found, name.name.clone());
            }
            if let Some(found) = index.structured(name) {
                return Kind::Structured(found);
            }
        }
        Kind::Unknown
    }

    /// Notes where a value is not of a type. `context` is where paths begin.
    pub(super) fn check(
        &self,
        findings: &mut Vec<Finding>,
        at: &str,
        value: &Expression,
        kind: &TypeRef,
        context: Option<&'e StructuredType>,
    ) {
        match value {
            // What is calculated has the type it has; only where it comes from can be seen.
            Expression::Path(PathKind::Path, path) => {
                self.lead(findings, at, path, context, |_| true, "a value");
            }
            Expression::Dynamic(inner) => {
                for operand in &inner.operands {
                    if let Expression::Path(PathKind::Path, path) = operand {
                        self.lead(findings, at, path, context, |_| true, "a value");
                    }
                }
            }
            Expression::Null if kind.nullable || kind.collection => {}
            Expression::Null => self.found(findings, at, "VALUE", "it may not be null".to_owned()),
            Expression::Collection(items) if kind.collection => {
                for item in items {
                    let one = TypeRef { collection: false, ..kind.clone() };
                    self.check(findings, at, item, &one, context);
                }
            }
            Expression::Collection(_) => self.found(findings, at, "VALUE", "it is no collection".to_owned()),
            _ if kind.collection => self.found(findings, at, "VALUE", "it is a collection".to_owned()),
            value => self.single(findings, at, value, &kind.name, context),
        }
    }

    fn single(
        &self,
        findings: &mut Vec<Finding>,
        at: &str,
        value: &Expression,
        name: &TypeName,
        context: Option<&'e StructuredType>,
    ) {
        let wrong = |findings: &mut Vec<Finding>, wanted: &str| {
            self.found(findings, at, "VALUE", format!("it is of {wanted}"));
        };
        match self.kind(name) {
            Kind::Primitive(primitive) => {
                if !fits(value, primitive) {
                    wrong(findings, primitive.name());
                } else if let Expression::Path(kind, path) = value {
                    self.path(findings, at, *kind, path, context);
                }
            }
            Kind::Enum(found, name) => match value {
                Expression::EnumMember(text) => self.members(findings, at, text, found, &name),
                // In CSDL JSON members are a text.
                Expression::String(text) => {
                    let known = |name: &str| found.members.iter().any(|member| member.name == name);
                    if !text.split(',').all(known) {
                        wrong(findings, &name);
                    }
                }
                _ => wrong(findings, &name),
            },
            Kind::Structured(found) => match value {
                Expression::Record(record) => self.record(findings, at, record, found, context),
                _ => wrong(findings, &found.name),
            },
            Kind::Unknown => {}
        }
    }

    fn members(&self, findings: &mut Vec<Finding>, at: &str, text: &str, kind: &EnumType, name: &str) {
        let all: Vec<&str> = text.split_whitespace().collect();
        if all.len() > 1 && !kind.flags {
            self.found(findings, at, "VALUE", format!("{name} has one member at a time"));
        }
        for path in all {
            let known = path.rsplit_once('/').and_then(|(kind, member)| Some((QName::parse(kind)?, member)));
            let right = known.is_some_and(|(written, member)| {
                written.name == name && kind.members.iter().any(|known| known.name == member)
            });
            if !right {
                self.found(findings, at, "VALUE", format!("{path} is no member of {name}"));
            }
        }
    }

    fn record(
        &self,
        findings: &mut Vec<Finding>,
        at: &str,
        record: &Record,
        declared: &'e StructuredType,
        context: Option<&'e StructuredType>,
    ) {
        let mut kind = declared;
        if let Some(name) = &record.kind {
            match self.kind(&TypeName::Named(self.full(name))) {
                Kind::Structured(found)
                    if self.line(found).iter().any(|known| std::ptr::eq(*known, declared)) =>
                {
                    kind = found;
                }
                Kind::Unknown => return,
                _ => {
                    let message = format!("{name} is not derived from {}", declared.name);
                    return self.found(findings, at, "VALUE", message);
                }
            }
        }
        if kind.is_abstract {
            return self.found(
                findings,
                at,
                "VALUE",
                format!("{} is abstract: the record has to say its type", kind.name),
            );
        }
        let line = self.line(kind);
        for given in &record.properties {
            let at = format!("{at}/{}", given.name);
            let property =
                line.iter().find_map(|one| one.properties.iter().find(|known| known.name == given.name));
            let navigation =
                || line.iter().any(|one| one.navigations.iter().any(|known| known.name == given.name));
            match (property, &given.value) {
                (Some(property), Some(value)) => self.check(findings, &at, value, &property.kind, context),
                (Some(_), None) => {}
                (None, _) if line.iter().any(|one| one.open) || navigation() => {}
                (None, _) => {
                    self.found(findings, &at, "PROPERTY", format!("{} has no such property", kind.name));
                }
            }
        }
        for needed in line.iter().flat_map(|one| &one.properties) {
            let optional = needed.kind.nullable || needed.kind.collection || needed.default.is_some();
            if !optional && !record.properties.iter().any(|given| given.name == needed.name) {
                let message = format!("{} must have {}", kind.name, needed.name);
                self.found(findings, at, "PROPERTY_MISSING", message);
            }
        }
    }

    /// A name as the vocabularies write it.
    fn full(&self, name: &QName) -> QName {
        let space = self.own.full(&name.namespace);
        QName::new(space, &name.name)
    }

    fn line(&self, kind: &'e StructuredType) -> Vec<&'e StructuredType> {
        let (line, _) = self.vocabularies.lineage(kind);
        if line.len() > 1 { line } else { self.own.lineage(kind).0 }
    }

    fn path(
        &self,
        findings: &mut Vec<Finding>,
        at: &str,
        kind: PathKind,
        path: &str,
        context: Option<&'e StructuredType>,
    ) {
        match kind {
            PathKind::Property => {
                self.lead(
                    findings,
                    at,
                    path,
                    context,
                    |end| !matches!(end, End::Navigation(_)),
                    "a property",
                );
            }
            PathKind::NavigationProperty => {
                self.lead(
                    findings,
                    at,
                    path,
                    context,
                    |end| !matches!(end, End::Property(_)),
                    "a navigation property",
                );
            }
            _ => {}
        }
    }

    /// Notes a path that leads nowhere, or to something else. Absolute paths and those into annotations are not followed.
    fn lead(
        &self,
        findings: &mut Vec<Finding>,
        at: &str,
        path: &str,
        context: Option<&'e StructuredType>,
        right: impl Fn(End<'e>) -> bool,
        wanted: &str,
    ) {
        let Some(start) = context.filter(|_| !path.starts_with(['/', '$'])) else { return };
        match self.own.follow(start, path) {
            Some(End::Beyond) => {}
            Some(end) if right(end) => {}
            _ => self.found(
                findings,
                at,
                "PATH",
                format!("{path} leads to no {}", wanted.trim_start_matches("a ")),
            ),
        }
    }
}

/// Whether an expression may stand for a value of a built-in type. In CSDL JSON many types are texts.
fn fits(value: &Expression, primitive: Primitive) -> bool {
    use Primitive::{
        Abstract, Binary, Boolean, Byte, Date, DateTimeOffset, Decimal, Double, Duration, Geo, Guid, Int16,
        Int32, Int64, SByte, Single, Stream, String, TimeOfDay,
    };
    let constant = |wanted: Constant| match value {
        Expression::Constant(kind, _) => *kind == wanted,
        other => matches!(other, Expression::String(_)),
    };
    let path = |kinds: &[PathKind]| match value {
        Expression::Path(kind, _) => kinds.contains(kind),
        other => matches!(other, Expression::String(_)),
    };
    let integer =
        |range: std::ops::RangeInclusive<i64>| matches!(value, Expression::Int(n) if range.contains(n));
    match primitive {
        Boolean => matches!(value, Expression::Bool(_)),
        String => matches!(value, Expression::String(_)),
        Byte => integer(0..=255),
        SByte => integer(-128..=127),
        Int16 => integer(i16::MIN.into()..=i16::MAX.into()),
        Int32 => integer(i32::MIN.into()..=i32::MAX.into()),
        Int64 => matches!(value, Expression::Int(_)),
        Decimal | Double | Single => {
            matches!(value, Expression::Int(_) | Expression::Decimal(_) | Expression::Float(_))
        }
        Binary => constant(Constant::Binary),
        Date => constant(Constant::Date),
        DateTimeOffset => constant(Constant::DateTimeOffset),
        Duration => constant(Constant::Duration),
        Guid => constant(Constant::Guid),
        TimeOfDay => constant(Constant::TimeOfDay),
        Abstract("Edm.PropertyPath") => path(&[PathKind::Property]),
        Abstract("Edm.NavigationPropertyPath") => path(&[PathKind::NavigationProperty]),
        Abstract("Edm.AnyPropertyPath") => path(&[PathKind::Property, PathKind::NavigationProperty]),
        Abstract("Edm.AnnotationPath") => path(&[PathKind::Annotation]),
        Abstract("Edm.ModelElementPath") => path(&[PathKind::ModelElement]),
        Abstract("Edm.ComplexType" | "Edm.EntityType") => matches!(value, Expression::Record(_)),
        Abstract("Edm.PrimitiveType") => !matches!(value, Expression::Record(_) | Expression::Path(..)),
        Abstract(_) | Geo(_) | Stream => true,
    }
}
