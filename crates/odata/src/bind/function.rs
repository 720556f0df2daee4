//! The built-in functions (OData-URL 4.01, section 5.1.1.5 and following).

use gridkeep_model::{
    Value,
    query::{Expr, Function, Operator},
};
use jiff::civil;

use super::{
    Kind, Scope, Typed,
    expression::{mismatch, unsupported},
};
use crate::{
    Error,
    syntax::ast::{self, Method},
};

/// What a function takes: for each argument the kinds it may have.
const TEXT: &[Kind] = &[Kind::Text];
const WHOLE: &[Kind] = &[Kind::Integer];
const NUMBER: &[Kind] = &[Kind::Decimal, Kind::Integer, Kind::Double];
const DAY: &[Kind] = &[Kind::Date, Kind::DateTime];
const CLOCK: &[Kind] = &[Kind::Time, Kind::DateTime];
const MOMENT: &[Kind] = &[Kind::DateTime];
const LENGTH: &[Kind] = &[Kind::Duration];

/// A call, bound.
pub(super) fn call(
    scope: &Scope<'_>,
    whole: &ast::Expr,
    method: Method,
    arguments: &[ast::Expr],
) -> Result<Typed, Error> {
    let (function, takes, gives): (Function, &[&[Kind]], Option<Kind>) = match method {
        Method::Contains => (Function::Contains, &[TEXT, TEXT], Some(Kind::Boolean)),
        Method::StartsWith => (Function::StartsWith, &[TEXT, TEXT], Some(Kind::Boolean)),
        Method::EndsWith => (Function::EndsWith, &[TEXT, TEXT], Some(Kind::Boolean)),
        Method::IndexOf => (Function::IndexOf, &[TEXT, TEXT], Some(Kind::Integer)),
        Method::Length => (Function::Length, &[TEXT], Some(Kind::Integer)),
        Method::Substring => (Function::Substring, &[TEXT, WHOLE, WHOLE], Some(Kind::Text)),
        Method::ToLower => (Function::ToLower, &[TEXT], Some(Kind::Text)),
        Method::ToUpper => (Function::ToUpper, &[TEXT], Some(Kind::Text)),
        Method::Trim => (Function::Trim, &[TEXT], Some(Kind::Text)),
        Method::Concat => (Function::Concat, &[TEXT, TEXT], Some(Kind::Text)),
        Method::MatchesPattern => (Function::MatchesPattern, &[TEXT, TEXT], Some(Kind::Boolean)),
        Method::Year => (Function::Year, &[DAY], Some(Kind::Integer)),
        Method::Month => (Function::Month, &[DAY], Some(Kind::Integer)),
        Method::Day => (Function::Day, &[DAY], Some(Kind::Integer)),
        Method::Hour => (Function::Hour, &[CLOCK], Some(Kind::Integer)),
        Method::Minute => (Function::Minute, &[CLOCK], Some(Kind::Integer)),
        Method::Second => (Function::Second, &[CLOCK], Some(Kind::Integer)),
        Method::FractionalSeconds => (Function::FractionalSeconds, &[CLOCK], Some(Kind::Decimal)),
        Method::Date => (Function::Date, &[MOMENT], Some(Kind::Date)),
        Method::Time => (Function::Time, &[MOMENT], Some(Kind::Time)),
        Method::TotalSeconds => (Function::TotalSeconds, &[LENGTH], Some(Kind::Decimal)),
        // Of the kind of their argument.
        Method::Round => (Function::Round, &[NUMBER], None),
        Method::Floor => (Function::Floor, &[NUMBER], None),
        Method::Ceiling => (Function::Ceiling, &[NUMBER], None),
        // As precise as what is kept.
        Method::Now => return Ok(constant(scope.now.with().nanosecond(0).build().unwrap_or(scope.now))),
        Method::MinDateTime => return Ok(constant(civil::DateTime::constant(1, 1, 1, 0, 0, 0, 0))),
        Method::MaxDateTime => {
            return Ok(constant(civil::DateTime::constant(9999, 12, 31, 23, 59, 59, 999_999_000)));
        }
        Method::TotalOffsetMinutes => {
            // Moments are kept in UTC.
            let moment = argument(scope, &arguments[0], MOMENT)?;
            let known = moment.expr.compare(Operator::Ne, Value::Null.into());
            return Ok(Typed::new(Expr::Case(vec![(known, Value::Integer(0).into())]), Kind::Integer));
        }
        Method::IsDefined => {
            let there = match scope.expression(&arguments[0], None) {
                Ok(_) => true,
                // What was aggregated away is no longer there.
                Err(_) if scope.aggregated(&arguments[0]) => false,
                Err(error) => return Err(error),
            };
            return Ok(Typed::new(Value::Boolean(there).into(), Kind::Boolean));
        }
        Method::HasSubset | Method::HasSubsequence => return Err(unsupported(whole, "collections")),
    };
    let bound = arguments
        .iter()
        .zip(takes)
        .map(|(written, kinds)| argument(scope, written, kinds))
        .collect::<Result<Vec<_>, _>>()?;
    let kind = gives.or_else(|| bound.first().map(|first| first.kind)).unwrap_or(Kind::Null);
    Ok(Typed::new(Expr::Call(function, bound.into_iter().map(|typed| typed.expr).collect()), kind))
}

fn argument(scope: &Scope<'_>, written: &ast::Expr, kinds: &[Kind]) -> Result<Typed, Error> {
    let typed = scope.expression(written, kinds.first().copied())?;
    if typed.kind == Kind::Null || kinds.contains(&typed.kind) {
        return Ok(typed);
    }
    Err(mismatch(written, kinds.first().copied().unwrap_or(Kind::Null), typed.kind))
}

fn constant(moment: civil::DateTime) -> Typed {
    Typed::new(Value::DateTime(moment).into(), Kind::DateTime)
}
