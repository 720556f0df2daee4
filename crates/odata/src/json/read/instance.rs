//! Entities and complex values: members in the order they came, each typed by its property.

use std::{borrow::Cow, collections::HashMap};

use super::{
    Kind, Reader, Result,
    control::{Control, Seen, split},
    refuse, twice,
};
use crate::{
    Error, ErrorKind, Span,
    edm::{Navigation, Primitive, Property, QName, StructuredType, TypeName, TypeRef},
    json::{Item, Reason, Scalar},
};

/// An entity or a complex value as a client sent it: only what was said is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance<'a> {
    /// Its type where the payload names it, derived from the declared one or the same.
    pub kind: Option<QName>,
    /// The entity set that its context names; delta payloads have entities of several.
    pub set: Option<String>,
    /// Its id: a reference to what exists, or the identity of what is changed.
    pub id: Option<Cow<'a, str>>,
    /// Its ETag.
    pub etag: Option<Cow<'a, str>>,
    /// It is to be removed, for this reason.
    pub removed: Option<Reason>,
    /// Its name for later references, from `Core.ContentID`.
    pub content_id: Option<Cow<'a, str>>,
    /// What it says, in order.
    pub members: Vec<Member<'a>>,
    /// Where it is.
    pub span: Span,
}

impl Instance<'_> {
    /// Whether it only refers to an entity that exists.
    pub fn is_reference(&self) -> bool {
        self.id.is_some() && self.members.is_empty() && self.removed.is_none()
    }

    /// The member of this name; a bind or delta of a navigation property has the property's name.
    pub fn member(&self, name: &str) -> Option<&Member<'_>> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// A property with what was said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// Name of the property or parameter.
    pub name: Cow<'a, str>,
    /// Where its name is.
    pub span: Span,
    /// Its value.
    pub content: Content<'a>,
}

