//! Layouts with what is made of them for each query, read and parsed once.
//!
//! **Architecture Invariant:** a layout is kept under the mark of the state it was read in, and used only at that mark.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use gridkeep_model::{AppId, TableSchema};

use crate::{
    Mark, Reader, StoreError,
    layout::{Layout, PhysicalColumn},
};

/// A layout with what is made of it for each query.
#[derive(Debug)]
pub(crate) struct Laid {
    layout: Layout,
    pub(crate) schema: TableSchema,
    /// Reads all columns of the row with an id.
    pub(crate) by_id: String,
    /// Adds a row, unless its id is taken.
    pub(crate) insert: String,
}

impl Deref for Laid {
    type Target = Layout;

    fn deref(&self) -> &Layout {
        &self.layout
    }
}

impl From<Layout> for Laid {
    fn from(layout: Layout) -> Self {
        let mut read = vec!["id".to_owned(), "version".to_owned()];
        read.extend(layout.columns.active.iter().map(PhysicalColumn::name));
        let (written, _) = layout.physical();
        let places: Vec<String> = (1..=written.len()).map(|place| format!("${place}")).collect();
        let name = layout.name();
        Self {
            schema: layout.schema(),
            by_id: format!("SELECT {} FROM {name} WHERE id = $1", read.join(", ")),
            insert: format!(
                "INSERT INTO {name} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
                written.join(", "),
                places.join(", ")
            ),
            layout,
        }
    }
}

/// Layouts that were read, those of one mark.
#[derive(Debug, Default)]
pub(crate) struct KnownLayouts(Mutex<(Option<Mark>, ByTable)>);

type ByTable = HashMap<(AppId, String), Arc<Laid>>;

/// Layouts kept for one tenant.
const KEPT: usize = 512;

impl KnownLayouts {
    fn find(&self, mark: Mark, table: &(AppId, String)) -> Option<Arc<Laid>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.1.get(table).filter(|_| known.0 == Some(mark)).cloned()
    }

    fn keep(&self, mark: Mark, table: (AppId, String), laid: Arc<Laid>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != Some(mark) || known.1.len() >= KEPT {
            *known = (Some(mark), HashMap::new());
        }
        known.1.insert(table, laid);
    }
}

impl Reader<'_> {
    pub(crate) fn layout(&mut self, app: AppId, table: &str) -> Result<Arc<Laid>, StoreError> {
        let named = (app, table.to_owned());
        if let Some(laid) = self.layouts.and_then(|(known, mark)| known.find(mark, &named)) {
            return Ok(laid);
        }
        let found = self.find_layout(app, table)?;
        let laid = Arc::new(Laid::from(found.ok_or_else(|| StoreError::UnknownTable(table.to_owned()))?));
        if let Some((known, mark)) = self.layouts {
            known.keep(mark, named, Arc::clone(&laid));
        }
        Ok(laid)
    }
}
