//! A table and the entity set over it, made beside each other: each property with the column it is kept in.

use gridkeep_model::{
    ColumnType,
    definition::{ColumnDefinition, FieldKind, Role, TableAccess, TableDefinition, TableSource, Validation},
};
use gridkeep_odata::{
    edm::{
        Annotation, EntitySet, Facets, Key, Navigation as NavigationProperty, PathBinding, Primitive,
        Property, QName, StructuredType, TypeKind, TypeName, TypeRef,
    },
    project::{Link, Member, MemberSource, NAMESPACE, Navigation, Rights, SetSource, said},
};

/// A set in the making.
pub(crate) struct Set {
    pub(crate) table: TableDefinition,
    pub(crate) kind: StructuredType,
    pub(crate) offer: EntitySet,
    pub(crate) source: SetSource,
}

/// A property in the making.
pub(crate) struct Field {
    name: &'static str,
    kind: TypeRef,
    column: ColumnType,
    annotations: Vec<Annotation>,
    writable: bool,
}

/// A property of a built-in type.
pub(crate) fn field(name: &'static str, primitive: Primitive, column: ColumnType) -> Field {
    Field { name, kind: TypeRef::primitive(primitive), column, annotations: Vec::new(), writable: true }
}

/// A text of at most so many characters; 0 for any length.
pub(crate) fn text(name: &'static str, longest: u64) -> Field {
    let mut made = field(name, Primitive::String, ColumnType::Text);
    made.kind.facets.max_length = (longest > 0).then_some(Some(longest));
    made
}

impl Field {
    pub(crate) fn nullable(mut self) -> Self {
        self.kind.nullable = true;
        self
    }

    pub(crate) fn facets(mut self, facets: Facets) -> Self {
        self.kind.facets = facets;
        self
    }

    pub(crate) fn said(mut self, annotation: Annotation) -> Self {
        self.annotations.push(annotation);
        self
    }
}

/// `ReleaseDate` is kept in `release_date`.
fn column_id(property: &str) -> String {
    let mut id = String::new();
    for (at, character) in property.chars().enumerate() {
        let before = property.chars().nth(at.wrapping_sub(1)).is_some_and(char::is_lowercase);
        if character.is_uppercase() && at > 0 && before {
            id.push('_');
        }
        id.extend(character.to_lowercase());
    }
    id
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
            },
        }
    }

    /// With the id of the row as its key.
    pub(crate) fn id(mut self) -> Self {
        let id = "ID".to_owned();
        self.kind.key.push(Key { path: id.clone(), alias: None });
        self.kind.properties.push(Property {
            name: id.clone(),
            kind: TypeRef::primitive(Primitive::Guid),
            default: None,
            annotations: vec![said::computed_default(), said::immutable()],
        });
        self.source.members.push(Member {
            property: id.clone(),
            source: MemberSource::RowId,
            writable: true,
        });
        self.source.key.push(id);
        self
    }

    /// With properties that are columns of their own.
    pub(crate) fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        for field in fields {
            let id = self.column(field.name, &field.kind, field.column);
            self.source.members.push(Member {
                property: field.name.to_owned(),
                source: MemberSource::Column { id, kind: field.column },
                writable: field.writable,
            });
            self.kind.properties.push(Property {
                name: field.name.to_owned(),
                kind: field.kind,
                default: None,
                annotations: field.annotations,
            });
        }
        self
    }

    /// The column of a property, made.
    fn column(&mut self, property: &str, kind: &TypeRef, column: ColumnType) -> String {
        let id = column_id(property);
        let max_length = kind.facets.max_length.flatten().and_then(|longest| u32::try_from(longest).ok());
        let validation = Validation {
            required: !kind.nullable,
            max_length: max_length.filter(|_| column == ColumnType::Text),
            ..Validation::default()
        };
        self.table.columns.push(ColumnDefinition {
            id: id.clone(),
            title: property.to_owned(),
            offset: u32::try_from(self.table.columns.len()).unwrap_or(u32::MAX),
            column_type: column,
            kind: FieldKind::Text,
            unit: None,
            format: None,
            validation,
            formula: None,
            refers: None,
        });
        id
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
        let searchable = self.kind.properties.iter().any(|property| {
            property.kind.name == TypeName::Primitive(Primitive::String) && !property.kind.collection
        });
        self.offer.annotations = vec![
            said::readable(rights.read),
            said::insertable(rights.insert),
            said::updatable(rights.update),
            said::deletable(rights.delete),
            said::optimistic_concurrency(),
        ];
        self.offer.annotations.extend(said::queries(searchable));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_become_columns() {
        let check = |property: &str, expect: &str| assert_eq!(column_id(property), expect);
        check("Name", "name");
        check("ReleaseDate", "release_date");
        check("CategoryID", "category_id");
        check("ProductDescriptions", "product_descriptions");
    }
}
