//! Annotations in CSDL JSON: members whose names hold an `@` (OData-CSDL-JSON 4.01, section 14.2).

use std::collections::HashMap;

use super::{expression::expression, tree::Node};
use crate::{
    Error,
    csdl::{shown, too_large},
    edm::{Annotation, QName},
};

/// Most annotations of annotations of annotations.
const DEPTH: usize = 16;

/// One member: the terms from the element to what the value belongs to, and the value.
type Member<'n> = (Vec<&'n str>, &'n Node);

/// What an object says of itself and of its members, by the member's name; its own is empty.
pub(super) struct Said<'n>(HashMap<&'n str, Vec<Member<'n>>>);

impl<'n> Said<'n> {
    pub(super) fn by(node: &'n Node) -> Result<Self, Error> {
        let mut all: HashMap<&str, Vec<Member<'_>>> = HashMap::new();
        for (name, value) in node.object("this")? {
            let Some((member, terms)) = name.split_once('@') else { continue };
            // The type of a record is none of them.
            if member.is_empty() && matches!(terms, "type" | "odata.type") {
                continue;
            }
            let terms: Vec<&str> = terms.split('@').take(DEPTH + 1).collect();
            if terms.len() > DEPTH {
                return Err(too_large(value.span.start, format!("annotations nest deeper than {DEPTH}")));
            }
            all.entry(member).or_default().push((terms, value));
        }
        Ok(Self(all))
    }

    /// What is said of this member.
    pub(super) fn of(&self, member: &str) -> Result<Vec<Annotation>, Error> {
        self.0.get(member).map_or(Ok(Vec::new()), |all| grouped(all))
    }
}

/// What an object says of itself.
pub(super) fn said_of(node: &Node) -> Result<Vec<Annotation>, Error> {
    Said::by(node)?.of("")
}

/// Annotations in the order in which they are mentioned first, each with its own.
fn grouped(all: &[Member<'_>]) -> Result<Vec<Annotation>, Error> {
    struct Group<'n> {
        name: &'n str,
        place: &'n Node,
        value: Option<&'n Node>,
        inner: Vec<Member<'n>>,
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (terms, node) in all {
        let Some((name, rest)) = terms.split_first() else { continue };
        let at = *known.entry(name).or_insert_with(|| {
            groups.push(Group { name, place: node, value: None, inner: Vec::new() });
            groups.len() - 1
        });
        match rest {
            [] => groups[at].value = Some(node),
            rest => groups[at].inner.push((rest.to_vec(), node)),
        }
    }
    let one = |group: Group<'_>| {
        let (term, qualifier) =
            group.name.split_once('#').map_or((group.name, None), |(term, q)| (term, Some(q)));
        let wrong = || group.place.wrong(format!("{} is no qualified name of a term", shown(term)));
        Ok(Annotation {
            term: QName::parse(term).ok_or_else(wrong)?,
            qualifier: qualifier.map(str::to_owned),
            value: group.value.map(expression).transpose()?,
            annotations: grouped(&group.inner)?,
        })
    };
    groups.into_iter().map(one).collect()
}
