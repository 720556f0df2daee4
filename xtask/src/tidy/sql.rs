//! Only `store` (and `device`'s one database file) knows SQL.

use super::{Finding, Tree};

/// Where SQL may stand, each with the reason.
const ROOMS: [(&str, &str); 4] = [
    ("crates/store/", "the one crate that knows SQL"),
    ("crates/device/src/database.rs", "the device's database file"),
    ("testing/kit/", "makes a database for each test"),
    ("testing/bench/", "measures the store against the bare database"),
];

/// Packages that speak to a database.
const PACKAGES: [&str; 6] = ["rusqlite", "postgres", "tokio-postgres", "sea-query", "sqlx", "libsqlite3-sys"];

/// Words a statement begins with and a word that must follow for it to be one.
const STATEMENTS: [(&str, &str); 10] = [
    ("SELECT ", " FROM "),
    ("INSERT ", "INTO "),
    ("UPDATE ", " SET "),
    ("DELETE ", "FROM "),
    ("CREATE ", "TABLE "),
    ("CREATE ", "INDEX "),
    ("CREATE ", "SCHEMA "),
    ("ALTER ", "TABLE "),
    ("DROP ", "TABLE "),
    ("PRAGMA ", ""),
];

/// SQL text and database packages outside the rooms that may have them.
pub(super) fn sql(tree: &Tree) -> Vec<Finding> {
    let outside = |path: &str| !ROOMS.iter().any(|(room, _)| path.starts_with(room));
    let mut found = Vec::new();
    for package in tree.metadata.packages.iter().filter(|package| outside(&package.manifest)) {
        let direct = package.dependencies.iter().chain(&package.dev_dependencies);
        for name in direct.filter(|name| PACKAGES.contains(&name.as_str())) {
            let words = format!("depends on `{name}`: only store speaks to a database");
            found.push(Finding::new(&package.manifest, 0, words));
        }
    }
    for file in tree.ending(&[".rs"]).filter(|file| outside(&file.path) && !file.ends("tidy/sql.rs")) {
        for (line, text) in file.source().strings {
            if is_statement(&text) {
                let words = "holds an SQL statement: ask store through a method of its own";
                found.push(Finding::new(&file.path, line, words));
            }
        }
    }
    for file in tree.ending(&[".sql"]).filter(|file| outside(&file.path)) {
        found.push(Finding::new(&file.path, 0, "an SQL file outside store: move it to crates/store"));
    }
    found
}

fn is_statement(text: &str) -> bool {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
    STATEMENTS.iter().any(|(begin, follow)| {
        flat.strip_prefix(begin).is_some_and(|rest| format!(" {rest}").contains(follow))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};
    use crate::cargo::Package;

    #[test]
    fn statements_are_found_outside_store() {
        let check = |path: &str, text: &str, places: &[&str]| expect(sql, &Tree::of(&[(path, text)]), places);
        let statement = "fn a() {\n  b(\"SELECT id\n FROM rows\")\n}";
        check("crates/server/src/a.rs", statement, &["crates/server/src/a.rs:2"]);
        check("crates/store/src/a.rs", statement, &[]);
        check("crates/server/src/a.rs", "// \"SELECT id FROM rows\"\nb(\"SELECT A CHOICE\")", &[]);
        check("crates/server/src/a.rs", "b(r#\"INSERT INTO x\"#)", &["crates/server/src/a.rs:1"]);
        check("crates/server/a.sql", "", &["crates/server/a.sql"]);
    }

    #[test]
    fn database_packages_are_found_outside_store() {
        let mut tree = Tree::default();
        for name in ["store", "server"] {
            tree.metadata.packages.push(Package {
                name: format!("gridkeep-{name}"),
                manifest: format!("crates/{name}/Cargo.toml"),
                dependencies: ["rusqlite".to_owned()].into(),
                ..Package::default()
            });
        }
        expect(sql, &tree, &["crates/server/Cargo.toml"]);
    }
}
