//! Values of enumerations in expressions: names of members become numbers (OData-URL 4.01, section 5.1.1.14.1).

use gridkeep_model::{
    ColumnType, Value,
    query::{Expr, Function, Operator},
};

use super::{
    Kind, Scope, Typed,
    expression::{mismatch, unsupported},
};
use crate::{
    Error, ErrorKind,
    json::{enum_text, enum_value},
    project::NAMESPACE,
    syntax::ast::{self, Literal, Name},
};

/// Values that a cast knows the names of.
const MOST_NAMED: usize = 256;

impl Scope<'_> {
    /// A literal of an enumeration type, or a text where a value of one is expected; `None` for every other literal.
    pub(super) fn enum_literal(
        &self,
        literal: &Literal,
        expected: Option<Kind>,
        at: ast::At,
    ) -> Option<Result<Typed, Error>> {
        let wrong = |code, message: String| {
            Some(Err(Error::new(ErrorKind::Malformed, code, message).at(at.0.start..at.0.end)))
        };
        let (place, text) = match (literal, expected) {
            (Literal::Enum { kind, members }, _) => match self.enumeration_named(kind) {
                Some(place) => (place, members.join(",")),
                None => return wrong("UNKNOWN_TYPE", format!("there is no enumeration type {kind}")),
            },
            (Literal::String(text) | Literal::Integer(text), Some(Kind::Enumeration(place))) => {
                (place, text.clone())
            }
            _ => return None,
        };
        let (_, name, kind) = self.projection.enumerations().find(|(known, ..)| *known == place)?;
        let Some(value) = enum_value(kind, &text) else {
            let shown: String = text.chars().take(40).collect();
            return wrong("INVALID_VALUE", format!("'{shown}' is no {name} value"));
        };
        Some(Ok(Typed::new(Expr::Literal(Value::Integer(value)), Kind::Enumeration(place))))
    }

    /// A value of an enumeration as the names of its members, or as a number where it has none.
    pub(super) fn members(&self, value: &Expr, place: u16, at: &ast::Expr) -> Result<Typed, Error> {
        let found = self.projection.enumerations().find(|(known, ..)| *known == place);
        let Some((_, _, kind)) = found else { return Ok(Typed::new(Value::Null.into(), Kind::Text)) };
        let mut values: Vec<i64> = kind.members.iter().map(|member| member.value).collect();
        if kind.flags {
            for member in &kind.members {
                let more: Vec<i64> = values.iter().map(|value| value | member.value).collect();
                values.extend(more);
                values.sort_unstable();
                values.dedup();
                if values.len() > MOST_NAMED {
                    return Err(unsupported(at, "casts of enumerations with this many members"));
                }
            }
        }
        let named = |number: i64| {
            let text = enum_text(kind, number);
            (value.clone().compare(Operator::Eq, Value::Integer(number).into()), text.as_str().into())
        };
        let mut branches: Vec<(Expr, Expr)> = values.into_iter().map(named).collect();
        let other = Expr::Cast(Box::new(value.clone()), ColumnType::Text);
        branches.push((Value::Boolean(true).into(), other));
        Ok(Typed::new(Expr::Case(branches), Kind::Text))
    }

    /// The enumeration of this name.
    pub(super) fn enumeration_named(&self, name: &Name) -> Option<u16> {
        let namespace = name.namespace.as_deref().unwrap_or(NAMESPACE);
        let mut all = self.projection.enumerations();
        all.find(|(_, known, _)| known.namespace == namespace && known.name == name.name)
            .map(|(place, ..)| place)
    }

    /// Whether all flags of the right are set in the left.
    pub(super) fn has(&self, left: &ast::Expr, right: &ast::Expr) -> Result<Typed, Error> {
        let value = self.expression(left, None)?;
        if !matches!(value.kind, Kind::Enumeration(_)) {
            return Err(mismatch(left, Kind::Enumeration(0), value.kind));
        }
        let flags = self.expression(right, Some(value.kind))?;
        if flags.kind != value.kind {
            return Err(mismatch(right, value.kind, flags.kind));
        }
        Ok(Typed::new(value.expr.call(Function::Has, [flags.expr]), Kind::Boolean))
    }
}
