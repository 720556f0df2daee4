//! A property in the making, with the column it is kept in.

use gridkeep_model::{ColumnType, definition::Filled};
use gridkeep_odata::{
    edm::{Annotation, Facets, Primitive, QName, TypeName, TypeRef},
    project::{NAMESPACE, said},
};

/// A property in the making.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: TypeRef,
    pub(crate) column: ColumnType,
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) writable: bool,
    pub(crate) immutable: bool,
    pub(crate) filled: Option<Filled>,
}

/// A property of a built-in type.
pub(crate) fn field(name: &'static str, primitive: Primitive, column: ColumnType) -> Field {
    Field {
        name,
        kind: TypeRef::primitive(primitive),
        column,
        annotations: Vec::new(),
        writable: true,
        immutable: false,
        filled: None,
    }
}

/// A property whose type is the schema's own, kept in a column of this type.
pub(crate) fn named(name: &'static str, kind: &str, column: ColumnType) -> Field {
    let mut made = field(name, Primitive::String, column);
    made.kind.name = TypeName::Named(QName::new(NAMESPACE, kind));
    made
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

    /// Given once, with the entity.
    pub(crate) fn immutable(mut self) -> Self {
        self.immutable = true;
        self.said(said::immutable())
    }

    /// Made by the service.
    pub(crate) fn computed(mut self) -> Self {
        self.writable = false;
        self.said(said::computed())
    }

    /// The moment of a change.
    pub(crate) fn filled(mut self, filled: Filled) -> Self {
        self.filled = Some(filled);
        self.computed()
    }

    pub(crate) fn said(mut self, annotation: Annotation) -> Self {
        self.annotations.push(annotation);
        self
    }
}

/// `ReleaseDate` is kept in `release_date`.
pub(crate) fn column_id(property: &str) -> String {
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
