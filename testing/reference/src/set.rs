//! A table and the entity set over it, made beside each other: each property with the column it is kept in.

use gridkeep_model::{
    ColumnType, RowId,
    definition::{ColumnDefinition, FieldKind, Role, TableAccess, TableDefinition, TableSource, Validation},
};
use gridkeep_odata::{
    edm::{
        EntitySet, Key, Navigation as NavigationProperty, PathBinding, Primitive, Property, QName,
        StructuredType, TypeKind, TypeName, TypeRef,
    },
    project::{
        Kinds, Link, Manner, Media, Member, MemberSource, NAMESPACE, Navigation, Rights, SetSource, said,
    },
};

use crate::field::{Field, column_id, field, named};

/// A set in the making.
pub(crate) struct Set {
    pub(crate) table: TableDefinition,
    pub(crate) kind: StructuredType,
    pub(crate) offer: EntitySet,
    pub(crate) source: SetSource,
    /// Derived types.
    pub(crate) more: Vec<StructuredType>,
}

impl Set {
    /// Of entities whose key is the id of their row.
    pub(crate) fn new(name: &str, type_name: &str) -> Self {
        let everybody = vec![Role::Maker, Role::Member, Role::Guest];
        let all = TableAccess {
            see: everybody.clone(),
            insert: everybody.clone(),
            update: everybody.clone(),
            delete: everybody,
        };
        let kind = QName::new(NAMESPACE, type_name);
        let rights = Rights { read: true, insert: true, update: true, delete: true };
        Self {
            table: TableDefinition {
                id: column_id(name),
                title: name.to_owned(),
                source: TableSource::Range { sheet: "-".to_owned(), range: "A1:A1".to_owned() },
                columns: Vec::new(),
                key: None,
                access: all,
                gates: Vec::new(),
            },
            kind: StructuredType {
                name: type_name.to_owned(),
                kind: TypeKind::Entity { has_stream: false },
                base: None,
                is_abstract: false,
                open: false,
                key: Vec::new(),
                properties: Vec::new(),
                navigations: Vec::new(),
                annotations: Vec::new(),
            },
            offer: EntitySet {
                name: name.to_owned(),
                kind: kind.clone(),
                in_service_document: true,
                bindings: Vec::new(),
                annotations: Vec::new(),
            },
            source: SetSource {
                name: name.to_owned(),
                entity_type: kind,
                table: column_id(name),
                members: Vec::new(),
                key: Vec::new(),
                alternate_key: None,
                navigations: Vec::new(),
                rights,
                manner: Manner { etag_required: false, ..Manner::default() },
            },
            more: Vec::new(),
        }
    }

    /// With the id of the row as its key, which the service makes.
    pub(crate) fn id(mut self) -> Self {
        let id = "ID".to_owned();
        self.kind.key.push(Key { path: id.clone(), alias: None });
        self.kind.properties.push(Property {
            name: id.clone(),
            kind: TypeRef::primitive(Primitive::Guid),
            default: None,
            annotations: vec![said::computed()],
        });
        let source = MemberSource::RowId;
        self.source.members.push(Member { property: id.clone(), source, writable: false, immutable: true });
        self.source.key.push(id);
        self.source.manner.keys_made = true;
        self
    }

    /// With properties, of those there are, as its key.
    pub(crate) fn key(mut self, key: &[&str]) -> Self {
        for property in key {
            self.kind.key.push(Key { path: (*property).to_owned(), alias: None });
            self.source.key.push((*property).to_owned());
            for member in self.source.members.iter_mut().filter(|member| member.property == *property) {
                member.immutable = true;
            }
            for known in self.kind.properties.iter_mut().filter(|known| known.name == *property) {
                known.annotations.push(said::immutable());
            }
        }
        self
    }

    /// With the row's version as a property.
    pub(crate) fn version(mut self) -> Self {
        let property = "Version".to_owned();
        let source = MemberSource::Version;
        self.source.members.push(Member {
            property: property.clone(),
            source,
            writable: false,
            immutable: false,
        });
        self.kind.properties.push(Property {
            name: property,
            kind: TypeRef::primitive(Primitive::Int32),
            default: None,
            annotations: vec![said::computed()],
        });
        self
    }

    /// With a property of a complex type whose own properties are these.
    pub(crate) fn complex(mut self, name: &'static str, kind: &str, parts: Vec<Field>) -> Self {
        let mut members = Vec::new();
        for part in parts {
            let id = self.column(&format!("{name}{}", part.name), &part.kind, &part);
            members.push(Member {
                property: part.name.to_owned(),
                source: MemberSource::Column { id, kind: part.column },
                writable: true,
                immutable: false,
            });
        }
        let source = MemberSource::Complex { members };
        self.source.members.push(Member {
            property: name.to_owned(),
            source,
            writable: true,
            immutable: false,
        });
        self.kind.properties.push(Property {
            name: name.to_owned(),
            kind: named(name, kind, ColumnType::Text).nullable().kind,
            default: None,
            annotations: Vec::new(),
        });
        self
    }

