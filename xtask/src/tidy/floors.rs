//! Who may import whom: floors, and what the quiet crates must not see.

use super::{Finding, Tree};

/// Each package with its floor; a package imports only from lower floors. Those on floor 9 stand beside the house:
/// nobody imports them, and they may import anything.
const FLOORS: [(&str, u8); 17] = [
    ("gridkeep-model", 1),
    ("gridkeep-engine", 2),
    ("gridkeep-odata", 2),
    ("gridkeep-identity", 2),
    ("gridkeep-store", 2),
    ("gridkeep-objects", 2),
    ("gridkeep-workbook", 3),
    ("gridkeep-device", 3),
    ("gridkeep-server", 4),
    ("gridkeep-wasm", 5),
    ("gridkeep-uniffi", 5),
    ("gridkeep-desktop", 5),
    ("gridkeep-golden", 9),
    ("gridkeep-bench", 9),
    ("gridkeep-reference", 9),
    ("gridkeep-glue", 9),
    ("xtask", 9),
];

/// Helps tests of every floor, and is seen by nothing else. It imports no more than the first floor.
const KIT: &str = "gridkeep-kit";

/// Crates that must not see these, not even through others.
const QUIET: [&str; 5] =
    ["gridkeep-model", "gridkeep-engine", "gridkeep-odata", "gridkeep-workbook", "gridkeep-wasm"];
const LOUD: [&str; 12] = [
    "tokio",
    "axum",
    "hyper",
    "reqwest",
    "rusqlite",
    "libsqlite3-sys",
    "postgres",
    "tokio-postgres",
    "sea-query",
    "sqlx",
    "aws-lc-sys",
    "object_store",
];

/// A crate imports only crates of a lower floor, and `device` and `server` never meet.
pub(super) fn floors(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in &tree.metadata.packages {
        let name = package.name.as_str();
        let mut say = |words: String| found.push(Finding::new(&package.manifest, 0, words));
        let Some(floor) = floor(name) else {
            say(format!("`{name}` has no floor: give it one in xtask/src/tidy/floors.rs"));
            continue;
        };
        for dependency in package.dependencies.iter().chain(&package.dev_dependencies) {
            let test_only = !package.dependencies.contains(dependency);
            if dependency == KIT {
                if !test_only && floor < 9 {
                    say(format!("`{name}` imports `{KIT}`, which is for tests: make it a dev-dependency"));
                }
            } else if let Some(below) = self::floor(dependency).filter(|below| *below >= floor) {
                say(format!(
                    "`{name}` (floor {floor}) imports `{dependency}` (floor {below}): only lower floors"
                ));
            }
        }
        let beneath = tree.metadata.beneath(name);
        let meets = |one: &str, other: &str| name == one && beneath.contains_key(other);
        if meets("gridkeep-device", "gridkeep-server") || meets("gridkeep-server", "gridkeep-device") {
            say(format!("`{name}` sees the other of device and server: they never meet"));
        }
    }
    found
}

/// The lower floors and what runs in a browser see no runtime, no database and no HTTP.
pub(super) fn quiet(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in tree.metadata.packages.iter().filter(|package| QUIET.contains(&package.name.as_str())) {
        let beneath = tree.metadata.beneath(&package.name);
        for way in LOUD.iter().filter_map(|loud| beneath.get(*loud)) {
            let words = format!("must stay pure, but sees `{way}`: drop the dependency or its feature");
            found.push(Finding::new(&package.manifest, 0, words));
        }
    }
    found
}

/// The floor of a package of the house; `None` for a stranger.
fn floor(package: &str) -> Option<u8> {
    if package == KIT {
        return Some(2);
    }
    FLOORS.iter().find(|(name, _)| *name == package).map(|(_, floor)| *floor)
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};
    use crate::cargo::Package;

    fn house(packages: &[(&str, &[&str], &[&str])]) -> Tree {
        let mut tree = Tree::default();
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        for (name, normal, dev) in packages {
            tree.metadata.packages.push(Package {
                name: (*name).to_owned(),
                manifest: format!("{name}/Cargo.toml"),
                dependencies: names(normal),
                dev_dependencies: names(dev),
            });
            tree.metadata.graph.insert((*name).to_owned(), names(normal));
        }
        tree
    }

    #[test]
    fn only_lower_floors() {
        let check = |packages: &[(&str, &[&str], &[&str])], places: &[&str]| {
            expect(floors, &house(packages), places);
        };
        check(&[("gridkeep-engine", &["gridkeep-model", "serde"], &["gridkeep-kit"])], &[]);
        check(&[("gridkeep-golden", &["gridkeep-engine", "gridkeep-kit"], &[])], &[]);
        check(&[("gridkeep-model", &["gridkeep-engine"], &[])], &["gridkeep-model/Cargo.toml"]);
        check(&[("gridkeep-store", &["gridkeep-objects"], &[])], &["gridkeep-store/Cargo.toml"]);
        check(&[("gridkeep-engine", &[], &["gridkeep-workbook"])], &["gridkeep-engine/Cargo.toml"]);
        check(&[("gridkeep-engine", &["gridkeep-kit"], &[])], &["gridkeep-engine/Cargo.toml"]);
        check(&[("gridkeep-kit", &["gridkeep-store"], &[])], &["gridkeep-kit/Cargo.toml"]);
        check(&[("gridkeep-cellar", &[], &[])], &["gridkeep-cellar/Cargo.toml"]);
    }

    #[test]
    fn device_and_server_never_meet() {
        let tree = house(&[("gridkeep-server", &["gridkeep-bridge"], &[]), ("gridkeep-device", &[], &[])]);
        expect(floors, &tree, &[]);
        let mut tree = tree;
        tree.metadata.graph.insert("gridkeep-bridge".to_owned(), ["gridkeep-device".to_owned()].into());
        expect(floors, &tree, &["gridkeep-server/Cargo.toml"]);
    }

    #[test]
    fn quiet_crates_see_nothing_loud() {
        let mut tree =
            house(&[("gridkeep-engine", &["sheets"], &[]), ("gridkeep-store", &["rusqlite"], &[])]);
        expect(quiet, &tree, &[]);
        tree.metadata.graph.insert("sheets".to_owned(), ["tokio".to_owned()].into());
        expect(quiet, &tree, &["gridkeep-engine/Cargo.toml"]);
    }
}
