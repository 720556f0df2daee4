//! Resources behind navigation properties: `Products(1)/Category`, `Categories(1)/Products(2)/Descriptions/$count`
//! (OData-URL 4.01, sections 4.3 and 4.4).

use super::{
    EntityKey, Target, casts, is_type,
    resource::{Walk, key, misplaced, unknown},
};
use crate::{
    Error,
    project::{Navigation, SetSource},
    syntax::ast::{Segment, SegmentKind},
};

/// A step along a navigation property, and what is wanted there.
#[derive(Debug, Clone, PartialEq)]
pub struct Related<'a> {
    /// The set of the entity it begins at.
    pub set: &'a SetSource,
    /// Which entity; of one that is reached along a navigation property to one, the empty key, which all have.
    pub key: EntityKey,
    /// The way.
    pub navigation: &'a Navigation,
    /// What is wanted, said of the whole set that the way leads to: of the related ones among it.
    pub then: Target<'a>,
}

impl<'a> Related<'a> {
    /// What is wanted in the end.
    pub fn last(&self) -> &Target<'a> {
        match &self.then {
            Target::Related(next) => next.last(),
            last => last,
        }
    }

    /// The last step.
    pub fn last_step(&self) -> &Self {
        match &self.then {
            Target::Related(next) => next.last_step(),
            _ => self,
        }
    }
}

impl<'a> Walk<'_, 'a> {
    /// Where a navigation property of an entity leads; `None` when the segment names none.
    pub(super) fn along(
        &self,
        set: &'a SetSource,
        from: &EntityKey,
        segment: &Segment,
        rest: &[&Segment],
    ) -> Option<Result<Target<'a>, Error>> {
        let SegmentKind::Name(name) = &segment.kind else { return None };
        let navigation = set.navigation(&name.name).filter(|_| name.namespace.is_none())?;
        let there = self.projection.target(navigation)?;
        // A cast to the type all its entities have changes nothing.
        let mut rest = rest.to_vec();
        rest.retain(|segment| {
            !matches!(&segment.kind, SegmentKind::Name(name) if casts(there, name) && is_type(there, name) && segment.parens.is_empty())
        });
        let then = match (navigation.many, segment.parens.as_slice()) {
            (false, []) => self.entity(there, EntityKey::Columns(Vec::new()), &rest),
            (true, []) => self.collection(there, &rest),
            (true, [parens]) => key(there, parens, segment.at.0, &self.request.options.aliases)
                .and_then(|key| self.entity(there, key, &rest)),
            (_, [.., parens]) => Err(misplaced(parens.at.0, "a pair of parentheses")),
        };
        // A navigation property has no plain value of its own.
        let then = then.and_then(|then| match rest.first() {
            Some(first) if first.kind == SegmentKind::Value => Err(unknown(first)),
            _ => Ok(then),
        });
        Some(then.map(|then| Target::Related(Box::new(Related { set, key: from.clone(), navigation, then }))))
    }
}
