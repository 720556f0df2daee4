//! What each row of an answer shows: its properties as the metadata types them, its type and its address.

use gridkeep_model::{Row, Value};
use gridkeep_odata::{
    bind::{Shape, Shown},
    edm::{Primitive, TypeName, TypeRef},
    header::Metadata,
    json::{Column, Context, EntityHead, Fact, KeyForm, Scalar, Style, Target, Writer, key_predicate},
    project::{Form, Member, MemberSource, SetSource},
};

use super::{dispatch::Service, entity::etag_of, media};
use crate::files::Stored;

/// The properties of a set's rows, worked out once for all rows of an answer.
pub(super) struct Cells {
    pub(super) own: Vec<Cell>,
    /// Place of the text that tells a row's type, and the derived types.
    pub(super) kinds: Option<(usize, Vec<Kind>)>,
    /// The key is not among the properties, so that each entity must say its id.
    pub(super) id_needed: bool,
    pub(super) address: Address,
    declared: String,
    root: String,
    /// Place of what refers to the content of media entities.
    pub(super) media: Option<usize>,
}

/// A derived type, with what its entities show beyond the others.
pub(super) struct Kind {
    text: String,
    name: String,
    more: Vec<Cell>,
}

/// What is written of each row.
#[derive(Clone)]
pub(super) enum Cell {
    One(Column, Place),
    /// What is said of a stream: its name, and the place of what refers to the content.
    Stream(String, usize),
    /// A complex value with its type's name, its parts, and the places that tell whether it is there at all.
    Complex(Column, String, Vec<(Column, Place)>, Vec<usize>),
}

/// Where a value is in a row, and how it looks.
#[derive(Clone)]
pub(super) enum Place {
    Id,
    Version,
    Value(usize, Form),
}

/// How the entities of a set are addressed.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) set: String,
    pub(super) key: Key,
}

/// What names an entity of a set.
#[derive(Clone)]
pub(super) enum Key {
    Row,
    /// Names and places.
    Columns(Vec<(String, usize)>),
    /// A singleton has none.
    None,
}

impl Address {
    /// Of rows with the columns of this shape.
    pub(super) fn new(set: &SetSource, shape: &Shape<'_>) -> Self {
        let key = if set.manner.only.is_some() {
            Key::None
        } else if shape.key.is_empty() {
            Key::Row
        } else {
            Key::Columns(shape.key.iter().map(|(name, place)| ((*name).to_owned(), *place)).collect())
        };
        Self { set: set.name.clone(), key }
    }

    /// That of a row, behind the service's root.
    pub(super) fn of(&self, row: &Row, form: KeyForm) -> String {
        match &self.key {
            Key::Row => format!("{}({})", self.set, row.id),
            Key::Columns(columns) => {
                let value = |place: usize| row.values.get(place).map_or(Scalar::Null, Scalar::from);
                let key: Vec<_> =
                    columns.iter().map(|(name, place)| (name.as_str(), value(*place))).collect();
                format!("{}{}", self.set, key_predicate(&key, form))
            }
            Key::None => self.set.clone(),
        }
    }
}

impl Cells {
    /// Of the entities of a set, in this shape.
    pub(super) fn new(service: &Service, set: &SetSource, shape: &Shape<'_>, style: &Style) -> Self {
        let count = shape.columns.len();
        let cells = |set: &SetSource, shown: &[Shown<'_>]| -> Vec<Cell> {
            shown.iter().map(|shown| cell(service, set, shown, style, count)).collect()
        };
        let kinds = shape.kinds.as_ref().map(|kinds| {
            let derived = kinds.derived.iter().map(|kind| Kind {
                text: kind.text.clone(),
                name: kind.set.entity_type.to_string(),
                more: cells(kind.set, &kind.shown),
            });
            (kinds.at, derived.collect())
        });
        let shows = |property: &String| {
            shape.shown.iter().any(|shown| match shown {
                Shown::Id(member) | Shown::Column(member, _) => member.property == *property,
                _ => false,
            })
        };
        Self {
            own: cells(set, &shape.shown),
            kinds,
            id_needed: !set.key.iter().all(shows),
            address: Address::new(set, shape),
            declared: set.entity_type.to_string(),
            root: service.root.clone(),
            media: shape.media,
        }
    }

    /// Where the value of the property at this place is.
    pub(super) fn place(&self, place: usize) -> Option<&Place> {
        match self.own.get(place)? {
            Cell::One(_, place) => Some(place),
            Cell::Complex(..) | Cell::Stream(..) => None,
        }
    }

    /// Only those of these places, of rows that have no others.
    pub(super) fn picked(&self, places: &[usize]) -> Self {
        let own: Vec<Cell> = places.iter().filter_map(|place| self.own.get(*place).cloned()).collect();
        let key = |cell: &Cell| matches!(cell, Cell::One(_, Place::Id));
        let id_needed = self.id_needed || (matches!(self.address.key, Key::Row) && !own.iter().any(key));
        let (address, declared, root) = (self.address.clone(), self.declared.clone(), self.root.clone());
        Self { own, kinds: None, id_needed, address, declared, root, media: None }
    }