    /// With entities of a derived type that have these properties too; a column tells the types.
    pub(crate) fn derived(mut self, column: &str, type_name: &str, fields: Vec<Field>) -> Self {
        let base = self.source.clone();
        let mut more = Self::new(&self.offer.name, type_name);
        for field in fields {
            let id = self.column(field.name, &field.kind, &field);
            more = more.member(field, id);
        }
        let own = |text: &str, derived: Vec<SetSource>, part: bool| {
            Some(Kinds { column: column.to_owned(), own: text.to_owned(), derived, part })
        };
        let mut members = base.members.clone();
        members.extend(more.source.members);
        let source = SetSource {
            entity_type: more.source.entity_type,
            members,
            manner: Manner { kinds: own(type_name, Vec::new(), true), ..base.manner.clone() },
            ..base
        };
        more.kind.base = Some(self.source.entity_type.clone());
        self.more.push(more.kind);
        self.source.manner.kinds = own(&self.kind.name, vec![source], false);
        self
    }

    /// As the one entity there is, whose row has this id.
    pub(crate) fn only(mut self, id: RowId) -> Self {
        self.source.manner.only = Some(id);
        self.source.rights = Rights { insert: false, delete: false, ..Rights::ALL };
        self
    }

    /// With properties that are columns of their own.
    pub(crate) fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        for field in fields {
            let id = self.column(field.name, &field.kind, &field);
            self = self.member(field, id);
        }
        self
    }

    /// A property that is kept in this column.
    fn member(mut self, field: Field, id: String) -> Self {
        self.source.members.push(Member {
            property: field.name.to_owned(),
            source: MemberSource::Column { id, kind: field.column },
            writable: field.writable,
            immutable: field.immutable,
        });
        self.kind.properties.push(Property {
            name: field.name.to_owned(),
            kind: field.kind,
            default: None,
            annotations: field.annotations,
        });
        self
    }

    /// The column of a property, made.
    fn column(&mut self, property: &str, kind: &TypeRef, field: &Field) -> String {
        let column = field.column;
        let id = column_id(property);
        let max_length = kind.facets.max_length.flatten().and_then(|longest| u32::try_from(longest).ok());
        let validation = Validation {
            required: !kind.nullable && field.filled.is_none(),
            max_length: max_length.filter(|_| column == ColumnType::Text),
            max_bytes: (kind.name == TypeName::Primitive(Primitive::Stream)).then_some(16 << 20),
            ..Validation::default()
        };
        self.table.columns.push(ColumnDefinition {
            id: id.clone(),
            title: property.to_owned(),
            offset: u32::try_from(self.table.columns.len()).unwrap_or(u32::MAX),
            column_type: column,
            kind: if kind.name == TypeName::Primitive(Primitive::Stream) {
                FieldKind::File
            } else {
                FieldKind::Text
            },
            unit: None,
            format: None,
            validation,
            formula: None,
            refers: None,
            filled: field.filled,
            read_only: false,
        });
        id
    }

    /// With a property whose content is kept elsewhere.
    pub(crate) fn stream(mut self, name: &'static str) -> Self {
        let field = field(name, Primitive::Stream, ColumnType::Text).nullable();
        let column = self.column(name, &field.kind, &field);
        self.source.members.push(Member {
            property: name.to_owned(),
            source: MemberSource::Stream { column },
            writable: true,
            immutable: false,
        });
        let Field { kind, annotations, .. } = field;
        self.kind.properties.push(Property { name: name.to_owned(), kind, default: None, annotations });
        self
    }

    /// As media entities; the column that refers to their content is made.
    pub(crate) fn media(mut self, media: Media) -> Self {
        let reference = field("Content", Primitive::Stream, ColumnType::Text).nullable();
        self.column(&media.column, &reference.kind, &reference);
        self.kind.kind = TypeKind::Entity { has_stream: true };
        self.source.manner.media = Some(media);
        self
    }

    /// With a way to entities of another set.
    pub(crate) fn leads(mut self, property: &str, to: (&str, &str), many: bool, link: Link) -> Self {
        let (set, type_name) = to;
        self.kind.navigations.push(NavigationProperty {
            name: property.to_owned(),
            target: QName::new(NAMESPACE, type_name),
            collection: many,
            nullable: !many,
            partner: None,
            contains: false,
            constraints: Vec::new(),
            on_delete: None,
            annotations: Vec::new(),
        });
        self.offer.bindings.push(PathBinding { path: property.to_owned(), target: set.to_owned() });
        self.source.navigations.push(Navigation {
            property: property.to_owned(),
            set: set.to_owned(),
            many,
            link,
        });
        self
    }

    /// What may be done with it is said, and it is ready.
    pub(crate) fn done(mut self) -> Self {
        let rights = self.source.rights;
        if self.source.manner.only.is_some() {
            return self;
        }
        let searchable = self.kind.properties.iter().any(|property| {
            property.kind.name == TypeName::Primitive(Primitive::String) && !property.kind.collection
        });
        self.offer.annotations = vec![
            said::readable(rights.read),
            said::insertable(rights.insert),
            said::updatable(rights.update),
            said::deletable(rights.delete),
        ];
        let by_row = self.source.members.iter().any(|member| {
            member.source == MemberSource::RowId && self.source.key == [member.property.as_str()]
        });
        self.offer.annotations.extend(said::queries(searchable, by_row));
        self
    }
}
