//! Writes payloads into a buffer that its owner empties as it grows.
//!
//! The caller says what there is; the writer leaves out what the metadata level does not want and names control
//! information as the version does. It trusts its caller to close what it opened.

use super::{Name, Scalar, Style, text, value};
use crate::header::{Metadata, Version};

/// A stream of JSON.
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    style: Style,
    /// Nothing was written yet in the object or array that is open.
    first: bool,
}

/// A place in a payload that is being written: see [`Writer::mark`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    length: usize,
    first: bool,
}

/// Control information that a client might be able to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact<'a> {
    /// It can: only full metadata has it.
    Computable(&'a str),
    /// It cannot: minimal metadata has it too.
    Needed(&'a str),
}

/// What stands at the head of an entity; what is `None` does not apply.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntityHead<'a> {
    /// Context URL, of the payload's root or of an entity from elsewhere.
    pub context: Option<&'a str>,
    /// Qualified type name: needed when it is derived from the declared one.
    pub kind: Option<Fact<'a>>,
    /// Its id: needed when key properties are left out.
    pub id: Option<Fact<'a>>,
    /// It has no identity, as what `$apply` makes: 4.0 says so with an id that is null.
    pub transient: bool,
    /// Its ETag, as it stands in the header.
    pub etag: Option<&'a str>,
    /// Where to read it, if not where to edit it.
    pub read_link: Option<Fact<'a>>,
    /// Where to edit it, if not at its id.
    pub edit_link: Option<Fact<'a>>,
    /// The stream of a media entity.
    pub media: Option<Media<'a>>,
}

/// What is said of a stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Media<'a> {
    /// Where to read it.
    pub read_link: Option<Fact<'a>>,
    /// Where to replace it.
    pub edit_link: Option<Fact<'a>>,
    /// Its ETag.
    pub etag: Option<&'a str>,
    /// Its type.
    pub content_type: Option<&'a str>,
}

/// Why an entity is no longer part of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It does not exist any more.
    Deleted,
    /// It does not fit any more.
    Changed,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Changed => "changed",
        }
    }
}

/// An entity that left a result (section 15.3).
#[derive(Debug, Clone, Copy)]
pub struct Removed<'a> {
    /// Its id.
    pub id: &'a str,
    /// Why.
    pub reason: Reason,
    /// Its entity set. 4.0 always says it; 4.01 where `elsewhere` or with full metadata.
    pub set: &'a str,
    /// The payload is about another set.
    pub elsewhere: bool,
}

/// A relationship that came or went, in 4.0 delta payloads (section 15.5).
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// It went.
    pub deleted: bool,
    /// Entity set of the source.
    pub set: &'a str,
    /// Id of the source.
    pub source: &'a str,
    /// Name of the navigation property.
    pub relationship: &'a str,
    /// Id of the target.
    pub target: &'a str,
}

impl Writer {
    /// An empty one.
    pub fn new(style: Style) -> Self {
        Self::over(Vec::new(), style)
    }

    /// One that goes on behind what a buffer holds, or in an empty one with room.
    pub const fn over(buffer: Vec<u8>, style: Style) -> Self {
        Self { out: buffer, style, first: true }
    }

    /// How it writes.
    pub const fn style(&self) -> &Style {
        &self.style
    }

    /// How much is in the buffer.
    pub fn buffered(&self) -> usize {
        self.out.len()
    }

    /// Hands over what is in the buffer, to be sent; the next buffer has the same room.
    pub fn take(&mut self) -> Vec<u8> {
        let room = self.out.capacity();
        std::mem::replace(&mut self.out, Vec::with_capacity(room))
    }

    /// Where it is now, to come back to with [`Self::rewind`] as long as the buffer was not taken.
    pub fn mark(&self) -> Mark {
        Mark { length: self.out.len(), first: self.first }
    }

    /// Forgets what was written behind a mark.
    pub fn rewind(&mut self, mark: Mark) {
        self.out.truncate(mark.length);
        self.first = mark.first;
    }

    /// The buffer, at the end.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    // Building blocks.

    #[inline]
    pub(super) fn is_first(&self) -> bool {
        self.first
    }

