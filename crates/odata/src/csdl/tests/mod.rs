//! CSDL against what others publish, against the standard's own schemas, and against itself.

mod hostile;
mod model;
mod own;
mod projections;
mod related;
mod round;
mod samples;

use std::{fmt::Debug, fs, path::Path};

/// The documents with this ending in a folder of `../shared/data/odata`, by name.
fn documents(folder: &str, ending: &str) -> Option<Vec<(String, String)>> {
    let folder = gridkeep_kit::shared()?.join("data/odata").join(folder);
    let mut all: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    let wanted = all.iter().filter(|path| path.extension().is_some_and(|found| found == ending));
    Some(wanted.map(|path| (name(path), fs::read_to_string(path).unwrap())).collect())
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Refuses two that are not the same, and shows only where they part.
#[track_caller]
fn same<T: Debug + PartialEq>(name: &str, ours: &T, theirs: &T) {
    if ours == theirs {
        return;
    }
    let (a, b) = (format!("{ours:#?}"), format!("{theirs:#?}"));
    let at = a.lines().zip(b.lines()).position(|(one, other)| one != other).unwrap_or(0);
    let around =
        |text: &str| text.lines().skip(at.saturating_sub(12)).take(16).collect::<Vec<_>>().join("\n");
    panic!("{name}: they part in line {at}:\n{}\n--- and ---\n{}", around(&a), around(&b));
}
