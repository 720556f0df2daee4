//! Inside the server: features see the frame's small parts, never its router or state, and form no circle.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Tree};

const SOURCE: &str = "crates/server/src/";
/// The frame, which knows all features and which no feature may know.
const FRAME: [&str; 4] = ["main", "lib", "router", "state"];

/// No feature imports `router` or `state`, and features form no circle.
pub(super) fn features(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut edges: BTreeMap<String, BTreeMap<String, (String, usize)>> = BTreeMap::new();
    for file in tree.ending(&[".rs"]) {
        let Some(feature) = file.path.strip_prefix(SOURCE).map(first_part) else { continue };
        if FRAME.contains(&feature) || tree.is_test(file) {
            continue;
        }
        for (line, code) in file.source().product() {
            for other in mentions(code) {
                if other == "router" || other == "state" {
                    let words =
                        format!("feature `{feature}` imports the server's `{other}`: hand it what it needs");
                    found.push(Finding::new(&file.path, line, words));
                } else if other != feature {
                    let place = (file.path.clone(), line);
                    edges.entry(feature.to_owned()).or_default().entry(other.to_owned()).or_insert(place);
                }
            }
        }
    }
    found.extend(circle(&edges));
    found
}

fn first_part(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// The modules that a line names as `crate::module`, also inside `crate::{a, b::c}`.
fn mentions(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            for part in group.split_inclusive([',', '{', '}']) {
                if depth == 0 {
                    found.extend(word(part.trim_start()));
                }
                depth += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
                if depth < 0 {
                    break;
                }
            }
        } else {
            found.extend(word(rest));
        }
    }
    found
}

/// The module name at the beginning of a path; types and functions of the crate's root are none.
fn word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let module = text[..end].starts_with(|c: char| c.is_lowercase());
    module.then_some(&text[..end])
}

/// The first circle among the edges, named by its way and told at the place that closes it.
fn circle(edges: &BTreeMap<String, BTreeMap<String, (String, usize)>>) -> Option<Finding> {
    fn walk<'a>(
        edges: &'a BTreeMap<String, BTreeMap<String, (String, usize)>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Finding> {
        let here = *way.last()?;
        for (next, (path, line)) in edges.get(here).into_iter().flatten() {
            if let Some(start) = way.iter().position(|feature| feature == next) {
                let circle = format!("{} > {next}", way[start..].join(" > "));
                let words = format!("features form a circle: {circle}; move what both need below them");
                return Some(Finding::new(path, *line, words));
            }
            if !done.contains(next.as_str()) {
                way.push(next);
                let found = walk(edges, way, done);
                if found.is_some() {
                    return found;
                }
                way.pop();
            }
        }
        done.insert(here);
        None
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|start| walk(edges, &mut vec![start], &mut done))
}

#[cfg(test)]
mod tests {
    use super::{super::tree::expect, *};

    #[test]
    fn names_are_found_in_imports() {
        let check = |code: &str, expect: &[&str]| assert_eq!(mentions(code), expect, "{code}");
        check("use crate::session::Session;", &["session"]);
        check("use crate::{error::{ApiError, state}, session, Thing};", &["error", "session"]);
        check("a(crate::state::open(), my_crate::state::x)", &["state"]);
        check("use crate::{", &[]);
    }

    #[test]
    fn features_do_not_know_the_frame() {
        let check = |path: &str, text: &str, places: &[&str]| {
            expect(features, &Tree::of(&[(path, text)]), places);
        };
        let place = "crates/server/src/executor/apply.rs";
        check(place, "//! Head\nuse crate::state::AppState;", &["crates/server/src/executor/apply.rs:2"]);
        check(place, "use crate::session::Session; // crate::state", &[]);
        check("crates/server/src/router.rs", "use crate::state::AppState;", &[]);
        check(place, "fn a() {}\n#[cfg(test)]\nmod tests {\n use crate::state::X;\n}", &[]);
    }

    #[test]
    fn features_form_no_circle() {
        let session = ("crates/server/src/session.rs", "use crate::executor::run;");
        let tidy = ("crates/server/src/executor/mod.rs", "use crate::error::ApiError;");
        let round = ("crates/server/src/executor/mod.rs", "fn a() {}\nuse crate::session::Session;");
        expect(features, &Tree::of(&[session, tidy]), &[]);
        expect(features, &Tree::of(&[session, round]), &["crates/server/src/session.rs:1"]);
    }
}