    /// The type of a row: what everybody expects, or one that must be said.
    pub(super) fn kind(&self, row: &Row) -> Fact<'_> {
        match self.derived(row) {
            Some(kind) => Fact::Needed(&kind.name),
            None => Fact::Computable(&self.declared),
        }
    }

    fn derived(&self, row: &Row) -> Option<&Kind> {
        let (at, kinds) = self.kinds.as_ref()?;
        let Some(Value::Text(text)) = row.values.get(*at) else { return None };
        kinds.iter().find(|kind| kind.text == *text)
    }

    /// Writes the properties of a row as members of the object that is open.
    pub(super) fn write(&self, writer: &mut Writer, row: &Row) {
        let more = self.derived(row).map(|kind| kind.more.as_slice()).unwrap_or_default();
        for cell in self.own.iter().chain(more) {
            match cell {
                Cell::Stream(name, at) => self.write_stream(writer, row, (name, *at)),
                cell => cell.write(writer, row),
            }
        }
    }

    /// What is said of a stream; the address is made only where it is shown.
    fn write_stream(&self, writer: &mut Writer, row: &Row, (name, at): (&str, usize)) {
        let stored = row.values.get(at).and_then(Stored::of);
        let full = writer.style().metadata == Metadata::Full;
        let address = full.then(|| format!("{}{}/{name}", self.root, self.address.of(row, KeyForm::Url)));
        let link = address.as_deref().map(Fact::Computable);
        media::said(stored.as_ref(), link, &etag_of(row).to_string(), |media| writer.stream(name, media));
    }
}

impl Cell {
    fn write(&self, writer: &mut Writer, row: &Row) {
        match self {
            Self::One(column, place) => writer.cell(column, &place.scalar(row)),
            Self::Stream(..) => {}
            Self::Complex(column, kind, parts, places) => {
                if places.iter().all(|place| row.values.get(*place).is_none_or(Value::is_null)) {
                    writer.cell(column, &Scalar::Null);
                    return;
                }
                writer.member(column.name());
                writer.begin_entity(&EntityHead {
                    kind: Some(Fact::Computable(kind)),
                    ..EntityHead::default()
                });
                for (column, place) in parts {
                    writer.cell(column, &place.scalar(row));
                }
                writer.end_object();
            }
        }
    }
}

impl Place {
    pub(super) fn scalar<'v>(&self, row: &'v Row) -> Scalar<'v> {
        match self {
            Self::Id => Scalar::Guid(row.id.uuid()),
            Self::Version => version_of(row),
            Self::Value(index, form) => {
                row.values.get(*index).map_or(Scalar::Null, |value| form.scalar(value))
            }
        }
    }
}

/// The version as a property.
pub(super) fn version_of(row: &Row) -> Scalar<'static> {
    Scalar::Integer(i32::try_from(row.version).unwrap_or(i32::MAX))
}

fn cell(service: &Service, set: &SetSource, shown: &Shown<'_>, style: &Style, count: usize) -> Cell {
    let type_of = |path: &[&str]| {
        service.projection.property(set, path).map_or_else(text, |property| property.kind.clone())
    };
    let column = |kind: &TypeRef, name: &str| Column::new(style, name, kind, false);
    let plain = |member: &Member, place: fn(Form) -> Place| {
        let kind = type_of(&[&member.property]);
        Cell::One(column(&kind, &member.property), place(service.projection.form(&kind)))
    };
    match shown {
        Shown::Id(member) => plain(member, |_| Place::Id),
        Shown::Version(member) => plain(member, |_| Place::Version),
        Shown::Column(member, index) => {
            let kind = type_of(&[&member.property]);
            let place = Place::Value(*index, service.projection.form(&kind));
            Cell::One(column(&kind, &member.property), place)
        }
        Shown::Stream(member, index) => Cell::Stream(member.property.clone(), *index),
        Shown::Computed { name, kind, index } => {
            Cell::One(column(kind, name), Place::Value(count + index, service.projection.form(kind)))
        }
        Shown::Complex { member, parts, places } => {
            let whole = type_of(&[&member.property]);
            let part = |(part, index): &(&Member, usize)| {
                let kind = type_of(&[&member.property, &part.property]);
                let place = Place::Value(*index, service.projection.form(&kind));
                (column(&kind, &part.property), place)
            };
            let name = match &whole.name {
                TypeName::Named(name) => name.to_string(),
                TypeName::Primitive(_) => String::new(),
            };
            // The type of a complex value is said within it.
            Cell::Complex(
                column(&text(), &member.property),
                name,
                parts.iter().map(part).collect(),
                places.clone(),
            )
        }
    }
}

fn text() -> TypeRef {
    TypeRef::primitive(Primitive::String)
}

/// The context of a set's entities, or of one of them.
pub(super) fn context(set: &SetSource, many: bool) -> Context {
    let name = set.name.clone();
    let context = Context::new(match (set.manner.only, many) {
        (Some(_), _) => Target::Singleton(name),
        (None, true) => Target::Set(name),
        (None, false) => Target::Entity(name),
    });
    match &set.manner.kinds {
        Some(kinds) if kinds.part => context.cast(set.entity_type.clone()),
        _ => context,
    }
}

/// The value of a property, or of a part of one, in a row that has [`SetSource::all_columns`].
pub(super) fn value_of(set: &SetSource, member: &Member, row: &Row) -> Value {
    match &member.source {
        MemberSource::RowId => Value::Guid(row.id.uuid()),
        MemberSource::Version => Value::Integer(i64::try_from(row.version).unwrap_or(i64::MAX)),
        MemberSource::Column { id, .. } | MemberSource::Stream { column: id } => {
            let place = set.all_columns().iter().position(|column| column == id);
            place.and_then(|place| row.values.get(place)).cloned().unwrap_or(Value::Null)
        }
        MemberSource::Complex { .. } => Value::Null,
    }
}
