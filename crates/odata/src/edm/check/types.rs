//! Types and their members (OData-CSDL 4.01, sections 6 to 11).

use std::collections::HashSet;

use super::Check;
use crate::edm::{
    EnumType, Facets, Key, Navigation, Primitive, Property, QName, Scale, Schema, StructuredType, TypeKind,
    TypeName, TypeRef,
    index::{BASES, End},
};

impl<'e> Check<'e> {
    pub(super) fn structured(&mut self, schema: &Schema, one: &'e StructuredType) {
        let at = format!("{}.{}", schema.namespace, one.name);
        self.base(&at, one);
        let (line, _) = self.index.lineage(one);
        let own = one.properties.iter().map(|property| property.name.as_str());
        let own: Vec<&str> =
            own.chain(one.navigations.iter().map(|navigation| navigation.name.as_str())).collect();
        for name in &own {
            self.identifier(&format!("{at}/{name}"), name);
        }
        let mine: HashSet<&str> = own.iter().copied().collect();
        for base in &line[1..] {
            let names = base.properties.iter().map(|property| property.name.as_str());
            for name in names.chain(base.navigations.iter().map(|navigation| navigation.name.as_str())) {
                if mine.contains(name) {
                    let message = format!("{name} is declared by the base type {} already", base.name);
                    self.found(&format!("{at}/{name}"), "DUPLICATE", message);
                }
            }
        }
        self.unique(&at, "the property", own);
        self.keys(&at, one, &line);
        for property in &one.properties {
            self.property(&format!("{at}/{}", property.name), property);
        }
        for navigation in &one.navigations {
            self.navigation(&format!("{at}/{}", navigation.name), one, navigation);
        }
    }

    fn base(&mut self, at: &str, one: &'e StructuredType) {
        let Some(name) = &one.base else { return };
        let built_in = if one.kind == TypeKind::Complex { "Edm.ComplexType" } else { "Edm.EntityType" };
        match self.index.structured(name) {
            Some(base) if (base.kind == TypeKind::Complex) != (one.kind == TypeKind::Complex) => {
                self.found(at, "BASE", format!("the base type {name} is of another kind"));
            }
            Some(_) => {
                if !self.index.lineage(one).1 {
                    self.found(
                        at,
                        "BASE",
                        format!("base types go round in a circle, or deeper than {BASES}"),
                    );
                }
            }
            None if self.index.is_elsewhere(name) || name.to_string() == built_in => {}
            None => self.found(at, "BASE", format!("there is no type {name}")),
        }
    }

