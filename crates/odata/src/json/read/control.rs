//! Names of members: which are control information, which are annotations, and which came before.

use std::{borrow::Cow, collections::HashSet};

/// What the part of a name behind `@` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    Context,
    Type,
    Id,
    ETag,
    Removed,
    Bind,
    Delta,
    MediaContentType,
    /// `Core.ContentID`: names a nested entity for later references.
    ContentId,
    /// Another control information, or an annotation: nothing to do in a request.
    Other,
}

/// Splits a name at `@`: the property it is about, empty for the object itself, and what is said.
pub(super) fn split(name: &str) -> Option<(&str, Control)> {
    let (property, said) = name.split_once('@')?;
    let control = match said.strip_prefix("odata.").unwrap_or(said) {
        "context" => Control::Context,
        "type" => Control::Type,
        "id" => Control::Id,
        "etag" => Control::ETag,
        "removed" => Control::Removed,
        "bind" => Control::Bind,
        "delta" => Control::Delta,
        "mediaContentType" => Control::MediaContentType,
        "Core.ContentID" | "Org.OData.Core.V1.ContentID" => Control::ContentId,
        _ => Control::Other,
    };
    Some((property, control))
}

/// Names seen in an object. `@odata.id` and `@id` are the same name.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    few: Vec<Cow<'a, str>>,
    many: HashSet<Cow<'a, str>>,
}

/// Beyond this many a set is faster than looking through all.
const FEW: usize = 24;

impl<'a> Seen<'a> {
    /// Whether the name is new.
    pub(super) fn add(&mut self, name: Cow<'a, str>) -> bool {
        let name = match name.split_once("@odata.") {
            Some((property, said)) if !said.contains('.') => Cow::Owned(format!("{property}@{said}")),
            _ => name,
        };
        if !self.many.is_empty() {
            return self.many.insert(name);
        }
        if self.few.contains(&name) {
            return false;
        }
        self.few.push(name);
        if self.few.len() > FEW {
            self.many.extend(self.few.drain(..));
        }
        true
    }
}
