//! A published table as an entity set.

use gridkeep_model::{
    ColumnType,
    data::{MAX_BINARY, NARROW_SCALE},
    definition::{ColumnDefinition, FieldKind, MAX_FILE, PICTURES, Role, TableDefinition},
};

use super::{Manner, Member, MemberSource, NAMESPACE, Rights, SetSource, names::Taken, said};
use crate::edm::{
    EntitySet, Facets, Key, Primitive, Property, QName, Scale, StructuredType, TypeKind, TypeName, TypeRef,
};

/// Digits of a decimal: what a scaled 64-bit integer always holds.
const PRECISION: u32 = 18;
/// Digits of one of many places.
const LONG_PRECISION: u32 = 28;

pub(super) struct Made {
    pub(super) entity_type: StructuredType,
    pub(super) set: EntitySet,
    pub(super) source: SetSource,
    /// Of the type's properties; navigations come on top.
    pub(super) names: Taken,
}

/// The set of a table for a role; none when the role may neither read nor change anything of it.
pub(super) fn entity_set(table: &TableDefinition, role: Role, taken: &mut Taken) -> Option<Made> {
    let may = |roles: &[Role]| role == Role::Maker || roles.contains(&role);
    let access = &table.access;
    let read = may(&access.see);
    let rights = Rights {
        read,
        insert: may(&access.insert),
        // Changing and removing name a row by what was read of it.
        update: read && may(&access.update),
        delete: read && may(&access.delete),
    };
    if !(rights.read || rights.insert) {
        return None;
    }
    let name = taken.name(&table.id);
    let type_name = taken.name(&format!("{}_row", table.id));
    let mut members = Taken::default();
    let key = members.name("row_id");
    let mut properties = vec![Property {
        name: key.clone(),
        kind: TypeRef::primitive(Primitive::Guid),
        default: None,
        annotations: vec![said::computed_default(), said::immutable()],
    }];
    let mut sources = vec![Member {
        property: key.clone(),
        source: MemberSource::RowId,
        writable: rights.insert,
        immutable: true,
    }];
    for column in &table.columns {
        let property = members.name(&column.id);
        properties.push(property_of(&property, column));
        sources.push(Member {
            property,
            source: if column.is_file() {
                MemberSource::Stream { column: column.id.clone() }
            } else {
                MemberSource::Column { id: column.id.clone(), kind: column.column_type }
            },
            writable: column.is_entered(),
            immutable: false,
        });
    }
    let alternate_key = table.key.as_ref().and_then(|id| {
        let holds =
            |member: &&Member| matches!(&member.source, MemberSource::Column { id: own, .. } if own == id);
        sources.iter().find(holds).map(|member| member.property.clone())
    });
    let mut annotations = vec![said::description(&table.title)];
    annotations.extend(alternate_key.as_ref().map(|property| said::alternate_key(property)));
    let entity_type = StructuredType {
        name: type_name.clone(),
        kind: TypeKind::Entity { has_stream: false },
        base: None,
        is_abstract: false,
        open: false,
        key: vec![Key { path: key.clone(), alias: None }],
        properties,
        navigations: Vec::new(),
        annotations,
    };
    let kind = QName::new(NAMESPACE, type_name);
    let set = EntitySet {
        name: name.clone(),
        kind: kind.clone(),
        in_service_document: true,
        bindings: Vec::new(),
        annotations: said_of(rights, table, &sources),
    };
    let source = SetSource {
        name,
        entity_type: kind,
        table: table.id.clone(),
        members: sources,
        key: vec![key],
        alternate_key,
        navigations: Vec::new(),
        rights,
        manner: Manner::default(),
    };
    Some(Made { entity_type, set, source, names: members })
}

