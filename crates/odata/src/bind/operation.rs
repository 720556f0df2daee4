//! Which overload of an action or function is called, and with what (OData-URL 4.01, sections 4.5 and 4.6; OData-Protocol
//! 4.01, section 11.5).
//!
//! **Architecture Invariant:** what comes out is one overload with arguments that have the types of its parameters; what
//! names no parameter, and what does not fit one, is refused here.

use gridkeep_model::RowId;

use super::{
    EntityKey, Target,
    argument::{Argument, argument, item},
    resource::{Walk, key, misplaced, unknown},
};
use crate::{
    Error, ErrorKind, Span,
    edm::{Edm, Parameter},
    json::{Limits, Reader},
    project::{OperationSource, Projection, SetSource},
    syntax::{
        self,
        ast::{self, Name, Parens, ParensKind, QueryOptions, Segment, SegmentKind},
    },
};

/// A call of an action or function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<'a> {
    /// What is called; of an action, which its body chooses ([`Call::invoked`]), perhaps one of several.
    pub overloads: Vec<&'a OperationSource>,
    /// The entity or the collection it is called on.
    pub bound: Option<Box<Target<'a>>>,
    /// Arguments of a function.
    pub arguments: Vec<Argument>,
    /// What is wanted of what it answers.
    pub then: Then<'a>,
}

/// What is wanted of what an operation answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Then<'a> {
    /// All of it: a value, values, or nothing.
    Whole,
    /// The value as plain text.
    Value,
    /// How many values there are, as plain text.
    Count,
    /// Something of the entities it answers: the target is about all those of their set, or of one that is still to be named.
    Entities(Box<Target<'a>>),
}

impl<'a> Call<'a> {
    /// Whether it may change data.
    pub fn is_action(&self) -> bool {
        self.overloads.first().is_some_and(|one| one.is_action())
    }

    /// The function, with its arguments.
    pub fn function(&self) -> Option<(&'a OperationSource, &[Argument])> {
        self.overloads.first().filter(|one| !one.is_action()).map(|one| (*one, self.arguments.as_slice()))
    }

    /// The action that a body means, with its arguments. No body is an empty one.
    pub fn invoked(&self, edm: &Edm, body: &[u8]) -> Result<(&'a OperationSource, Vec<Argument>), Error> {
        let read = || Reader::new(edm, body, 0, Limits::default());
        let action = match self.overloads.as_slice() {
            [only] => *only,
            several => {
                let names = read()?.names()?;
                let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
                choose(several, &names, &|parameter| parameter.is_optional() || parameter.kind.nullable)
                    .ok_or_else(|| no_overload(ErrorKind::Malformed, several, &names))?
            }
        };
        let given = read()?.parameters(&action.parameters)?;
        let argument = |member: crate::json::Member<'_>| {
            let name = member.name.into_owned();
            let value = item(member.content, &name)?;
            Ok((name, value))
        };
        Ok((action, given.into_iter().map(argument).collect::<Result<_, Error>>()?))
    }
}

impl<'a> Walk<'_, 'a> {
    /// The call of what is offered at the root by a segment's name; `None` when nothing is.
    pub(super) fn imported(&self, segment: &Segment, rest: &[&Segment]) -> Option<Result<Target<'a>, Error>> {
        let SegmentKind::Name(Name { namespace: None, name, .. }) = &segment.kind else { return None };
        let overloads: Vec<_> = self.projection.imported(name).collect();
        (!overloads.is_empty()).then(|| self.call(overloads, None, segment, rest))
    }

    /// The call of what is bound to the entity or the collection that `bound` leads to; `None` when a segment's name is none
    /// of that.
    pub(super) fn bound(
        &self,
        set: &SetSource,
        bound: impl FnOnce() -> Target<'a>,
        segment: &Segment,
        rest: &[&Segment],
    ) -> Option<Result<Target<'a>, Error>> {
        let SegmentKind::Name(name) = &segment.kind else { return None };
        // A property goes before an operation that is not named in full.
        if name.namespace.is_none() && set.member(&name.name).is_some() {
            return None;
        }
        if !self.projection.has_bound(name) {
            return None;
        }
        let bound = bound();
        let collection = matches!(bound, Target::Collection { .. });
        let overloads: Vec<_> = self.projection.bound(name, &set.entity_type, collection).collect();
        (!overloads.is_empty()).then(|| self.call(overloads, Some(bound), segment, rest))
    }

    fn call(
        &self,
        overloads: Vec<&'a OperationSource>,
        bound: Option<Target<'a>>,
        segment: &Segment,
        rest: &[&Segment],
    ) -> Result<Target<'a>, Error> {
        let (overloads, arguments) = called(self.projection, overloads, segment, &self.request.options)?;
        let then = self.then(overloads[0], segment, rest)?;
        Ok(Target::Operation(Call { overloads, bound: bound.map(Box::new), arguments, then }))
    }

    /// What is asked of the answer: nothing may follow what is not composable.
    fn then(&self, one: &OperationSource, segment: &Segment, rest: &[&Segment]) -> Result<Then<'a>, Error> {
        let second = segment.parens.get(1);
        let set = one.set.as_deref().and_then(|set| self.projection.set(set));
        let many = one.returns.as_ref().is_some_and(|returns| returns.collection);
        if let (Some(parens), false) = (second, set.is_some() && many && one.is_composable()) {
            return Err(misplaced(parens.at.0, "a key"));
        }
        if let (Some(first), false) = (rest.first(), one.is_composable()) {
            return Err(unknown(first));
        }
        if let Some(set) = set {
            let target = match second {
                Some(parens) => {
                    self.entity(set, key(set, parens, segment.at.0, &self.request.options.aliases)?, rest)?
                }
                None if many => self.collection(set, rest)?,
                None => self.entity(set, EntityKey::Row(RowId::from_uuid(uuid::Uuid::nil())), rest)?,
            };
            return Ok(Then::Entities(Box::new(target)));
        }
        match rest {
            [] => Ok(Then::Whole),
            [last] if last.kind == SegmentKind::Value && !many => Ok(Then::Value),
            [last] if last.kind == SegmentKind::Count && many => Ok(Then::Count),
            [first, ..] => Err(unknown(first)),
        }
    }
}

