//! The test cases of the OASIS for the grammar of URLs: what they accept we accept, what they refuse we refuse.
//!
//! The cases are data next to the project; here is only which of them we leave out, and why.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "tests print their figures and fail at once")]

mod names;
mod noise;
mod rules;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use serde_json::Value;

/// Figures of one rule.
#[derive(Default)]
struct Score {
    right: usize,
    wrong: usize,
    skipped: usize,
    later: usize,
    places: usize,
    refusals: usize,
}

fn gate(file: &str) {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let path = shared.join("data/odata/oasis-abnf").join(file);
    let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let (skips, names) = (skips(file), names::Constraints::of(&document));
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut wrong = String::new();
    for (index, case) in document["TestCases"].as_array().unwrap().iter().enumerate() {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let (rule, input, fail_at) = (text("Rule"), text("Input"), case["FailAt"].as_u64());
        let score = scores.entry(rule.to_owned()).or_default();
        if let Some(name) = skips.get(&index) {
            assert_eq!(name, text("Name"), "the skip of case {index} is about another case");
            score.skipped += 1;
            continue;
        }
        match rules::read(rule, input, &names) {
            None => score.later += 1,
            Some(verdict) if verdict.is_ok() != fail_at.is_none() => {
                score.wrong += 1;
                writeln!(wrong, "{index} {rule} {input:?} want {fail_at:?} got {verdict:?}").unwrap();
            }
            Some(verdict) => {
                score.right += 1;
                score.refusals += usize::from(fail_at.is_some());
                let place = verdict.err().flatten();
                score.places += usize::from(fail_at.is_some() && place.map(|at| at as u64) == fail_at);
            }
        }
    }
    report(file, &scores, &wrong);
}

fn report(file: &str, scores: &BTreeMap<String, Score>, wrong: &str) {
    let sum = |figure: fn(&Score) -> usize| scores.values().map(figure).sum::<usize>();
    println!("{file}\n{:<28} right wrong skipped later", "rule");
    for (rule, score) in scores {
        println!("{rule:<28} {:>5} {:>5} {:>7} {:>5}", score.right, score.wrong, score.skipped, score.later);
    }
    let (right, mistaken) = (sum(|s| s.right), sum(|s| s.wrong));
    println!(
        "all: {right} right, {mistaken} wrong, {} skipped, {} later",
        sum(|s| s.skipped),
        sum(|s| s.later)
    );
    println!("place of the mistake (no gate): {} of {}", sum(|s| s.places), sum(|s| s.refusals));
    assert!(right * 100 >= (right + mistaken) * 99, "less than 99 % right:\n{wrong}");
    if !wrong.is_empty() {
        println!("{wrong}");
    }
}

/// The cases of a file that are left out, with their names; each line has its reason.
fn skips(file: &str) -> BTreeMap<usize, String> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/abnf/skips.txt");
    let lines = fs::read_to_string(list).unwrap();
    let fields = lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entries = fields.map(|line| line.split(" | ").collect::<Vec<_>>());
    entries
        .filter(|entry| entry[0] == file)
        .map(|entry| {
            assert!(entry.len() == 4 && !entry[3].is_empty(), "no reason: {entry:?}");
            (entry[1].parse().unwrap(), entry[2].to_owned())
        })
        .collect()
}

#[test]
fn urls() {
    gate("odata-abnf-testcases.json");
}

#[test]
fn aggregation() {
    gate("odata-aggregation-testcases.json");
}
