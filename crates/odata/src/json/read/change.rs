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
        /// Id of the target.
        target: Cow<'a, str>,
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
        match context.map(|context| context.target) {
            Some(Target::DeletedEntity(_)) => self.deleted_entity(kind).map(Change::Entity),
            Some(Target::Link(_)) => self.link(false),
            Some(Target::DeletedLink(_)) => self.link(true),
            _ => self.instance(kind).map(Change::Entity),
        }
    }

    /// 4.0 gives id and reason as plain members, 4.01 as control information; either is taken.
    fn deleted_entity(&mut self, kind: &'e StructuredType) -> Result<Instance<'a>> {
        let mut ahead = self.tokens.clone();
        let (mut first, mut plain) = (true, true);
        ahead.begin_object()?;
        while let Some((name, _)) = ahead.member(&mut first)? {
            plain &= !matches!(split(&name), Some(("", Control::Removed)));
            ahead.skip()?;
        }
        if !plain {
            return self.instance(kind);
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
        Ok(Instance { kind: None, id, etag: None, removed, content_id: None, members: Vec::new(), span })
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
        match (source, relationship, target) {
            (Some(source), Some(relationship), Some(target)) => {
                Ok(Change::Link { deleted, source, relationship, target, span })
            }
            _ => refuse("MISSING_MEMBER", "A link needs source, relationship and target", span),
        }
    }
}
