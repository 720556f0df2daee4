//! How the entities of a page are shown: worked out once for each choice of properties, not once for each page.
//!
//! **Architecture Invariant:** what is kept is a projection's, which is that of one version of an app for one role and never
//! changes: nobody is shown by it what their own projection has not.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use gridkeep_odata::{
    edm::QName,
    header::Metadata,
    json::{IdHead, Style},
    project::SetSource,
    syntax::ast::{QueryOptions, Select},
};

use super::{
    cells::{Cell, Cells, Key},
    rows::Face,
};
/// Sheets that are kept.
const MOST: usize = 64;
/// Items of `$select` of one that is kept, at most.
const MOST_SELECTED: usize = 64;

/// Sheets of one projection; clones share them.
#[derive(Clone, Default)]
pub(super) struct Sheets(Arc<Mutex<Vec<Kept>>>);

impl fmt::Debug for Sheets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sheets").finish_non_exhaustive()
    }
}

/// How entities are written as their rows are found.
pub(super) struct Sheet {
    pub(super) cells: Cells,
    pub(super) style: Style,
    pub(super) context: String,
    /// The service's address.
    pub(super) root: String,
    /// What the ids of rows begin with that are their keys, where they must be said.
    pub(super) ids: Option<IdHead>,
    /// What is read of each row.
    pub(super) columns: Vec<String>,
}

/// A sheet and what it is for.
struct Kept {
    set: String,
    /// Derived types go by the name of the set that they are in.
    kind: QName,
    select: Vec<Select>,
    sheet: Arc<Sheet>,
}

impl Sheet {
    /// Whether the entities with this face can be written so; where they cannot, their rows are needed on their own.
    pub(super) fn fits(face: &Face<'_>, style: Style) -> bool {
        let stream = |cell: &Cell| matches!(cell, Cell::Stream(..));
        let cells = &face.cells;
        style.metadata != Metadata::Full
            && face.is_plain()
            && cells.kinds.is_none()
            && cells.media.is_none()
            && !cells.own.iter().any(stream)
    }

    /// Of entities with such a face.
    pub(super) fn new(face: Face<'_>, style: Style, context: String, columns: Vec<String>) -> Self {
        let Face { cells, root, .. } = face;
        let by_id = cells.id_needed && matches!(cells.address.key, Key::Row);
        let ids = by_id.then(|| IdHead::new(&style, &format!("{root}{}(", cells.address.set)));
        Self { cells, style, context, root, ids, columns }
    }
}

impl Sheets {
    /// Whether options choose from an entity's own properties, and nothing more.
    pub(super) fn fit(options: &QueryOptions) -> bool {
        options.apply.is_none()
            && options.compute.is_empty()
            && options.expand.is_empty()
            && options.select.len() <= MOST_SELECTED
    }

    /// The sheet of a set's entities, in this style at this address, with these properties.
    pub(super) fn find(
        &self,
        set: &SetSource,
        select: &[Select],
        (style, root): (Style, &str),
    ) -> Option<Arc<Sheet>> {
        let is = |kept: &&Kept| {
            let Kept { sheet, .. } = kept;
            sheet.style == style
                && kept.set == set.name
                && kept.kind == set.entity_type
                // A tenant has two names in addresses.
                && sheet.root == root
                && kept.select == select
        };
        self.lock().iter().find(is).map(|kept| Arc::clone(&kept.sheet))
    }

    /// Keeps one.
    pub(super) fn keep(&self, set: &SetSource, select: &[Select], sheet: &Arc<Sheet>) {
        let (name, kind) = (set.name.clone(), set.entity_type.clone());
        let kept = Kept { set: name, kind, select: select.to_vec(), sheet: Arc::clone(sheet) };
        let mut all = self.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.push(kept);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
