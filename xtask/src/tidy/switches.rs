//! Nothing is switched off in silence: no lint, no test.

use super::{Finding, Tree};

// Written in two parts, so that searching the project for them finds only offenders.
const ALLOWS: [&str; 3] = [concat!("#[al", "low("), concat!("#![al", "low("), concat!(", al", "low(")];
const IGNORED: &str = concat!("#[ig", "nore");
const CALLS: [&str; 6] = [
    concat!(".sk", "ip("),
    concat!(".on", "ly("),
    concat!(".fix", "me("),
    concat!(".to", "do("),
    concat!("x", "it("),
    concat!("xdes", "cribe("),
];

/// Lints are not allowed away but expected, with a reason.
pub(super) fn allows(tree: &Tree) -> Vec<Finding> {
    let words = "use `#[expect(lint, reason = \"..\")]`: it says why, and complains once it is needless";
    let mut found = Vec::new();
    for file in tree.ending(&[".rs"]) {
        for (index, code) in file.source().code.iter().enumerate() {
            if ALLOWS.iter().any(|allow| code.contains(allow)) {
                found.push(Finding::new(&file.path, index + 1, words));
            }
        }
    }
    found
}

/// No test is left out: a test that cannot run here says so and returns.
pub(super) fn silent_tests(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.ending(&[".rs"]) {
        for (index, code) in file.source().code.iter().enumerate() {
            if code.contains(IGNORED) {
                let words = "an ignored test: mend it, or let it print `skipped: ..` and return";
                found.push(Finding::new(&file.path, index + 1, words));
            }
        }
    }
    for file in tree.ending(&[".ts", ".js", ".mjs"]).filter(|file| tree.is_test(file)) {
        for (index, line) in file.text.lines().enumerate() {
            if CALLS.iter().any(|call| is_call(line, call)) {
                let words = "a test left out or run alone: take the switch away";
                found.push(Finding::new(&file.path, index + 1, words));
            }
        }
    }
    found
}

fn is_call(line: &str, call: &str) -> bool {
    line.match_indices(call).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        call.starts_with('.') || !before.is_some_and(|c| c.is_alphanumeric() || "_.$".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};

    #[test]
    fn allows_are_found() {
        let check = |text: &str, places: &[&str]| expect(allows, &Tree::of(&[("a.rs", text)]), places);
        check(&format!("//! Head\n{}dead_code)]", ALLOWS[0]), &["a.rs:2"]);
        check(&format!("// {}dead_code)]\nb(\"{}\")", ALLOWS[0], ALLOWS[1]), &[]);
        check(&format!("#[cfg_attr(test{}dead_code))]", ALLOWS[2]), &["a.rs:1"]);
    }

    #[test]
    fn silent_tests_are_found() {
        let check = |path: &str, text: &str, places: &[&str]| {
            expect(silent_tests, &Tree::of(&[(path, text)]), places);
        };
        check("a.rs", &format!("#[test]\n{IGNORED}]\nfn a() {{}}"), &["a.rs:2"]);
        check("a.test.ts", &format!("it{}'a', () => 1);", CALLS[1]), &["a.test.ts:1"]);
        check("a.test.ts", &format!("exit(1); {}'a')", CALLS[4]), &["a.test.ts:1"]);
        check("a.test.ts", "process.exit(1)", &[]);
        check("list.ts", &format!("rows{}3)", CALLS[0]), &[]);
    }
}
