//! Which of our functions reads which rule of the grammar. A rule that is not here yet answers `None`.

use crate::names::Constraints;
use gridkeep_odata::{
    edm::Primitive,
    header::{Header, Preference, Preferences, RequestId},
    json::{Context, SelectItem},
    syntax::{
        Class, Kind, Limits, Names,
        ast::{Expr, ExprKind, Literal, PathSegmentKind, QueryOptions, Request, Resource, SegmentKind},
        lexical,
    },
};

/// What reading came to: it is of the grammar, or not, from this byte on.
pub(crate) type Verdict = Result<(), Option<usize>>;

/// Reads the input by the rule.
pub(crate) fn read(rule: &str, input: &str, names: &Constraints) -> Option<Verdict> {
    Some(match rule {
        "odataUri" => uri(input, names),
        "odataRelativeUri" => relative(input, names),
        "resourcePath" => {
            verdict(Resource::parse(input, &limits()).and_then(|resource| resource.check(names)))
        }
        "entitySetName" if !names.has(rule, input) => Err(Some(0)),
        "entitySetName" | "odataIdentifier" => {
            whole(lexical::identifier(input) == Some(input.len()), lexical::identifier(input))
        }
        "queryOptions" => options(input, names).map(|_| ()),
        "systemQueryOption" | "filter" | "orderby" | "orderBy" | "select" | "expand" | "compute"
        | "search" | "deltatoken" | "skiptoken" => {
            one(input, names).and_then(|found| no(found.custom.is_empty()))
        }
        "customQueryOption" => one(input, names).and_then(|found| no(found.custom.len() == 1)),
        "commonExpr" | "boolCommonExpr" | "boolcommonExpr" => expr(input, names, |_| true),
        "firstMemberExpr" | "propertyPathExpr" => {
            expr(input, names, |kind| matches!(kind, ExprKind::Path(_)))
        }
        "isofExpr" => expr(input, names, |kind| matches!(kind, ExprKind::IsOf(..))),
        "notExpr" => expr(input, names, |kind| matches!(kind, ExprKind::Unary(..))),
        "anyExpr" => expr(
            &format!("Products/{input}"),
            names,
            |kind| matches!(kind, ExprKind::Path(path) if matches!(path.segments[1].kind, PathSegmentKind::Any(_))),
        ),
        "primitiveLiteral" | "decimalLiteral" | "doubleLiteral" | "singleLiteral" | "sbyteLiteral"
        | "int16Literal" | "int32Literal" | "int64Literal" | "null" => literal(input, names, |_| true),
        "boolean" => literal(input, names, |value| matches!(value, Literal::Boolean(_))),
        "guid" => literal(input, names, |value| matches!(value, Literal::Guid(_))),
        "date" => literal(input, names, |value| matches!(value, Literal::Date(_))),
        "timeOfDayLiteral" => literal(input, names, |value| matches!(value, Literal::TimeOfDay(_))),
        "dateTimeOffsetLiteral" | "dateTimeOffsetValueInUrl" => {
            literal(input, names, |value| matches!(value, Literal::DateTimeOffset(_)))
        }
        "stringLiteral" => literal(input, names, |value| matches!(value, Literal::String(_))),
        "durationLiteral" => literal(input, names, |value| match value {
            Literal::Duration(_) => true,
            Literal::String(text) => lexical::is_value(Primitive::Duration, text),
            _ => false,
        }),
        "enumLiteral" => {
            literal(input, names, |value| matches!(value, Literal::Enum { .. } | Literal::String(_)))
        }
        "binaryLiteral" => literal(input, names, |value| matches!(value, Literal::Binary(_))),
        "stringInUrl" => expr(&format!("[{input}]"), names, |kind| matches!(kind, ExprKind::Array(_))),
        "functionParameter" => {
            match Resource::parse(&format!("f({input})"), &limits()) {
                Ok(Resource::Path(path)) => no(matches!(path.segments[0].kind, SegmentKind::Name(_))
                    && path.segments[0].parens.len() == 1),
                other => verdict(other),
            }
        }
        "searchExpr" => one(&format!("$search={input}"), names).map(|_| ()),
        "primitiveValue" => no(VALUES.iter().any(|kind| lexical::is_value(*kind, input)) || members(input)),
        "enumValue" => no(members(input)),
        rule if rule.starts_with("geo") => expr(input, names, |_| true),
        "context" => context(input, names),
        "header" => verdict(Header::parse(input)),
        "prefer" => match input.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("prefer") => {
                verdict(Preferences::parse([value]))
            }
            _ => Err(Some(0)),
        },
        "preference" | "includeAnnotationsPreference" | "maxpagesizePreference" => {
            match Preference::parse(input) {
                Ok(known) => no(known.is_some()),
                other => verdict(other),
            }
        }
        "request-id" => verdict(RequestId::parse(input)),
        rule => value(rule, input)?,
    })
}

