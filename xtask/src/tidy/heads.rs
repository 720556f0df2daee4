//! A file opens with what lives in it.

use super::{Finding, Tree};

/// Each Rust file begins with `//!`.
pub(super) fn heads(tree: &Tree) -> Vec<Finding> {
    let silent = |text: &str| {
        !text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//! "))
    };
    let words = "begin the file with `//!`: what lives here and the invariant it keeps";
    tree.ending(&[".rs"])
        .filter(|file| silent(&file.text))
        .map(|file| Finding::new(&file.path, 1, words))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};

    #[test]
    fn rust_files_have_heads() {
        let check =
            |text: &str, places: &[&str]| expect(heads, &Tree::of(&[("a.rs", text), ("b.ts", "")]), places);
        check("//! What lives here.\nfn a() {}", &[]);
        check("\n//! What lives here.", &[]);
        check("// A remark.\nfn a() {}", &["a.rs:1"]);
        check("", &["a.rs:1"]);
    }
}
