//! An app as a service: its metadata, and where each part of it is kept.
//!
//! **Architecture Invariant:** the metadata tells the truth. It is made for one role, names only what that role may reach,
//! and says of each set what may be done with it. A [`Projection`] can also be built in code; nothing below knows the
//! difference.

mod calculator;
mod names;
mod navigation;
mod operation;
mod relations;
pub mod said;
mod table;

use gridkeep_model::{AppDefinition, ColumnType, definition::Role};

pub use navigation::{Link, Navigation};
pub use operation::{BoundTo, OperationSource, Runs};

use crate::{
    edm::{Container, Edm, Expression, QName, Schema, Version},
    syntax::ast::Name,
};

/// Namespace of every app's own schema. The service's address tells apps apart.
pub const NAMESPACE: &str = "App";
/// Name of every app's entity container.
const CONTAINER: &str = "Service";

/// A service: what its metadata says, and where its parts are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The metadata.
    pub edm: Edm,
    /// One for each entity set of the container.
    pub sets: Vec<SetSource>,
    /// One for each overload of an action or function.
    pub operations: Vec<OperationSource>,
}

/// Where an entity set's rows are kept, and what may be done with them.
#[derive(Debug, Clone, PartialEq)]
pub struct SetSource {
    /// The entity set.
    pub name: String,
    /// Its entity type.
    pub entity_type: QName,
    /// Id of the published table.
    pub table: String,
    /// The properties, in the order of the metadata; the key comes first.
    pub members: Vec<Member>,
    /// Names of the key's properties: the row's id alone, or columns that no two rows have alike.
    pub key: Vec<String>,
    /// Property that finds a row as well as the key does.
    pub alternate_key: Option<String>,
    /// The related rows. They lead to sets of the same projection.
    pub navigations: Vec<Navigation>,
    /// What may be done.
    pub rights: Rights,
}

/// What may be done with the rows of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// They may be read.
    pub read: bool,
    /// Rows may be added.
    pub insert: bool,
    /// Rows may be changed.
    pub update: bool,
    /// Rows may be removed.
    pub delete: bool,
}

/// A property, and where its value is.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The property's name.
    pub property: String,
    /// Where its value is.
    pub source: MemberSource,
    /// May be given when a row is added or changed.
    pub writable: bool,
}

/// Where a property's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberSource {
    /// The row's own id.
    RowId,
    /// A column.
    Column {
        /// Its id.
        id: String,
        /// How it keeps values.
        kind: ColumnType,
    },
}

/// A calculator as a function: which field each parameter fills, and which field each property of the result shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalculatorSource {
    /// The screen it is.
    pub screen: String,
    /// Parameter and field id.
    pub parameters: Vec<(String, String)>,
    /// Property of the result and field id.
    pub results: Vec<(String, String)>,
}

impl Projection {
    /// The app as this role may use it.
    pub fn of_app(definition: &AppDefinition, role: Role) -> Self {
        let mut schema = Schema { namespace: NAMESPACE.to_owned(), ..Schema::default() };
        let mut container = Container {
            name: CONTAINER.to_owned(),
            annotations: said::of_container(),
            ..Container::default()
        };
        let mut sets = Vec::new();
        let mut operations = Vec::new();
        let mut taken = names::Taken::default();
        let tables = definition.tables.iter();
        let mut tables: Vec<_> =
            tables.filter_map(|table| table::entity_set(table, role, &mut taken)).collect();
        relations::relate(definition, &mut tables);
        for made in tables {
            schema.types.push(made.entity_type);
            container.sets.push(made.set);
            sets.push(made.source);
        }
        for screen in &definition.screens {
            let Some(made) = calculator::function(screen, role, &mut taken) else { continue };
            schema.types.push(made.result);
            schema.operations.push(made.function);
            container.functions.push(made.import);
            operations.push(made.source);
        }
        schema.container = Some(container);
        let edm = Edm { version: Version::V4_01, references: said::references(), schemas: vec![schema] };
        Self { edm, sets, operations }
    }

    /// The same, its schema in this version.
    #[must_use]
    pub fn versioned(mut self, version: &str) -> Self {
        for schema in &mut self.edm.schemas {
            schema.annotations.push(said::schema_version(version));
        }
        self
    }

    /// The version of the schema, for `$schemaversion`.
    pub fn schema_version(&self) -> Option<&str> {
        let mut said = self.edm.schemas.iter().flat_map(|schema| &schema.annotations);
        said.find_map(|annotation| match &annotation.value {
            Some(Expression::String(version)) if annotation.term.name == "SchemaVersion" => {
                Some(version.as_str())
            }
            _ => None,
        })
    }

    /// Where this entity set is kept.
    pub fn set(&self, name: &str) -> Option<&SetSource> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// The set that a navigation property leads to; none where it may not be read.
    pub fn target(&self, navigation: &Navigation) -> Option<&SetSource> {
        self.set(&navigation.set).filter(|set| set.rights.read)
    }

    /// The overloads that are bound to entities of this type, or to collections of them, by qualified name or, without a
    /// namespace, by that of the default one.
    pub fn bound<'a>(
        &'a self,
        name: &Name,
        entity_type: &QName,
        collection: bool,
    ) -> impl Iterator<Item = &'a OperationSource> {
        let namespace = match &name.namespace {
            Some(written) => self.edm.schema(written).map(|schema| schema.namespace.as_str()),
            None => self.edm.container().map(|(schema, _)| schema.namespace.as_str()),
        };
        let simple = name.name.clone();
        let lineage = self.edm.structured(entity_type).map(|kind| self.edm.lineage(kind)).unwrap_or_default();
        self.operations.iter().filter(move |operation| {
            let fits = |bound: &BoundTo| {
                let own = self.edm.structured(&bound.entity_type);
                bound.collection == collection
                    && own.is_some_and(|own| lineage.iter().any(|kind| std::ptr::eq(*kind, own)))
            };
            Some(operation.name.namespace.as_str()) == namespace
                && operation.name.name == simple
                && operation.bound.as_ref().is_some_and(fits)
        })
    }

    /// Whether any bound operation has this name, whatever it is bound to.
    pub fn has_bound(&self, name: &Name) -> bool {
        self.operations.iter().any(|one| one.bound.is_some() && one.name.name == name.name)
    }

    /// The overloads offered at the root by this name.
    pub fn imported<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a OperationSource> + use<'a, 'n> {
        self.operations.iter().filter(move |operation| operation.import.as_deref() == Some(name))
    }
}

impl SetSource {
    /// Where this property is kept.
    pub fn member(&self, property: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.property == property)
    }

    /// The navigation property of this name.
    pub fn navigation(&self, property: &str) -> Option<&Navigation> {
        self.navigations.iter().find(|navigation| navigation.property == property)
    }

    /// Columns with the properties they are.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().filter_map(|member| match &member.source {
            MemberSource::Column { id, .. } => Some((id.as_str(), member.property.as_str())),
            MemberSource::RowId => None,
        })
    }
}