    #[inline]
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        self.first = false;
    }

    #[inline]
    pub(super) fn named(&mut self, name: &Name) {
        let bytes = name.bytes(self.first);
        self.out.extend_from_slice(bytes);
        self.first = true;
    }

    /// A value whose comma is written already.
    #[inline]
    pub(super) fn plain(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.out);
        self.first = false;
    }

    #[inline]
    fn comma(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = true;
    }

    /// Begins an object: an item of an array, or the value of the member whose name was written.
    #[inline]
    pub fn begin_object(&mut self) {
        self.comma();
        self.out.push(b'{');
    }

    /// Ends an object.
    #[inline]
    pub fn end_object(&mut self) {
        self.out.push(b'}');
        self.first = false;
    }

    /// Begins an array.
    pub fn begin_array(&mut self) {
        self.comma();
        self.out.push(b'[');
    }

    /// Ends an array.
    pub fn end_array(&mut self) {
        self.out.push(b']');
        self.first = false;
    }

    /// The name of a member; its value follows.
    pub fn key(&mut self, name: &str) {
        self.comma();
        text::write(&mut self.out, name);
        self.out.push(b':');
    }

    /// The same, with a name prepared before.
    #[inline]
    pub fn member(&mut self, name: &Name) {
        self.named(name);
    }

    /// A value: an item of an array, or of the member whose name was written.
    pub fn scalar(&mut self, scalar: &Scalar<'_>) {
        self.comma();
        value::write(&mut self.out, scalar, self.style.ieee754_compatible);
        self.first = false;
    }

    /// JSON that is there already.
    pub fn json(&mut self, bytes: &[u8]) {
        self.comma();
        self.raw(bytes);
    }

    fn string(&mut self, content: &str) {
        self.comma();
        text::write(&mut self.out, content);
        self.first = false;
    }

    /// The name of control information, of the object or of one of its properties.
    fn control(&mut self, property: &str, name: &str) {
        self.comma();
        self.out.push(b'"');
        text::write_escaped(&mut self.out, property.as_bytes());
        self.out.push(b'@');
        self.out.extend_from_slice(self.style.prefix.as_bytes());
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(super) fn control_text(&mut self, property: &str, name: &str, content: &str) {
        self.control(property, name);
        self.string(content);
    }

    fn fact(&mut self, property: &str, name: &str, fact: Option<Fact<'_>>) {
        match (fact, self.style.metadata) {
            (Some(Fact::Needed(content)), Metadata::Minimal | Metadata::Full)
            | (Some(Fact::Computable(content)), Metadata::Full) => self.control_text(property, name, content),
            _ => {}
        }
    }

    fn context(&mut self, context: Option<&str>) {
        if let Some(context) = context.filter(|_| self.style.metadata != Metadata::None) {
            self.control_text("", "context", context);
        }
    }

    fn count(&mut self, property: &str, count: Option<u64>) {
        if let Some(count) = count {
            self.control(property, "count");
            self.scalar(&Scalar::Int64(i64::try_from(count).unwrap_or(i64::MAX)));
        }
    }

    // Entities.

    /// Begins an entity with what stands at its head; its properties follow, then [`Self::end_object`].
    pub fn begin_entity(&mut self, head: &EntityHead<'_>) {
        self.begin_object();
        if self.style.metadata == Metadata::None {
            return;
        }
        self.context(head.context);
        self.kind(head.kind);
        if head.transient && self.style.version == Version::V4_0 {
            self.control("", "id");
            self.scalar(&Scalar::Null);
        }
        self.fact("", "id", head.id);
        if let Some(etag) = head.etag {
            self.control_text("", "etag", etag);
        }
        self.fact("", "readLink", head.read_link);
        self.fact("", "editLink", head.edit_link);
        if let Some(media) = &head.media {
            self.stream("", media);
        }
    }

    fn kind(&mut self, kind: Option<Fact<'_>>) {
        if let (Some(Fact::Needed(name)), Metadata::Minimal | Metadata::Full)
        | (Some(Fact::Computable(name)), Metadata::Full) = (kind, self.style.metadata)
        {
            self.control("", "type");
            self.string(&format!("#{name}"));
        }
    }

    /// Begins a complex value; `kind` is the qualified name of its type where that is derived from the declared one.
    pub fn begin_complex(&mut self, kind: Option<&str>) {
        self.begin_object();
        self.kind(kind.map(Fact::Needed));
    }

    /// The ETag of a row: its version, weak. The same as in [`EntityHead::etag`], without making a text first.
    #[inline]
    pub fn row_etag(&mut self, version: u64) {
        if self.style.metadata == Metadata::None {
            return;
        }
        let name: &[u8] =
            if self.style.prefix.is_empty() { b",\"@etag\":\"W/\\\"" } else { b",\"@odata.etag\":\"W/\\\"" };
        let name = &name[usize::from(self.first)..];
        self.out.extend_from_slice(name);
        value::int(&mut self.out, version);
        self.raw(b"\\\"\"");
    }

    /// What is said of a stream property, or with an empty name of a media entity's stream.
    pub fn stream(&mut self, property: &str, media: &Media<'_>) {
        if self.style.metadata == Metadata::None {
            return;
        }
        self.fact(property, "mediaReadLink", media.read_link);
        self.fact(property, "mediaEditLink", media.edit_link);
        if let Some(etag) = media.etag {
            self.control_text(property, "mediaEtag", etag);
        }
        if let Some(content_type) = media.content_type {
            self.control_text(property, "mediaContentType", content_type);
        }
    }

    /// Where a navigation property leads to, and where its references are.
    pub fn navigation(&mut self, property: &str, association: Option<Fact<'_>>, link: Option<Fact<'_>>) {
        self.fact(property, "associationLink", association);
        self.fact(property, "navigationLink", link);
    }

    /// An action or function that may be called on the entity; only full metadata has it (section 16).
    pub fn operation(&mut self, name: &str, title: &str, target: &str) {
        if self.style.metadata == Metadata::Full {
            self.key(&format!("#{name}"));
            self.begin_object();
            self.key("title");
            self.string(title);
            self.key("target");
            self.string(target);
            self.end_object();
        }
    }

    /// An annotation of the object, or with a name of one of its properties; its value follows.
    pub fn annotation(&mut self, property: &str, term: &str) {
        self.key(&format!("{property}@{term}"));
    }

    // Collections.

    /// Begins a payload that is a collection: of entities, values, references or changes. Items follow.
    pub fn begin_collection(&mut self, context: Option<&str>, count: Option<u64>) {
        self.begin_object();
        self.context(context);
        self.count("", count);
        self.key("value");
        self.begin_array();
    }

    /// Ends it, with the link to the next page or, on the last one, to later changes.
    pub fn end_collection(&mut self, next_link: Option<&str>, delta_link: Option<&str>) {
        self.end_array();
        match (next_link, delta_link) {
            (Some(next), _) => self.control_text("", "nextLink", next),
            (None, Some(delta)) => self.control_text("", "deltaLink", delta),
            (None, None) => {}
        }
        self.end_object();
    }

    /// Begins the entities of a navigation property that was expanded.
    pub fn begin_expanded(&mut self, property: &Name, count: Option<u64>) {
        self.count(property.plain(), count);
        self.named(property);
        self.begin_array();
    }

    /// Ends them.
    pub fn end_expanded(&mut self, property: &Name, next_link: Option<&str>) {
        self.end_array();
        if let Some(next) = next_link {
            self.control_text(property.plain(), "nextLink", next);
        }
    }

    /// How many entities a navigation property leads to, as `$expand=Items/$count` asks.
    pub fn expanded_count(&mut self, property: &str, count: u64) {
        self.count(property, Some(count));
    }

    // Other payloads.

    /// Begins a payload that is one primitive value or a collection of values; the value follows, then
    /// [`Self::end_object`]. A complex value is an object of its own: [`Self::begin_entity`] with its context.
    pub fn begin_property(&mut self, context: Option<&str>) {
        self.begin_object();
        self.context(context);
        self.key("value");
    }

    /// A reference to an entity: a payload of its own with its context, or an item.
    pub fn reference(&mut self, context: Option<&str>, id: &str) {
        self.begin_object();
        self.context(context);
        self.control_text("", "id", id);
        self.end_object();
    }

    /// An entity that left the result; further members may follow, then [`Self::end_object`].
    pub fn begin_removed(&mut self, removed: &Removed<'_>) {
        let context = format!("#{}/$deletedEntity", removed.set);
        self.begin_object();
        match self.style.version {
            // 4.0 has these whatever the metadata level is, and id and reason as plain members.
            Version::V4_0 => {
                self.control_text("", "context", &context);
                self.key("id");
                self.string(removed.id);
                self.key("reason");
                self.string(removed.reason.name());
            }
            Version::V4_01 => {
                if removed.elsewhere || self.style.metadata == Metadata::Full {
                    self.control_text("", "context", &context);
                }
                self.control("", "removed");
                self.begin_object();
                self.key("reason");
                self.string(removed.reason.name());
                self.end_object();
                self.control_text("", "id", removed.id);
            }
        }
    }

    /// A relationship that came or went.
    pub fn link(&mut self, link: &Link<'_>) {
        self.begin_object();
        let kind = if link.deleted { "$deletedLink" } else { "$link" };
        self.control_text("", "context", &format!("#{}/{kind}", link.set));
        for (name, content) in
            [("source", link.source), ("relationship", link.relationship), ("target", link.target)]
        {
            self.key(name);
            self.string(content);
        }
        self.end_object();
    }

    /// Begins the changes of a navigation property inside an entity of a delta payload; 4.01 only.
    pub fn begin_nested_delta(&mut self, property: &str) {
        self.control(property, "delta");
        self.begin_array();
    }
}
