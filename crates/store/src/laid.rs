//! Layouts with what is made of them for each query, and current versions: read and parsed once.
//!
//! **Architecture Invariant:** both are kept under the mark of the state they were read in, and used only at that mark.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use gridkeep_model::{AppId, TableSchema};

use crate::{
    Mark, Reader, StoreError,
    layout::{Layout, PhysicalColumn},
    one::Ones,
};

/// A layout with what is made of it for each query.
#[derive(Debug)]
pub(crate) struct Laid {
    layout: Layout,
    pub(crate) schema: TableSchema,
    /// Reads all columns of the row with an id.
    pub(crate) by_id: String,
    /// The same of more rows, up to their ids.
    pub(crate) by_ids: String,
    /// Adds a row, unless its id is taken.
    pub(crate) insert: Insert,
    /// What was asked for of single rows.
    pub(crate) ones: Ones,
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
        let name = layout.name();
        let read = format!("SELECT {} FROM {name} WHERE id", read.join(", "));
        Self {
            schema: layout.schema(),
            by_id: format!("{read} = $1"),
            by_ids: format!("{read} IN "),
            insert: Insert::new(&name, &written),
            ones: Ones::default(),
            layout,
        }
    }
}

/// A statement that adds rows, those whose id is not taken.
#[derive(Debug)]
pub(crate) struct Insert {
    /// Up to the values.
    pub(crate) head: String,
    /// The statement for one row.
    pub(crate) one: String,
    /// Values of a row.
    pub(crate) width: usize,
}

impl Insert {
    /// What follows the values.
    pub(crate) const TAIL: &'static str = " ON CONFLICT DO NOTHING";

    fn new(table: &str, columns: &[String]) -> Self {
        let head = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        Self { one: format!("{head}({}){}", places.join(", "), Self::TAIL), head, width: columns.len() }
    }
}

/// Layouts that were read, and which version of an app is the current one, all of one mark.
#[derive(Debug, Default)]
pub(crate) struct KnownLayouts(Mutex<AtMark>);

#[derive(Debug, Default)]
struct AtMark {
    mark: Option<Mark>,
    tables: HashMap<(AppId, String), Arc<Laid>>,
    versions: HashMap<AppId, u32>,
}

/// Layouts, and apps, kept for one tenant.
const KEPT: usize = 512;

impl KnownLayouts {
    fn find(&self, mark: Mark, table: &(AppId, String)) -> Option<Arc<Laid>> {
        let known = self.lock();
        known.tables.get(table).filter(|_| known.mark == Some(mark)).cloned()
    }

    fn keep(&self, mark: Mark, table: (AppId, String), laid: Arc<Laid>) {
        self.room(mark).tables.insert(table, laid);
    }

    fn lock(&self) -> MutexGuard<'_, AtMark> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept of this mark, with room for one more of each.
    fn room(&self, mark: Mark) -> MutexGuard<'_, AtMark> {
        let mut known = self.lock();
        if known.mark != Some(mark) || known.tables.len().max(known.versions.len()) >= KEPT {
            *known = AtMark { mark: Some(mark), ..AtMark::default() };
        }
        known
    }
}

impl Reader<'_> {
    /// The version of an app that is the current one.
    pub(crate) fn current_version(&mut self, app: AppId) -> Result<u32, StoreError> {
        if let Some((known, mark)) = self.layouts {
            let known = known.lock();
            if let Some(version) = known.versions.get(&app).filter(|_| known.mark == Some(mark)) {
                return Ok(*version);
            }
        }
        let sql = "SELECT version FROM apps WHERE id = $1";
        let version = self.link.first(sql, &[app.uuid().into()], |cells| cells.small(0))?;
        let version = version.ok_or(StoreError::UnknownApp(app))?;
        if let Some((known, mark)) = self.layouts {
            known.room(mark).versions.insert(app, version);
        }
        Ok(version)
    }

    pub(crate) fn layout(&mut self, app: AppId, table: &str) -> Result<Arc<Laid>, StoreError> {
        // Where nothing is known of the state that a work begins with, its own word is enough.
        if let Some(laid) = self.learnt.as_ref().and_then(|learnt| learnt.layout(app, table)) {
            return Ok(laid);
        }
        let laid = self.laid(app, table)?;
        if let Some(learnt) = &mut self.learnt {
            learnt.keep_layout(app, &laid);
        }
        Ok(laid)
    }

    fn laid(&mut self, app: AppId, table: &str) -> Result<Arc<Laid>, StoreError> {
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
