//! Which columns of a table deserve an index: those whose order or values screens ask for.

use std::collections::BTreeSet;

use gridkeep_model::{AppDefinition, definition::Component};

/// Ids of a table's columns that lists filter by or show, since people sort by whatever they see, and its key.
pub(super) fn columns<'a>(definition: &'a AppDefinition, table: &str) -> Vec<&'a str> {
    let mut columns = BTreeSet::new();
    if let Some(key) = definition.table(table).and_then(|table| table.key.as_deref()) {
        columns.insert(key);
    }
    for component in definition.screens.iter().flat_map(|screen| &screen.components) {
        if let Component::List { table: own, sort, filters, title_column, columns: shown, .. } = component
            && own == table
        {
            columns.extend(sort.as_ref().map(|sort| sort.column.as_str()));
            columns.extend(filters.iter().map(String::as_str));
            columns.insert(title_column);
            columns.extend(shown.iter().map(String::as_str));
        }
    }
    columns.into_iter().collect()
}
