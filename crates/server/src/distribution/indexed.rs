//! Which columns of a table deserve an index: those whose order or values screens ask for.

use std::collections::BTreeSet;

use gridkeep_model::{AppDefinition, definition::Component};

/// Ids of a table's columns that lists filter by or show, since people sort by whatever they see, its key, and the columns
/// at both ends of references, along which rows are joined.
pub(super) fn columns<'a>(definition: &'a AppDefinition, table: &str) -> Vec<&'a str> {
    let mut columns = BTreeSet::new();
    if let Some(key) = definition.table(table).and_then(|table| table.key.as_deref()) {
        columns.insert(key);
    }
    for (from, column, refers) in definition.references() {
        if from.id == table {
            columns.insert(&column.id);
        }
        if refers.table == table {
            columns.insert(&refers.column);
        }
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

/// Pairs of columns that deserve an index together: what a list offers as a filter, and the order it begins with.
pub(super) fn pairs<'a>(definition: &'a AppDefinition, table: &str) -> Vec<(&'a str, &'a str)> {
    let mut pairs = Vec::new();
    for component in definition.screens.iter().flat_map(|screen| &screen.components) {
        if let Component::List { table: own, sort: Some(sort), filters, .. } = component
            && own == table
        {
            pairs.extend(filters.iter().map(|filter| (filter.as_str(), sort.column.as_str())));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_shown_columns_and_both_ends_of_references_are_indexed() {
        let column = |id: &str| json!({ "id": id, "title": id, "offset": 0, "type": { "name": "text" }, "kind": "text" });
        let mut refers = column("who");
        refers["refers"] = json!({ "table": "people", "column": "name" });
        let source = |range: &str| json!({ "from": "range", "sheet": "S", "range": range });
        let list = json!({ "type": "list", "id": "l", "table": "visits", "titleColumn": "what", "columns": ["day"], "filters": ["what", "who"], "search": [], "sort": { "column": "day" }, "detail": ["note"] });
        let definition = json!({
            "schemaVersion": 1, "name": "T", "icon": "list", "accent": "#000000", "language": "en",
            "screens": [{ "id": "s", "title": "S", "icon": "list", "kind": "list", "components": [list] }],
            "tables": [
                { "id": "people", "title": "P", "source": source("A1:B3"), "columns": [column("no"), column("name"), column("city")], "key": "no" },
                { "id": "visits", "title": "V", "source": source("D1:G3"), "columns": [column("what"), refers, column("day"), column("note")] },
            ],
        });
        let definition: AppDefinition = serde_json::from_value(definition).expect("a definition");
        let check = |table: &str, expect: &[&str]| assert_eq!(columns(&definition, table), expect);
        check("people", &["name", "no"]);
        check("visits", &["day", "what", "who"]);
        assert_eq!(pairs(&definition, "visits"), [("what", "day"), ("who", "day")]);
        assert_eq!(pairs(&definition, "people"), []);
    }
}
