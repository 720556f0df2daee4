//! An app as a service: its metadata, and where each part of it is kept.
//!
//! **Architecture Invariant:** the metadata tells the truth. It is made for one role, names only what that role may reach,
//! and says of each set what may be done with it. A [`Projection`] can also be built in code; nothing below knows the
//! difference.

mod action;
mod calculator;
mod enumeration;
mod guarded;
mod manner;
mod media;
mod names;
mod navigation;
mod operation;
mod relations;
pub mod said;
mod table;

use gridkeep_model::{AppDefinition, ColumnType, definition::Role};

pub use enumeration::Form;
pub use guarded::Policies;
pub use manner::{Kinds, Manner};
pub use media::Media;
pub use navigation::{Link, Navigation};
pub use operation::{ActionSource, BoundTo, OperationSource, Runs};

use crate::{
    edm::{Container, Edm, Expression, Property, QName, Schema, TypeName, Version},
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
    /// What is special about it.
    pub manner: Manner,
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
    /// May be given when a row is added and never again.
    pub immutable: bool,
}

/// Where a property's value is.
#[derive(Debug, Clone, PartialEq)]
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
    /// The row's version, which grows with each change.
    Version,
    /// A complex value: null when all of its parts are.
    Complex {
        /// Its properties, each a column of the row.
        members: Vec<Member>,
    },
    /// Content that is kept elsewhere: it is no value of expressions and payloads.
    Stream {
        /// The text column that refers to it.
        column: String,
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
        schema.annotations.push(said::default_namespace());
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
        let sources: Vec<SetSource> = tables.iter().map(|made| made.source.clone()).collect();
        for mut made in tables {
            made.set.annotations.extend(said::navigations(&made.source, &sources));
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
        for action in &definition.actions {
            let Some(made) = action::action(action, role, &sets, &mut taken) else { continue };
            schema.operations.push(made.action);
            container.actions.extend(made.import);
            operations.push(made.source);
        }
        schema.container = Some(container);
        let edm = Edm { version: Version::V4_01, references: said::references(), schemas: vec![schema] };
        Self { edm, sets, operations }
    }

    /// The same for somebody who is told no changes of these tables' rows.
    #[must_use]
    pub fn untracked(mut self, is_untracked: impl Fn(&str) -> bool) -> Self {
        let sets = self.sets.iter().filter(|set| is_untracked(&set.table));
        let names: Vec<&str> = sets.map(|set| set.name.as_str()).collect();
        let containers = self.edm.schemas.iter_mut().filter_map(|schema| schema.container.as_mut());
        for set in containers.flat_map(|container| &mut container.sets) {
            if names.contains(&set.name.as_str()) {
                said::tracked(&mut set.annotations, false);
            }
        }
        self
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

    /// Every column that a property of its entities is kept in, derived types and what tells them included.
    pub fn all_columns(&self) -> Vec<String> {
        let mut columns = Vec::new();
        self.collect_columns(&mut columns);
        columns
    }

    fn collect_columns(&self, columns: &mut Vec<String>) {
        let mut add = |id: &String| {
            if !columns.contains(id) {
                columns.push(id.clone());
            }
        };
        for member in &self.members {
            member.ids().for_each(&mut add);
        }
        if let Some(kinds) = &self.manner.kinds {
            add(&kinds.column);
        }
        if let Some(media) = &self.manner.media {
            add(&media.column);
        }
        for derived in self.derived() {
            derived.collect_columns(columns);
        }
    }

    /// The navigation property of this name.
    pub fn navigation(&self, property: &str) -> Option<&Navigation> {
        self.navigations.iter().find(|navigation| navigation.property == property)
    }

    /// Columns with the paths of the properties they are.
    pub fn columns(&self) -> Vec<(&str, String)> {
        let mut all = Vec::new();
        for member in &self.members {
            match &member.source {
                MemberSource::Column { id, .. } | MemberSource::Stream { column: id } => {
                    all.push((id.as_str(), member.property.clone()));
                }
                MemberSource::Complex { members } => all.extend(members.iter().filter_map(|part| {
                    let path = format!("{}/{}", member.property, part.property);
                    part.ids().next().map(|id| (id.as_str(), path))
                })),
                MemberSource::RowId | MemberSource::Version => {}
            }
        }
        all.extend(self.derived().iter().flat_map(Self::columns));
        all
    }
}

impl Member {
    /// The columns it is kept in.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        let (own, parts) = match &self.source {
            MemberSource::Column { id, .. } | MemberSource::Stream { column: id } => {
                (Some(id), [].as_slice())
            }
            MemberSource::Complex { members } => (None, members.as_slice()),
            MemberSource::RowId | MemberSource::Version => (None, [].as_slice()),
        };
        own.into_iter().chain(parts.iter().filter_map(|part| match &part.source {
            MemberSource::Column { id, .. } => Some(id),
            _ => None,
        }))
    }

    /// Its own property of this name, where it is a complex value.
    pub fn part(&self, property: &str) -> Option<&Self> {
        match &self.source {
            MemberSource::Complex { members } => members.iter().find(|part| part.property == property),
            _ => None,
        }
    }

    /// The column that refers to its content, where it is a stream.
    pub fn stream(&self) -> Option<&str> {
        match &self.source {
            MemberSource::Stream { column } => Some(column),
            _ => None,
        }
    }
}

impl Projection {
    /// The property of a set's entities at this path: one name, or that of a complex property and one of its own.
    pub fn property(&self, set: &SetSource, path: &[&str]) -> Option<&Property> {
        let (first, rest) = path.split_first()?;
        let own = self.edm.structured(&set.entity_type)?;
        let found = self.edm.property(own, first);
        let derived = || set.derived().iter().find_map(|derived| self.property(derived, &[first]));
        rest.iter().try_fold(found.or_else(derived)?, |property, name| match &property.kind.name {
            TypeName::Named(kind) => self.edm.property(self.edm.structured(kind)?, name),
            TypeName::Primitive(_) => None,
        })
    }
}