/// The value of a property, navigation property or parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<'a> {
    /// A primitive or enumeration value, or null of any structural type.
    Scalar(Scalar<'a>),
    /// A complex value.
    Complex(Instance<'a>),
    /// A collection of structural values.
    Collection(Vec<Content<'a>>),
    /// Of an undeclared property of an open type, or of one without a type.
    Untyped(Item<'a>),
    /// A stream's content, given inline.
    Stream {
        /// Its type, where it was said before it.
        content_type: Option<Cow<'a, str>>,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The one related entity, or that there is none: a deep insert, a reference or a change.
    Entity(Option<Box<Instance<'a>>>),
    /// All related entities.
    Entities(Vec<Instance<'a>>),
    /// Changes to the related entities (4.01).
    Delta(Vec<Instance<'a>>),
    /// The id of an entity to relate to, or that there is none (`@odata.bind`).
    Bind(Option<Cow<'a, str>>),
    /// The ids of entities to relate to as well.
    Binds(Vec<Cow<'a, str>>),
}

impl<'a> Content<'a> {
    /// The structural value without its places; `None` where entities are.
    pub fn into_item(self) -> Option<Item<'a>> {
        Some(match self {
            Self::Scalar(scalar) => Item::Scalar(scalar),
            Self::Untyped(item) => item,
            Self::Complex(instance) => {
                let member = |member: Member<'a>| Some((member.name, member.content.into_item()?));
                Item::Complex {
                    kind: instance.kind.map(|kind| kind.to_string()),
                    members: instance.members.into_iter().map(member).collect::<Option<_>>()?,
                }
            }
            Self::Collection(items) => {
                Item::Collection(items.into_iter().map(Self::into_item).collect::<Option<_>>()?)
            }
            Self::Stream { bytes, .. } => Item::Scalar(Scalar::Binary(Cow::Owned(bytes))),
            Self::Entity(_) | Self::Entities(_) | Self::Delta(_) | Self::Bind(_) | Self::Binds(_) => {
                return None;
            }
        })
    }
}

/// What a type may have under a name.
enum Known<'e> {
    Property(&'e Property),
    Navigation(&'e Navigation),
}

/// What is known of an instance while it is read.
struct Scope<'e, 'a> {
    declared: &'e StructuredType,
    line: Vec<&'e StructuredType>,
    /// Types and media types said of properties.
    notes: HashMap<String, Cow<'a, str>>,
    /// The rest of the object was searched for its type and for notes.
    searched: bool,
}

impl<'e> Scope<'e, '_> {
    fn known(&self, name: &str) -> Option<Known<'e>> {
        self.line.iter().find_map(|kind| {
            let property = kind.properties.iter().find(|it| it.name == name).map(Known::Property);
            property.or_else(|| kind.navigations.iter().find(|it| it.name == name).map(Known::Navigation))
        })
    }

    fn open(&self) -> bool {
        self.line.iter().any(|kind| kind.open)
    }
}

impl<'e, 'a> Reader<'e, 'a> {
    pub(super) fn instance(&mut self, declared: &'e StructuredType) -> Result<Instance<'a>> {
        self.kind_of_object()?;
        let start = self.tokens.place();
        let mut found = Instance {
            kind: None,
            set: None,
            id: None,
            etag: None,
            removed: None,
            content_id: None,
            members: Vec::new(),
            span: Span::default(),
        };
        let mut scope =
            Scope { declared, line: self.edm.lineage(declared), notes: HashMap::new(), searched: false };
        let (mut seen, mut first) = (Seen::default(), true);
        self.object()?;
        while let Some((name, span)) = self.tokens.member(&mut first)? {
            if !seen.add(name.clone()) {
                return twice(&name, span);
            }
            match split(&name) {
                Some((property, control)) => {
                    let property = property.to_owned();
                    self.control(&mut scope, &mut found, &property, control, span)?;
                }
                // An operation that a client sends back as it got it, `#Model.Go` or `Items#Model.Go`.
                None if name.contains('#') => drop(self.tokens.skip()?),
                None => {
                    self.path.enter(span);
                    let content = self.member(&mut scope, &mut found, &name, span)?;
                    self.path.leave();
                    found.members.push(Member { name, span, content });
                }
            }
        }
        found.span = self.tokens.since(start);
        Ok(found)
    }

    pub(super) fn kind_of_object(&mut self) -> Result<()> {
        match self.tokens.kind()? {
            Kind::Object => Ok(()),
            other => self.expected("an object", other),
        }
    }

    /// What stands under a name with `@`.
    fn control(
        &mut self,
        scope: &mut Scope<'e, 'a>,
        found: &mut Instance<'a>,
        property: &str,
        control: Control,
        span: Span,
    ) -> Result<()> {
        match (property, control) {
            ("", Control::Type) => {
                let name = self.text()?;
                self.become_kind(scope, found, &name, span)?;
            }
            ("", Control::Id) => found.id = self.text_or_null()?,
            ("", Control::ETag) => found.etag = self.text_or_null()?,
            ("", Control::ContentId) => found.content_id = Some(self.text()?),
            ("", Control::Removed) => found.removed = Some(self.removed()?),
            ("", _) => drop(self.tokens.skip()?),
            (_, Control::Type | Control::MediaContentType) => {
                if self.tokens.kind()? == Kind::String {
                    let note = self.tokens.string()?;
                    scope.notes.insert(note_key(property, control), note);
                } else {
                    self.tokens.skip()?;
                }
            }
            (_, Control::Bind | Control::Delta) => {
                self.path.enter(span);
                let content = self.relation(scope, found, property, control, span)?;
                self.path.leave();
                found.members.push(Member { name: Cow::Owned(property.to_owned()), span, content });
            }
            _ => drop(self.tokens.skip()?),
        }
        Ok(())
    }

    fn text_or_null(&mut self) -> Result<Option<Cow<'a, str>>> {
        if self.tokens.kind()? == Kind::Null {
            return self.tokens.null().map(|()| None);
        }
        self.text().map(Some)
    }

    /// `{"reason": "deleted"}`; without a reason it is taken for a change of membership, the lesser of both.
    fn removed(&mut self) -> Result<Reason> {
        let mut reason = Reason::Changed;
        self.members(|reader, name, span| {
            if name != "reason" {
                return reader.tokens.skip().map(drop);
            }
            reason = reader.reason(span)?;
            Ok(())
        })?;
        Ok(reason)
    }

    pub(super) fn reason(&mut self, span: Span) -> Result<Reason> {
        match &*self.text()? {
            "deleted" => Ok(Reason::Deleted),
            "changed" => Ok(Reason::Changed),
            _ => refuse("BAD_REASON", "A reason is `deleted` or `changed`", span),
        }
    }

    /// From here on it is of the type that the payload names.
    fn become_kind(
        &mut self,
        scope: &mut Scope<'e, 'a>,
        found: &mut Instance<'a>,
        name: &str,
        span: Span,
    ) -> Result<()> {
        let plain = name.rsplit_once('#').map_or(name, |(_, fragment)| fragment);
        let named = QName::parse(plain).and_then(|name| Some((self.edm.structured(&name)?, name)));
        let fits =
            |kind: &StructuredType| self.edm.lineage(kind).iter().any(|it| std::ptr::eq(*it, scope.declared));
        match named {
            Some((kind, name)) if fits(kind) => {
                scope.line = self.edm.lineage(kind);
                found.kind = Some(name);
                Ok(())
            }
            _ => {
                let shown = crate::header::excerpt(plain);
                let message = format!("`{shown}` is neither {} nor derived from it", scope.declared.name);
                refuse("WRONG_TYPE", message, span)
            }
        }
    }

    /// Looks through the rest of the object for its type and for what is said of its properties: a client may send them
    /// in any order. Once an object.
    fn search(&mut self, scope: &mut Scope<'e, 'a>, found: &mut Instance<'a>) -> Result<()> {
        if std::mem::replace(&mut scope.searched, true) {
            return Ok(());
        }
        let mut ahead = self.tokens.clone();
        let mut first = false;
        ahead.skip()?;
        while let Some((name, span)) = ahead.member(&mut first)? {
            match split(&name) {
                Some((property, control @ (Control::Type | Control::MediaContentType)))
                    if ahead.kind()? == Kind::String =>
                {
                    let said = ahead.string()?;
                    if property.is_empty() && control == Control::Type {
                        self.become_kind(scope, found, &said, span)?;
                    } else {
                        scope.notes.insert(note_key(property, control), said);
                    }
                }
                _ => drop(ahead.skip()?),
            }
        }
        Ok(())
    }

    fn member(
        &mut self,
        scope: &mut Scope<'e, 'a>,
        found: &mut Instance<'a>,
        name: &str,
        span: Span,
    ) -> Result<Content<'a>> {
        let mut known = scope.known(name);
        if known.is_none() && found.kind.is_none() {
            self.search(scope, found)?;
            known = scope.known(name);
        }
        match known {
            Some(Known::Property(property))
                if property.kind.name == TypeName::Primitive(Primitive::Stream) =>
            {
                self.search(scope, found)?;
                let content_type = scope.notes.get(&note_key(name, Control::MediaContentType)).cloned();
                self.stream(content_type)
            }
            Some(Known::Property(property)) => self.content(&property.kind),
            Some(Known::Navigation(navigation)) => self.related(navigation),
            None if scope.open() => {
                self.search(scope, found)?;
                match scope.notes.get(&note_key(name, Control::Type)).cloned() {
                    Some(note) => {
                        let Some(kind) = dynamic(&note) else {
                            let message = format!("There is no type `{}`", crate::header::excerpt(&note));
                            return refuse("UNKNOWN_TYPE", message, span);
                        };
                        self.content(&kind)
                    }
                    None => self.untyped().map(Content::Untyped),
                }
            }
            None => {
                let message =
                    format!("{} has no property `{}`", scope.line[0].name, crate::header::excerpt(name));
                refuse("UNKNOWN_PROPERTY", message, span)
            }
        }
    }

    fn related(&mut self, navigation: &Navigation) -> Result<Content<'a>> {
        let target = self.structured(&navigation.target)?;
        if navigation.collection {
            return self.items(|reader| reader.instance(target)).map(Content::Entities);
        }
        if self.tokens.kind()? == Kind::Null {
            self.not_null(navigation.nullable)?;
            self.tokens.null()?;
            return Ok(Content::Entity(None));
        }
        self.instance(target).map(|instance| Content::Entity(Some(Box::new(instance))))
    }

    /// `Nav@odata.bind` and `Nav@delta`.
    fn relation(
        &mut self,
        scope: &mut Scope<'e, 'a>,
        found: &mut Instance<'a>,
        property: &str,
        control: Control,
        span: Span,
    ) -> Result<Content<'a>> {
        if scope.known(property).is_none() && found.kind.is_none() {
            self.search(scope, found)?;
        }
        let Some(Known::Navigation(navigation)) = scope.known(property) else {
            let shown = crate::header::excerpt(property);
            let message = format!("{} has no navigation property `{shown}`", scope.line[0].name);
            return refuse("UNKNOWN_PROPERTY", message, span);
        };
        match control {
            Control::Delta if navigation.collection => {
                let target = self.structured(&navigation.target)?;
                self.items(|reader| reader.instance(target)).map(Content::Delta)
            }
            Control::Delta => refuse("WRONG_TYPE", "Only a collection can have a delta", span),
            _ if navigation.collection => self.items(Self::text).map(Content::Binds),
            _ => {
                if self.tokens.kind()? == Kind::Null {
                    self.not_null(navigation.nullable)?;
                }
                self.text_or_null().map(Content::Bind)
            }
        }
    }

    pub(super) fn not_null(&self, nullable: bool) -> Result<()> {
        if nullable {
            return Ok(());
        }
        let place = self.tokens.place();
        let error = Error::new(ErrorKind::Malformed, "NULL", "Null is no value here");
        Err(error.at(place..place + 4))
    }
}

fn note_key(property: &str, control: Control) -> String {
    format!("{property}@{}", if control == Control::Type { "type" } else { "media" })
}

/// The type that a payload names for an undeclared property: `Date`, `#Int64`, `#Collection(Edm.String)`, `#Model.Address`.
fn dynamic(note: &str) -> Option<TypeRef> {
    let plain = note.rsplit_once('#').map_or(note, |(_, fragment)| fragment);
    let inner = plain.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')'));
    let name = inner.unwrap_or(plain);
    let primitive = Primitive::parse(name).or_else(|| Primitive::parse(&format!("Edm.{name}")));
    let name = match primitive {
        Some(primitive) => TypeName::Primitive(primitive),
        None => TypeName::Named(QName::parse(name)?),
    };
    Some(TypeRef {
        name,
        collection: inner.is_some(),
        nullable: true,
        ..TypeRef::primitive(Primitive::String)
    })
}
