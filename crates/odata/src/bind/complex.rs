//! Complex values in expressions: one of their parts, or whether there are any.

use gridkeep_model::{
    Value,
    query::{Expr, Operator, Part},
};

use super::{Scope, Typed, path::Way};
use crate::{
    Error, ErrorKind, Span,
    project::{Member, MemberSource},
    syntax::ast::{PathSegment, PathSegmentKind},
};

/// A complex value of a row.
#[derive(Debug)]
pub(super) struct Whole<'a> {
    pub(super) way: Way<'a>,
    pub(super) member: &'a Member,
}

impl<'a> Scope<'a> {
    /// The part of it that a segment names.
    pub(super) fn part(&self, whole: Whole<'a>, segment: &PathSegment) -> Result<Typed, Error> {
        let Whole { way, member } = whole;
        let PathSegmentKind::Name(name) = &segment.kind else {
            let message = format!("{} is no collection", member.property);
            return Err(Error::new(ErrorKind::Malformed, "NOT_A_COLLECTION", message)
                .at(segment.at.0.start..segment.at.0.end));
        };
        let unknown = || self.unknown(segment.at.0, way.set, &format!("{}/{name}", member.property));
        let part = member.part(&name.name).filter(|_| name.namespace.is_none() && segment.parens.is_empty());
        let part = part.ok_or_else(unknown)?;
        match &part.source {
            MemberSource::Column { id, kind } => {
                let kind = self.kind_of(way.set, &[&member.property, &part.property], *kind);
                Ok(Typed::new(way.value(Part::Column(id.clone())), kind))
            }
            _ => Err(unknown()),
        }
    }

    /// Compared with null: all of its parts are.
    pub(super) fn absent(operator: Operator, whole: &Whole<'a>) -> Expr {
        let null = |id: &String| {
            whole.way.clone().value(Part::Column(id.clone())).compare(Operator::Eq, Value::Null.into())
        };
        let absent = Expr::And(whole.member.ids().map(null).collect());
        if operator == Operator::Eq { absent } else { !absent }
    }
}

/// A complex value is none, nor is a stream one, that can be compared or calculated with.
pub(super) fn no_value(member: &Member, at: Span) -> Error {
    let message = match member.source {
        MemberSource::Stream { .. } => format!("{} is a stream, which has no value here", member.property),
        _ => format!("{} is a complex value; a property of it can follow it", member.property),
    };
    Error::new(ErrorKind::Malformed, "NOT_PRIMITIVE", message).at(at.start..at.end)
}
