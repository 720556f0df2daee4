//! What the rules look at: the text files of the working copy and cargo's metadata.

use std::{cell::OnceCell, fmt, fs};

use anyhow::Result;

use super::lexer::Source;
use crate::{
    cargo::Metadata,
    shell::{root, run},
};

/// The working copy: files git tracks, and new ones it does not ignore.
#[derive(Default)]
pub(crate) struct Tree {
    /// Text files, by path.
    pub(crate) files: Vec<File>,
    /// Packages and their dependencies.
    pub(crate) metadata: Metadata,
    test_modules: OnceCell<Vec<String>>,
}

/// A text file.
pub(crate) struct File {
    /// Path within the workspace, with `/`.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    words: String,
}

impl Finding {
    /// At this line of the file (1 is the first; 0 means the file as a whole); `words` say what is wrong and what to do.
    pub(crate) fn new(path: impl Into<String>, line: usize, words: impl Into<String>) -> Self {
        Self { path: path.into(), line, words: words.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, words } = self;
        if *line == 0 { write!(f, "{path}: {words}") } else { write!(f, "{path}:{line}: {words}") }
    }
}

impl Tree {
    /// Reads the working copy.
    pub(crate) fn read() -> Result<Self> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let list = run("git", list).quietly().read()?;
        let mut files = Vec::new();
        for path in list.split('\0').filter(|path| !path.is_empty()) {
            // Deleted but not yet committed files are listed too; binary ones are no text.
            if let Ok(text) = fs::read_to_string(root().join(path)) {
                files.push(File { path: path.to_owned(), text });
            }
        }
        Ok(Self { files, metadata: Metadata::read()?, test_modules: OnceCell::new() })
    }

    /// Whether a file holds tests only: by its place or name, or because a Rust file declares it `#[cfg(test)]`.
    pub(crate) fn is_test(&self, file: &File) -> bool {
        file.is_test() || self.test_modules().iter().any(|module| file.path.starts_with(module.as_str()))
    }

    /// Beginnings of the paths of modules declared `#[cfg(test)] mod name;`: `dir/name.rs` and `dir/name/`.
    fn test_modules(&self) -> &[String] {
        self.test_modules.get_or_init(|| {
            let mut found = Vec::new();
            for file in self.ending(&[".rs"]) {
                let folder = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"];
                let folder = folder.iter().find_map(|end| file.path.strip_suffix(end)).unwrap_or_default();
                for name in file.source().test_modules() {
                    found.extend([format!("{folder}/{name}.rs"), format!("{folder}/{name}/")]);
                }
            }
            found
        })
    }

    /// Files whose name ends so.
    pub(crate) fn ending(&self, ends: &[&str]) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| ends.iter().any(|end| file.path.ends_with(end)))
    }
}

impl File {
    /// Whether its path ends so.
    pub(crate) fn ends(&self, end: &str) -> bool {
        self.path.ends_with(end)
    }

    /// Its Rust source, taken apart.
    pub(crate) fn source(&self) -> Source {
        Source::parse(&self.text)
    }

    /// Whether it holds tests only, by its place or name.
    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path.contains("/tests/")
            || ["testing/journeys/", "testing/clients/"].iter().any(|room| self.path.starts_with(room))
            || name == "tests.rs"
            || name.ends_with("_tests.rs")
            || [".test.ts", ".spec.ts", ".test.js", ".test.mjs"].iter().any(|end| name.ends_with(end))
    }
}

#[cfg(test)]
impl Tree {
    /// A tree of these files.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File { path: path.to_owned(), text: text.to_owned() };
        Self { files: files.iter().map(file).collect(), ..Self::default() }
    }
}

/// Checks that a rule finds exactly these places (`path:line`, or `path` for a whole file).
#[cfg(test)]
#[track_caller]
pub(super) fn expect(rule: fn(&Tree) -> Vec<Finding>, tree: &Tree, places: &[&str]) {
    let found = rule(tree);
    let place = |f: &Finding| if f.line == 0 { f.path.clone() } else { format!("{}:{}", f.path, f.line) };
    assert_eq!(found.iter().map(place).collect::<Vec<_>>(), places, "{found:#?}");
}
