//! The cases of the standard as seeds of noise: cut, spliced and mixed by chance, always in the same way. Whatever comes of it
//! is answered, at once and with a place in the text.

use std::fs;

use gridkeep_kit::SeededRng;
use gridkeep_odata::{
    Error,
    syntax::{
        Limits,
        ast::{Expr, QueryOptions, Request, Resource},
    },
};
use serde_json::Value;

use crate::{names::Constraints, rules};

/// Noise made of each case.
const ROUNDS: usize = 40;
const FILES: [&str; 2] = ["odata-abnf-testcases.json", "odata-aggregation-testcases.json"];
/// What is put in.
const PIECES: [&str; 24] = [
    "(",
    ")",
    "'",
    "\"",
    "/",
    "$",
    "@",
    "%",
    "%00",
    "%FF",
    "%C3%A4",
    "%2F",
    ";",
    "&",
    "=",
    ",",
    " ",
    "\u{10ffff}",
    "not ",
    " eq ",
    "$it/",
    "$count",
    "any(x:",
    "9999999999999999999",
];

#[test]
fn noise_made_of_the_cases_is_answered() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let mut rng = SeededRng::new(20_261_122);
    let mut random = |below: usize| (rng.next() % below as u64) as usize;
    let (mut made, mut right) = (0, 0);
    for file in FILES {
        let path = shared.join("data/odata/oasis-abnf").join(file);
        let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let names = Constraints::of(&document);
        let cases: Vec<(&str, &str)> = document["TestCases"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|case| Some((case["Rule"].as_str()?, case["Input"].as_str()?)))
            .collect();
        for (rule, input) in &cases {
            for _ in 0..ROUNDS {
                let mut text: Vec<char> = input.chars().collect();
                for _ in 0..=random(3) {
                    let at = random(text.len() + 1);
                    match random(4) {
                        0 => text.truncate(at),
                        1 => drop(text.drain(at..(at + random(8)).min(text.len()))),
                        2 => {
                            let other: Vec<char> = cases[random(cases.len())].1.chars().collect();
                            let from = random(other.len() + 1);
                            text.splice(at..at, other[from..].iter().copied());
                        }
                        _ => drop(text.splice(at..at, PIECES[random(PIECES.len())].chars())),
                    }
                }
                let text: String = text.into_iter().collect();
                made += 1;
                right += usize::from(all(&text));
                let _ = rules::read(rule, &text, &names);
            }
        }
    }
    assert!(right * 20 > made, "only {right} of {made} were right");
}

/// Reads a text as all that it may be; whether it is any of that.
fn all(text: &str) -> bool {
    let limits = Limits::default();
    let placed = |error: Option<Error>| {
        if let Some(span) = error.and_then(|error| error.span) {
            assert!(span.start <= span.end && span.end <= text.len(), "{text}: {span:?}");
        }
    };
    let request = Request::parse(text, &limits);
    if let Ok(read) = &request {
        let printed = read.to_string();
        let again = Request::parse(&printed, &limits);
        let again = again.unwrap_or_else(|error| panic!("{text}\n{printed}\n{error}"));
        assert_eq!(again.options, read.options, "{text}\n{printed}");
    }
    let found = [
        request.as_ref().err().cloned(),
        Request::parse_lenient(text, &limits).err(),
        Resource::parse(text, &limits).err(),
        QueryOptions::parse(text, &limits).err(),
        Expr::parse(text, &limits).err(),
    ];
    let any = found.iter().any(Option::is_none);
    // What is written leniently is read from another text.
    found.into_iter().enumerate().filter(|(place, _)| *place != 1).for_each(|(_, error)| placed(error));
    any
}
