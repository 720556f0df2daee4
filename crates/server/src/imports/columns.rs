//! Which column of a file fills which column of the table.

use std::collections::{BTreeSet, HashMap};

use gridkeep_model::definition::{ColumnDefinition, Filled, TableDefinition};

use super::{
    target::{Target, is_enterable},
    transaction::Filling,
};
use crate::error::{ApiError, NotImportable};

/// What the columns of a table are called, folded once: a file has far more names than a table has columns.
pub(super) struct Names<'a>(HashMap<String, Vec<&'a ColumnDefinition>>);

/// A file's columns, and what each fills.
pub(super) struct Matched<'a> {
    pub(super) columns: Vec<Matching<'a>>,
    /// The place where the file says when each row was last changed, and that column.
    pub(super) changed: Option<(usize, &'a ColumnDefinition)>,
}

/// One of them.
pub(super) struct Matching<'a> {
    /// Its place in each record.
    pub(super) place: usize,
    /// What stands over it.
    pub(super) name: String,
    pub(super) column: Option<&'a ColumnDefinition>,
}

impl<'a> Names<'a> {
    /// Of this table: of each column its title and its id.
    pub(super) fn of(table: &'a TableDefinition) -> Self {
        let mut names: HashMap<String, Vec<&ColumnDefinition>> = HashMap::new();
        for column in &table.columns {
            for own in BTreeSet::from([folded(&column.title), folded(&column.id)]) {
                names.entry(own).or_default().push(column);
            }
        }
        names.remove("");
        Self(names)
    }

    /// Whether a name is that of a column. What is calculated stands in a file that was exported, and tells its heads too.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(&folded(name))
    }

    fn called(&self, name: &str) -> &[&'a ColumnDefinition] {
        self.0.get(&folded(name)).map(Vec::as_slice).unwrap_or_default()
    }
}

impl<'a> Matched<'a> {
    /// By their names: a column's title or id, however it is written.
    pub(super) fn by_name(names: &Names<'a>, heads: &[(usize, String)]) -> Self {
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        let tells = |column: &&ColumnDefinition| column.filled == Some(Filled::Changed);
        let changed = heads
            .iter()
            .find_map(|(place, name)| Some((*place, names.called(name).iter().copied().find(tells)?)));
        let columns = heads.iter().map(|(place, name)| {
            let mut own = names.called(name).iter().copied();
            let column = own.find(|column| is_enterable(column) && !taken.contains(column.id.as_str()));
            taken.extend(column.map(|column| column.id.as_str()));
            Matching { place: *place, name: name.clone(), column }
        });
        Self { columns: columns.collect(), changed }
    }

    /// As whoever imports says it: an id for each of the file's columns in their order, nothing for one that is left out.
    pub(super) fn said(self, target: &'a Target, columns: &str) -> Result<Self, ApiError> {
        let wrong = || ApiError::NotImportable(NotImportable::WrongColumns);
        if columns.split(',').count() != self.columns.len() {
            return Err(wrong());
        }
        let own: HashMap<&str, &ColumnDefinition> =
            target.enterable().map(|column| (column.id.as_str(), column)).collect();
        let mut taken = BTreeSet::new();
        let mut matched = Vec::with_capacity(self.columns.len());
        for (id, matching) in columns.split(',').zip(self.columns) {
            let column = match id {
                "" => None,
                id if taken.insert(id) => Some(*own.get(id).ok_or_else(wrong)?),
                _ => return Err(wrong()),
            };
            matched.push(Matching { column, ..matching });
        }
        Ok(Self { columns: matched, changed: self.changed })
    }

    /// Those that fill a column.
    pub(super) fn filling(&self) -> Result<Filling, ApiError> {
        let filling = self.columns.iter().filter_map(|one| Some((one.place, one.column?.clone())));
        let columns: Vec<_> = filling.collect();
        if columns.is_empty() {
            return Err(ApiError::NotImportable(NotImportable::NothingMatched));
        }
        Ok(Filling { columns, changed: self.changed.map(|(place, column)| (place, column.clone())) })
    }
}

/// What two writings of a name have in common: its letters and figures, or what it is where it has none of them.
fn folded(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if plain.is_empty() { name.trim().to_owned() } else { plain }
}
