//! What is known of a set's rows before the first one is written: names as bytes, and how numbers are quoted.

use gridkeep_model::Value;

use super::{Scalar, Style, Writer, text, value};
use crate::{
    edm::{Primitive, TypeName, TypeRef},
    header::{Metadata, Omit},
};

/// The name of a member, as the bytes a payload has: `,"Name":`.
#[derive(Debug, Clone)]
pub struct Name {
    member: Box<[u8]>,
    plain: Box<str>,
}

impl Name {
    /// From the name itself.
    pub fn new(name: &str) -> Self {
        let mut member = vec![b','];
        text::write(&mut member, name);
        member.push(b':');
        Self { member: member.into(), plain: name.into() }
    }

    /// The name itself.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// With the comma, and without it for the first member of an object.
    #[inline]
    pub(super) fn bytes(&self, first: bool) -> &[u8] {
        &self.member[usize::from(first)..]
    }
}

/// Where the ids of rows begin that are named by an id of their own, as the bytes a payload has: `,"@id":"root/Set(`.
#[derive(Debug, Clone)]
pub struct IdHead(Box<[u8]>);

impl IdHead {
    /// From what stands before the row's own id.
    pub fn new(style: &Style, address: &str) -> Self {
        let mut head = Vec::with_capacity(address.len() + 32);
        for part in [",\"@", style.prefix, "id\":\""] {
            head.extend_from_slice(part.as_bytes());
        }
        text::write_escaped(&mut head, address.as_bytes());
        Self(head.into())
    }
}

/// A property of each row.
#[derive(Debug, Clone)]
pub struct Column {
    name: Name,
    /// `,"Name@odata.type":"#Decimal"`, for full metadata.
    note: Box<[u8]>,
    quoted: bool,
    omit_null: bool,
    /// Writes 32-bit integers and shorter ones, which are never quoted.
    short: bool,
}

impl Column {
    /// A property of this type; `default` says that a value other than null is its default.
    pub fn new(style: &Style, name: &str, kind: &TypeRef, default: bool) -> Self {
        let primitive = match kind.name {
            TypeName::Primitive(primitive) => Some(primitive),
            TypeName::Named(_) => None,
        };
        let mut note = Vec::new();
        if style.metadata == Metadata::Full
            && let Some(kind) = annotated(kind, *style)
        {
            note.push(b',');
            text::write(&mut note, &format!("{name}@{}type", style.prefix));
            note.push(b':');
            text::write(&mut note, &kind);
        }
        Self {
            name: Name::new(name),
            note: note.into(),
            quoted: style.ieee754_compatible,
            omit_null: match style.omit {
                None => false,
                Some(Omit::Nulls) => true,
                Some(Omit::Defaults) => !default,
            },
            short: matches!(
                primitive,
                Some(Primitive::Byte | Primitive::SByte | Primitive::Int16 | Primitive::Int32)
            ),
        }
    }

    /// The property's name.
    pub const fn name(&self) -> &Name {
        &self.name
    }
}

/// Which type is said of a property: none where JSON itself tells it (section 4.6.3).
fn annotated(kind: &TypeRef, style: Style) -> Option<String> {
    let (name, named) = match &kind.name {
        TypeName::Primitive(Primitive::String | Primitive::Boolean | Primitive::Double)
            if !kind.collection =>
        {
            return None;
        }
        TypeName::Primitive(Primitive::Stream | Primitive::Abstract(_)) => return None,
        TypeName::Primitive(primitive) => (primitive.name().trim_start_matches("Edm.").to_owned(), false),
        TypeName::Named(name) => (name.to_string(), true),
    };
    let name = if kind.collection { format!("Collection({name})") } else { name };
    let hash = named || kind.collection || style.version == crate::header::Version::V4_0;
    Some(if hash { format!("#{name}") } else { name })
}

/// The properties of each row, in order.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// In the order of the row's values.
    pub columns: Vec<Column>,
}

impl Shape {
    /// Of properties with their types; the flag is [`Column::new`]'s `default`.
    pub fn new<'a>(
        style: &Style,
        properties: impl IntoIterator<Item = (&'a str, &'a TypeRef, bool)>,
    ) -> Self {
        let column = |(name, kind, default): (&str, &TypeRef, bool)| Column::new(style, name, kind, default);
        Self { columns: properties.into_iter().map(column).collect() }
    }
}

impl Writer {
    /// The type of a property whose value follows: with full metadata, and with minimal metadata when the property is not
    /// declared; not where JSON itself tells it.
    pub fn property_type(&mut self, property: &str, kind: &TypeRef, declared: bool) {
        let said = match self.style().metadata {
            Metadata::None => false,
            Metadata::Minimal => !declared,
            Metadata::Full => true,
        };
        if let Some(kind) = annotated(kind, *self.style()).filter(|_| said) {
            self.control_text(property, "type", &kind);
        }
    }

    /// The id of a row that is named by its own id: the same as in [`EntityHead::id`](super::EntityHead::id) where that is
    /// needed, without making a text first.
    #[inline]
    pub fn row_id(&mut self, head: &IdHead, id: uuid::Uuid) {
        if self.style().metadata == Metadata::None {
            return;
        }
        self.raw(&head.0[usize::from(self.is_first())..]);
        self.raw(id.hyphenated().encode_lower(&mut [0; 36]).as_bytes());
        self.raw(b")\"");
    }

    /// Writes the values of a row as members of the object that is open.
    #[inline]
    pub fn row(&mut self, shape: &Shape, values: &[Value]) {
        for (column, value) in shape.columns.iter().zip(values) {
            self.cell(column, &Scalar::from(value));
        }
    }

    /// Writes one property of a row that is a text.
    #[inline]
    pub fn cell_text(&mut self, column: &Column, content: &str) {
        if !column.note.is_empty() {
            self.raw(&column.note[usize::from(self.is_first())..]);
        }
        self.named(&column.name);
        self.plain(|out| text::write(out, content));
    }

    /// Writes one property of a row.
    #[inline]
    pub fn cell(&mut self, column: &Column, scalar: &Scalar<'_>) {
        if column.omit_null && scalar.is_null() {
            return;
        }
        if !column.note.is_empty() {
            self.raw(&column.note[usize::from(self.is_first())..]);
        }
        self.named(&column.name);
        self.plain(|out| value::write(out, scalar, column.quoted && !column.short));
    }
}