/// What a segment calls, of these overloads; the second pair of parentheses, if any, is left to the caller.
pub(super) fn called<'a>(
    projection: &'a Projection,
    overloads: Vec<&'a OperationSource>,
    segment: &Segment,
    options: &QueryOptions,
) -> Result<(Vec<&'a OperationSource>, Vec<Argument>), Error> {
    if overloads.first().is_some_and(|one| one.is_action()) {
        return match segment.parens.first() {
            None => Ok((overloads, Vec::new())),
            Some(parens) => Err(misplaced(parens.at.0, "parentheses behind the name of an action")),
        };
    }
    let mut given: Vec<(&str, ast::Expr, Span)> = Vec::new();
    match segment.parens.first() {
        None | Some(Parens { kind: ParensKind::Empty, .. }) => {}
        Some(Parens { kind: ParensKind::Named(named), .. }) => {
            given.extend(named.iter().map(|one| (one.name.as_str(), one.value.clone(), one.at.0)));
        }
        Some(parens) => return Err(misplaced(parens.at.0, "an argument without its name")),
    }
    let known = |name: &str| overloads.iter().any(|one| one.parameter(name).is_some());
    if let Some((name, _, at)) = given.iter().find(|(name, ..)| !known(name)) {
        let message = format!("{} has no parameter {name}", overloads[0].name.name);
        return Err(Error::new(ErrorKind::NotFound, "UNKNOWN_PARAMETER", message).at(at.start..at.end));
    }
    // Options of the parameters' names (section 4.6: implicit parameter aliases).
    let named = |given: &[(&str, ast::Expr, Span)], name: &str| given.iter().any(|(own, ..)| *own == name);
    for alias in &options.aliases {
        if known(&alias.name) && !named(&given, &alias.name) {
            given.push((&alias.name, alias.value.clone(), alias.at.0));
        }
    }
    for custom in &options.custom {
        if !known(&custom.name) {
            let message = format!("{} has no parameter {}", overloads[0].name.name, custom.name);
            let at = custom.at.0;
            return Err(Error::new(ErrorKind::Malformed, "UNKNOWN_PARAMETER", message).at(at.start..at.end));
        }
        if named(&given, &custom.name) {
            let message = format!("{} is given twice", custom.name);
            let at = custom.at.0;
            return Err(Error::new(ErrorKind::Malformed, "DUPLICATE_PARAMETER", message).at(at.start..at.end));
        }
        given.push((&custom.name, custom.parameter(&syntax::Limits::default())?, custom.at.0));
    }
    let names: Vec<&str> = given.iter().map(|(name, ..)| *name).collect();
    let function = choose(&overloads, &names, &Parameter::is_optional).ok_or_else(|| {
        let at = segment.at.0;
        no_overload(ErrorKind::NotFound, &overloads, &names).at(at.start..at.end)
    })?;
    let mut arguments = Vec::with_capacity(given.len());
    for parameter in &function.parameters {
        if let Some((_, written, _)) = given.iter().find(|(name, ..)| *name == parameter.name) {
            let value = argument(&projection.edm, parameter, written, &options.aliases)?;
            arguments.push((parameter.name.clone(), value));
        }
    }
    Ok((vec![function], arguments))
}

/// The overload that has all these parameters and needs no other; of several the one with the fewest.
fn choose<'a>(
    overloads: &[&'a OperationSource],
    names: &[&str],
    optional: &dyn Fn(&Parameter) -> bool,
) -> Option<&'a OperationSource> {
    let fits = |one: &&&OperationSource| {
        let needed =
            |parameter: &&Parameter| !names.contains(&parameter.name.as_str()) && !optional(parameter);
        names.iter().all(|name| one.parameter(name).is_some()) && !one.parameters.iter().any(|p| needed(&p))
    };
    overloads.iter().filter(fits).min_by_key(|one| one.parameters.len()).copied()
}

fn no_overload(kind: ErrorKind, overloads: &[&OperationSource], names: &[&str]) -> Error {
    let takes = |one: &&OperationSource| {
        let names: Vec<&str> = one.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        format!("({})", names.join(","))
    };
    let all: Vec<String> = overloads.iter().map(takes).collect();
    let name = &overloads[0].name.name;
    let message = format!("{name} takes {}, not ({})", all.join(" or "), names.join(","));
    Error::new(kind, "NO_OVERLOAD", message)
}

#[cfg(test)]
mod tests;
