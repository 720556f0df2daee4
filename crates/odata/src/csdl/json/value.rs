//! Types, facets and default values in CSDL JSON.

use super::{
    json_number,
    markup::Markup,
    tree::{Node, Value},
};
use crate::{
    Error,
    csdl::{scale, shown, type_name, type_text},
    edm::{Edm, Facets, Primitive, QName, Scale, TypeName, TypeRef},
};

/// Members of facets.
pub(super) const FACETS: [&str; 5] = ["$MaxLength", "$Precision", "$Scale", "$SRID", "$Unicode"];
/// Members of everything with a type.
pub(super) const TYPED: [&str; 8] =
    ["$Type", "$Collection", "$Nullable", "$MaxLength", "$Precision", "$Scale", "$SRID", "$Unicode"];

/// The type that `$Type`, `$Collection`, `$Nullable` and the facets say.
pub(super) fn type_ref(node: &Node) -> Result<TypeRef, Error> {
    let mut kind = cast_type(node)?;
    kind.nullable = flag(node, "$Nullable", false)?;
    if let TypeName::Primitive(primitive) = kind.name {
        arbitrary(primitive, &mut kind.facets);
    }
    Ok(kind)
}

/// The same without what is there by default.
pub(super) fn cast_type(node: &Node) -> Result<TypeRef, Error> {
    let name = match node.member("$Type") {
        Some(name) => {
            let text = name.text("$Type")?;
            type_name(text).ok_or_else(|| name.wrong(format!("{} is no name of a type", shown(text))))?
        }
        None => TypeName::Primitive(Primitive::String),
    };
    let collection = flag(node, "$Collection", false)?;
    Ok(TypeRef { name, collection, nullable: false, facets: facets(node)? })
}

pub(super) fn facets(node: &Node) -> Result<Facets, Error> {
    let scale = match node.member("$Scale").map(|found| (found, &found.value)) {
        Some((found, Value::Number(text) | Value::String(text))) => {
            Some(scale(text).ok_or_else(|| found.wrong("$Scale is a number, variable or floating"))?)
        }
        Some((found, _)) => return Err(found.wrong("$Scale is a number, variable or floating")),
        None => None,
    };
    let srid = match node.member("$SRID").map(|found| (found, &found.value)) {
        Some((_, Value::Number(text) | Value::String(text))) => Some(text.clone()),
        Some((found, _)) => return Err(found.wrong("$SRID is a text")),
        None => None,
    };
    let unicode = node.member("$Unicode").map(|_| flag(node, "$Unicode", true)).transpose()?;
    let max_length = number(node, "$MaxLength")?.map(Some);
    Ok(Facets { max_length, precision: number(node, "$Precision")?, scale, unicode, srid })
}

/// What a facet means by its absence, which is other than in CSDL XML: any number of digits.
pub(super) fn arbitrary(primitive: Primitive, facets: &mut Facets) {
    use Primitive::{DateTimeOffset, Decimal, Duration, TimeOfDay};
    match primitive {
        Decimal => facets.scale = facets.scale.or(Some(Scale::Variable)),
        // Twelve is the most there is.
        DateTimeOffset | Duration | TimeOfDay => facets.precision = facets.precision.or(Some(12)),
        _ => {}
    }
}

pub(super) fn flag(node: &Node, name: &str, absent: bool) -> Result<bool, Error> {
    match node.member(name).map(|found| (found, &found.value)) {
        None => Ok(absent),
        Some((_, Value::Bool(value))) => Ok(*value),
        Some((found, _)) => Err(found.wrong(format!("{name} is true or false"))),
    }
}

fn number<T: std::str::FromStr>(node: &Node, name: &str) -> Result<Option<T>, Error> {
    let Some(found) = node.member(name) else { return Ok(None) };
    if let Value::Number(text) = &found.value
        && let Ok(number) = text.parse()
    {
        return Ok(Some(number));
    }
    Err(found.wrong(format!("{name} is no number in range")))
}

pub(super) fn qualified(node: &Node, what: &str) -> Result<QName, Error> {
    let text = node.text(what)?;
    QName::parse(text).ok_or_else(|| node.wrong(format!("{} is no qualified name", shown(text))))
}

/// A default value as the text of a literal.
pub(super) fn default_value(node: &Node) -> Result<Option<String>, Error> {
    Ok(Some(match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) | Value::String(text) => text.clone(),
        _ => return Err(node.wrong("a default value is a single value")),
    }))
}

/// A type as members of the object that is open. A decimal and a time always say their digits, but where absence means
/// the same.
pub(super) fn write_type(w: &mut Markup, kind: &TypeRef) {
    write_cast(w, kind, true);
    w.when("$Nullable", kind.nullable);
    let primitive = if let TypeName::Primitive(primitive) = kind.name { Some(primitive) } else { None };
    write_facets(w, &kind.facets, primitive);
}

/// A type in an expression, where nothing is there by default.
pub(super) fn write_cast_type(w: &mut Markup, kind: &TypeRef) {
    write_cast(w, kind, true);
    write_facets(w, &kind.facets, None);
}

fn write_cast(w: &mut Markup, kind: &TypeRef, brief: bool) {
    w.when("$Collection", kind.collection);
    if !brief || kind.name != TypeName::Primitive(Primitive::String) {
        w.text("$Type", &type_text(&kind.name));
    }
}

pub(super) fn write_facets(w: &mut Markup, facets: &Facets, of: Option<Primitive>) {
    if let Some(Some(max)) = facets.max_length {
        w.number("$MaxLength", &max.to_string());
    }
    if let Some(precision) = facets.precision {
        w.number("$Precision", &precision.to_string());
    }
    match facets.scale {
        Some(Scale::Fixed(digits)) => w.number("$Scale", &digits.to_string()),
        Some(Scale::Variable) if of == Some(Primitive::Decimal) => {}
        Some(Scale::Variable) => w.text("$Scale", "variable"),
        Some(Scale::Floating) => w.text("$Scale", "floating"),
        None => {}
    }
    if let Some(srid) = &facets.srid {
        w.text("$SRID", srid);
    }
    if facets.unicode == Some(false) {
        w.value("$Unicode", "false");
    }
}

/// A default value as the JSON of its type, as far as the type is known.
pub(super) fn default_json(edm: &Edm, kind: &TypeRef, text: &str) -> String {
    use Primitive::{Boolean, Byte, Decimal, Double, Int16, Int32, Int64, SByte, Single};
    let (primitive, ours) = match &kind.name {
        TypeName::Primitive(primitive) => (Some(*primitive), true),
        TypeName::Named(name) => {
            (edm.definition(name).map(|found| found.underlying), edm.schema(&name.namespace).is_some())
        }
    };
    let word = matches!(text, "true" | "false" | "null").then(|| text.to_owned());
    let found = match primitive {
        Some(Boolean) => word,
        Some(Byte | SByte | Int16 | Int32 | Int64 | Decimal | Double | Single) => {
            json_number(text).or_else(|| word.filter(|word| word == "null"))
        }
        // The type stands in another document: what looks like a number or a truth value is one.
        None if !ours => word.or_else(|| json_number(text)),
        _ => None,
    };
    found.unwrap_or_else(|| serde_json::to_string(text).unwrap_or_default())
}
