//! Terms of the Core vocabulary.

use super::{Vocabulary::Core, properties, record, text};
use crate::edm::{Annotation, Expression, PathKind};

/// What people call it.
pub fn description(said: impl Into<String>) -> Annotation {
    Core.say("Description", text(said))
}

/// More about it than its description says.
pub fn long_description(said: impl Into<String>) -> Annotation {
    Core.say("LongDescription", text(said))
}

/// The versions of OData a container offers; 4.01 includes 4.0.
pub fn odata_versions(versions: &str) -> Annotation {
    Core.say("ODataVersions", text(versions))
}

/// The version of a schema, for `$schemaversion`.
pub fn schema_version(version: impl Into<String>) -> Annotation {
    Core.say("SchemaVersion", text(version))
}

/// Names of this schema need no namespace in addresses.
pub fn default_namespace() -> Annotation {
    Core.say("DefaultNamespace", Expression::Bool(true))
}

/// The service calculates it always, and ignores what a client gives.
pub fn computed() -> Annotation {
    Core.say("Computed", Expression::Bool(true))
}

/// The service calculates it when a client gives none.
pub fn computed_default() -> Annotation {
    Core.say("ComputedDefaultValue", Expression::Bool(true))
}

/// Given once, never changed.
pub fn immutable() -> Annotation {
    Core.say("Immutable", Expression::Bool(true))
}

/// What may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members of Core.Permission as they are")]
pub enum Permission {
    None,
    Read,
    Write,
    ReadWrite,
    Invoke,
}

/// What may be done with a property, type, set or operation.
pub fn permissions(permission: Permission) -> Annotation {
    let member = match permission {
        Permission::None => "None",
        Permission::Read => "Read",
        Permission::Write => "Write",
        Permission::ReadWrite => "ReadWrite",
        Permission::Invoke => "Invoke",
    };
    Core.say("Permissions", Core.members("Permission", &[member]))
}

/// Changes to the entities of a set need the ETag, which changes with these properties; with any, when there are none.
pub fn optimistic_concurrency<T: Into<String>>(of: impl IntoIterator<Item = T>) -> Annotation {
    Core.say("OptimisticConcurrency", properties(of))
}

/// What else names an entity as well as its key does: for each key its properties, path and alias.
pub fn alternate_keys<'a, K>(keys: impl IntoIterator<Item = K>) -> Annotation
where
    K: IntoIterator<Item = (&'a str, &'a str)>,
{
    let property = |(path, alias): (&str, &str)| {
        record([("Name", Expression::Path(PathKind::Property, path.to_owned())), ("Alias", text(alias))])
    };
    let key = |key: K| record([("Key", Expression::Collection(key.into_iter().map(property).collect()))]);
    Core.say("AlternateKeys", Expression::Collection(keys.into_iter().map(key).collect()))
}

/// A parameter that may be left out, and the value it then has, as the text of a literal.
pub fn optional_parameter(default: Option<&str>) -> Annotation {
    let default = default.map(|default| ("DefaultValue", text(default)));
    Core.say("OptionalParameter", record(default))
}

/// Whether an operation may be called, found at this path; the metadata withholds it when it is `false` at all times.
pub fn operation_available(value: Expression) -> Annotation {
    Core.say("OperationAvailable", value)
}

/// The type of media a stream has.
pub fn media_type(kind: impl Into<String>) -> Annotation {
    Core.say("MediaType", text(kind))
}

/// The types of media a stream may have.
pub fn acceptable_media_types<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Annotation {
    Core.say("AcceptableMediaTypes", super::texts(all))
}

/// A text that is an address.
pub fn is_url() -> Annotation {
    Core.say("IsURL", Expression::Bool(true))
}

/// A text in the language of the request.
pub fn is_language_dependent() -> Annotation {
    Core.say("IsLanguageDependent", Expression::Bool(true))
}

/// Addresses of entities are made by the conventions of the standard.
pub fn conventional_ids() -> Annotation {
    Core.say("ConventionalIDs", Expression::Bool(true))
}

/// The id of an entity is an address it can be read at.
pub fn dereferenceable_ids() -> Annotation {
    Core.say("DereferenceableIDs", Expression::Bool(true))
}
