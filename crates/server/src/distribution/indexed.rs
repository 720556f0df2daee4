//! Which columns of a table deserve an index: those whose order or values screens ask for.
//!
//! **Architecture Invariant:** an index has to be asked for. Each costs every row that is written a page somewhere in it, more
//! than writing the row itself does (docs/adr/0025).

use std::collections::BTreeSet;

use gridkeep_model::{AppDefinition, ColumnType, definition::Component};

/// Ids of a table's columns that lists begin with the order of or filter by, its key, and the columns at both ends of
/// references, along which rows are joined. Of the columns that lists show, by which people may sort, those that are no
/// texts: whoever sorts by a text that no list begins with looks at the whole table.
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
            let text = |id: &str| {
                let column = definition.table(table).and_then(|table| table.column(id));
                column.is_none_or(|column| column.column_type == ColumnType::Text)
            };
            let shown = shown.iter().chain([title_column]).map(String::as_str);
            columns.extend(shown.filter(|id| !text(id)));
        }
    }
    columns.into_iter().collect()
}

/// Pairs of columns that deserve an index together: what a list offers as its first filter, and the order it begins with. By
/// the others the few rows that fit are found and sorted, or the many that fit are walked past in the list's order.
pub(super) fn pairs<'a>(definition: &'a AppDefinition, table: &str) -> Vec<(&'a str, &'a str)> {
    let mut pairs = Vec::new();
    for component in definition.screens.iter().flat_map(|screen| &screen.components) {
        if let Component::List { table: own, sort: Some(sort), filters, .. } = component
            && own == table
        {
            pairs.extend(filters.first().map(|filter| (filter.as_str(), sort.column.as_str())));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_screens_ask_for_is_indexed() {
        let column = |id: &str| json!({ "id": id, "title": id, "offset": 0, "type": { "name": "text" }, "kind": "text" });
        let mut price = column("price");
        (price["type"], price["kind"]) = (json!({ "name": "integer" }), json!("number"));
        let mut refers = column("who");
        refers["refers"] = json!({ "table": "people", "column": "name" });
        let source = |range: &str| json!({ "from": "range", "sheet": "S", "range": range });
        let list = json!({ "type": "list", "id": "l", "table": "visits", "titleColumn": "title", "columns": ["day", "price", "place"], "filters": ["what", "who"], "search": [], "sort": { "column": "day" }, "detail": ["note"] });
        let definition = json!({
            "schemaVersion": 1, "name": "T", "icon": "list", "accent": "#000000", "language": "en",
            "screens": [{ "id": "s", "title": "S", "icon": "list", "kind": "list", "components": [list] }],
            "tables": [
                { "id": "people", "title": "P", "source": source("A1:B3"), "columns": [column("no"), column("name"), column("city")], "key": "no" },
                { "id": "visits", "title": "V", "source": source("D1:J3"), "columns": [column("title"), column("what"), refers, column("day"), price, column("place"), column("note")] },
            ],
        });
        let definition: AppDefinition = serde_json::from_value(definition).expect("a definition");
        let check = |table: &str, expect: &[&str]| assert_eq!(columns(&definition, table), expect);
        check("people", &["name", "no"]);
        check("visits", &["day", "price", "what", "who"]);
        assert_eq!(pairs(&definition, "visits"), [("what", "day")]);
        assert_eq!(pairs(&definition, "people"), []);
    }
}
