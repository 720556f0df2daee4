//! Every word of the faces exists in each language.

use std::collections::BTreeSet;

use super::{Finding, Tree, tree::File};

/// Languages that are complete, the first being the one the others are compared with.
const LANGUAGES: [&str; 2] = ["en", "de"];
/// Files of words are called `en.*` and `de.*` and stand in a folder of this name.
const FOLDER: &str = "/messages/";

/// Files of words that stand side by side hold the same keys.
pub(super) fn messages(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.contains(FOLDER)) {
        let Some((folder, name)) = file.path.rsplit_once('/') else { continue };
        let Some((language, kind)) =
            name.split_once('.').filter(|(language, _)| LANGUAGES.contains(language))
        else {
            continue;
        };
        for other in LANGUAGES.iter().filter(|other| **other != language) {
            let path = format!("{folder}/{other}.{kind}");
            let twin = tree.files.iter().find(|file| file.path == path);
            let Some(twin) = twin else {
                found.push(Finding::new(path, 0, format!("missing, while {} is there", file.path)));
                continue;
            };
            let theirs = keys(twin);
            for (key, line) in keys(file).into_iter().filter(|(key, _)| !theirs.iter().any(|(k, _)| k == key))
            {
                let words = format!("`{key}` has no counterpart in {path}");
                found.push(Finding::new(&file.path, line, words));
            }
        }
    }
    found
}

/// Keys of a file of words: what stands before the first colon of a line, as in JSON and in an object of TypeScript.
fn keys(file: &File) -> BTreeSet<(String, usize)> {
    let key = |line: &str| {
        let (key, _) = line.trim().split_once(':')?;
        let key = key.trim().trim_matches(['"', '\'']);
        let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
        plain.then(|| key.to_owned())
    };
    let numbered = file.text.lines().enumerate();
    numbered.filter_map(|(index, line)| key(line).map(|key| (key, index + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};

    #[test]
    fn keys_are_in_both_languages() {
        let check = |en: &str, de: &str, places: &[&str]| {
            let files = [("web/src/i18n/messages/en.ts", en), ("web/src/i18n/messages/de.ts", de)];
            expect(messages, &Tree::of(&files), places);
        };
        check("  title: 'A: b',\n  'save.now': 'Save',", "  title: 'B',\n  'save.now': 'X',", &[]);
        check("title: 'A',\nsave: 'Save',", "title: 'A',", &["web/src/i18n/messages/en.ts:2"]);
        check("title: 'A',", "title: 'A',\n// why\nmore: 'B',", &["web/src/i18n/messages/de.ts:3"]);
    }

    #[test]
    fn a_language_alone_is_found() {
        let tree = Tree::of(&[("web/src/messages/en.json", "{}")]);
        expect(messages, &tree, &["web/src/messages/de.json"]);
    }
}
