//! Arguments of operations, and values they give, by the types of the metadata.

use gridkeep_model::{ColumnType, Value};
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::Value as Json;

use super::{Kind, payload};
use crate::{
    Error, ErrorKind,
    edm::{Edm, Facets, Parameter, Primitive, TypeName, TypeRef},
    json::{Content, Item, Limits, Mismatch, Reader, Scalar},
    syntax::ast::{Alias, At, Expr, ExprKind, Literal, Path, Root},
};

/// An argument by its parameter's name. Parameters that were left out have none.
pub type Argument = (String, Item<'static>);

/// The value of an argument of a URL: a literal, an alias of one, or JSON.
pub(super) fn argument(
    edm: &Edm,
    parameter: &Parameter,
    written: &Expr,
    aliases: &[Alias],
) -> Result<Item<'static>, Error> {
    let mut written = written;
    let mut at = written.at;
    if let ExprKind::Path(Path { root: Root::Alias(name), segments, .. }) = &written.kind
        && segments.is_empty()
    {
        match aliases.iter().find(|alias| alias.name == *name) {
            Some(alias) => (written, at) = (&alias.value, alias.value.at),
            // What is not given is null (OData-URL 4.01, section 5.1.1.13).
            None => return null(parameter, at),
        }
    }
    match &written.kind {
        ExprKind::Literal(Literal::Null) => null(parameter, at),
        ExprKind::Literal(literal) if !parameter.kind.collection => {
            scalar(edm, &parameter.kind, literal, at).map(Item::Scalar)
        }
        ExprKind::Array(_) | ExprKind::Object(_) => structure(edm, parameter, written),
        _ => Err(wrong("an argument must be a literal, JSON, or an alias of one".to_owned(), at)),
    }
}

/// A value in the form operations of a transaction carry; `None` where that form has none.
pub fn plain(item: &Item<'_>) -> Option<Json> {
    match item {
        Item::Scalar(scalar) => payload::json(scalar),
        Item::Collection(items) => items.iter().map(plain).collect::<Option<_>>().map(Json::Array),
        Item::Complex { members, .. } => {
            let member =
                |(name, item): &(std::borrow::Cow<'_, str>, Item<'_>)| Some((name.to_string(), plain(item)?));
            members.iter().map(member).collect::<Option<_>>().map(Json::Object)
        }
    }
}

/// A value in the form calculators take: numbers as numbers, dates and times as ISO texts; `None` where they have none.
pub fn calculable(item: &Item<'_>) -> Option<Json> {
    match item {
        // Exact where it can be: 25 years are no 25.0.
        Item::Scalar(Scalar::Decimal(decimal)) => {
            match decimal.to_i64().filter(|_| decimal.fract().is_zero()) {
                Some(integer) => Some(integer.into()),
                None => serde_json::Number::from_f64(decimal.to_f64()?).map(Json::Number),
            }
        }
        Item::Scalar(Scalar::Double(double)) if double.fract() == 0.0 && double.abs() < 9e15 => {
            Some((*double as i64).into())
        }
        other => plain(other),
    }
}

/// A calculated value as the metadata promises it; `None` when it is none of that type.
pub fn result(kind: &TypeRef, value: &Json) -> Option<Value> {
    let TypeName::Primitive(primitive) = &kind.name else { return None };
    let column = match Kind::of_primitive(*primitive)? {
        Kind::Null | Kind::Enumeration(_) => return None,
        Kind::Boolean => ColumnType::Boolean,
        Kind::Text => ColumnType::Text,
        Kind::Integer => ColumnType::Integer,
        Kind::Decimal => ColumnType::Decimal { scale: 0 },
        Kind::Double => ColumnType::Double,
        Kind::Date => ColumnType::Date,
        Kind::Time => ColumnType::Time,
        Kind::DateTime => ColumnType::DateTime,
        Kind::Guid => ColumnType::Guid,
        Kind::Duration => ColumnType::Duration,
        Kind::Binary => ColumnType::Binary,
    };
    match (column, value) {
        (ColumnType::Text, Json::Number(number)) => Some(Value::Text(number.to_string())),
        (ColumnType::Text, Json::Bool(truth)) => Some(Value::Text(truth.to_string())),
        _ => Value::from_json(column, value).ok(),
    }
}

fn null(parameter: &Parameter, at: At) -> Result<Item<'static>, Error> {
    if parameter.kind.nullable && !parameter.kind.collection {
        return Ok(Item::NULL);
    }
    Err(wrong(format!("{} must have a value", parameter.name), at).about(parameter.name.clone()))
}

/// A literal as a value of this type.
pub(super) fn scalar(edm: &Edm, kind: &TypeRef, literal: &Literal, at: At) -> Result<Scalar<'static>, Error> {
    let no_type = |name: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Unsupported, "UNSUPPORTED_TYPE", format!("arguments of {name} are JSON"))
            .at(at.0.start..at.0.end)
    };
    match &kind.name {
        TypeName::Primitive(primitive) => value(*primitive, &[&kind.facets], literal, at),
        TypeName::Named(name) => {
            if let Some(definition) = edm.definition(name) {
                return value(definition.underlying, &[&kind.facets, &definition.facets], literal, at);
            }
            let Some(enumeration) = edm.enumeration(name) else { return Err(no_type(name)) };
            let text = match literal {
                Literal::String(text) | Literal::Integer(text) => text.clone(),
                Literal::Enum { kind, members }
                    if kind.name == name.name
                        && kind.namespace.as_ref().is_none_or(|own| {
                            edm.schema(own).map(|schema| &schema.namespace)
                                == edm.schema(&name.namespace).map(|schema| &schema.namespace)
                        }) =>
                {
                    members.join(",")
                }
                _ => return Err(wrong(format!("a member of {name} was expected"), at)),
            };
            Scalar::parse_enum(enumeration, &text)
                .map_err(|_| wrong(format!("there is no such member of {name}"), at))
        }
    }
}

