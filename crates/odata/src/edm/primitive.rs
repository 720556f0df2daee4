//! The primitive types (OData-CSDL 4.01, section 3.3 of the JSON and XML documents).

/// A primitive type, or one of the abstract ones that stand for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Primitive {
    /// `Edm.Binary`
    Binary,
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Byte`
    Byte,
    /// `Edm.Date`
    Date,
    /// `Edm.DateTimeOffset`
    DateTimeOffset,
    /// `Edm.Decimal`
    Decimal,
    /// `Edm.Double`
    Double,
    /// `Edm.Duration`
    Duration,
    /// `Edm.Guid`
    Guid,
    /// `Edm.Int16`
    Int16,
    /// `Edm.Int32`
    Int32,
    /// `Edm.Int64`
    Int64,
    /// `Edm.SByte`
    SByte,
    /// `Edm.Single`
    Single,
    /// `Edm.Stream`
    Stream,
    /// `Edm.String`
    String,
    /// `Edm.TimeOfDay`
    TimeOfDay,
    /// One of the `Edm.Geography...` and `Edm.Geometry...` types: known, and not offered.
    Geo(&'static str),
    /// An abstract built-in type: `Edm.PrimitiveType`, `Edm.ComplexType`, `Edm.EntityType`, `Edm.Untyped`, or one of the
    /// path types that annotations use.
    Abstract(&'static str),
}

/// Every type with its name.
const NAMES: [(Primitive, &str); 17] = [
    (Primitive::Binary, "Edm.Binary"),
    (Primitive::Boolean, "Edm.Boolean"),
    (Primitive::Byte, "Edm.Byte"),
    (Primitive::Date, "Edm.Date"),
    (Primitive::DateTimeOffset, "Edm.DateTimeOffset"),
    (Primitive::Decimal, "Edm.Decimal"),
    (Primitive::Double, "Edm.Double"),
    (Primitive::Duration, "Edm.Duration"),
    (Primitive::Guid, "Edm.Guid"),
    (Primitive::Int16, "Edm.Int16"),
    (Primitive::Int32, "Edm.Int32"),
    (Primitive::Int64, "Edm.Int64"),
    (Primitive::SByte, "Edm.SByte"),
    (Primitive::Single, "Edm.Single"),
    (Primitive::Stream, "Edm.Stream"),
    (Primitive::String, "Edm.String"),
    (Primitive::TimeOfDay, "Edm.TimeOfDay"),
];

const GEO: [&str; 16] = [
    "Edm.Geography",
    "Edm.GeographyPoint",
    "Edm.GeographyLineString",
    "Edm.GeographyPolygon",
    "Edm.GeographyMultiPoint",
    "Edm.GeographyMultiLineString",
    "Edm.GeographyMultiPolygon",
    "Edm.GeographyCollection",
    "Edm.Geometry",
    "Edm.GeometryPoint",
    "Edm.GeometryLineString",
    "Edm.GeometryPolygon",
    "Edm.GeometryMultiPoint",
    "Edm.GeometryMultiLineString",
    "Edm.GeometryMultiPolygon",
    "Edm.GeometryCollection",
];

const ABSTRACT: [&str; 10] = [
    "Edm.PrimitiveType",
    "Edm.ComplexType",
    "Edm.EntityType",
    "Edm.Untyped",
    "Edm.AnnotationPath",
    "Edm.AnyPropertyPath",
    "Edm.ModelElementPath",
    "Edm.NavigationPropertyPath",
    "Edm.PropertyPath",
    "Edm.EntitySetPath",
];

impl Primitive {
    /// From its qualified name, such as `Edm.String`.
    pub fn parse(name: &str) -> Option<Self> {
        let plain = NAMES.iter().find(|(_, known)| *known == name).map(|(primitive, _)| *primitive);
        let geo = || GEO.iter().find(|known| **known == name).map(|known| Self::Geo(known));
        let other = || ABSTRACT.iter().find(|known| **known == name).map(|known| Self::Abstract(known));
        plain.or_else(geo).or_else(other)
    }

    /// Its qualified name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Geo(name) | Self::Abstract(name) => name,
            other => NAMES.iter().find(|(known, _)| *known == other).map_or("", |(_, name)| name),
        }
    }
}
