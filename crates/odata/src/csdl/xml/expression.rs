//! Expressions in CSDL XML, from the tree to the model (OData-CSDL-XML 4.01, sections 14.3 and 14.4).

use super::{
    read::{FACETS, facets, qualified, type_ref},
    said::said_of,
    tree::Element,
};
use crate::{
    Error,
    csdl::{is_number, named, shown},
    edm::{
        Constant, Dynamic, Expression, Operator, PathKind, PlainOperator, Primitive, PropertyValue, Record,
        TypeRef,
    },
};

/// Attributes that are a value.
pub(super) const CONSTANTS: [&str; 18] = [
    "Binary",
    "Bool",
    "Date",
    "DateTimeOffset",
    "Decimal",
    "Duration",
    "EnumMember",
    "Float",
    "Guid",
    "Int",
    "String",
    "TimeOfDay",
    "AnnotationPath",
    "ModelElementPath",
    "NavigationPropertyPath",
    "Path",
    "PropertyPath",
    "UrlRef",
];

/// Elements that are a value.
pub(super) const ELEMENTS: [&str; 45] = [
    "Binary",
    "Bool",
    "Date",
    "DateTimeOffset",
    "Decimal",
    "Duration",
    "EnumMember",
    "Float",
    "Guid",
    "Int",
    "String",
    "TimeOfDay",
    "AnnotationPath",
    "ModelElementPath",
    "NavigationPropertyPath",
    "Path",
    "PropertyPath",
    "UrlRef",
    "Apply",
    "Cast",
    "Collection",
    "If",
    "IsOf",
    "LabeledElement",
    "LabeledElementReference",
    "Null",
    "Record",
    "And",
    "Or",
    "Not",
    "Eq",
    "Ne",
    "Gt",
    "Ge",
    "Lt",
    "Le",
    "Has",
    "In",
    "Add",
    "Sub",
    "Neg",
    "Mul",
    "Div",
    "DivBy",
    "Mod",
];

/// The one value of an element: an attribute or an element in it.
pub(super) fn value(from: &Element) -> Result<Option<Expression>, Error> {
    let mut found = from.attributes.iter().filter(|(name, _)| CONSTANTS.contains(&name.as_str()));
    let attribute = found.next();
    let mut children = operands_of(from);
    let child = children.next();
    if found.next().is_some() || children.next().is_some() || (attribute.is_some() && child.is_some()) {
        return Err(from.wrong(format!("{} has more than one value", from.name)));
    }
    match (attribute, child) {
        (Some((name, text)), _) => simple(from, name, text).map(Some),
        (None, Some(child)) => expression(child).map(Some),
        (None, None) => Ok(None),
    }
}

fn operands_of(from: &Element) -> impl Iterator<Item = &Element> {
    from.children.iter().filter(|child| child.name != "Annotation")
}

fn expression(from: &Element) -> Result<Expression, Error> {
    if CONSTANTS.contains(&from.name.as_str()) && from.name != "UrlRef" {
        from.only(&[], &[], true)?;
        return simple(from, &from.name, &from.text);
    }
    match from.name.as_str() {
        "Collection" => {
            from.only(&[], &ELEMENTS, false)?;
            Ok(Expression::Collection(operands_of(from).map(expression).collect::<Result<_, _>>()?))
        }
        "Record" => record(from).map(Expression::Record),
        "Null" => {
            from.only(&[], &["Annotation"], false)?;
            if from.children.is_empty() { Ok(Expression::Null) } else { dynamic(from, Operator::Null, 0, 0) }
        }
        "LabeledElementReference" => {
            from.only(&[], &[], true)?;
            dynamic(from, Operator::LabeledReference(from.text.trim().to_owned()), 0, 0)
        }
        "LabeledElement" => {
            let attributes: Vec<&str> = ["Name"].iter().chain(&CONSTANTS).copied().collect();
            from.only(&attributes, &within(), false)?;
            let Some(operand) = value(from)? else {
                return Err(from.wrong("LabeledElement lacks its value"));
            };
            let operator = Operator::Labeled(from.required("Name")?.to_owned());
            made(operator, vec![operand], from)
        }
        "Apply" => {
            from.only(&["Function"], &within(), false)?;
            let function = from.required("Function")?.to_owned();
            dynamic(from, Operator::Apply(function), 0, usize::MAX)
        }
        "Cast" | "IsOf" => {
            let attributes: Vec<&str> = ["Type"].iter().chain(&FACETS).copied().collect();
            from.only(&attributes, &within(), false)?;
            // Without a type it is text, as in CSDL JSON.
            let plain = || -> Result<TypeRef, Error> {
                Ok(TypeRef { facets: facets(from)?, ..TypeRef::primitive(Primitive::String) })
            };
            let kind = if from.attribute("Type").is_some() { type_ref(from)? } else { plain()? };
            let kind = TypeRef { nullable: false, ..kind };
            let operator = if from.name == "Cast" { Operator::Cast(kind) } else { Operator::IsOf(kind) };
            dynamic(from, operator, 1, 1)
        }
        "If" => {
            from.only(&[], &within(), false)?;
            dynamic(from, Operator::If, 2, 3)
        }
        "UrlRef" => {
            from.only(&[], &within(), false)?;
            dynamic(from, Operator::UrlRef, 1, 1)
        }
        name => {
            let Some(operator) = named(&PlainOperator::NAMES, name) else {
                return Err(from.wrong(format!("{} is no expression", shown(name))));
            };
            from.only(&[], &within(), false)?;
            dynamic(from, Operator::Plain(operator), operator.operands(), operator.operands())
        }
    }
}

