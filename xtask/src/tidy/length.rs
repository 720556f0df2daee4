//! One noun a file, and so a bound on its length.

use super::{Finding, Tree, tree::File};

/// Lines of code a file may have, comments, blank lines and tests aside.
const MOST: usize = 400;

/// Files that may be longer, each with the reason.
const LONGER: [(&str, &str); 0] = [];

/// Files with too much code in them.
pub(super) fn length(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.ending(&[".rs", ".ts", ".svelte", ".js", ".mjs"]) {
        let longer = LONGER.iter().any(|(path, _)| *path == file.path);
        if tree.is_test(file) || longer {
            continue;
        }
        let lines = code_lines(file);
        if lines > MOST {
            let words = format!("{lines} lines of code, more than {MOST}: is it still one room? Part it");
            found.push(Finding::new(&file.path, 0, words));
        }
    }
    found
}

fn code_lines(file: &File) -> usize {
    if file.ends(".rs") {
        return file.source().product().filter(|(_, code)| !code.trim().is_empty()).count();
    }
    let mut comment = None;
    let mut lines = 0;
    for line in file.text.lines().map(str::trim) {
        if let Some(end) = comment {
            if line.contains(end) {
                comment = None;
            }
        } else if line.starts_with("/*") && !line.contains("*/") {
            comment = Some("*/");
        } else if line.starts_with("<!--") && !line.contains("-->") {
            comment = Some("-->");
        } else if !(line.is_empty()
            || line.starts_with("//")
            || line.starts_with("/*")
            || line.starts_with("<!--"))
        {
            lines += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};

    #[test]
    fn long_files_are_found() {
        let check =
            |path: &str, text: &str, places: &[&str]| expect(length, &Tree::of(&[(path, text)]), places);
        let long = "a();\n".repeat(401);
        check("a.rs", &long, &["a.rs"]);
        check("a.svelte", &long, &["a.svelte"]);
        check("a.test.ts", &long, &[]);
        let parent = ("src/deep.rs", "#[cfg(test)]\nmod hostile;\nmod usual;");
        let others = [("src/deep/hostile.rs", long.as_str()), ("src/deep/usual.rs", &long), parent];
        expect(length, &Tree::of(&others), &["src/deep/usual.rs"]);
        check("a.md", &long, &[]);
        check("a.rs", &format!("{}{}", "a();\n".repeat(400), "\n// why\n".repeat(9)), &[]);
        check("a.rs", &format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}"), &[]);
        check("a.ts", &format!("/* why\n{long}*/\na();"), &[]);
    }
}
