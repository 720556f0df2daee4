//! Expressions in CSDL JSON, from the tree to the model (OData-CSDL-JSON 4.01, sections 14.3 and 14.4).

use std::collections::HashSet;

use super::{
    said::{Said, said_of},
    tree::{Node, Value},
    value::{FACETS, cast_type},
};
use crate::{
    Error,
    csdl::{named, shown},
    edm::{Dynamic, Expression, Operator, PathKind, PlainOperator, PropertyValue, QName, Record},
};

pub(super) fn expression(node: &Node) -> Result<Expression, Error> {
    Ok(match &node.value {
        Value::Null => Expression::Null,
        Value::Bool(value) => Expression::Bool(*value),
        Value::Number(text) => {
            text.parse().map_or_else(|_| Expression::Decimal(text.clone()), Expression::Int)
        }
        Value::String(text) => Expression::String(text.clone()),
        Value::Array(items) => {
            Expression::Collection(items.iter().map(expression).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            match members.iter().find_map(|(name, inner)| Some((operator(name)?, inner))) {
                Some((name, inner)) => return dynamic(node, name, inner),
                None => Expression::Record(record(node)?),
            }
        }
    })
}

/// The member that makes an object an expression other than a record.
fn operator(name: &str) -> Option<&str> {
    const OTHER: [&str; 9] = [
        "Path",
        "Apply",
        "Cast",
        "IsOf",
        "If",
        "LabeledElement",
        "LabeledElementReference",
        "UrlRef",
        "Null",
    ];
    let name = name.strip_prefix('$')?;
    (OTHER.contains(&name) || named(&PlainOperator::NAMES, name).is_some()).then_some(name)
}

fn dynamic(node: &Node, name: &str, inner: &Node) -> Result<Expression, Error> {
    let member = format!("${name}");
    let only = |more: &[&str]| {
        let all: Vec<&str> = more.iter().copied().chain([member.as_str()]).collect();
        node.only("an expression", &all, false)
    };
    let one = || Ok(vec![expression(inner)?]);
    let many = |least: usize, most: usize| -> Result<Vec<Expression>, Error> {
        let items = inner.array(&member)?;
        if items.len() < least || items.len() > most {
            return Err(inner.wrong(format!("{member} has {} operands", items.len())));
        }
        items.iter().map(expression).collect()
    };
    let (operator, operands) = match name {
        "Path" => {
            only(&[])?;
            return Ok(Expression::Path(PathKind::Path, inner.text("$Path")?.to_owned()));
        }
        "Apply" => {
            only(&["$Function"])?;
            let function = node.required("$Function")?.text("$Function")?.to_owned();
            (Operator::Apply(function), many(0, usize::MAX)?)
        }
        "Cast" | "IsOf" => {
            let more: Vec<&str> = ["$Type", "$Collection"].into_iter().chain(FACETS).collect();
            only(&more)?;
            let kind = cast_type(node)?;
            (if name == "Cast" { Operator::Cast(kind) } else { Operator::IsOf(kind) }, one()?)
        }
        "If" => {
            only(&[])?;
            (Operator::If, many(2, 3)?)
        }
        "LabeledElement" => {
            only(&["$Name"])?;
            (Operator::Labeled(node.required("$Name")?.text("$Name")?.to_owned()), one()?)
        }
        "LabeledElementReference" => {
            only(&[])?;
            (Operator::LabeledReference(inner.text(&member)?.to_owned()), Vec::new())
        }
        "UrlRef" => {
            only(&[])?;
            (Operator::UrlRef, one()?)
        }
        "Null" => {
            only(&[])?;
            if !matches!(inner.value, Value::Null) {
                return Err(inner.wrong("$Null is null"));
            }
            (Operator::Null, Vec::new())
        }
        _ => {
            only(&[])?;
            let Some(plain) = named(&PlainOperator::NAMES, name) else {
                return Err(node.wrong(format!("{} is no expression", shown(&member))));
            };
            let operands = if plain.operands() == 1 { one()? } else { many(2, 2)? };
            (Operator::Plain(plain), operands)
        }
    };
    let annotations = said_of(node)?;
    if matches!(operator, Operator::Null) && annotations.is_empty() {
        return Ok(Expression::Null);
    }
    Ok(Expression::Dynamic(Box::new(Dynamic { operator, operands, annotations })))
}

fn record(node: &Node) -> Result<Record, Error> {
    node.only("a record", &[], true)?;
    let said = Said::by(node)?;
    let members = node.object("a record")?;
    let mut known: HashSet<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    let mut record = Record { annotations: said.of("")?, ..Record::default() };
    for (name, value) in members {
        if matches!(name.as_str(), "@type" | "@odata.type") {
            let text = value.text("the type of a record")?;
            // The address of the document comes first, and may be empty.
            let text = text.rsplit_once('#').map_or(text, |(_, name)| name);
            let kind = QName::parse(text);
            record.kind =
                Some(kind.ok_or_else(|| value.wrong(format!("{} is no qualified name", shown(text))))?);
        } else if let Some((property, _)) = name.split_once('@') {
            // What is said of a property that has its default value.
            if !property.is_empty() && known.insert(property) {
                let annotations = said.of(property)?;
                record.properties.push(PropertyValue { name: property.to_owned(), value: None, annotations });
            }
        } else {
            let (value, annotations) = (Some(expression(value)?), said.of(name)?);
            record.properties.push(PropertyValue { name: name.clone(), value, annotations });
        }
    }
    Ok(record)
}