fn within() -> Vec<&'static str> {
    ["Annotation"].iter().chain(&ELEMENTS).copied().collect()
}

fn dynamic(from: &Element, operator: Operator, least: usize, most: usize) -> Result<Expression, Error> {
    let operands: Vec<Expression> = operands_of(from).map(expression).collect::<Result<_, _>>()?;
    if operands.len() < least || operands.len() > most {
        return Err(from.wrong(format!("{} has {} operands", from.name, operands.len())));
    }
    made(operator, operands, from)
}

fn made(operator: Operator, operands: Vec<Expression>, from: &Element) -> Result<Expression, Error> {
    Ok(Expression::Dynamic(Box::new(Dynamic { operator, operands, annotations: said_of(from)? })))
}

fn record(from: &Element) -> Result<Record, Error> {
    from.only(&["Type"], &["PropertyValue", "Annotation"], false)?;
    let property = |from: &Element| {
        let attributes: Vec<&str> = ["Property"].iter().chain(&CONSTANTS).copied().collect();
        from.only(&attributes, &within(), false)?;
        Ok(PropertyValue {
            name: from.required("Property")?.to_owned(),
            value: value(from)?,
            annotations: said_of(from)?,
        })
    };
    Ok(Record {
        kind: from.attribute("Type").map(|name| qualified(from, name)).transpose()?,
        properties: from.all("PropertyValue").map(property).collect::<Result<_, Error>>()?,
        annotations: said_of(from)?,
    })
}

/// A constant or a path, by the name of its attribute or element.
fn simple(from: &Element, name: &str, text: &str) -> Result<Expression, Error> {
    let trimmed = text.trim();
    let numeric = || {
        let wrong = || from.wrong(format!("{} is no number", shown(text)));
        if is_number(trimmed) { Ok(trimmed.to_owned()) } else { Err(wrong()) }
    };
    Ok(match name {
        "String" => Expression::String(text.to_owned()),
        "Bool" => match trimmed {
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            _ => return Err(from.wrong(format!("Bool is true or false, not {}", shown(text)))),
        },
        // An integer beyond 64 bits stays exact as a decimal.
        "Int" => match trimmed.parse() {
            Ok(int) => Expression::Int(int),
            Err(_) => Expression::Decimal(numeric()?),
        },
        "Decimal" => Expression::Decimal(numeric()?),
        "Float" => Expression::Float(numeric()?),
        "EnumMember" => Expression::EnumMember(trimmed.split_whitespace().collect::<Vec<_>>().join(" ")),
        "UrlRef" => {
            let operands = vec![Expression::String(text.to_owned())];
            Expression::Dynamic(Box::new(Dynamic {
                operator: Operator::UrlRef,
                operands,
                annotations: Vec::new(),
            }))
        }
        _ => match (named(&Constant::NAMES, name), named(&PathKind::NAMES, name)) {
            (Some(constant), _) => Expression::Constant(constant, trimmed.to_owned()),
            (None, Some(kind)) => Expression::Path(kind, trimmed.to_owned()),
            (None, None) => return Err(from.wrong(format!("{} is no expression", shown(name)))),
        },
    })
}