/// A literal as a value of a primitive type. A text stands for whatever is expected (OData-URL 4.01, section 5.1.1.14.1),
/// a number for any number that can hold it.
fn value(
    primitive: Primitive,
    facets: &[&Facets],
    literal: &Literal,
    at: At,
) -> Result<Scalar<'static>, Error> {
    use Primitive as P;
    let whole = matches!(primitive, P::Byte | P::SByte | P::Int16 | P::Int32 | P::Int64);
    let (found, text) = match literal {
        Literal::Null => return Ok(Scalar::Null),
        Literal::String(text) => (primitive, text.clone()),
        Literal::Boolean(truth) => (P::Boolean, truth.to_string()),
        Literal::Integer(text) if whole => (primitive, text.clone()),
        Literal::Integer(text) | Literal::Decimal(text) | Literal::Double(text)
            if matches!(primitive, P::Decimal | P::Double | P::Single) =>
        {
            (primitive, text.clone())
        }
        Literal::Integer(text) => (P::Int64, text.clone()),
        Literal::Decimal(text) => (P::Decimal, text.clone()),
        Literal::Double(text) => (P::Double, text.clone()),
        Literal::Guid(text) => (P::Guid, text.clone()),
        Literal::Date(text) => (P::Date, text.clone()),
        Literal::TimeOfDay(text) => (P::TimeOfDay, text.clone()),
        Literal::DateTimeOffset(text) => (P::DateTimeOffset, text.clone()),
        Literal::Duration(text) => (P::Duration, text.clone()),
        Literal::Binary(bytes) if primitive == P::Binary => return Ok(Scalar::Binary(bytes.clone().into())),
        Literal::Binary(_) => (P::Binary, String::new()),
        Literal::Enum { kind, .. } => {
            return Err(wrong(format!("{} was expected, not {kind}", primitive.name()), at));
        }
    };
    if found != primitive {
        return Err(wrong(format!("{} was expected, not {}", primitive.name(), found.name()), at));
    }
    let misfit = |mismatch: Mismatch| {
        let shown: String = text.chars().take(40).collect();
        let kind = match mismatch {
            Mismatch::Unsupported => ErrorKind::Unsupported,
            _ => ErrorKind::Malformed,
        };
        let words = match mismatch {
            Mismatch::Type => format!("'{shown}' is no {} value", primitive.name()),
            Mismatch::Range => format!("{shown} is beyond what is accepted here"),
            Mismatch::Precision => format!("{shown} has more digits than are accepted here"),
            Mismatch::Length => "the text is longer than accepted here".to_owned(),
            Mismatch::Unsupported => format!("values of {} are not offered here", primitive.name()),
        };
        Error::new(kind, "INVALID_ARGUMENT", words).at(at.0.start..at.0.end)
    };
    let parsed = Scalar::parse(primitive, text.clone().into()).map_err(misfit)?;
    facets.iter().try_for_each(|facets| parsed.check(facets)).map_err(misfit)?;
    Ok(parsed)
}

/// A complex value or a collection, read as a payload is.
fn structure(edm: &Edm, parameter: &Parameter, written: &Expr) -> Result<Item<'static>, Error> {
    let at = written.at;
    let mut text = String::from("{\"value\":");
    json_of(written, &mut text)?;
    text.push('}');
    let complex = matches!(&parameter.kind.name, TypeName::Named(name) if edm.structured(name).is_some())
        && !parameter.kind.collection;
    // A complex value is a payload of its own, anything else the member `value` of one.
    let text = if complex { &text["{\"value\":".len()..text.len() - 1] } else { &text };
    let read = Reader::new(edm, text.as_bytes(), 0, Limits::default())
        .and_then(|reader| reader.property(&parameter.kind));
    let content = read.map_err(|error| Error { span: None, ..error }.at(at.0.start..at.0.end))?;
    item(content, &parameter.name)
}

/// What a payload gave for a parameter.
pub(super) fn item(content: Content<'_>, parameter: &str) -> Result<Item<'static>, Error> {
    content.into_item().map(Item::into_owned).ok_or_else(|| {
        let message = "entities as arguments are not offered here";
        Error::new(ErrorKind::Unsupported, "UNSUPPORTED_VALUE", message).about(parameter)
    })
}

/// JSON of the URL as a text again, so that one reader knows what fits a type.
fn json_of(written: &Expr, out: &mut String) -> Result<(), Error> {
    let separate = |out: &mut String, index: usize| {
        if index > 0 {
            out.push(',');
        }
    };
    match &written.kind {
        ExprKind::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index);
                json_of(item, out)?;
            }
            out.push(']');
        }
        ExprKind::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                separate(out, index);
                out.push_str(&Json::from(name.as_str()).to_string());
                out.push(':');
                json_of(member, out)?;
            }
            out.push('}');
        }
        ExprKind::Literal(literal) => match literal {
            Literal::Null => out.push_str("null"),
            Literal::Boolean(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Literal::Integer(text) | Literal::Decimal(text) | Literal::Double(text) => out.push_str(text),
            Literal::String(text) | Literal::Guid(text) | Literal::Date(text) => {
                out.push_str(&Json::from(text.as_str()).to_string());
            }
            _ => return Err(wrong("this is no value of JSON".to_owned(), written.at)),
        },
        _ => return Err(wrong("expressions in arguments are not offered here".to_owned(), written.at)),
    }
    Ok(())
}

fn wrong(message: String, at: At) -> Error {
    Error::new(ErrorKind::Malformed, "INVALID_ARGUMENT", message).at(at.0.start..at.0.end)
}
