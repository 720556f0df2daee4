//! Both databases take the same steps.

use std::collections::BTreeMap;

use super::{Finding, Tree};

const FOLDER: &str = "crates/store/migrations/";
const DATABASES: [&str; 2] = ["sqlite", "postgres"];

/// A migration has the same name for both databases.
pub(super) fn migrations(tree: &Tree) -> Vec<Finding> {
    let mut steps: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in tree.ending(&[".sql"]) {
        let place = file.path.strip_prefix(FOLDER).and_then(|path| path.split_once('/'));
        if let Some((database, step)) = place.filter(|(database, _)| DATABASES.contains(database)) {
            steps.entry(step).or_default().push(database);
        }
    }
    let mut found = Vec::new();
    for (step, there) in steps {
        for missing in DATABASES.iter().filter(|database| !there.contains(database)) {
            let words =
                format!("`{}` has this step and `{missing}` has not: write it under the same name", there[0]);
            found.push(Finding::new(format!("{FOLDER}{missing}/{step}"), 0, words));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};

    #[test]
    fn steps_come_in_pairs() {
        let sqlite = ("crates/store/migrations/sqlite/tenant/0001_apps.sql", "");
        let postgres = ("crates/store/migrations/postgres/tenant/0001_apps.sql", "");
        expect(migrations, &Tree::of(&[sqlite, postgres]), &[]);
        expect(migrations, &Tree::of(&[sqlite]), &["crates/store/migrations/postgres/tenant/0001_apps.sql"]);
    }
}
