//! Entries of a delta payload (OData-JSON 4.01, section 15).

use std::borrow::Cow;

use super::{
    Instance, Kind, Reader, Result,
    control::{Control, split},
    refuse,
};
use crate::{
    Span,
    edm::StructuredType,
    json::{Context, Reason, Target},
};

/// One entry of a delta payload.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<'a> {
    /// A new, changed or removed entity.
    Entity(Instance<'a>),
    /// A relationship that came or went (4.0).
    Link {
        /// It went.
        deleted: bool,
        /// Id of the source.
        source: Cow<'a, str>,
        /// Name of the navigation property.
        relationship: Cow<'a, str>,
        /// Id of the target; one that went from a navigation property to one needs none.
        target: Option<Cow<'a, str>>,
        /// Where it is.
        span: Span,
    },
}

impl<'e, 'a> Reader<'e, 'a> {
    /// One entry of a delta payload: its context says what it is in 4.0, `@removed` in 4.01.
    pub(super) fn change(&mut self, kind: &'e StructuredType) -> Result<Change<'a>> {
        self.kind_of_object()?;
        let mut ahead = self.tokens.clone();
        let mut first = true;
        ahead.begin_object()?;
        let named = ahead.member(&mut first)?;
        let context = match named.as_ref().and_then(|(name, _)| split(name)) {
            Some(("", Control::Context)) if ahead.kind()? == Kind::String => {
                Context::parse(&ahead.string()?).ok()
            }
            _ => None,
        };
        let target = context.map(|context| context.target);
        let set = match &target {
            Some(Target::Entity(set) | Target::DeletedEntity(set)) => Some(set.clone()),
            _ => None,
        };
        // 4.0 has entities of other sets beside each other.
        let kind = set.as_deref().and_then(|set| self.kind_of_set(set)).unwrap_or(kind);
        let mut instance = match target {
            Some(Target::Link(_)) => return self.link(false),
            Some(Target::DeletedLink(_)) => return self.link(true),
            Some(Target::DeletedEntity(_)) => self.deleted_entity(kind)?,
            _ => self.instance(kind)?,
        };
        instance.set = set;
        Ok(Change::Entity(instance))
    }

    fn kind_of_set(&self, name: &str) -> Option<&'e StructuredType> {
        let (_, container) = self.edm.container()?;
        let set = container.sets.iter().find(|set| set.name == name)?;
        self.edm.structured(&set.kind)
    }

    /// 4.0 gives id and reason as plain members, 4.01 as control information; either is taken.
    fn deleted_entity(&mut self, kind: &'e StructuredType) -> Result<Instance<'a>> {
        let mut ahead = self.tokens.clone();
        let (mut first, mut plain, mut said) = (true, false, false);
        ahead.begin_object()?;
        while let Some((name, _)) = ahead.member(&mut first)? {
            plain |= matches!(&*name, "id" | "reason");
            said |= matches!(split(&name), Some(("", Control::Removed | Control::Id)));
            ahead.skip()?;
        }
        if said || !plain {
            let instance = self.instance(kind)?;
            let removed = instance.removed.or(Some(Reason::Deleted));
            return Ok(Instance { removed, ..instance });
        }
        let start = self.tokens.place();
        let (mut id, mut reason) = (None, Reason::Deleted);
        self.members(|reader, name, span| match &*name {
            "id" => {
                id = Some(reader.text()?);
                Ok(())
            }
            "reason" => {
                reason = reader.reason(span)?;
                Ok(())
            }
            _ => refuse("UNKNOWN_MEMBER", "A deleted entity has an id and a reason", span),
        })?;
        let span = self.tokens.since(start);
        if id.is_none() {
            return refuse("MISSING_ID", "A deleted entity needs an id", span);
        }
        let removed = Some(reason);
        let members = Vec::new();
        Ok(Instance { kind: None, set: None, id, etag: None, removed, content_id: None, members, span })
    }

    fn link(&mut self, deleted: bool) -> Result<Change<'a>> {
        let start = self.tokens.place();
        let (mut source, mut relationship, mut target) = (None, None, None);
        self.members(|reader, name, span| {
            let part = match &*name {
                "source" => &mut source,
                "relationship" => &mut relationship,
                "target" => &mut target,
                _ => {
                    return refuse("UNKNOWN_MEMBER", "A link has source, relationship and target", span);
                }
            };
            *part = Some(reader.text()?);
            Ok(())
        })?;
        let span = self.tokens.since(start);
        match (source, relationship) {
            (Some(source), Some(relationship)) if deleted || target.is_some() => {
                Ok(Change::Link { deleted, source, relationship, target, span })
            }
            _ => refuse("MISSING_MEMBER", "A link needs source, relationship and target", span),
        }
    }
}
