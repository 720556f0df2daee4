//! Which column of a file fills which column of the table.

use gridkeep_model::definition::{ColumnDefinition, TableDefinition};

use super::target::Target;
use crate::error::{ApiError, NotImportable};

/// A file's columns, and what each fills.
pub(super) struct Matched<'a>(pub(super) Vec<Matching<'a>>);

/// One of them.
pub(super) struct Matching<'a> {
    /// Its place in each record.
    pub(super) place: usize,
    /// What stands over it.
    pub(super) name: String,
    pub(super) column: Option<&'a ColumnDefinition>,
}

impl<'a> Matched<'a> {
    /// By their names: a column's title or id, however it is written.
    pub(super) fn by_name(target: &'a Target, heads: Vec<(usize, String)>) -> Self {
        let mut taken: Vec<&str> = Vec::new();
        let matching = heads.into_iter().map(|(place, name)| {
            let mut free = target.enterable().filter(|column| !taken.contains(&column.id.as_str()));
            let column = free.find(|column| is_called(column, &name));
            taken.extend(column.map(|column| column.id.as_str()));
            Matching { place, name, column }
        });
        Self(matching.collect())
    }

    /// As whoever imports says it: an id for each of the file's columns in their order, nothing for one that is left out.
    pub(super) fn said(self, target: &'a Target, columns: &str) -> Result<Self, ApiError> {
        let wrong = || ApiError::NotImportable(NotImportable::WrongColumns);
        let said: Vec<&str> = columns.split(',').collect();
        if said.len() != self.0.len() {
            return Err(wrong());
        }
        let mut matched = Vec::with_capacity(said.len());
        for (id, matching) in said.iter().zip(self.0) {
            let column = match *id {
                "" => None,
                id => Some(target.enterable().find(|column| column.id == id).ok_or_else(wrong)?),
            };
            matched.push(Matching { column, ..matching });
        }
        let twice = |id: &&str| !id.is_empty() && said.iter().filter(|other| *other == id).count() > 1;
        if said.iter().any(twice) { Err(wrong()) } else { Ok(Self(matched)) }
    }

    /// Whether a name is that of a column which can be filled.
    pub(super) fn names(table: &TableDefinition, name: &str) -> bool {
        // What is calculated stands in a file that was exported, and tells its headers too.
        table.columns.iter().any(|column| is_called(column, name))
    }

    /// Those that fill a column: place and column.
    pub(super) fn filling(&self) -> Result<Vec<(usize, &'a ColumnDefinition)>, ApiError> {
        let filling: Vec<_> =
            self.0.iter().filter_map(|one| one.column.map(|column| (one.place, column))).collect();
        if filling.is_empty() {
            return Err(ApiError::NotImportable(NotImportable::NothingMatched));
        }
        Ok(filling)
    }
}

fn is_called(column: &ColumnDefinition, name: &str) -> bool {
    let plain = |text: &str| {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let name_plain = plain(name);
    if name_plain.is_empty() {
        column.title.trim() == name
    } else {
        [&column.title, &column.id].iter().any(|own| plain(own) == name_plain)
    }
}