/// The types whose values `primitiveValue` may be.
const VALUES: [Primitive; 8] = [
    Primitive::Boolean,
    Primitive::Guid,
    Primitive::Duration,
    Primitive::DateTimeOffset,
    Primitive::Date,
    Primitive::TimeOfDay,
    Primitive::Decimal,
    Primitive::Binary,
];

/// The rules `...Value`, for values that are not in a URL.
fn value(rule: &str, input: &str) -> Option<Verdict> {
    let kind = match rule {
        "booleanValue" => Primitive::Boolean,
        "dateValue" => Primitive::Date,
        "dateTimeOffsetValue" => Primitive::DateTimeOffset,
        "decimalValue" => Primitive::Decimal,
        "doubleValue" => Primitive::Double,
        "singleValue" => Primitive::Single,
        "durationValue" => Primitive::Duration,
        "byteValue" => Primitive::Byte,
        "sbyteValue" => Primitive::SByte,
        "int16Value" => Primitive::Int16,
        "int32Value" => Primitive::Int32,
        "int64Value" => Primitive::Int64,
        "timeOfDayValue" => Primitive::TimeOfDay,
        _ => return None,
    };
    Some(no(lexical::is_value(kind, input)))
}

fn members(input: &str) -> bool {
    let number = |text: &str| lexical::is_value(Primitive::Int64, text);
    input.split(',').all(|member| lexical::identifier(member) == Some(member.len()) || number(member))
}

fn limits() -> Limits {
    Limits::default()
}

fn no(right: bool) -> Verdict {
    right.then_some(()).ok_or(None)
}

fn whole(right: bool, end: Option<usize>) -> Verdict {
    right.then_some(()).ok_or(Some(end.unwrap_or(0)))
}

fn verdict<T>(read: Result<T, gridkeep_odata::Error>) -> Verdict {
    read.map(|_| ()).map_err(|error| error.span.map(|span| span.start))
}

fn expr(input: &str, names: &Constraints, fits: impl Fn(&ExprKind) -> bool) -> Verdict {
    let read = Expr::parse(input, &limits());
    match read.and_then(|expr| expr.check(names).map(|()| expr)) {
        Ok(expr) => no(fits(&expr.kind)),
        other => verdict(other),
    }
}

fn literal(input: &str, names: &Constraints, fits: impl Fn(&Literal) -> bool) -> Verdict {
    expr(input, names, |kind| matches!(kind, ExprKind::Literal(value) if fits(value)))
}

fn options(input: &str, names: &Constraints) -> Result<QueryOptions, Option<usize>> {
    let read = QueryOptions::parse(input, &limits());
    read.and_then(|options| options.check(names).map(|()| options))
        .map_err(|error| error.span.map(|span| span.start))
}

fn one(input: &str, names: &Constraints) -> Result<QueryOptions, Option<usize>> {
    if input.contains('&') { Err(input.find('&')) } else { options(input, names) }
}

fn relative(input: &str, names: &Constraints) -> Verdict {
    match Request::parse(input, &limits()) {
        Ok(Request { context: Some(fragment), .. }) => context(&format!("#{fragment}"), names),
        other => verdict(other.and_then(|request| request.check(names))),
    }
}

/// A context; what of a select list has no namespace is a property.
fn context(input: &str, names: &Constraints) -> Verdict {
    match Context::parse(input) {
        Ok(context) => no(selected(context.select.as_deref().unwrap_or_default(), names)),
        other => verdict(other),
    }
}

fn selected(items: &[SelectItem], names: &Constraints) -> bool {
    let property = |name: &str| Kind::ALL.iter().any(|kind| names.may_be(Class::Property(*kind), name));
    items.iter().all(|item| {
        let mut steps = item.path.split('/').filter(|step| !step.contains(['.', '@', '*']));
        steps.all(property) && selected(item.nested.as_deref().unwrap_or_default(), names)
    })
}

/// A whole URL: where the root of the service ends is for the service to know, so each slash is tried.
fn uri(input: &str, names: &Constraints) -> Verdict {
    let Some((scheme, rest)) = input.split_once("://") else { return Err(Some(0)) };
    if !matches!(scheme, "http" | "https") {
        return Err(Some(0));
    }
    let authority = rest.find('/').unwrap_or(rest.len());
    let path = &rest[authority..];
    let slashes = path.split('?').next().unwrap_or("").match_indices('/').map(|(at, _)| at + 1);
    let mut worst = Err(None);
    for at in slashes {
        match relative(&path[at..], names) {
            Ok(()) => return Ok(()),
            other => worst = other,
        }
    }
    worst
}