    fn keys(&mut self, at: &str, one: &'e StructuredType, line: &[&'e StructuredType]) {
        if one.key.is_empty() {
            return;
        }
        if let Some(base) = line[1..].iter().find(|base| !base.key.is_empty()) {
            self.found(at, "KEY", format!("the base type {} has a key already", base.name));
        }
        let names = one.key.iter().map(|key| key.alias.as_deref().unwrap_or(&key.path));
        self.unique(at, "the key property", names);
        for Key { path, alias } in &one.key {
            let at = format!("{at}/{path}");
            if path.contains('/') && alias.is_none() {
                self.found(&at, "KEY", "a path in a key needs an alias");
            }
            match self.index.follow(one, path) {
                Some(End::Property(property)) => self.key(&at, &property.kind),
                Some(End::Beyond) => {}
                _ => self.found(&at, "KEY", format!("{path} leads to no property")),
            }
        }
    }

    fn key(&mut self, at: &str, kind: &TypeRef) {
        use Primitive::{
            Boolean, Byte, Date, DateTimeOffset, Decimal, Duration, Guid, Int16, Int32, Int64, SByte, String,
            TimeOfDay,
        };
        if kind.nullable {
            self.found(at, "KEY", "a key property may not be null");
        }
        let primitive = match &kind.name {
            TypeName::Primitive(primitive) => Some(*primitive),
            TypeName::Named(name)
                if self.index.enumeration(name).is_some() || self.index.is_elsewhere(name) =>
            {
                None
            }
            TypeName::Named(name) => {
                Some(self.index.definition(name).map_or(Primitive::Stream, |found| found.underlying))
            }
        };
        let comparable = matches!(
            primitive,
            None | Some(
                Boolean
                    | Byte
                    | Date
                    | DateTimeOffset
                    | Decimal
                    | Duration
                    | Guid
                    | Int16
                    | Int32
                    | Int64
                    | SByte
                    | String
                    | TimeOfDay
            )
        );
        if kind.collection || !comparable {
            self.found(at, "KEY", "a value of this type cannot be a key");
        }
    }

    fn property(&mut self, at: &str, property: &'e Property) {
        self.value_type(at, &property.kind);
        self.facets(at, &property.kind);
    }

    /// The type of a value that is no entity.
    fn value_type(&mut self, at: &str, kind: &TypeRef) {
        self.known_type(at, &kind.name);
        if self.index.of_type(kind).is_some_and(|found| found.kind != TypeKind::Complex) {
            self.found(at, "TYPE", "a structural property leads to no entity; a navigation property does");
        }
    }

    /// Notes a type that is nowhere.
    pub(super) fn known_type(&mut self, at: &str, name: &TypeName) {
        let TypeName::Named(name) = name else { return };
        let index = &self.index;
        let here = index.structured(name).is_some()
            || index.enumeration(name).is_some()
            || index.definition(name).is_some();
        if !here && !index.is_elsewhere(name) {
            self.found(at, "TYPE", format!("there is no type {name}"));
        }
    }

    /// Facets that contradict each other or the type.
    pub(super) fn facets(&mut self, at: &str, kind: &TypeRef) {
        let primitive = match &kind.name {
            TypeName::Primitive(primitive) => Some(*primitive),
            TypeName::Named(name) => self.index.definition(name).map(|found| found.underlying),
        };
        if let Some(primitive) = primitive {
            self.facets_of(at, &kind.facets, primitive);
        }
    }

    fn facets_of(&mut self, at: &str, facets: &Facets, primitive: Primitive) {
        use Primitive::{Binary, DateTimeOffset, Decimal, Duration, Stream, String, TimeOfDay};
        let precise =
            matches!(primitive, DateTimeOffset | Decimal | Duration | TimeOfDay | Primitive::Abstract(_));
        if facets.precision.is_some() && !precise {
            self.found(at, "FACET", format!("{} has no precision", primitive.name()));
        }
        if facets.precision.is_some_and(|digits| digits > 12)
            && matches!(primitive, DateTimeOffset | Duration | TimeOfDay)
        {
            self.found(at, "FACET", "a time has at most 12 digits behind the second");
        }
        if facets.scale.is_some() && !matches!(primitive, Decimal | Primitive::Abstract(_)) {
            self.found(at, "FACET", format!("{} has no scale", primitive.name()));
        }
        if let (Some(precision), Some(Scale::Fixed(scale))) = (facets.precision, facets.scale)
            && scale > precision
        {
            self.found(at, "FACET", format!("a scale of {scale} is more than the precision of {precision}"));
        }
        if facets.max_length.is_some()
            && !matches!(primitive, Binary | String | Stream | Primitive::Abstract(_))
        {
            self.found(at, "FACET", format!("{} has no longest length", primitive.name()));
        }
    }

    fn navigation(&mut self, at: &str, one: &'e StructuredType, navigation: &'e Navigation) {
        let Some(target) = self.entity(at, &navigation.target) else { return };
        if navigation.collection && navigation.nullable {
            self.found(at, "NULLABLE", "a collection of entities is never null");
        }
        if let Some(partner) = &navigation.partner {
            match self.index.follow(target, partner) {
                Some(End::Navigation(back)) => {
                    let there = self.index.structured(&back.target);
                    let fits = |there| self.index.derives(one, there) || self.index.derives(there, one);
                    if there.is_some_and(|there| !fits(there)) {
                        self.found(
                            at,
                            "PARTNER",
                            format!("{partner} leads to {}, not back here", back.target),
                        );
                    } else if back.partner.as_deref().is_some_and(|found| !found.ends_with(&navigation.name))
                    {
                        self.found(at, "PARTNER", format!("{partner} has another partner"));
                    }
                }
                Some(End::Beyond) => {}
                _ => self.found(
                    at,
                    "PARTNER",
                    format!("{partner} leads to no navigation property of {}", target.name),
                ),
            }
        }
        for constraint in &navigation.constraints {
            for (start, path) in [(one, &constraint.property), (target, &constraint.referenced)] {
                if !matches!(self.index.follow(start, path), Some(End::Property(_) | End::Beyond)) {
                    self.found(at, "CONSTRAINT", format!("{path} leads to no property of {}", start.name));
                }
            }
        }
    }

    /// The entity type of this name, or a note that it is none.
    pub(super) fn entity(&mut self, at: &str, name: &QName) -> Option<&'e StructuredType> {
        match self.index.structured(name) {
            Some(found) if found.kind == TypeKind::Complex => {
                self.found(at, "TYPE", format!("{name} is no entity type"));
                None
            }
            Some(found) => Some(found),
            None => {
                if !self.index.is_elsewhere(name) && name.to_string() != "Edm.EntityType" {
                    self.found(at, "TYPE", format!("there is no entity type {name}"));
                }
                None
            }
        }
    }

    pub(super) fn enums(&mut self, schema: &Schema) {
        for one in &schema.enums {
            self.enumeration(&format!("{}.{}", schema.namespace, one.name), one);
        }
        for one in &schema.definitions {
            let at = format!("{}.{}", schema.namespace, one.name);
            self.facets_of(&at, &one.facets, one.underlying);
            if matches!(one.underlying, Primitive::Abstract(_)) {
                self.found(&at, "TYPE", format!("{} is abstract", one.underlying.name()));
            }
        }
    }

    fn enumeration(&mut self, at: &str, one: &EnumType) {
        let range = match one.underlying {
            Primitive::Byte => 0..=255,
            Primitive::SByte => -128..=127,
            Primitive::Int16 => i16::MIN.into()..=i16::MAX.into(),
            Primitive::Int32 => i32::MIN.into()..=i32::MAX.into(),
            _ => i64::MIN..=i64::MAX,
        };
        if one.members.is_empty() {
            self.found(at, "ENUM", "an enumeration has a member at least");
        }
        self.unique(at, "the member", one.members.iter().map(|member| member.name.as_str()));
        for member in &one.members {
            let at = format!("{at}/{}", member.name);
            self.identifier(&at, &member.name);
            if !range.contains(&member.value) {
                self.found(&at, "ENUM", format!("{} is beyond {}", member.value, one.underlying.name()));
            } else if one.flags && member.value < 0 {
                self.found(&at, "ENUM", "members that may be combined are not negative");
            }
        }
    }

    pub(super) fn terms(&mut self, schema: &Schema) {
        for one in &schema.terms {
            let at = format!("{}.{}", schema.namespace, one.name);
            self.known_type(&at, &one.kind.name);
            self.facets(&at, &one.kind);
            let Some(base) = &one.base else { continue };
            let known = self
                .edm
                .schema(&base.namespace)
                .is_some_and(|s| s.terms.iter().any(|term| term.name == base.name));
            if !known && !self.index.is_elsewhere(base) {
                self.found(&at, "BASE", format!("there is no term {base}"));
            }
        }
    }
}