/// What may be done with the set, in the words of the Capabilities vocabulary.
fn said_of(rights: Rights, table: &TableDefinition, members: &[Member]) -> Vec<crate::edm::Annotation> {
    let searchable =
        table.columns.iter().any(|column| column.column_type == ColumnType::Text && !column.is_file());
    let mut said = vec![
        said::readable(rights.read),
        said::insertable(rights.insert),
        said::updatable(rights.update),
        said::deletable(rights.delete),
        said::optimistic_concurrency(),
    ];
    said.extend(said::queries(searchable, true));
    let has_no_order = |member: &&Member| {
        let kind = &member.source;
        matches!(kind, MemberSource::Column { kind: ColumnType::Binary, .. } | MemberSource::Stream { .. })
    };
    let unsortable = members.iter().filter(has_no_order).map(|member| member.property.as_str());
    let unsortable: Vec<&str> = unsortable.collect();
    if !unsortable.is_empty() {
        said.push(said::unsortable(unsortable));
    }
    let is_stream = |member: &&Member| member.stream().is_some();
    let streams: Vec<&str> =
        members.iter().filter(is_stream).map(|member| member.property.as_str()).collect();
    if !streams.is_empty() {
        said.push(said::unfilterable(streams));
    }
    said
}

/// A file as a stream: what it may be and how long is said of it.
fn stream_of(name: &str, column: &ColumnDefinition) -> Property {
    let most = column.validation.max_bytes.unwrap_or(MAX_FILE).min(MAX_FILE);
    let mut kind = TypeRef::primitive(Primitive::Stream);
    kind.nullable = !column.validation.required;
    kind.facets.max_length = Some(Some(most));
    let mut annotations = vec![said::description(&column.title)];
    if column.validation.pictures {
        annotations.push(said::acceptable_media_types(&PICTURES));
    }
    Property { name: name.to_owned(), kind, default: None, annotations }
}

fn property_of(name: &str, column: &ColumnDefinition) -> Property {
    if column.is_file() {
        return stream_of(name, column);
    }
    let mut kind = TypeRef { nullable: !column.validation.required, ..type_of(column.column_type) };
    if let Some(longest) = column.validation.max_length.filter(|_| column.column_type == ColumnType::Text) {
        kind.facets.max_length = Some(Some(u64::from(longest)));
    }
    let mut annotations = vec![said::description(&column.title)];
    if !column.is_entered() {
        annotations.push(said::computed());
        kind.nullable = true;
    }
    if numeric(column.column_type) {
        annotations.extend(column.validation.minimum.map(said::minimum));
        annotations.extend(column.validation.maximum.map(said::maximum));
    }
    if let Some(gridkeep_model::definition::Choices::List { values }) = &column.validation.choices
        && !column.validation.open
        && column.column_type == ColumnType::Text
    {
        annotations.push(said::allowed_values(values));
    }
    if let Some(unit) = &column.unit {
        annotations.push(said::unit(unit, column.kind == FieldKind::Currency));
    }
    Property { name: name.to_owned(), kind, default: None, annotations }
}

fn numeric(kind: ColumnType) -> bool {
    matches!(kind, ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Double)
}

/// How values of a column look outside.
pub(super) fn type_of(kind: ColumnType) -> TypeRef {
    let micros = Facets { precision: Some(6), ..Facets::default() };
    let (primitive, facets) = match kind {
        ColumnType::Text => (Primitive::String, Facets::default()),
        ColumnType::Integer => (Primitive::Int64, Facets::default()),
        ColumnType::Decimal { scale } => {
            let precision = if scale > NARROW_SCALE { LONG_PRECISION } else { PRECISION };
            let scale = Some(Scale::Fixed(u32::from(scale)));
            (Primitive::Decimal, Facets { precision: Some(precision), scale, ..Facets::default() })
        }
        ColumnType::Double => (Primitive::Double, Facets::default()),
        ColumnType::Boolean => (Primitive::Boolean, Facets::default()),
        ColumnType::Date => (Primitive::Date, Facets::default()),
        ColumnType::Time => (Primitive::TimeOfDay, micros),
        ColumnType::DateTime => (Primitive::DateTimeOffset, micros),
        ColumnType::Guid => (Primitive::Guid, Facets::default()),
        ColumnType::Duration => (Primitive::Duration, micros),
        ColumnType::Binary => {
            (Primitive::Binary, Facets { max_length: Some(Some(MAX_BINARY as u64)), ..Facets::default() })
        }
    };
    TypeRef { name: TypeName::Primitive(primitive), collection: false, nullable: true, facets }
}
