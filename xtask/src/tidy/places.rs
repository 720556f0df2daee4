//! Nothing in the project names the machine it was written on, or where packages are fetched from.

use super::{Finding, Tree};

/// Folders of a machine. Written in two parts, so that this file does not find itself.
const FOLDERS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Tracked text names no folder of a machine, and lock files name no address packages came from.
pub(super) fn places(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(folder) = FOLDERS.iter().find(|folder| names(line, folder)) {
                let words =
                    format!("names `{folder}`, a folder of one machine: use a path within the project");
                found.push(Finding::new(&file.path, index + 1, words));
            }
        }
        if file.ends("package-lock.json") {
            let addressed = |line: &str| line.trim_start().starts_with("\"resolved\": \"http");
            if let Some(index) = file.text.lines().position(addressed) {
                let words = "names the address of a registry: run `npm install` with \
                             `omit-lockfile-registry-resolved=true` (web/.npmrc)";
                found.push(Finding::new(&file.path, index + 1, words));
            }
        }
        let settings = file.ends(".npmrc") || file.path.starts_with(".cargo/");
        let addressed = |line: &str| line.contains("registry") && line.contains("://");
        if let Some(index) = file.text.lines().position(addressed).filter(|_| settings) {
            let words = "names the address of a registry: the machine's own settings choose it";
            found.push(Finding::new(&file.path, index + 1, words));
        }
    }
    found
}

/// Whether the line names a path below this folder; `.../root/x` within a longer path or address is another thing.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-/}>*)".contains(c))
            && after.is_some_and(|c| c.is_alphanumeric() || c == '.')
    })
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};

    #[test]
    fn machine_paths_are_found() {
        let check = |path: &str, text: &str, places: &[&str]| {
            expect(super::places, &Tree::of(&[(path, text)]), places);
        };
        let folder = FOLDERS[0];
        check("a.md", &format!("see\n`{folder}main`"), &["a.md:2"]);
        check("a.md", &format!("see example.org{folder}main and src{folder}x and {folder}"), &[]);
        check(
            "web/package-lock.json",
            "{\n  \"resolved\": \"https://r.example/a.tgz\"\n}",
            &["web/package-lock.json:2"],
        );
        check("web/package-lock.json", "{ \"integrity\": \"sha512-x\" }", &[]);
        check("web/.npmrc", "registry=https://r.example", &["web/.npmrc:1"]);
    }
}
