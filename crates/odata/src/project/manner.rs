//! How a set differs from a plain table of rows whose key is their id.

use gridkeep_model::{RowId, Value, query::Expr};

use super::{Media, Rights, SetSource};

/// What is special about a set; by default nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Manner {
    /// Changes must name the version they are based on: without `If-Match` they are refused. Otherwise it is honoured when
    /// it is there.
    pub etag_required: bool,
    /// Keys are made by the service: one that is given is passed over, and nothing is made under one that is unknown.
    pub keys_made: bool,
    /// Its entities are of several types.
    pub kinds: Option<Kinds>,
    /// A singleton: the row that is its one entity.
    pub only: Option<RowId>,
    /// They are media entities.
    pub media: Option<Media>,
}

/// Types of a set's entities: a column tells each row's.
#[derive(Debug, Clone, PartialEq)]
pub struct Kinds {
    /// The column.
    pub column: String,
    /// Its text for entities of the declared type itself.
    pub own: String,
    /// The types derived from it, each as the set of its entities: with all properties, inherited ones included, under the
    /// name and with the key of this set.
    pub derived: Vec<SetSource>,
    /// The set is only the entities of its type, of a larger one.
    pub part: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self { etag_required: true, keys_made: false, kinds: None, only: None, media: None }
    }
}

impl Rights {
    /// Everything may be done.
    pub const ALL: Self = Self { read: true, insert: true, update: true, delete: true };
}

impl Kinds {
    /// The texts of the declared type and all that derive from it.
    pub fn texts(&self) -> Vec<Value> {
        let derived = self.derived.iter().filter_map(|set| set.manner.kinds.as_ref());
        let mut texts = vec![Value::Text(self.own.clone())];
        texts.extend(derived.flat_map(Self::texts));
        texts
    }
}

impl SetSource {
    /// The set of the entities of this type: the set itself or one of a derived type.
    pub fn of_kind(&self, kind: &crate::edm::QName) -> Option<&Self> {
        if self.entity_type == *kind {
            return Some(self);
        }
        self.derived().iter().find_map(|set| set.of_kind(kind))
    }

    /// The sets of derived types.
    pub fn derived(&self) -> &[Self] {
        self.manner.kinds.as_ref().map(|kinds| kinds.derived.as_slice()).unwrap_or_default()
    }

    /// What tells its rows from others of the table; `None` where it is the whole table.
    pub fn condition(&self) -> Option<Expr> {
        let kinds = self.manner.kinds.as_ref().filter(|kinds| kinds.part)?;
        Some(Expr::column(&kinds.column).one_of(kinds.texts()))
    }
}
